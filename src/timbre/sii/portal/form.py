"""The invoice form (5.3): who the SII says the parties are, and the fields that are posted of a document.

The portal takes only what it has on file: ``settle`` puts the document's parties into the SII's own words,
and refuses what the SII does not know. From there on the document can be compared to the letter.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NoReturn, TypeVar

from timbre.dte.codes import FormaPago, TipoDte
from timbre.dte.document import Detalle, Documento, Emisor, Receptor, Referencia
from timbre.dte.rut import split_rut
from timbre.dte.totals import Totales, compute_totals, line_amount
from timbre.sii.gateway import Actividad, Contribuyente, Direccion, Refused
from timbre.sii.portal.pages import Page, plain

TYPES = (TipoDte.FACTURA, TipoDte.FACTURA_EXENTA)
MAX_LINES = 10
MAX_REFERENCES = 3
CHECKED = "SiChecked"
ORDINARY = "1"
"""Purchase and sale in the ordinary course of business (1.3, TpoTranCompra and TpoTranVenta)."""
_GIRO_EMISOR, _GIRO_RECEPTOR, _CIUDAD, _COMUNA = 70, 40, 15, 20
_OWN_CODE = "INT1"

T = TypeVar("T")


def read_issuer(page: Page, fields: Mapping[str, str], rut: str) -> Contribuyente:
    """The company as its own form shows it."""
    return _taxpayer(page, rut, fields.get("EFXP_RZN_SOC", ""), "emisorDir", "emisorActEco")


def read_receiver(page: Page, fields: Mapping[str, str], rut: str) -> Contribuyente | None:
    """The receiver as the look-up filled it in (5.4), or None when the form came back without data."""
    name = fields.get("EFXP_RZN_SOC_RECEP", "")
    return _taxpayer(page, rut, name, "recptorDir", "recptoActEco") if name.strip() else None


def check_fits(documento: Documento) -> None:
    """Refuses what the portal's form has no room for (5.0, 5.3): types, lines, references, exempt lines."""
    if documento.tipo not in TYPES:
        _refuse("dte_type", "El portal emite aquí solo facturas 33 y 34.")
    if len(documento.detalles) > MAX_LINES:
        _refuse("details", "El formulario del SII admite 10 líneas.")
    if len(documento.referencias) > MAX_REFERENCES:
        _refuse("references", "El formulario del SII admite 3 referencias.")
    if documento.tipo is TipoDte.FACTURA:
        for index, detalle in enumerate(documento.detalles):
            if detalle.exento:
                _refuse(
                    f"details.{index}.is_exempt", "El formulario del SII no admite líneas exentas en una 33."
                )


def settle(documento: Documento, issuer: Contribuyente, receiver: Contribuyente) -> Documento:
    """The document in the SII's words: names, addresses and activities on file, and what the form adds.

    Names are the SII's for the RUT. Refused with ``address_not_registered`` or ``activity_not_registered``
    when an address or activity equals none on file, case, accents and punctuation aside.
    """
    lines = tuple(_settle_line(detalle) for detalle in documento.detalles)
    return replace(
        documento,
        emisor=_settle_issuer(documento.emisor, issuer),
        receptor=_settle_receiver(documento.receptor, receiver),
        detalles=lines,
        forma_pago=documento.forma_pago or FormaPago.CREDITO,
    )


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
        _totals(documento, totales),
    ):
        filled.update(part)
    return filled


def _taxpayer(page: Page, rut: str, name: str, addresses: str, activities: str) -> Contribuyente:
    rows = [[cell.strip() for cell in row] for row in page.array(addresses)]
    return Contribuyente(
        rut,
        " ".join(name.split()),
        tuple(Direccion(*row[:4]) for row in rows if len(row) >= 2 and row[0] not in ("", "0")),
        tuple(
            Actividad(row[0].strip().zfill(6), row[1].strip())
            for row in page.array(activities)
            if len(row) >= 2 and row[0].strip().isdigit() and row[0].strip() != "0"
        ),
    )


def _settle_issuer(emisor: Emisor, known: Contribuyente) -> Emisor:
    place = _pick_address(emisor.direccion, emisor.comuna, known, "document_issuer")
    activity = _pick(
        known.actividades,
        lambda option: option.codigo == emisor.acteco.zfill(6),
        "activity_not_registered",
        "document_issuer.activity_code",
        [option.codigo for option in known.actividades],
    )
    giro = _pick_giro(emisor.giro, known, _GIRO_EMISOR, "document_issuer")
    return replace(
        emisor,
        razon_social=known.razon_social,
        giro=giro,
        acteco=activity.codigo,
        direccion=place.direccion,
        comuna=place.comuna[:_COMUNA],
        ciudad=_city(emisor.ciudad, place),
        sucursal=place.sucursal,
    )


def _settle_receiver(receptor: Receptor, known: Contribuyente) -> Receptor:
    """The form has no field for the receiver's e-mail, so a settled receiver has none."""
    place = _pick_address(receptor.direccion, receptor.comuna, known, "document_receiver")
    return replace(
        receptor,
        razon_social=known.razon_social,
        giro=_pick_giro(receptor.giro, known, _GIRO_RECEPTOR, "document_receiver"),
        direccion=place.direccion,
        comuna=place.comuna[:_COMUNA],
        ciudad=_city(receptor.ciudad, place),
        correo="",
    )


def _settle_line(detalle: Detalle) -> Detalle:
    quantity = detalle.cantidad or (Decimal(1) if detalle.precio else None)
    code_type = (detalle.tipo_codigo or _OWN_CODE) if detalle.codigo else ""
    return replace(detalle, cantidad=quantity, tipo_codigo=code_type)


def _pick_address(direccion: str, comuna: str, known: Contribuyente, party: str) -> Direccion:
    same = [option for option in known.direcciones if plain(option.direccion) == plain(direccion)]
    if not same:
        options = tuple(dict.fromkeys(option.direccion for option in known.direcciones))
        raise Refused("address_not_registered", field=f"{party}.address", options=options)
    return _pick(
        same,
        lambda option: (
            plain(option.comuna) == plain(comuna) or plain(option.comuna[:_COMUNA]) == plain(comuna)
        ),
        "address_not_registered",
        f"{party}.district",
        [option.comuna for option in same],
    )


def _pick_giro(asked: str, known: Contribuyente, limit: int, party: str) -> str:
    """The SII's words for an activity, cut to the form's width; the caller may have cut it already."""
    chosen = _pick(
        known.actividades,
        lambda option: plain(asked) in {plain(option.glosa), plain(option.glosa[:limit])},
        "activity_not_registered",
        f"{party}.business_activity",
        [option.glosa for option in known.actividades],
    )
    return chosen.glosa[:limit].rstrip()


def _pick(
    options: Sequence[T], fits: Callable[[T], bool], reason: str, field: str, words: Sequence[str]
) -> T:
    for option in options:
        if fits(option):
            return option
    raise Refused(reason, field=field, options=tuple(dict.fromkeys(words)))


def _city(asked: str, place: Direccion) -> str:
    """The form insists on a city and gives it 15 characters."""
    return (asked or place.ciudad or place.comuna)[:_CIUDAD].rstrip()


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


def _totals(documento: Documento, totales: Totales) -> Iterator[tuple[str, str]]:
    """``EFXP_MNT_NETO`` holds the exempt amount of a 34, whose IVA fields stay blank (5.3)."""
    subtotal = sum(line_amount(detalle).monto for detalle in documento.detalles)
    yield "EFXP_SUBTOTAL", str(subtotal)
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


def _refuse(field: str, words: str) -> NoReturn:
    raise Refused("not_available", field=field, sii_words=words)
