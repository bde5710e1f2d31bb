"""The DTE as text, in the order of DTE_v10.xsd, one element a line (the SII refuses lines over 4,090 bytes).

Line breaks are made here, before signing: nothing is re-serialised afterwards.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape

from timbre.dte.clock import timestamp
from timbre.dte.codes import TipoDte
from timbre.dte.document import Detalle, Documento, Emisor, Receptor, Referencia
from timbre.dte.parsing import SII_NAMESPACE
from timbre.dte.totals import Monto, Totales

_OWN_CODE = "INT1"
"""TpoCodigo of a code whose caller did not say whose it is: the issuer's own."""

Leaf = str | int | Decimal | date | None


def build(documento: Documento, totales: Totales, folio: int, ted: str, now: datetime) -> str:
    """The unsigned ``<DTE>``; ``parsing.encode`` makes the file of it. ``ted`` comes from ``stamp.stamp``."""
    parts = [
        _block("Encabezado", *_encabezado(documento, totales, folio)),
        *(
            _block("Detalle", *_detalle(number, documento.tipo, detalle, monto))
            for number, (detalle, monto) in enumerate(
                zip(documento.detalles, totales.lineas, strict=True), start=1
            )
        ),
        *(_block("Referencia", *_referencia(n, r)) for n, r in enumerate(documento.referencias, start=1)),
        ted,
        _leaf("TmstFirma", timestamp(now)),
    ]
    body = "\n".join(parts)
    name = f"F{folio}T{documento.tipo:d}"
    return (
        f'<DTE xmlns="{SII_NAMESPACE}" version="1.0">\n<Documento ID="{name}">\n{body}\n</Documento>\n</DTE>'
    )


def _encabezado(documento: Documento, totales: Totales, folio: int) -> Iterator[str]:
    yield _block(
        "IdDoc",
        _leaf("TipoDTE", documento.tipo.value),
        _leaf("Folio", folio),
        _leaf("FchEmis", documento.fecha_emision),
        _leaf("FmaPago", documento.forma_pago and documento.forma_pago.value),
        _leaf("FchVenc", documento.fecha_vencimiento),
    )
    yield _block("Emisor", *_emisor(documento.emisor))
    yield _block("Receptor", *_receptor(documento.receptor))
    yield _block("Totales", *_totales(totales))


def _emisor(emisor: Emisor) -> Iterator[str]:
    yield _leaf("RUTEmisor", emisor.rut)
    yield _leaf("RznSoc", emisor.razon_social)
    yield _leaf("GiroEmis", emisor.giro)
    yield _leaf("Telefono", emisor.telefono)
    yield _leaf("CorreoEmisor", emisor.correo)
    yield _leaf("Acteco", emisor.acteco)
    yield _leaf("CdgSIISucur", emisor.sucursal)
    yield _leaf("DirOrigen", emisor.direccion)
    yield _leaf("CmnaOrigen", emisor.comuna)
    yield _leaf("CiudadOrigen", emisor.ciudad)


def _receptor(receptor: Receptor) -> Iterator[str]:
    yield _leaf("RUTRecep", receptor.rut)
    yield _leaf("RznSocRecep", receptor.razon_social)
    yield _leaf("GiroRecep", receptor.giro)
    yield _leaf("Contacto", receptor.contacto)
    yield _leaf("CorreoRecep", receptor.correo)
    yield _leaf("DirRecep", receptor.direccion)
    yield _leaf("CmnaRecep", receptor.comuna)
    yield _leaf("CiudadRecep", receptor.ciudad)


def _totales(totales: Totales) -> Iterator[str]:
    """An exempt document carries nothing but MntExe and MntTotal."""
    if totales.tasa_iva is None:
        yield _leaf("MntExe", totales.exento)
    else:
        yield _leaf("MntNeto", totales.neto)
        yield _leaf("MntExe", totales.exento or None)
        yield _leaf("TasaIVA", totales.tasa_iva)
        yield _leaf("IVA", totales.iva)
    yield _leaf("MntTotal", totales.total)


def _detalle(number: int, tipo: TipoDte, detalle: Detalle, monto: Monto) -> Iterator[str]:
    """A percentage goes only with its amount; prices and quantities of 0 stay out, the XSD wants > 0."""
    yield _leaf("NroLinDet", number)
    if detalle.codigo:
        yield _block(
            "CdgItem",
            _leaf("TpoCodigo", detalle.tipo_codigo or _OWN_CODE),
            _leaf("VlrCodigo", detalle.codigo),
        )
    yield _leaf("IndExe", 1 if detalle.exencion == 1 or tipo is TipoDte.FACTURA_EXENTA else None)
    yield _leaf("NmbItem", detalle.nombre)
    yield _leaf("DscItem", detalle.descripcion)
    yield _leaf("QtyItem", detalle.cantidad or None)
    yield _leaf("UnmdItem", detalle.unidad)
    yield _leaf("PrcItem", detalle.precio or None)
    if monto.descuento:
        yield _leaf("DescuentoPct", detalle.descuento_pct)
        yield _leaf("DescuentoMonto", monto.descuento)
    yield _leaf("MontoItem", monto.monto)


def _referencia(number: int, referencia: Referencia) -> Iterator[str]:
    yield _leaf("NroLinRef", number)
    yield _leaf("TpoDocRef", referencia.tipo)
    yield _leaf("FolioRef", referencia.folio)
    yield _leaf("FchRef", referencia.fecha)
    yield _leaf("CodRef", referencia.codigo)
    yield _leaf("RazonRef", referencia.razon)


def _leaf(name: str, value: Leaf) -> str:
    """``<name>value</name>``, or nothing for None and empty text. Quotes stay as they are, as C14N wants."""
    if value is None or value == "":
        return ""
    text = f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
    return f"<{name}>{escape(text)}</{name}>"


def _block(name: str, *content: str) -> str:
    return "\n".join([f"<{name}>", *filter(None, content), f"</{name}>"])
