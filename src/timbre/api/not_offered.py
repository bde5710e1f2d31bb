"""What the published API has and Timbre does not offer yet: answered by name, never with a bare 404."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from timbre.accounts.errors import Rejection
from timbre.api.errors import refuse, unknown_path

FAMILIES = {
    "scheduled-documents": "Los documentos programados",
    "cessions": "Las cesiones",
    "payment-requests": "Los cobros",
    "book-summaries": "Los libros de compras y ventas",
    "sync-status": "La sincronización con el SII",
    "sync-requests": "La sincronización con el SII",
    "folios": "La consulta de folios",
    "folio-requests": "La solicitud de folios",
    "folio-queries": "La consulta de folios",
    "honorary": "Las boletas de honorarios",
    "connect-sessions": "El widget de conexión",
    "payroll": "Las remuneraciones",
    "sii-companies": "La base de empresas",
    "export-countries": "La tabla de países de exportación",
    "credentials/batch": "El enrolamiento masivo",
    "connections/enrollments": "El widget de conexión",
}


@csrf_exempt
def answer(request: HttpRequest, rest: str) -> HttpResponse:
    """400 ``not_available`` for the families above and for what hangs on an entity; 404 for all else."""
    parts = rest.strip("/").split("/")
    named = FAMILIES.get("/".join(parts[:2])) or FAMILIES.get(parts[0])
    if parts[0] == "master-entities" and len(parts) == 3:
        named = "Los datos bancarios, medios de pago y liquidaciones"
    if named is None:
        return refuse(request, unknown_path(request))
    message = f"{named} no se ofrecen todavía en Timbre. Lo que hay está en la referencia."
    if named.startswith(("La ", "El ")):
        message = message.replace(" ofrecen ", " ofrece ")
    return refuse(request, Rejection("not_available", message, resource=request.path))
