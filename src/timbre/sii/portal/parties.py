"""The parties of a document, in the words the SII has on file (5.3, 5.4).

The portal takes only names, addresses and activities it knows: ``settle`` puts the document into those words
and refuses what the SII does not know. From there on the document can be compared to the letter.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from timbre.dte.codes import FormaPago, TipoDte
from timbre.dte.document import Detalle, Documento, Emisor, Receptor
from timbre.sii.gateway import Actividad, Contribuyente, Direccion, Refused
from timbre.sii.portal.pages import Page, plain

EXTRANJERO = "55555555-5"
"""The RUT of every foreign receiver: the SII has nothing on file of it."""
PAID = frozenset({TipoDte.FACTURA, TipoDte.FACTURA_EXENTA, TipoDte.FACTURA_COMPRA})
"""Types whose form insists on a form of payment."""
_GIRO_EMISOR, _GIRO_RECEPTOR, _CIUDAD, _COMUNA, _TELEFONO = 70, 40, 15, 20, 14
_OWN_CODE = "INT1"

T = TypeVar("T")


def read_issuer(page: Page, fields: Mapping[str, str], rut: str) -> Contribuyente:
    """The company as its own form shows it."""
    return _taxpayer(page, rut, fields.get("EFXP_RZN_SOC", ""), "emisorDir", "emisorActEco")


def read_receiver(page: Page, fields: Mapping[str, str], rut: str) -> Contribuyente | None:
    """The receiver as the look-up filled it in (5.4), or None when the form came back without data."""
    name = fields.get("EFXP_RZN_SOC_RECEP", "")
    return _taxpayer(page, rut, name, "recptorDir", "recptoActEco") if name.strip() else None


def is_foreign(documento: Documento) -> bool:
    """Whether the receiver is typed as it is, since no look-up knows it."""
    return documento.es_exportacion and documento.receptor.rut == EXTRANJERO


def settle(documento: Documento, issuer: Contribuyente, receiver: Contribuyente | None) -> Documento:
    """The document in the SII's words: names, addresses and activities on file, and what the form adds.

    Names are the SII's for the RUT; without a ``receiver`` on file (a foreigner) they are as typed. Refused
    with ``address_not_registered`` or ``activity_not_registered`` when an address or activity equals none on
    file, case, accents and punctuation aside.
    """
    typed = replace(documento.receptor, correo="")
    return replace(
        complete(documento),
        emisor=_settle_issuer(documento.emisor, issuer),
        receptor=typed if receiver is None else _settle_receiver(typed, receiver),
    )


def complete(documento: Documento) -> Documento:
    """The document with what the form insists on and a request may leave out."""
    forma_pago = documento.forma_pago or (FormaPago.CREDITO if documento.tipo in PAID else None)
    lines = tuple(_complete_line(detalle) for detalle in documento.detalles)
    return replace(documento, detalles=lines, forma_pago=forma_pago)


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
    """The form has no field for the receiver's e-mail, so a settled receiver has none already."""
    place = _pick_address(receptor.direccion, receptor.comuna, known, "document_receiver")
    return replace(
        receptor,
        razon_social=known.razon_social,
        giro=_pick_giro(receptor.giro, known, _GIRO_RECEPTOR, "document_receiver"),
        direccion=place.direccion,
        comuna=place.comuna[:_COMUNA],
        ciudad=_city(receptor.ciudad, place),
    )


def _complete_line(detalle: Detalle) -> Detalle:
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
