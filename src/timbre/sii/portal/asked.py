"""What a document should read like in the portal's XML, and where each value stands in the request."""

from collections.abc import Iterator
from typing import NamedTuple

from timbre.dte.codes import SOLO_EXENTOS
from timbre.dte.document import Ajuste, Base, Detalle, Documento, Emisor, Pago, Receptor, Referencia
from timbre.dte.totals import ImpuestoAplicado, Monto, Totales, compute_totals
from timbre.sii.portal.asked_export import export_totals, foreigner, transport

ORDINARY = 1
"""Purchase and sale in the ordinary course of business (1.3, TpoTranCompra and TpoTranVenta)."""


class Asked(NamedTuple):
    """One element: its path, its value (None: it should not be there) and its field in the request.

    ``also`` are values the SII may write instead, where it is known to please itself.
    """

    path: str
    value: object
    field: str
    also: tuple[object, ...] = ()


Expected = Iterator[Asked]


def expected(documento: Documento) -> Expected:
    """Every element of the document but folio, stamp and time of signature."""
    totales = compute_totals(documento)
    yield from _id_doc(documento)
    yield from _issuer(documento.emisor)
    yield from _receiver(documento.receptor)
    for path, value, field in transport(documento.transporte):
        yield Asked(f"Encabezado/Transporte/{path}", value, field)
    yield from _totals(documento, totales)
    for index, (detalle, monto) in enumerate(zip(documento.detalles, totales.lineas, strict=True)):
        yield from _line(index, detalle, monto)
        yield _exemption(documento, index, detalle)
    for index, ajuste in enumerate(documento.ajustes):
        yield from _adjustment(index, ajuste)
    for index, referencia in enumerate(documento.referencias):
        yield from _reference(index, referencia)


def _id_doc(documento: Documento) -> Expected:
    due = documento.fecha_vencimiento
    for name, value, field in (
        ("TipoDTE", documento.tipo.value, "dte_type"),
        ("FchEmis", documento.fecha_emision.isoformat(), "date_issued"),
        ("IndTraslado", documento.indicador_traslado, "transport_data.transport_type"),
        ("IndServicio", documento.indicador_servicio, "header.service_indicator"),
        ("FmaPago", documento.forma_pago and documento.forma_pago.value, "header.payment_method"),
        ("FmaPagExp", documento.forma_pago_exportacion, "export_data.export_payment_method_code"),
        ("FchVenc", due and due.isoformat(), "header.due_date"),
    ):
        yield Asked(f"Encabezado/IdDoc/{name}", value, field)
    if not documento.es_exportacion:
        yield _course("TpoTranCompra", documento.tipo_compra, "header.purchase_type")
        yield _course("TpoTranVenta", documento.tipo_venta, "header.sale_transaction_type")
    for index, pago in enumerate(documento.pagos):
        yield from _payment(index, pago)


def _course(name: str, value: int | None, field: str) -> Asked:
    """The ordinary course goes without saying, and may be said."""
    also = {None: (ORDINARY,), ORDINARY: (None,)}.get(value, ())
    return Asked(f"Encabezado/IdDoc/{name}", value, field, also)


def _payment(index: int, pago: Pago) -> Expected:
    at, field = f"Encabezado/IdDoc/MntPagos.{index}", f"header.payments.{index}"
    yield Asked(f"{at}/FchPago", pago.fecha.isoformat(), f"{field}.date")
    yield Asked(f"{at}/MntPago", pago.monto, f"{field}.amount")
    yield Asked(f"{at}/GlosaPagos", pago.glosa, f"{field}.description")


def _issuer(emisor: Emisor) -> Expected:
    for name, value, field in (
        ("RUTEmisor", emisor.rut, "rut"),
        ("RznSoc", emisor.razon_social, "business_name"),
        ("GiroEmis", emisor.giro, "business_activity"),
        ("Telefono", emisor.telefono, "phone_number"),
        ("CorreoEmisor", emisor.correo, "email"),
        ("Acteco", int(emisor.acteco), "activity_code"),
        ("CdgSIISucur", int(emisor.sucursal or 0) or None, "sii_branch_code"),
        ("DirOrigen", emisor.direccion, "address"),
        ("CmnaOrigen", emisor.comuna, "district"),
        ("CiudadOrigen", emisor.ciudad, "city"),
    ):
        yield Asked(f"Encabezado/Emisor/{name}", value, f"document_issuer.{field}")


def _receiver(receptor: Receptor) -> Expected:
    for name, value, field in (
        ("RUTRecep", receptor.rut, "rut"),
        ("RznSocRecep", receptor.razon_social, "business_name"),
        *foreigner(receptor),
        ("GiroRecep", receptor.giro, "business_activity"),
        ("Contacto", receptor.contacto, "contact"),
        ("DirRecep", receptor.direccion, "address"),
        ("CmnaRecep", receptor.comuna, "district"),
        ("CiudadRecep", receptor.ciudad, "city"),
    ):
        yield Asked(f"Encabezado/Receptor/{name}", value, f"document_receiver.{field}")


def _totals(documento: Documento, totales: Totales) -> Expected:
    if documento.es_exportacion:
        for path, number in export_totals(documento, totales):
            yield Asked(f"Encabezado/{path}", number, "export_data")
        return
    exempt, affected = documento.tipo in SOLO_EXENTOS, totales.tasa_iva is not None
    # A note that corrects a text, a guide without value: the figures of nothing may be zeros, or not there.
    zero: tuple[object, ...] = () if exempt or affected else (0,)
    also_exempt: tuple[object, ...] = () if exempt or totales.exento else (0,)
    for name, value, also in (
        ("MntNeto", totales.neto if affected else None, zero),
        ("MntExe", totales.exento if exempt else totales.exento or None, also_exempt),
        ("TasaIVA", totales.tasa_iva, () if exempt or affected else (0, 19)),
        ("IVA", totales.iva if affected else None, zero),
        ("IVANoRet", totales.iva_no_retenido or None, ()),
        ("MntTotal", totales.total, ()),
    ):
        yield Asked(f"Encabezado/Totales/{name}", value, "details", also)
    for index, impuesto in enumerate(totales.impuestos):
        yield from _tax(index, impuesto)


def _tax(index: int, impuesto: ImpuestoAplicado) -> Expected:
    at = f"Encabezado/Totales/ImptoReten.{index}"
    yield Asked(f"{at}/TipoImp", impuesto.codigo, "details")
    yield Asked(f"{at}/TasaImp", impuesto.tasa, "details")
    yield Asked(f"{at}/MontoImp", impuesto.monto, "details")


def _line(index: int, detalle: Detalle, monto: Monto) -> Expected:
    at, field = f"Detalle.{index}", f"details.{index}"
    discounted = monto.descuento > 0
    for name, value, json_name in (
        ("NroLinDet", index + 1, "line_number"),
        ("CdgItem/TpoCodigo", detalle.tipo_codigo, "item_type_code"),
        ("CdgItem/VlrCodigo", detalle.codigo, "item_code"),
        ("Retenedor/IndAgente", "R" if detalle.agente_retenedor else None, "withholding_agent"),
        ("NmbItem", detalle.nombre, "item_name"),
        ("DscItem", detalle.descripcion, "item_description"),
        ("QtyItem", detalle.cantidad or None, "quantity"),
        ("UnmdItem", detalle.unidad, "unit"),
        ("PrcItem", detalle.precio or None, "unit_price"),
        ("DescuentoPct", detalle.descuento_pct if discounted else None, "discount_percent"),
        ("DescuentoMonto", monto.descuento if discounted else None, "discount_percent"),
        ("CodImpAdic", detalle.impuesto, "other_tax"),
        ("MontoItem", monto.monto, "unit_price"),
    ):
        yield Asked(f"{at}/{name}", value, f"{field}.{json_name}")


def _exemption(documento: Documento, index: int, detalle: Detalle) -> Asked:
    """In a type that is exempt as a whole the portal may say so of each line or of none."""
    exencion = documento.exencion_de(detalle)
    also = (None,) if exencion == 1 and documento.tipo in SOLO_EXENTOS else ()
    return Asked(f"Detalle.{index}/IndExe", exencion, f"details.{index}.exempt_indicator", also)


def _adjustment(index: int, ajuste: Ajuste) -> Expected:
    at, field = f"DscRcgGlobal.{index}", f"global_adjustments.{index}"
    percent = ajuste.pct is not None
    for name, value, json_name in (
        ("NroLinDR", index + 1, "kind"),
        ("TpoMov", "R" if ajuste.recargo else "D", "kind"),
        ("GlosaDR", ajuste.glosa, "description"),
        ("TpoValor", "%" if percent else "$", "percent" if percent else "amount"),
        ("ValorDR", ajuste.pct if percent else ajuste.monto, "percent" if percent else "amount"),
        ("IndExeDR", ajuste.sobre.value if ajuste.sobre is not Base.AFECTO else None, "applies_to"),
    ):
        yield Asked(f"{at}/{name}", value, f"{field}.{json_name}")


def _reference(index: int, referencia: Referencia) -> Expected:
    at, field = f"Referencia.{index}", f"references.{index}"
    for name, value, json_name in (
        ("NroLinRef", index + 1, "line_number"),
        ("TpoDocRef", referencia.tipo, "dte_type_code"),
        ("IndGlobal", 1 if referencia.es_global else None, "global"),
        ("FolioRef", referencia.folio, "reference_folio"),
        ("FchRef", referencia.fecha.isoformat(), "reference_date"),
        ("CodRef", referencia.codigo, "correction_code"),
        ("RazonRef", referencia.razon, "reference_reason"),
    ):
        yield Asked(f"{at}/{name}", value, f"{field}.{json_name}")
