"""What a document should read like in the portal's XML, and where each value stands in the request."""

from collections.abc import Iterator

from timbre.dte.codes import TipoDte
from timbre.dte.document import Detalle, Documento, Referencia
from timbre.dte.totals import Monto, compute_totals

Expected = Iterator[tuple[str, object, str]]
"""(path in the XML, value or None where there should be none, JSON path of the field in the request)."""


def expected(documento: Documento) -> Expected:
    """Every element of the Documento but folio, stamp and time of signature."""
    yield from _header(documento)
    totals = compute_totals(documento)
    exempt_type = documento.tipo is TipoDte.FACTURA_EXENTA
    for name, value in (
        ("MntNeto", None if exempt_type else totals.neto),
        ("MntExe", totals.exento if exempt_type else totals.exento or None),
        ("TasaIVA", totals.tasa_iva),
        ("IVA", None if exempt_type else totals.iva),
        ("MntTotal", totals.total),
    ):
        yield f"Encabezado/Totales/{name}", value, "details"
    for index, (detalle, monto) in enumerate(zip(documento.detalles, totals.lineas, strict=True)):
        yield from _line(index, detalle, monto)
    for index, referencia in enumerate(documento.referencias):
        yield from _reference(index, referencia)


def _header(documento: Documento) -> Expected:
    emisor, receptor, issuer, receiver = (
        documento.emisor, documento.receptor, "document_issuer", "document_receiver"
    )  # fmt: skip
    due = documento.fecha_vencimiento
    for block, rows in (
        (
            "IdDoc",
            (
                ("TipoDTE", documento.tipo.value, "dte_type"),
                ("FchEmis", documento.fecha_emision.isoformat(), "date_issued"),
                ("FmaPago", documento.forma_pago and documento.forma_pago.value, "header.payment_method"),
                ("FchVenc", due and due.isoformat(), "header.due_date"),
            ),
        ),
        (
            "Emisor",
            (
                ("RUTEmisor", emisor.rut, f"{issuer}.rut"),
                ("RznSoc", emisor.razon_social, f"{issuer}.business_name"),
                ("GiroEmis", emisor.giro, f"{issuer}.business_activity"),
                ("Telefono", emisor.telefono, f"{issuer}.phone_number"),
                ("CorreoEmisor", emisor.correo, f"{issuer}.email"),
                ("Acteco", int(emisor.acteco), f"{issuer}.activity_code"),
                ("CdgSIISucur", int(emisor.sucursal or 0) or None, f"{issuer}.sii_branch_code"),
                ("DirOrigen", emisor.direccion, f"{issuer}.address"),
                ("CmnaOrigen", emisor.comuna, f"{issuer}.district"),
                ("CiudadOrigen", emisor.ciudad, f"{issuer}.city"),
            ),
        ),
        (
            "Receptor",
            (
                ("RUTRecep", receptor.rut, f"{receiver}.rut"),
                ("RznSocRecep", receptor.razon_social, f"{receiver}.business_name"),
                ("GiroRecep", receptor.giro, f"{receiver}.business_activity"),
                ("Contacto", receptor.contacto, f"{receiver}.contact"),
                ("DirRecep", receptor.direccion, f"{receiver}.address"),
                ("CmnaRecep", receptor.comuna, f"{receiver}.district"),
                ("CiudadRecep", receptor.ciudad, f"{receiver}.city"),
            ),
        ),
    ):
        for name, value, field in rows:
            yield f"Encabezado/{block}/{name}", value, field


def _line(index: int, detalle: Detalle, monto: Monto) -> Expected:
    at, field = f"Detalle.{index}", f"details.{index}"
    discounted = monto.descuento > 0
    for name, value, json_name in (
        ("NroLinDet", index + 1, "line_number"),
        ("CdgItem/TpoCodigo", detalle.tipo_codigo, "item_type_code"),
        ("CdgItem/VlrCodigo", detalle.codigo, "item_code"),
        ("NmbItem", detalle.nombre, "item_name"),
        ("DscItem", detalle.descripcion, "item_description"),
        ("QtyItem", detalle.cantidad or None, "quantity"),
        ("UnmdItem", detalle.unidad, "unit"),
        ("PrcItem", detalle.precio or None, "unit_price"),
        ("DescuentoPct", detalle.descuento_pct if discounted else None, "discount_percent"),
        ("DescuentoMonto", monto.descuento if discounted else None, "discount_percent"),
        ("MontoItem", monto.monto, "unit_price"),
    ):
        yield f"{at}/{name}", value, f"{field}.{json_name}"


def _reference(index: int, referencia: Referencia) -> Expected:
    at, field = f"Referencia.{index}", f"references.{index}"
    for name, value, json_name in (
        ("NroLinRef", index + 1, "line_number"),
        ("TpoDocRef", referencia.tipo, "dte_type_code"),
        ("FolioRef", referencia.folio, "reference_folio"),
        ("FchRef", referencia.fecha.isoformat(), "reference_date"),
        ("CodRef", referencia.codigo, "reference_code"),
        ("RazonRef", referencia.razon, "reference_reason"),
    ):
        yield f"{at}/{name}", value, f"{field}.{json_name}"


def json_path(name: str) -> str:
    """The request's field a form field was filled from, or empty."""
    *words, number = name.removeprefix("EFXP_").split("_")
    if not number.isdigit():
        return _PARTY_FIELDS.get(name.removeprefix("EFXP_"), "")
    stem, index = "_".join(words), int(number) - 1
    if stem in _LINE_FIELDS:
        return f"details.{index}.{_LINE_FIELDS[stem]}"
    return f"references.{index}" if "_REF" in stem else ""


_LINE_FIELDS = {
    "NMB": "item_name",
    "DSC_ITEM": "item_description",
    "QTY": "quantity",
    "UNMD": "unit",
    "PRC": "unit_price",
    "PCTD": "discount_percent",
    "SUBT": "unit_price",
    "COD": "item_code",
    "TPO_COD": "item_type_code",
}
_PARTY_FIELDS = {
    "FCH_EMIS": "date_issued",
    "FMA_PAGO": "header.payment_method",
    "FCH_VENC": "header.due_date",
    "RUT_RECEP": "document_receiver.rut",
    "DV_RECEP": "document_receiver.rut",
    "RZN_SOC_RECEP": "document_receiver.business_name",
    "GIRO_RECEP": "document_receiver.business_activity",
    "DIR_RECEP": "document_receiver.address",
    "CMNA_RECEP": "document_receiver.district",
    "CIUDAD_RECEP": "document_receiver.city",
    "CONTACTO": "document_receiver.contact",
    "RZN_SOC": "document_issuer.business_name",
    "GIRO_EMIS": "document_issuer.business_activity",
    "ACTECO": "document_issuer.activity_code",
    "CDG_SII_SUCUR": "document_issuer.sii_branch_code",
    "DIR_ORIGEN": "document_issuer.address",
    "CMNA_ORIGEN": "document_issuer.district",
    "CIUDAD_ORIGEN": "document_issuer.city",
    "EMAIL_EMISOR": "document_issuer.email",
    "FONO_EMISOR": "document_issuer.phone_number",
}
