"""The catalogue of scenarios: what the simulator can be told to do wrong, where, and how often.

Data alone: what each does is in ``effects``, who asks for it in ``striking``. docs/sandbox.md repeats it.
"""

from dataclasses import dataclass

_PORTAL = "/cgi-bin/Portal001/"
STEPS: dict[str, tuple[str, str]] = {
    "login_page": ("GET", "/AUT2000/InicioAutenticacion/IngresoRutClave.html"),
    "log_in": ("POST", "/cgi_AUT2000/CAutInicio.cgi"),
    "log_out": ("GET", "/cgi_AUT2000/autTermino.cgi"),
    "home": ("GET", "/cgi_misii/siihome.cgi"),
    "menu": ("GET", "/factura_sii/factura_sii.htm"),
    "companies": ("GET", f"{_PORTAL}mipeSelEmpresa.cgi"),
    "choose_company": ("POST", f"{_PORTAL}mipeSelEmpresa.cgi"),
    "form": ("GET", f"{_PORTAL}mipeGenFacEx.cgi"),
    "look_up": ("POST", f"{_PORTAL}mipeGenFacEx.cgi"),
    "preview": ("POST", f"{_PORTAL}mipeDisplayPreView.cgi"),
    "sign_page": ("POST", f"{_PORTAL}mipeGenXMLFirma.cgi"),
    "certificate": ("GET", f"{_PORTAL}getCertDigital.cgi"),
    "sign": ("POST", f"{_PORTAL}postFirmaDigital.cgi"),
    "send": ("POST", f"{_PORTAL}mipeSendXML.cgi"),
    "list": ("GET", f"{_PORTAL}mipeAdminDocsEmi.cgi"),
    "document": ("GET", f"{_PORTAL}mipeGesDocEmi.cgi"),
    "annulment": ("GET", f"{_PORTAL}mipeGenNotaAnulacion.cgi"),
    "pdf": ("GET", f"{_PORTAL}mipeDisplayPDF.cgi"),
    "backup_form": ("GET", f"{_PORTAL}auth.cgi"),
    "backup_list": ("POST", f"{_PORTAL}lista_documentos.cgi"),
    "backup": ("GET", f"{_PORTAL}download.cgi"),
}
"""Every request the portal answers, by the name scenarios call it."""
ANY = "any"
"""As a step: whichever comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One way things go wrong. ``words`` say it in English, ``spanish`` to people."""

    name: str
    words: str
    spanish: str
    steps: tuple[str, ...] = ("send",)
    """Where it strikes; empty for any step."""
    times: int | None = 1
    """How often, for one document (and for each step, if it has several); None for always."""
    number: int | None = None
    """The body of the receiver's RUT, or the price of a line in pesos, that asks for it."""
    seconds: float | None = None
    """How long, where that means something, unless told otherwise."""
    acts_first: bool = False
    """Whether the SII does what it was asked before things go wrong."""
    movable: bool = False
    """Whether it may be told to strike at another step."""
    ends_session: bool = False
    """Whether a document brings it about by losing the session, so that the person has to log in anew."""


_SCENARIOS = (
    Scenario(
        name="refusal",
        words="The SII refuses the document with an alert.",
        spanish="El SII rechaza el documento con un aviso.",
        steps=("preview",),
        times=None,
        number=39_091_001,
        movable=True,
    ),
    Scenario(
        name="objection",
        words="The SII issues the document, and some seconds later its list shows objections (reparos).",
        spanish="El SII emite el documento y segundos después su lista lo muestra con reparos.",
        times=None,
        number=39_091_002,
        seconds=5.0,
        acts_first=True,
    ),
    Scenario(
        name="outage",
        words="The SII answers 503, whatever it is asked.",
        spanish="El SII responde 503, se le pida lo que se le pida.",
        steps=(),
        times=3,
        number=39_091_003,
        movable=True,
    ),
    Scenario(
        name="html_instead",
        words="A page of HTML comes where a signed XML, a PDF or the XML backup should.",
        spanish="Llega una página HTML en vez del XML firmado, del PDF o del respaldo.",
        steps=("sign", "backup", "pdf"),
        number=39_091_004,
        movable=True,
    ),
    Scenario(
        name="cut_before",
        words="The connection is cut before the SII does anything.",
        spanish="La conexión se corta antes de que el SII haga nada.",
        number=39_091_005,
        movable=True,
    ),
    Scenario(
        name="cut_after",
        words="The SII does what it was asked, and the connection is cut before it answers.",
        spanish="El SII hace lo pedido y la conexión se corta antes de que responda.",
        number=39_091_006,
        acts_first=True,
        movable=True,
    ),
    Scenario(
        name="lost_answer",
        words="The SII issues the document, and the connection is cut in the middle of its answer.",
        spanish="El SII emite el documento y la conexión se corta en medio de su respuesta.",
        number=39_091_007,
        acts_first=True,
    ),
    Scenario(
        name="unknown_page",
        words="The SII does what it was asked, and shows a page nobody has seen before.",
        spanish="El SII hace lo pedido y muestra una página que nadie conoce.",
        number=39_091_008,
        acts_first=True,
        movable=True,
    ),
    Scenario(
        name="duplicate_answer",
        words="The SII issues the document, and says that its folio was used before.",
        spanish="El SII emite el documento y dice que su folio ya estaba utilizado.",
        number=39_091_009,
        acts_first=True,
    ),
    Scenario(
        name="expired_session",
        words="The session has reached its two hours.",
        spanish="La sesión llegó a sus dos horas.",
        steps=("preview",),
        number=39_091_010,
        movable=True,
    ),
    Scenario(
        name="captcha",
        words="The SII asks whether it is talking to a robot.",
        spanish="El SII pregunta si habla con un robot.",
        steps=("preview",),
        times=2,
        number=39_091_011,
        movable=True,
    ),
    Scenario(
        name="tampered_preview",
        words="The preview shows another item than the one that was asked for.",
        spanish="La vista previa muestra otro ítem que el pedido.",
        steps=("preview",),
        times=None,
        number=39_091_012,
        acts_first=True,
    ),
    Scenario(
        name="tampered_xml",
        words="The XML to be signed, which the SII would accept, has another item than the one asked for.",
        spanish="El XML por firmar, que el SII aceptaría, trae otro ítem que el pedido.",
        steps=("sign_page",),
        times=None,
        number=39_091_013,
        acts_first=True,
    ),
    Scenario(
        name="folios_signing",
        words="Each signing page reserves a new folio; one whose document is never sent stays a gap.",
        spanish="Cada página de firma reserva un folio; si su documento no se envía, queda un hueco.",
        steps=("sign_page",),
        times=None,
        number=39_091_014,
    ),
    Scenario(
        name="folios_sending",
        words="Signing pages propose the next free folio, and sending takes it.",
        spanish="La página de firma propone el folio libre siguiente y el envío lo toma.",
        steps=("sign_page",),
        times=None,
        number=39_091_015,
    ),
    Scenario(
        name="slow",
        words="The SII does what it was asked, and answers only seconds later.",
        spanish="El SII hace lo pedido y responde segundos después.",
        number=39_091_016,
        seconds=2.0,
        acts_first=True,
        movable=True,
    ),
    Scenario(
        name="clock_skew",
        words="The SII's clock is 26 hours slow.",
        spanish="El reloj del SII va 26 horas atrasado.",
        steps=(),
        times=None,
        number=39_091_017,
        seconds=-26 * 3600.0,
    ),
    Scenario(
        name="wrong_clave",
        words="The SII says that the clave tributaria is wrong.",
        spanish="El SII dice que la clave tributaria es incorrecta.",
        steps=("log_in",),
        ends_session=True,
    ),
    Scenario(
        name="locked",
        words="The SII has locked the person out for an hour.",
        spanish="El SII tiene bloqueada a la persona por una hora.",
        steps=("log_in",),
        ends_session=True,
    ),
    Scenario(
        name="session_limit",
        words="The person has as many sessions open as the SII allows.",
        spanish="La persona tiene abiertas todas las sesiones que el SII permite.",
        steps=("log_in",),
        ends_session=True,
    ),
    Scenario(
        name="company_not_authorised",
        words="The person may not act for the company.",
        spanish="La persona no está autorizada para operar con la empresa.",
        steps=("choose_company",),
        ends_session=True,
    ),
    Scenario(
        name="no_certificate",
        words="The person has no centralised certificate.",
        spanish="La persona no tiene un certificado digital centralizado.",
        steps=("certificate",),
        ends_session=True,
    ),
)
CATALOGUE: dict[str, Scenario] = {scenario.name: scenario for scenario in _SCENARIOS}
BY_NUMBER: dict[int, Scenario] = {each.number: each for each in _SCENARIOS if each.number}
