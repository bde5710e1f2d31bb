"""The portal's form (5.3): the fields that are posted of a settled document.

One form serves every type; a type adds its own switches (``entry``). Amounts are computed here, as the page's
script would: the portal trusts them. What the form is not known to have is refused before (``fitting``).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from timbre.dte.codes import NOTAS, SOLO_EXENTOS, TipoDte
from timbre.dte.document import Ajuste, Documento, Emisor, Pago, Receptor, Referencia, Transporte
from timbre.dte.rut import split_rut
from timbre.dte.taxes import IVA_RETENIDO
from timbre.dte.totals import TASA_IVA, Totales, compute_totals
from timbre.sii.portal.asked import ORDINARY
from timbre.sii.portal.form_export import fill_export

CHECKED = "SiChecked"
FULL_WITHHOLDING = "62"
"""AGENTE_RETENEDOR of who withholds the whole IVA of a 46; the sources name no other way but used goods."""


def entry(tipo: int) -> dict[str, str]:
    """How the form of a type is asked for: notes from a blank one, a 46 as who withholds the whole IVA."""
    kind = {"PTDC_CODIGO": str(int(tipo))}
    if tipo in NOTAS:
        return {"TIPO_PLANTILLA": "NC_BLANCO"} | kind
    if tipo == TipoDte.FACTURA_COMPRA:
        return {"AGENTE_RETENEDOR": FULL_WITHHOLDING} | kind
    return kind


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
        _course(documento),
        _payments(documento.pagos),
        _transport(documento.transporte),
        _lines(documento, totales),
        _references(documento.referencias),
        _discount(documento, totales),
        _totals(documento, totales),
        fill_export(documento) if documento.es_exportacion else (),
    ):
        filled.update(part)
    return filled


def _control(documento: Documento) -> Iterator[tuple[str, str]]:
    yield from entry(documento.tipo).items()
    if documento.tipo is TipoDte.GUIA_DESPACHO:
        yield "TIPO_PLANTILLA", "GUIA_DESPACHO"
        yield "EFXP_IND_VENTA", str(documento.indicador_traslado or "")
    yield "CANT_DET", str(len(documento.detalles))
    yield "ES_BORR", "FALSE"
    yield "EFXP_FCH_EMIS", documento.fecha_emision.isoformat()
    yield from _combos("cbo_{}_boleta", documento.fecha_emision)
    yield "EFXP_FMA_PAGO", str(documento.forma_pago.value) if documento.forma_pago else ""
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


def _receiver(receptor: Receptor) -> Iterator[tuple[str, str]]:
    yield from _rut("RECEP", receptor.rut)
    yield "EFXP_RZN_SOC_RECEP", receptor.razon_social
    yield "EFXP_GIRO_RECEP", receptor.giro
    yield "EFXP_DIR_RECEP", receptor.direccion
    yield "EFXP_CMNA_RECEP", receptor.comuna
    yield "EFXP_CIUDAD_RECEP", receptor.ciudad
    yield "EFXP_CONTACTO", receptor.contacto


def _course(documento: Documento) -> Iterator[tuple[str, str]]:
    yield "EFXP_TIPOCOMPRA_SELECT", str(documento.tipo_compra or ORDINARY)
    yield "EFXP_TIPOVENTA_SELECT", str(documento.tipo_venta or ORDINARY)


def _payments(pagos: Sequence[Pago]) -> Iterator[tuple[str, str]]:
    if pagos:
        yield "PAGO_SI_NO", CHECKED
    for number, pago in enumerate(pagos, start=1):
        yield f"EFXP_FCH_PAGO_{number:03d}", pago.fecha.isoformat()
        yield f"EFXP_MNT_PAGO_{number:03d}", f"{pago.monto:.0f}"
        yield f"EFXP_GLOSA_PAGOS_{number:03d}", pago.glosa


def _transport(transporte: Transporte | None) -> Iterator[tuple[str, str]]:
    if transporte is None:
        return
    yield from _rut("TRANSPORTE", transporte.rut)
    yield "EFXP_PATENTE", transporte.patente
    yield from _rut("CHOFER", transporte.chofer_rut)
    yield "EFXP_NOMBRE_CHOFER", transporte.chofer_nombre


def _lines(documento: Documento, totales: Totales) -> Iterator[tuple[str, str]]:
    if any(detalle.codigo for detalle in documento.detalles):
        yield "COD_SI_NO", CHECKED
    # The IVA withheld by a 46 is no tax of the line's own: the form's entry says it of all of them.
    taxes = [detalle.impuesto if detalle.impuesto != IVA_RETENIDO else "" for detalle in documento.detalles]
    if any(taxes):
        yield "OTRO_IMP_SI_NO", CHECKED
        added = sum((each.monto for each in totales.impuestos if not each.retencion), Decimal(0))
        yield "EFXP_OTRO_IMP_TOTAL", f"{added:.0f}"
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
        yield f"EFXP_SUBT_{line}", _amount(documento, monto.monto)
        if detalle.codigo:
            yield f"EFXP_TPO_COD_{line}", detalle.tipo_codigo
            yield f"EFXP_COD_{line}", detalle.codigo
        if taxes[number - 1]:
            yield f"EFXP_OTRO_IMP_{line}", taxes[number - 1]


def _references(referencias: Sequence[Referencia]) -> Iterator[tuple[str, str]]:
    if referencias:
        yield "REF_SI_NO", CHECKED
    for number, referencia in enumerate(referencias, start=1):
        row = f"{number:03d}"
        yield f"EFXP_TPO_DOC_REF_{row}", referencia.tipo
        if referencia.es_global:
            yield f"EFXP_IND_GLOBAL_{row}", "1"
        yield f"EFXP_FOLIO_REF_{row}", referencia.folio
        yield f"EFXP_FCH_REF_{row}", referencia.fecha.isoformat()
        yield from _combos(f"cbo_{{}}_boleta_ref_{number:02d}", referencia.fecha)
        yield f"EFXP_CODIGO_REF_{row}", str(referencia.codigo or "")
        yield f"EFXP_RAZON_REF_{row}", referencia.razon


def discount_of(documento: Documento) -> Ajuste | None:
    """The one adjustment the form itself has: a percentage off the whole."""
    return next((each for each in documento.ajustes if not each.recargo), None)


def _discount(documento: Documento, totales: Totales) -> Iterator[tuple[str, str]]:
    discount = discount_of(documento)
    if discount is not None:
        yield "EFXP_PCT_DESC", _number(discount.pct)
        amount = totales.ajustes[documento.ajustes.index(discount)]
        yield "EFXP_MNT_DESC", _amount(documento, amount)


def _totals(documento: Documento, totales: Totales) -> Iterator[tuple[str, str]]:
    """``EFXP_MNT_NETO`` holds the exempt amount of a type without IVA, whose IVA fields stay blank (5.3).

    ``EFXP_SUBTOTAL`` is before the discount of the whole, ``EFXP_MNT_NETO`` after it.
    """
    affected = documento.tipo not in SOLO_EXENTOS
    subtotal = sum((monto.monto for monto in totales.lineas), Decimal(0))
    net = _amount(documento, totales.neto + totales.exento)
    yield "EFXP_SUBTOTAL", _amount(documento, subtotal)
    yield "EFXP_MNT_NETO", net
    yield "MNT_NETO_TEMP", net
    yield "EFXP_TASA_IVA", _number(TASA_IVA) if affected else ""
    yield "EFXP_IVA", _amount(documento, totales.iva) if affected else ""
    yield "IVA_TEMP", _amount(documento, totales.iva) if affected else ""
    yield "EFXP_MNT_TOTAL", _amount(documento, totales.total)


def _rut(name: str, rut: str) -> Iterator[tuple[str, str]]:
    body, dv = split_rut(rut) if rut else ("", "")
    yield f"EFXP_RUT_{name}", body
    yield f"EFXP_DV_{name}", dv


def _combos(name: str, day: date) -> Iterator[tuple[str, str]]:
    yield name.format("dia"), f"{day.day:02d}"
    yield name.format("mes"), f"{day.month:02d}"
    yield name.format("anio"), f"{day.year:04d}"


def _number(value: Decimal | None) -> str:
    """As the form writes it: a point, no exponent; nothing for zero, which the form leaves blank."""
    return f"{value.normalize():f}" if value else ""


def _amount(documento: Documento, value: Decimal) -> str:
    """Money: whole pesos, or the two decimals of a foreign currency."""
    return f"{value:.{documento.moneda.decimales}f}"
