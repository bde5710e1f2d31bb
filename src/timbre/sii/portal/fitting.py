"""What the portal's form has no room for (5.0, 5.3), refused before anything is asked of the SII.

The gateway's own door: the rules have said the same to whoever asked. What is neither refused here nor posted
by ``form`` cannot slip through all the same: it would be missed when the XML is read back.
"""

from collections.abc import Iterator

from timbre.dte.codes import IDK_SIMULATOR, NOTAS, SOLO_EXENTOS, TipoDte
from timbre.dte.document import PESOS, Detalle, Documento
from timbre.dte.rules import PORTAL, PORTAL_PRODUCTION, annulled, judge_gateway
from timbre.sii.gateway import Refused

Misfits = Iterator[tuple[object, str]]
"""(what the form has no field for, where the request says it)."""


def check_fits(documento: Documento, *, idk: int) -> None:
    """Raises Refused(not_available) with the first field the form cannot carry.

    ``idk`` is the environment's CAF authority: an export is issued by the simulator alone.
    """
    way = PORTAL if idk == IDK_SIMULATOR else PORTAL_PRODUCTION
    for fault in judge_gateway(documento, way):
        if fault.warns:
            continue
        raise Refused("not_available", field=fault.path, sii_words=fault.message)
    for said, field in _misfits(documento):
        if said:
            raise Refused("not_available", field=field, sii_words="El formulario del SII no lo admite.")


def _misfits(documento: Documento) -> Misfits:
    """What the rules refuse of a type whatever the way, and what would not come back as it was asked."""
    guide = documento.tipo is TipoDte.GUIA_DESPACHO
    coded = documento.referencias and all(each.codigo for each in documento.referencias)
    yield documento.tipo in NOTAS and not coded, "references"
    yield documento.medio_pago, "header.payment_means"
    yield guide and documento.fecha_vencimiento, "header.due_date"
    yield not guide and documento.indicador_traslado, "transport_data.transport_type"
    yield from _export(documento)
    repeats, whole = annulled(documento, PORTAL) is not None, documento.tipo in SOLO_EXENTOS
    for index, detalle in enumerate(documento.detalles):
        yield from _line(f"details.{index}", detalle, exempt=repeats, whole_exempt=whole)


def _export(documento: Documento) -> Misfits:
    if documento.es_exportacion:
        course = {documento.tipo_compra, documento.tipo_venta} - {None, 1}
        yield course, "header.sale_transaction_type"
        yield documento.guia_exportacion, "transport_data.transfer_issuer_code"
        return
    yield documento.forma_pago_exportacion, "export_data.export_payment_method_code"
    yield documento.moneda != PESOS, "export_data.currency_code"


def _line(field: str, detalle: Detalle, *, exempt: bool, whole_exempt: bool) -> Misfits:
    yield detalle.exencion is not None and not (exempt or whole_exempt), f"{field}.is_exempt"
    yield detalle.impuesto and whole_exempt, f"{field}.other_tax"
