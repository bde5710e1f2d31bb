"""Which documents a selection finds, what they sum up to, and from where that is answered."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calling import make_credential
from enrolled import enrol
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.issuing.figures import figures_of
from timbre.issuing.models import DOCUMENT_LIST, Batch, Document, State
from timbre.issuing.selecting import CHUNK, Selection, Sums, read, sums, sums_of, walk
from timbre.issuing.words import ESTADOS, STATUSES, Estado, estado_of, status_of
from timbre.taxpayers.models import Company

INDEXED = {Document._meta.get_field(name.removeprefix("-")).column for name in DOCUMENT_LIST}
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def write(company: Company, **columns: Any) -> Document:
    """A document as if it had come so far."""
    (document,) = write_many(company, [columns])
    return document


def write_many(company: Company, rows: list[dict[str, Any]]) -> list[Document]:
    credential = company.credentials.first() or make_credential(company)
    tenant = {"user_id": company.user_id, "environment": company.environment}
    batch = Batch.objects.create(**tenant, created_at=NOON, updated_at=NOON)
    plain = {
        "fingerprint": "",
        "request": {"json_param": {"pad": "x" * 2000}},
        "tipo": 33,
        "date_issued": NOON.date(),
        "receiver_rut": "39007007-1",
        "receiver_name": "Muebles Pehuén Ltda.",
        "neto": 1000,
        "exento": 0,
        "iva": 190,
        "total": 1190,
        "issue_until": NOON,
        "accepted_at": NOON,
        "updated_at": NOON,
    }
    owned = {"company": company, "credential": credential, "lane": credential.lane, "batch": batch}
    return Document.objects.bulk_create(
        Document(**tenant, **owned, index=index, **(plain | columns)) for index, columns in enumerate(rows)
    )


def found(scope: Scope, **asked: Any) -> list[str]:
    return [document.pk for document in Selection(**asked).within(scope)]


def test_newest_first_and_within_a_batch_in_its_order(company: Company, scope: Scope) -> None:
    old = write(company, accepted_at=NOON - timedelta(days=1))
    first, second = write_many(company, [{}, {}])
    assert found(scope) == [first.pk, second.pk, old.pk]


def test_one_box_finds_a_folio_a_rut_a_name_an_own_id_a_batch_and_a_document(
    company: Company, scope: Scope
) -> None:
    issued = write(company, state=State.DONE, folio=4321, external_id="Venta-77")
    other = write(company, receiver_rut="12345678-5", receiver_name="PANADERÍA ÑANDÚ SPA", folio=4321)
    assert found(scope, text="4321") == found(scope, text="4.321") == [issued.pk]
    assert found(scope, text="39007007-1") == found(scope, text="39.007.007-1") == [issued.pk]
    assert found(scope, text="390070071") == found(scope, text="39.007") == [issued.pk]
    assert found(scope, text=" pehuén ") == found(scope, text="MUEBLES P") == [issued.pk]
    assert found(scope, text="ñandú") == found(scope, text="Panadería") == [other.pk]
    assert found(scope, text="nandu") == found(scope, text="panaderia NANDU") == [other.pk]
    assert found(scope, text="pehuen ltda.") == found(scope, text="Müebles pehuén") == [issued.pk]
    assert found(scope, text="pehuén ltda%") == found(scope, text="nan_u") == []
    assert found(scope, text="Ltda?") == found(scope, text="*") == found(scope, text="[") == []
    assert found(scope, text="venta-7") == found(scope, text="Venta-77") == [issued.pk]
    assert found(scope, text=other.batch_id) == found(scope, text=other.pk) == [other.pk]
    assert found(scope, text="docu_nadie") == found(scope, text="nadie") == found(scope, text="%") == []
    assert found(scope, text="   ") == found(scope)
    assert len(found(scope)) == 2


def test_each_filter_finds_what_it_names(company: Company, scope: Scope) -> None:
    cheap = write(company, total=100, date_issued=date(2026, 1, 1), is_paid=True)
    dear = write(company, total=900, tipo=34, external_id="x")
    assert found(scope, at_least=100, at_most=100) == [cheap.pk]
    assert found(scope, at_least=101) == found(scope, types=frozenset({34})) == [dear.pk]
    assert found(scope, since=date(2026, 1, 2)) == found(scope, is_paid=False) == [dear.pk]
    assert found(scope, until=date(2026, 1, 1)) == found(scope, batch=cheap.batch_id) == [cheap.pk]
    assert found(scope, external_id="x") == [dear.pk]
    assert found(scope, external_id="") == [cheap.pk]
    assert sorted(found(scope, company=company.pk)) == sorted([cheap.pk, dear.pk])
    assert found(scope, company="comp_nobodys") == []


def test_a_folio_is_only_that_of_an_issued_document(company: Company, scope: Scope) -> None:
    write(company, state=State.IN_DOUBT, folio=7)
    assert found(scope, folio=7) == []


def test_every_document_meets_exactly_one_word_and_one_status(company: Company, scope: Scope) -> None:
    kinds = [(s, e, p) for s in State for e in ("", "sii_rejected") for p in ("", "references.0")]
    for state, error_code, error_param in kinds:
        document = write(company, state=state, error_code=error_code, error_param=error_param)
        words = [e for e in Estado if document.pk in found(scope, estados=(e,))]
        assert words == [estado_of(state, error_code)]
        assert [s for s in STATUSES if document.pk in found(scope, statuses=(s,))] == [status_of(document)]
    assert len(found(scope, estados=tuple(ESTADOS))) == len(kinds)


def test_a_selection_never_leaves_its_scope(company: Company, scope: Scope) -> None:
    stranger = User.objects.named("extrana@example.com")
    theirs = write(enrol(Scope(stranger.pk, "sandbox"), rut="11111111-1"), external_id="suyo")
    other_side = write(enrol(Scope(scope.user_id, "production"), rut="11111111-1"))
    for document in (theirs, other_side):
        assert found(scope, text=document.pk) == found(scope, batch=document.batch_id) == []
        assert found(scope, company=document.company_id) == found(scope, external_id="suyo") == []


def test_sums_are_those_of_the_selection_and_of_what_of_it_is_owed(company: Company, scope: Scope) -> None:
    write(company, state=State.DONE, neto=1000, exento=50, iva=190, total=1240)
    write(company, state=State.DONE, neto=10**12, exento=0, iva=19 * 10**10, total=119 * 10**10, is_paid=True)
    write(company, state=State.REFUSED, error_code="sii_rejected", neto=5, exento=6, iva=1, total=12)
    rows = Selection().within(scope)
    count_and_pesos = (3, 10**12 + 1005, 56, 19 * 10**10 + 191, 119 * 10**10 + 1252)
    assert sums(rows) == sums_of(list(rows)) == Sums(*count_and_pesos, unpaid_count=1, unpaid=1240)
    assert sums(Selection(text="nadie").within(scope)) == Sums()


def test_a_credit_note_is_taken_off_the_sums_and_a_debit_note_added(company: Company, scope: Scope) -> None:
    amounts = {"neto": 1000, "exento": 50, "iva": 190, "total": 1240}
    for tipo in (33, 56, 61, 112):
        write(company, state=State.DONE, tipo=tipo, **amounts)
    write(company, state=State.DRAFT, tipo=61, **amounts)
    rows = Selection().within(scope)
    assert sums(rows) == sums_of(list(rows)) == Sums(5, unpaid_count=4, drafts_count=1, drafts=-1240)
    owed = Selection(types=frozenset({33, 56, 61})).within(scope)
    assert sums(owed) == sums_of(list(owed)) == Sums(4, 1000, 50, 190, 1240, 3, 1240, 1, -1240)


@pytest.mark.parametrize(("state", "tipo"), [(State.DRAFT, 33), (State.DONE, 33), (State.DONE, 61)])
def test_sums_beyond_what_a_database_counts_in_are_told_all_the_same(
    company: Company, scope: Scope, state: State, tipo: int
) -> None:
    most = 10**18 - 2**12
    write_many(company, [{"state": state, "tipo": tipo, "neto": most, "total": most}] * 12)
    rows = Selection().within(scope)
    assert sums(rows) == sums_of(list(rows))
    (figures,) = figures_of(Batch.objects.all()).values()
    assert abs(figures.total + figures.drafted) == 12 * most


def test_documents_are_read_in_the_order_asked_without_what_is_fat(company: Company) -> None:
    one, two, three = write_many(company, [{}, {}, {}])
    with CaptureQueriesContext(connection) as queries:
        rows = read([three.pk, one.pk, "docu_gone", two.pk])
        assert [(d.pk, d.company.entity.rut) for d in rows] == [
            (each.pk, company.entity.rut) for each in (three, one, two)
        ]
    assert len(queries) == 1
    assert '"request"' not in queries[0]["sql"]


def test_all_of_a_long_selection_is_walked_once_and_in_order(company: Company, scope: Scope) -> None:
    """Some accepted at the same instant, in the same place of different batches, across chunks."""
    for batch in range(4):
        write_many(company, [{"accepted_at": NOON - timedelta(hours=batch // 2)}] * (CHUNK // 2 - 3))
    rows = Selection().within(scope)
    with CaptureQueriesContext(connection) as queries:
        walked = [document.pk for document in walk(rows)]
    assert walked == list(rows.values_list("pk", flat=True))
    assert len(walked) == len(set(walked)) == 4 * (CHUNK // 2 - 3)
    assert len(queries) == 2 * 2 + 1


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"company": "comp_x"},
        {"text": "pehuen"},
        {"text": "4321"},
        {"types": frozenset({33}), "since": date(2026, 1, 1), "until": date(2026, 2, 1)},
        {"at_least": 5, "is_paid": False, "estados": (Estado.NO_EMITIDO, Estado.ESPERANDO)},
        {"statuses": ("invalid",), "external_id": "x", "company": "comp_x"},
    ],
)
def test_lists_and_sums_are_answered_by_the_index_alone(scope: Scope, asked: dict[str, Any]) -> None:
    rows = Selection(**asked).within(scope)
    with CaptureQueriesContext(connection) as queries:
        list(rows.values_list("pk", flat=True)[:50])
        sums(rows)
    for query in queries:
        touched = set(re.findall(r'"issuing_document"."(\w+)"', query["sql"]))
        assert touched <= INDEXED
        if connection.vendor == "sqlite":  # PostgreSQL plans by what a table holds, and this one is empty
            assert re.search(r"COVERING INDEX document_(list|sums)", plan(query["sql"]))


def plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + sql.replace("%", "%%"), [])
        return " ".join(str(row[-1]) for row in cursor.fetchall())
