"""The parties of a document, in the words the SII has on file (5.3, 5.4).

The portal takes only names, addresses and activities it knows: ``settle`` puts the document into those words
and refuses what the SII does not know. From there on the document can be compared to the letter.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NoReturn, TypeVar

from timbre.dte.codes import FormaPago, TipoDte
from timbre.dte.document import Detalle, Documento, Emisor, Receptor
from timbre.sii.gateway import Actividad, Contribuyente, Direccion, Refused
from timbre.sii.portal.pages import Page, plain

TYPES = (TipoDte.FACTURA, TipoDte.FACTURA_EXENTA)
MAX_LINES = 10
MAX_REFERENCES = 3
_GIRO_EMISOR, _GIRO_RECEPTOR, _CIUDAD, _COMUNA, _CORREO, _TELEFONO = 70, 40, 15, 20, 30, 14
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
    """Refuses what the portal's form has no room for (5.0, 5.3), before anything is asked of the SII."""
    if documento.tipo not in TYPES:
        _refuse("dte_type", "El portal emite aquí solo facturas 33 y 34.")
    if len(documento.detalles) > MAX_LINES:
        _refuse("details", f"El formulario del SII admite {MAX_LINES} líneas.")
    if len(documento.referencias) > MAX_REFERENCES:
        _refuse("references", f"El formulario del SII admite {MAX_REFERENCES} referencias.")
    if len(documento.emisor.correo) > _CORREO:
        _refuse("document_issuer.email", f"El formulario del SII admite {_CORREO} caracteres.")
    if len(_short_phone(documento.emisor.telefono)) > _TELEFONO:
        _refuse("document_issuer.phone_number", f"El formulario del SII admite {_TELEFONO} caracteres.")
    for index, detalle in enumerate(documento.detalles):
        if detalle.exencion == 1 and documento.tipo is TipoDte.FACTURA:
            _refuse(f"details.{index}.is_exempt", "En una 33 del portal no caben líneas exentas.")


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
        [f"{option.codigo} {option.glosa}" for option in known.actividades],
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
        telefono=_short_phone(emisor.telefono),
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


def _short_phone(telefono: str) -> str:
    """A number too wide for the form goes without its blanks."""
    return telefono if len(telefono) <= _TELEFONO else "".join(telefono.split())


def _city(asked: str, place: Direccion) -> str:
    """The form insists on a city and gives it 15 characters."""
    return (asked or place.ciudad or place.comuna)[:_CIUDAD].rstrip()


def _refuse(field: str, words: str) -> NoReturn:
    raise Refused("not_available", field=field, sii_words=words)
