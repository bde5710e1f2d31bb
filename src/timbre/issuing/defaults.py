"""What the caller leaves out of a document, and from where it is filled. What was written always wins.

What belongs together is filled from one place, an address with its district, city and branch, an activity
with its code, and only where none of it contradicts what was written, case, accents and punctuation aside.
The first that fits fills: the one an id names, then (with defaults) the company's, then those on file in
order; only a line of business in words of one's own, which fits none, leaves the code to the first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from timbre.dte.codes import BOLETAS, EXPORTACIONES, FormaPago, TipoDte
from timbre.sii.portal.pages import plain
from timbre.taxpayers.models import Activity, Address, Company, MasterEntity

ADDRESS_ID, ACTIVITY_ID, COMPANY, MASTER_ENTITY, TIMBRE = SOURCES = (
    "address_id", "activity_id", "company", "master_entity", "timbre",
)  # fmt: skip
"""From where a field was filled in, as it is told."""

GIRO_RECEPTOR = 40
"""GiroRecep is 40 characters in the XSD and the SII's own glosas are longer: a default is cut."""
GIRO_EMISOR = 80
RAZON_SOCIAL, COMUNA = 100, 20
EXTRANJERO, SIN_RUT = "55555555-5", "66666666-6"
"""Receivers that are nobody's RUT: whoever buys from abroad, whoever takes a boleta without saying who."""
_PAID_LATER = frozenset({TipoDte.FACTURA, TipoDte.FACTURA_EXENTA, TipoDte.FACTURA_COMPRA})
"""Types in which a missing FmaPago means something (OF-DTE, field 13): elsewhere it is only what is said."""
_MUST_AGREE = frozenset({"address", "district", "business_activity", "activity_code"})

Sources = dict[str, str]
"""Field or path of what was filled in -> one of SOURCES."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Values that belong together, and where they are from."""

    source: str
    values: Mapping[str, str]

    def fits(self, given: Mapping[str, Any]) -> bool:
        """Whether nothing that was written contradicts it."""
        both = (field for field in self.values if field in _MUST_AGREE and field in given)
        return all(_alike(field, self.values[field], str(given[field])) for field in both)


def fill_document(
    request: Mapping[str, Any], company: Company, today: date
) -> tuple[dict[str, Any], Sources]:
    """Type 33, issued today (Chile), and what its type needs and has but one ordinary answer for.

    What is said wins, and within a block what is not said of it is filled.
    """
    own = {"dte_type": {"code": str(TipoDte.FACTURA.value)}, "date_issued": today.isoformat()}
    given = _given(request)
    sources = {
        path: TIMBRE
        for field, path in (("dte_type", "dte_type.code"), ("date_issued", "date_issued"))
        if field not in given
    }
    filled = own | given
    tipo = TipoDte(int(filled["dte_type"]["code"]))
    for block, offers in _ordinary(tipo, company, filled).items():
        values, added = _fill(_given(filled.get(block) or {}), [[offer] for offer in offers])
        if values or block == "header":
            filled[block] = values
        sources |= {f"{block}.{field}": source for field, source in added.items()}
    return filled, sources


def _ordinary(tipo: TipoDte, company: Company, request: Mapping[str, Any]) -> dict[str, list[Offer]]:
    """Block -> what is ordinary in it. Notes are told nothing: they follow the document they name."""
    header: dict[str, str] = {}
    transport: dict[str, str] = {}
    export: dict[str, str] = {}
    receiver: dict[str, str] = {}
    if tipo in BOLETAS:
        header["service_indicator"] = "3"
        receiver["rut"] = SIN_RUT
    elif tipo == TipoDte.FACTURA_COMPRA and not (request.get("header") or {}).get("purchase_type"):
        header["purchase_transaction_type"] = "1"
    elif tipo == TipoDte.GUIA_DESPACHO:
        transport["transport_type"] = "1"
    elif tipo in EXPORTACIONES:
        receiver["rut"] = EXTRANJERO
        sells_goods = tipo == TipoDte.FACTURA_EXPORTACION and not _service(request)
        export |= {"sale_mode_code": "1"} if sells_goods else {}
    blocks = {"header": header, "transport_data": transport, "export_data": export}
    found = {block: [Offer(TIMBRE, values)] for block, values in blocks.items() if values}
    found["document_receiver"] = [Offer(TIMBRE, receiver)] if receiver else []
    if tipo in _PAID_LATER:
        found.setdefault("header", []).insert(0, _payment(company))
    return {"header": [], **found}


def _payment(company: Company) -> Offer:
    source = COMPANY if company.payment_method else TIMBRE
    return Offer(source, {"payment_method": company.payment_method or str(FormaPago.CREDITO.value)})


def _service(request: Mapping[str, Any]) -> bool:
    export, header = request.get("export_data") or {}, request.get("header") or {}
    return export.get("export_type") not in (None, "0") or bool(header.get("service_indicator"))


def fill_issuer(
    issuer: Mapping[str, Any], company: Company, *, use_defaults: bool
) -> tuple[dict[str, Any], Sources]:
    """The issuer, filled from its ids and, with defaults, from its company and what is on file."""
    entity = company.entity
    contact = {"email": company.email, "phone_number": company.phone}
    places = _named(
        issuer, "address_id", entity.addresses.all(), company.address_id, use_defaults=use_defaults
    )
    activities = _named(
        issuer, "activity_id", entity.activities.all(), company.activity_id, use_defaults=use_defaults
    )
    offers: list[Iterable[Offer]] = [
        [Offer(COMPANY, _given(contact))] if use_defaults else [],
        _names(entity) if use_defaults else [],
        (Offer(source, _place(each) | _given({"sii_branch_code": each.sucursal})) for each, source in places),
        (
            Offer(source, _giro(each, GIRO_EMISOR) | {"activity_code": each.codigo})
            for each, source in activities
        ),
        (Offer(source, {"activity_code": each.codigo}) for each, source in activities),
    ]
    return _fill(_without_ids(issuer), offers)


def fill_receiver(
    receiver: Mapping[str, Any], entity: MasterEntity | None, *, use_defaults: bool
) -> tuple[dict[str, Any], Sources]:
    """The receiver, filled from its ids and, with defaults, from what is on file (None: nothing is)."""
    if entity is None:
        return _without_ids(receiver), {}
    places = _named(receiver, "address_id", entity.addresses.all(), None, use_defaults=use_defaults)
    activities = _named(receiver, "activity_id", entity.activities.all(), None, use_defaults=use_defaults)
    offers: list[Iterable[Offer]] = [
        _names(entity) if use_defaults else [],
        (Offer(source, _place(each)) for each, source in places),
        (Offer(source, _giro(each, GIRO_RECEPTOR)) for each, source in activities),
    ]
    return _fill(_without_ids(receiver), offers)


def lacks_data(receiver: Mapping[str, Any]) -> bool:
    """Whether a receiver still has to be looked up at the SII before its document can be issued."""
    if receiver["rut"] in {EXTRANJERO, SIN_RUT}:
        return False
    return not all(receiver.get(f) for f in ("business_name", "business_activity", "address", "district"))


def _fill(given: Mapping[str, Any], offers: Iterable[Iterable[Offer]]) -> tuple[dict[str, Any], Sources]:
    """What was given with what the first fitting offer of each kind adds to it."""
    filled: dict[str, Any] = dict(given)
    sources: Sources = {}
    for kind in offers:
        offer = next((each for each in kind if each.fits(filled)), None)
        if offer:
            added = {field: value for field, value in offer.values.items() if field not in filled}
            filled |= added
            sources |= dict.fromkeys(added, offer.source)
    return filled, sources


def _named(
    party: Mapping[str, Any],
    field: str,
    on_file: Iterable[Any],
    companys: str | None,
    *,
    use_defaults: bool,
) -> list[tuple[Any, str]]:
    """The addresses (activities) to choose from, best first, each with what speaks for it."""
    by_id = {each.pk: each for each in on_file}
    order = [(party.get(field), field)]
    if use_defaults:
        order += [(companys, COMPANY), *((pk, MASTER_ENTITY) for pk in by_id)]
    return [(by_id[pk], source) for pk, source in order if pk in by_id]


def _names(entity: MasterEntity) -> Sequence[Offer]:
    return [Offer(MASTER_ENTITY, _given({"business_name": entity.name[:RAZON_SOCIAL]}))]


def _place(address: Address) -> dict[str, str]:
    comuna, ciudad = address.comuna[:COMUNA], address.ciudad[:COMUNA]
    return _given({"address": address.direccion, "district": comuna, "city": ciudad})


def _giro(activity: Activity, longest: int) -> dict[str, str]:
    return _given({"business_activity": activity.glosa[:longest].strip()})


def _alike(field: str, one: str, other: str) -> bool:
    if field == "activity_code":
        return one.zfill(6) == other.zfill(6)
    return plain(one) == plain(other)


def _without_ids(party: Mapping[str, Any]) -> dict[str, Any]:
    return {field: each for field, each in _given(party).items() if field not in (ADDRESS_ID, ACTIVITY_ID)}


def _given(source: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in source.items() if value not in (None, "")}
