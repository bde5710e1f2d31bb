"""A user with everything in every state, written at once and asking nobody: what screens have to show.

In a test: ``furnish(user)``. Into the database of an installation: ``python tests/furnished.py E-MAIL``
(``--hostile`` fills every field that a person, a caller or the SII can set with what must never run,
``--bare`` fills nothing), which prints the cookie of a session of that user and the ids to visit as JSON.
"""

import json
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import django
from PIL import Image

if __name__ == "__main__":
    django.setup()

from django.utils import timezone

from factories import make_signed_dte
from timbre.accounts import people
from timbre.accounts.models import ApiKey, KeyScope, Session, User
from timbre.accounts.scope import Scope
from timbre.accounts.sessions import SessionStore
from timbre.dte.clock import today_in_chile
from timbre.dte.codes import IDK_PRODUCTION, IDK_SIMULATOR
from timbre.dte.document import Resolucion
from timbre.dte.rut import check_digit
from timbre.dte.totals import compute_totals
from timbre.enrolling.models import Acknowledgement, Enrollment
from timbre.enrolling.reasons import REASONS
from timbre.issuing import presenting
from timbre.issuing.asking import to_documento
from timbre.issuing.models import Batch, Document, DocumentState, Reference, State, StoredFile
from timbre.pdf.page import draw
from timbre.sii.gateway import Actividad, Contribuyente, Direccion
from timbre.taxpayers.models import Company, Credential, Logo, MasterEntity
from timbre.webhooks.models import Attempt, Delivery, Event, Webhook
from timbre.work.environments import Environment
from timbre.work.models import Lane

HOSTILE = "\"><script>alert(1)</script>'{{7*7}}<img src=x onerror=alert(1)>"
LOGIN = "django.contrib.auth.backends.ModelBackend"

COMPANIES = (
    (39_101_010, "Comercial Ñandú SpA", "Av. Providencia 1234, of. 501", "Providencia", "464906"),
    (39_102_020, "Panadería Peña e Hijos Ltda.", "O'Higgins 310", "Concepción", "107100"),
    (39_103_030, "Transportes Cordillera S.A.", "Ruta 5 Sur km 1018", "Puerto Montt", "492300"),
    (39_104_040, "Constructora El Roble E.I.R.L.", "Baquedano 239", "Antofagasta", "410010"),
)
"""Issuers: the first two issue, the third waits for the SII's word, the fourth was let go."""
RECEIVERS = (
    (39_201_010, "Muebles y Maderas Pehuén Ltda.", "Camino a Cautín s/n", "Lautaro", "162300"),
    (39_202_020, "Agrícola Valle del Elqui SpA", "Parcela 12, lote B", "Vicuña", "011301"),
    (39_203_030, "Servicios Informáticos Austral Ltda.", "Carlos Anwandter 650", "Valdivia", "620100"),
    (39_204_040, "Viña Santa Inés S.A.", "Av. del Mar 4600", "La Serena", "110200"),
    (39_205_050, "Colegio Los Pimientos", "Balmaceda 1500", "Copiapó", "854909"),
)
ITEMS = (
    ("Asesoría contable de noviembre", "1", "180000", ""),
    ("Resma de papel carta, caja de 10", "12", "3990", "CAJA"),
    ("Flete Santiago-Temuco", "1", "245500", ""),
    ("Pan amasado", "40.5", "1990.5", "KG"),
    ("Mantención de servidores", "3", "95000", "HRS"),
)
Row = tuple[int, str, str, str, str]
MANY = 54
"""Issued documents of one batch: more than a page of a list holds."""


def rut_of(body: int) -> str:
    return f"{body}-{check_digit(body)}"


@dataclass
class Furnished:
    """``examples``: name of an address's argument -> what to visit; the first ones belong together."""

    user: User
    examples: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def show(self, **rows: Any) -> None:
        for name, row in rows.items():
            self.examples[name].append(str(row.pk))


def furnish(
    user: User,
    environment: Environment = Environment.SANDBOX,
    *,
    hostile: bool = False,
    now: datetime | None = None,
) -> Furnished:
    """Everything this user has in one environment."""
    house = House(Scope(user.pk, environment), Furnished(user), hostile=hostile, now=now or timezone.now())
    house.build()
    return house.furnished


@dataclass
class House:
    scope: Scope
    furnished: Furnished
    hostile: bool
    now: datetime

    @property
    def owned(self) -> dict[str, str]:
        return {"user_id": self.scope.user_id, "environment": self.scope.environment}

    def say(self, text: str, limit: int) -> str:
        """What somebody typed: ``text``, or something hostile of the length its column takes."""
        return (HOSTILE if self.hostile else text)[:limit]

    def ago(self, **delta: float) -> datetime:
        return self.now - timedelta(**delta)

    def build(self) -> None:
        user = self.furnished.user
        self.furnished.show(user_id=user)
        self.furnished.examples["token"].append(people.token_for(user, now=self.now))
        for row in RECEIVERS:
            self.entity(row)
        first, second, third, fourth = (self.company(row) for row in COMPANIES)
        self.logo_of(first)
        self.portal_of(first), self.portal_of(second), self.troubles_of(third), self.farewell_to(fourth)
        self.hooks_of(first, second)
        self.keys()
        self.batch_issued(first)
        self.batch_in_every_state(first)
        self.batch_failed(second)
        for document in Document.objects.filter(batch__user=self.scope.user_id, **self.owned):
            self.history(document)
        self.deliveries()
        self.sessions()

    # Who

    def entity(self, row: Row) -> MasterEntity:
        body, name, street, comuna, code = row
        entity, _ = MasterEntity.objects.get_or_create(environment=self.scope.environment, rut=rut_of(body))
        entity.learn(
            Contribuyente(
                rut=entity.rut,
                razon_social=self.say(name, 300),
                direcciones=(
                    Direccion(self.say(street, 200), self.say(comuna, 80), self.say("Santiago", 80), "80123"),
                    Direccion("Calle Los Ñirres 45", "Ñuñoa", "Santiago"),
                ),
                actividades=(
                    Actividad(code, self.say("Venta al por mayor de papel y de libros", 300)),
                    Actividad("702000", "Actividades de consultoría de gestión"),
                ),
            ),
            self.ago(days=3),
        )
        return entity

    def company(self, row: Row) -> Company:
        entity = self.entity(row)
        company = Company(
            **self.owned,
            entity=entity,
            address=entity.addresses.first(),
            activity=entity.activities.first(),
            email=self.say("facturas@ejemplo.cl", 80),
            phone=self.say("+56 2 2345 6789", 20),
            payment_method="2",
        )
        company.save()
        self.furnished.show(company_id=company, entity_id=entity)
        if self.scope.environment == Environment.PRODUCTION:
            Acknowledgement(
                **self.owned,
                entity=entity,
                at=self.ago(days=20),
                email=self.furnished.user.email,
                address="127.0.0.1",
                text="El contribuyente me mandató.",
            ).save()
        return company

    def logo_of(self, company: Company) -> None:
        drawn = BytesIO()
        Image.new("RGB", (160, 48), (179, 19, 27)).save(drawn, "PNG")
        Logo(company=company, content=drawn.getvalue(), content_type="image/png").save()

    def credential(self, company: Company, person: int, status: str, reason: str = "") -> Credential:
        lane = Lane.portal(self.scope.environment, rut_of(person))
        credential = Credential(
            **self.owned,
            company=company,
            lane=lane,
            person_rut=rut_of(person),
            status=status,
            reason=reason,
            verified_at=None if status == "PENDING" else self.ago(hours=5),
        )
        credential.keep_secrets(clave="secreta", certificate_password="certificada")
        credential.save()
        pending = status == "PENDING"
        enrollment = Enrollment(
            **self.owned,
            credential=credential,
            lane=lane,
            status=status.lower(),
            error_code=reason,
            error=REASONS.get(reason, ""),
            due_at=self.now if pending else None,
            finished_at=None if pending else self.ago(hours=5),
        )
        enrollment.save()
        self.furnished.show(credential_id=credential, enrollment_id=enrollment)
        return credential

    def portal_of(self, company: Company) -> None:
        credential = self.credential(company, 39_301_010, "VALID")
        Credential.objects.filter(pk=credential.pk).update(is_default=True)
        self.credential(company, 39_302_020, "VALID")

    def troubles_of(self, company: Company) -> None:
        self.credential(company, 39_303_030, "PENDING")
        self.credential(company, 39_304_040, "INVALID", "sii_credentials_invalid")
        self.credential(company, 39_305_050, "INVALID", "certificate_missing")

    def farewell_to(self, company: Company) -> None:
        credential = self.credential(company, 39_306_060, "VALID")
        credential.drop_secrets()
        credential.deactivated_at = company.unenrolled_at = self.ago(days=2)
        credential.save()
        company.save()

    def keys(self) -> None:
        for number, (name, changes) in enumerate(
            {
                "Sistema de ventas": {"last_used_at": self.ago(minutes=4)},
                "Solo lectura para reportes": {"scopes": [KeyScope.READ], "expires_at": self.ago(days=-90)},
                "Integración de prueba": {"expires_at": self.ago(days=1), "lenient": True},
                "Notebook perdido": {"revoked_at": self.ago(days=8), "last_used_at": self.ago(days=9)},
            }.items()
        ):
            prefix = f"tk_{self.scope.environment}_Ab{number}d"
            digest = ApiKey.digest_of(f"{self.scope} {number}")
            key = ApiKey(**self.owned, name=self.say(name, 80), prefix=prefix, digest=digest, **changes)
            key.save()
            self.furnished.show(key_id=key)

    def sessions(self) -> None:
        """Another browser of the same person; how it calls itself is anybody's."""
        store = SessionStore()
        store["_auth_user_id"] = self.scope.user_id
        store.create()
        agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Safari/604.1"
        session = Session.objects.filter(pk=SessionStore.digest_of(store.session_key))
        session.update(agent=self.say(agent, 200), address="190.98.1.7", seen_at=self.ago(hours=30))
        self.furnished.show(session_id=session.get())

    # What

    def batch(self, status: str, at: datetime) -> Batch:
        batch = Batch(
            **self.owned,
            status=status,
            idempotency_key=self.say("ventas-2026-11-22", 256),
            created_at=at,
            updated_at=at,
        )
        batch.save()
        self.furnished.show(batch_id=batch)
        return batch

    def batch_issued(self, company: Company) -> None:
        batch = self.batch("completed", self.ago(days=1))
        rows = [
            self.document(batch, company, n, State.DONE, folio=1001 + n, is_paid=n % 3 == 0)
            for n in range(MANY)
        ]
        Document.objects.bulk_create(rows)
        for row in rows[:2]:
            self.files(row)
        self.furnished.show(document_id=rows[0])
        credited = rows[1].folio
        Document.objects.filter(pk=rows[0].pk).update(request=rows[0].request | self.naming(credited))
        Reference(document=rows[0], company=company, tipo="33", folio=str(credited)).save()
        self.furnished.show(document_id=rows[1])

    def batch_in_every_state(self, company: Company) -> None:
        batch = self.batch("processing", self.ago(minutes=3))
        wrong = self.say("Dirección no registrada en el SII", 900)
        stories: list[tuple[State, dict[str, Any]]] = [
            (State.RECEIVED, {}),
            (State.RECEIVED, self.fault("sii_unavailable", "El SII no responde. Timbre sigue intentando.")),
            (State.SENDING, {"send_deadline": self.now + timedelta(minutes=1), "folio": 1101}),
            (State.IN_DOUBT, {"send_deadline": self.ago(minutes=1), "folio": 1102, "sends": 1}),
            (State.ISSUED, {"folio": 1103, "issued_at": self.ago(minutes=1)}),
            (State.DONE, {"folio": 1104, "issued_at": self.ago(minutes=1)}),
            (
                State.REFUSED,
                self.fault("address_not_registered", "El SII no tiene esa dirección.")
                | {"error_param": self.say("document_issuer.address", 120), "sii_words": wrong},
            ),
            (
                State.INCOMPLETE,
                self.fault("doubt_unresolved", "No se pudo saber si quedó emitido.")
                | {"folio": 1105, "sends": 1, "send_deadline": self.ago(hours=2)},
            ),
        ]
        for index, (state, columns) in enumerate(stories):
            document = self.document(batch, company, index, state, **columns)
            document.save()
            self.furnished.show(document_id=document)
            if state == State.DONE:
                self.files(document)

    def batch_failed(self, company: Company) -> None:
        batch = self.batch("failed", self.ago(hours=60))
        code = "certificate_password_invalid"
        stories: list[tuple[State, dict[str, Any]]] = [
            (State.REFUSED, self.fault(code, REASONS[code]) | {"sii_words": self.say("Clave errónea", 900)}),
            (State.EXPIRED, self.fault("expired", "No se pudo emitir dentro de su plazo.")),
            (State.CANCELLED, self.fault("cancelled", "Cancelado antes de emitirse.")),
        ]
        for index, (state, columns) in enumerate(stories):
            document = self.document(batch, company, index, state, **columns)
            document.save()
            self.furnished.show(document_id=document)

    def fault(self, code: str, message: str) -> dict[str, str]:
        return {"error_code": code, "error_message": self.say(message, 900)}

    def document(self, batch: Batch, company: Company, index: int, state: State, **columns: Any) -> Document:
        asked = self.asked(company, index)
        documento = to_documento(asked)
        totals = compute_totals(documento)
        credential = company.issuing_credential()
        assert credential is not None
        return Document(
            **self.owned,
            batch=batch,
            index=index,
            company=company,
            credential=credential,
            lane_id=credential.lane_id,
            external_id=f"{batch.pk[-4:]}-{index}-" + self.say("venta", 110),
            fingerprint=f"{batch.pk}{index}",
            request=asked,
            filled={"document_issuer.address": "company", "document_receiver.address": "sii"},
            tipo=documento.tipo,
            date_issued=documento.fecha_emision,
            receiver_rut=documento.receptor.rut,
            receiver_name=documento.receptor.razon_social[:100],
            neto=totals.neto,
            exento=totals.exento,
            iva=totals.iva,
            total=totals.total,
            state=state,
            issue_until=batch.created_at + timedelta(hours=48),
            accepted_at=batch.created_at,
            updated_at=batch.created_at,
            **({"issued_at": batch.created_at} if state == State.DONE else {}) | columns,
        )

    def asked(self, company: Company, number: int) -> dict[str, Any]:
        """The request of an invoice, in the API's words."""
        body, name, street, comuna, _ = RECEIVERS[number % len(RECEIVERS)]
        item, quantity, price, unit = ITEMS[number % len(ITEMS)]
        entity, address = company.entity, company.address
        assert address is not None
        return {
            "dte_type": {"code": "33" if number % 4 else "34"},
            "date_issued": today_in_chile(self.now).isoformat(),
            "document_issuer": {
                "rut": entity.rut,
                "business_name": entity.name[:100],
                "business_activity": self.say("Venta de papel y de libros", 80),
                "activity_code": "464906",
                "address": address.direccion[:60],
                "district": address.comuna[:20],
                "city": address.ciudad[:20],
                "email": self.say("facturas@ejemplo.cl", 80),
            },
            "document_receiver": {
                "rut": rut_of(body),
                "business_name": self.say(name, 100),
                "business_activity": self.say("Comercio", 40),
                "address": self.say(street, 70),
                "district": self.say(comuna, 20),
                "city": self.say(comuna, 20),
                "contact": self.say("Isidora Muñoz", 80),
            },
            "details": [
                {
                    "item_name": self.say(item, 80),
                    "item_description": self.say("Según cotización de octubre", 1000),
                    "quantity": quantity,
                    "unit_price": price,
                    "unit": self.say(unit, 4),
                },
                {"item_name": self.say("Despacho", 80), "quantity": "1", "unit_price": "4990"},
            ],
            "header": {"payment_method": "2"},
            "json_param": {"pedido": self.say("A-113", 200)},
            "additional_info": self.say("Gracias por su compra", 200),
        }

    def naming(self, folio: int | None) -> dict[str, Any]:
        """What a request says to name another document."""
        reference = {
            "dte_type_code": "33",
            "reference_folio": str(folio),
            "reference_date": today_in_chile(self.now).isoformat(),
            "reference_reason": self.say("Reemplaza guía", 90),
        }
        return {"references": [reference]}

    def files(self, document: Document) -> None:
        """The signed XML and the page drawn from it."""
        sandbox = self.scope.environment == Environment.SANDBOX
        xml = make_signed_dte(
            to_documento(document.request),
            document.folio or 0,
            IDK_SIMULATOR if sandbox else IDK_PRODUCTION,
        )
        pdf = draw(xml, resolucion=Resolucion(numero=80, fecha=self.now.date()))
        for kind, content in ((StoredFile.Kind.XML, xml), (StoredFile.Kind.PDF, pdf)):
            stored = StoredFile.of(document, kind, content)
            stored.created_at = stored.confirmed_at = document.accepted_at  # type: ignore[misc]
            stored.save()
            self.furnished.show(file_id=stored)

    def history(self, document: Document) -> None:
        steps = [("received", "Recibido: se emitirá en cuanto llegue su turno.", "api")]
        if document.folio:
            steps.append(("sending", f"Firmado con el folio {document.folio} y enviado al SII.", "timbre"))
        if document.state not in {State.RECEIVED, State.SENDING}:
            said = self.say(document.error_message or "Emitido, con XML y PDF.", 400)
            actor = self.say(f"person:{self.furnished.user.email}", 60)
            steps.append((document.state, said, actor if document.state == State.CANCELLED else "timbre"))
        DocumentState.objects.bulk_create(
            DocumentState(
                document=document,
                at=document.accepted_at + timedelta(seconds=4 * number),
                code=code,
                description=said,
                actor=actor,
                evidence={"sii": self.say("Documento recibido", 400), "folio": document.folio},
            )
            for number, (code, said, actor) in enumerate(steps)
        )

    # Whom it is told

    def hooks_of(self, first: Company, second: Company) -> None:
        for company, path, changes in (
            (first, "/timbre", {"sent": 40, "delivered": 37, "last_status_code": 200}),
            (first, "/respaldo", {"is_active": False}),
            (second, "/timbre", {"sent": 6, "slow": True, "last_status_code": 503}),
        ):
            url = f"https://contabilidad.ejemplo.cl{path}" + (f"?{HOSTILE}" if self.hostile else "")
            webhook = Webhook(
                **self.owned,
                company=company,
                url=url,
                events=["document.issued", "document.issue_failed", "batch.completed"],
                created_at=self.ago(days=30),
                last_sent_at=self.ago(minutes=9) if "sent" in changes else None,
                **changes,
            )
            webhook.keep_secret("whsec_c2VjcmV0by1kZS1wcnVlYmE=")
            webhook.save()
            self.furnished.show(webhook_id=webhook)

    def deliveries(self) -> None:
        webhook = Webhook.objects.get(pk=self.furnished.examples["webhook_id"][0])
        issued = Document.objects.filter(pk__in=self.furnished.examples["document_id"][:2])
        stories: list[tuple[str, list[tuple[int | None, str]]]] = [
            ("delivered", [(200, "")]),
            ("pending", []),
            ("pending", [(503, "El servidor respondió 503"), (None, "No se pudo conectar")]),
            ("failed", [(500, "El servidor respondió 500")] * 6),
            ("cancelled", []),
        ]
        for document in issued.select_related("company__entity"):
            for status, tries in stories:
                self.delivery(webhook, document, status, tries)

    def delivery(
        self, webhook: Webhook, document: Document, status: str, tries: list[tuple[int | None, str]]
    ) -> None:
        event = Event(
            **self.owned,
            type="document.issued",
            company=document.company,
            batch_id=document.batch_id,
            document_id=document.pk,
            data=presenting.event_data(document, {}),
            created_at=document.accepted_at,
        )
        event.save()
        code, error = tries[-1] if tries else (None, "")
        delivery = Delivery(
            event=event,
            webhook=webhook,
            status=status,
            attempts=len(tries),
            status_code=code,
            error=self.say(error, 200) if error else "",
            sent_at=self.ago(minutes=20) if tries else None,
            due_at=self.now + timedelta(minutes=5) if status == "pending" else None,
        )
        delivery.save()
        self.furnished.show(delivery_id=delivery, event_id=event)
        for number, (code, error) in enumerate(tries):
            answer = self.say('{"ok": false}' if error else '{"ok": true}', 2048)
            Attempt(
                delivery=delivery,
                at=self.ago(minutes=60 - 5 * number),
                url=webhook.url,
                duration_ms=87 + 31 * number,
                status_code=code,
                answer=answer if code else "",
                error=self.say(error, 200) if error else "",
            ).save()


def cookie_of(user: User) -> str:
    """What the browser of somebody who has just logged in holds."""
    session = SessionStore()
    session["_auth_user_id"], session["_auth_user_backend"] = user.pk, LOGIN
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.create()
    assert session.session_key is not None
    return session.session_key


def main() -> None:
    email, options = sys.argv[1], sys.argv[2:]
    user = User.objects.named(email)
    kinds = [] if "--bare" in options else list(Environment)
    examples = {each: furnish(user, each, hostile="--hostile" in options).examples for each in kinds}
    sys.stdout.write(json.dumps({"cookie": cookie_of(user), "examples": examples}))


if __name__ == "__main__":
    main()
