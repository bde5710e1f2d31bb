"""The invoice form (5.3): the fields that are posted of a settled document."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from timbre.dte.document import Documento, Emisor, Receptor, Referencia
from timbre.dte.rut import split_rut
from timbre.dte.totals import Totales, compute_totals

CHECKED = "SiChecked"
ORDINARY = "1"
"""Purchase and sale in the ordinary course of business (1.3, TpoTranCompra and TpoTranVenta)."""


def ask_receiver(fields: Mapping[str, str], rut: str) -> dict[str, str]:
    """The form as the look-up posts it (5.4): all it carries, and the receiver's RUT."""
    body, dv = split_rut(rut)
    return {**fields, "EFXP_RUT_RECEP": body, "EFXP_DV_RECEP": dv}


def fill(fields: Mapping[str, str], documento: Documento) -> dict[str, str]:
    """What is posted of a settled document: what the page's own form carries, overwritten by the document."""
    totales = compute_totals(documento)
    filled = dict(fields)
    for part in (
        _control(documento),
        _issuer(documento.emisor),
        _receiver(documento.receptor),
        _lines(documento, totales),
        _references(documento.referencias),
        _totals(totales),
    ):
        filled.update(part)
    return filled


def _control(documento: Documento) -> Iterator[tuple[str, str]]:
    yield "PTDC_CODIGO", str(documento.tipo.value)
    yield "CANT_DET", str(len(documento.detalles))
    yield "ES_BORR", "FALSE"
    yield "EFXP_FCH_EMIS", documento.fecha_emision.isoformat()
    yield from _combos("cbo_{}_boleta", documento.fecha_emision)
    assert documento.forma_pago is not None
    yield "EFXP_FMA_PAGO", str(documento.forma_pago.value)
    if documento.fecha_vencimiento is not None:
        yield "EFXP_FCH_VENC", documento.fecha_vencimiento.isoformat()


def _issuer(emisor: Emisor) -> Iterator[tuple[str, str]]:
    yield "EFXP_RZN_SOC", emisor.razon_social
    yield "EFXP_GIRO_EMIS", emisor.giro
    yield "EFXP_ACTECO", emisor.acteco
    yield "EFXP_ACTECO_SELECT", emisor.acteco
    yield "EFXP_CDG_SII_SUCUR", emisor.sucursal
    yield "EFXP_DIR_ORIGEN", emisor.direccion
    yield "EFXP_CMNA_ORIGEN", emisor.comuna
    yield "EFXP_CIUDAD_ORIGEN", emisor.ciudad
    yield "EFXP_EMAIL_EMISOR", emisor.correo
    yield "EFXP_FONO_EMISOR", emisor.telefono
    yield "EFXP_TIPOVENTA_SELECT", ORDINARY


def _receiver(receptor: Receptor) -> Iterator[tuple[str, str]]:
    yield from zip(("EFXP_RUT_RECEP", "EFXP_DV_RECEP"), split_rut(receptor.rut), strict=True)
    yield "EFXP_RZN_SOC_RECEP", receptor.razon_social
    yield "EFXP_GIRO_RECEP", receptor.giro
    yield "EFXP_DIR_RECEP", receptor.direccion
    yield "EFXP_CMNA_RECEP", receptor.comuna
    yield "EFXP_CIUDAD_RECEP", receptor.ciudad
    yield "EFXP_CONTACTO", receptor.contacto
    yield "EFXP_TIPOCOMPRA_SELECT", ORDINARY


def _lines(documento: Documento, totales: Totales) -> Iterator[tuple[str, str]]:
    if any(detalle.codigo for detalle in documento.detalles):
        yield "COD_SI_NO", CHECKED
    for number, (detalle, monto) in enumerate(zip(documento.detalles, totales.lineas, strict=True), start=1):
        line = f"{number:02d}"
        yield f"EFXP_NMB_{line}", detalle.nombre
        if detalle.descripcion:
            yield f"DESCRIP_{line}", CHECKED
            yield f"EFXP_DSC_ITEM_{line}", detalle.descripcion
        yield f"EFXP_QTY_{line}", _number(detalle.cantidad)
        yield f"EFXP_UNMD_{line}", detalle.unidad
        yield f"EFXP_PRC_{line}", _number(detalle.precio)
        yield f"EFXP_PCTD_{line}", _number(detalle.descuento_pct)
        yield f"EFXP_SUBT_{line}", str(monto.monto)
        if detalle.codigo:
            yield f"EFXP_TPO_COD_{line}", detalle.tipo_codigo
            yield f"EFXP_COD_{line}", detalle.codigo


def _references(referencias: Sequence[Referencia]) -> Iterator[tuple[str, str]]:
    if referencias:
        yield "REF_SI_NO", CHECKED
    for number, referencia in enumerate(referencias, start=1):
        row = f"{number:03d}"
        yield f"EFXP_TPO_DOC_REF_{row}", referencia.tipo
        yield f"EFXP_FOLIO_REF_{row}", referencia.folio
        yield f"EFXP_FCH_REF_{row}", referencia.fecha.isoformat()
        yield from _combos(f"cbo_{{}}_boleta_ref_{number:02d}", referencia.fecha)
        yield f"EFXP_CODIGO_REF_{row}", str(referencia.codigo or "")
        yield f"EFXP_RAZON_REF_{row}", referencia.razon


def _totals(totales: Totales) -> Iterator[tuple[str, str]]:
    """``EFXP_MNT_NETO`` holds the exempt amount of a 34, whose IVA fields stay blank (5.3)."""
    yield "EFXP_SUBTOTAL", str(sum(monto.monto for monto in totales.lineas))
    yield "EFXP_MNT_NETO", str(totales.neto + totales.exento)
    yield "MNT_NETO_TEMP", str(totales.neto + totales.exento)
    affected = totales.tasa_iva is not None
    yield "EFXP_TASA_IVA", _number(totales.tasa_iva)
    yield "EFXP_IVA", str(totales.iva) if affected else ""
    yield "IVA_TEMP", str(totales.iva) if affected else ""
    yield "EFXP_MNT_TOTAL", str(totales.total)


def _combos(name: str, day: date) -> Iterator[tuple[str, str]]:
    yield name.format("dia"), f"{day.day:02d}"
    yield name.format("mes"), f"{day.month:02d}"
    yield name.format("anio"), f"{day.year:04d}"


def _number(value: Decimal | None) -> str:
    """As the form writes it: a point, no exponent; nothing for zero, which the form leaves blank."""
    return f"{value.normalize():f}" if value else ""
