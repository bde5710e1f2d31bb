"""The batches and documents of a furnished user, in every state a document can be in."""

from datetime import datetime, timedelta
from typing import Any

from factories import make_signed_dte
from furnishing import RECEIVERS, Ground, rut_of
from timbre.dte.clock import today_in_chile
from timbre.dte.codes import IDK_PRODUCTION, IDK_SIMULATOR
from timbre.dte.document import Resolucion
from timbre.dte.totals import compute_totals
from timbre.issuing.asking import to_documento
from timbre.issuing.models import Batch, Document, DocumentState, Reference, State, StoredFile
from timbre.pdf.page import draw
from timbre.taxpayers.models import Company
from timbre.work.environments import Environment

ITEMS = (
    ("Asesoría contable de noviembre", "1", "180000", ""),
    ("Resma de papel carta, caja de 10", "12", "3990", "CAJA"),
    ("Flete Santiago-Temuco", "1", "245500", ""),
    ("Pan amasado", "40.5", "1990.5", "KG"),
    ("Mantención de servidores", "3", "95000", "HRS"),
)
SAID = {
    State.IN_DOUBT: "El SII no respondió claramente. Timbre averigua si quedó emitido.",
    State.ISSUED: "El SII emitió el documento.",
}
MANY = 54
"""Issued documents of one batch: more than a page of a list holds."""


class Papers(Ground):
    def batch(self, status: str, at: datetime, scenario: str = "") -> Batch:
        batch = Batch(
            **self.owned,
            status=status,
            scenario=self.say(scenario, 40) if scenario else "",
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
        sandbox = self.scope.environment == Environment.SANDBOX
        batch = self.batch("processing", self.ago(minutes=3), "outage" if sandbox else "")
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
        stories: list[tuple[State, dict[str, Any]]] = [
            (
                State.REFUSED,
                self.fault("sii_rejected", "El SII no aceptó el documento.")
                | {"sii_words": self.say("El receptor no tiene giro vigente", 900)},
            ),
            (State.EXPIRED, self.fault("expired", "No se pudo emitir dentro de su plazo.")),
            (State.CANCELLED, self.fault("cancelled", "Cancelado antes de emitirse.")),
        ]
        for index, (state, columns) in enumerate(stories):
            document = self.document(batch, company, index, state, **columns)
            document.save()
            self.furnished.show(document_id=document)

    def batch_of_drafts(self, company: Company) -> None:
        """One the gateway can issue, and one it cannot: it has eleven lines."""
        batch = self.batch("created", self.ago(minutes=20))
        for index in range(2):
            document = self.document(batch, company, index, State.DRAFT)
            document.request |= {"details": document.request["details"][:1] * (1, 11)[index]}
            document.issue_until = batch.created_at + timedelta(days=90)
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
            filled={"document_issuer.address": "company", "document_receiver.address": "master_entity"},
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
        if document.state == State.DRAFT:
            steps = [("draft", "Guardado como borrador: no se emite mientras nadie lo pida.", "api")]
        if document.folio:
            steps.append(("sending", f"Firmado con el folio {document.folio} y enviado al SII.", "timbre"))
        if document.state not in {State.DRAFT, State.RECEIVED, State.SENDING}:
            said = self.say(
                document.error_message or SAID.get(State(document.state), "Emitido, con XML y PDF."), 400
            )
            actor = self.say(f"person:{self.furnished.user.email}", 60)
            steps.append((document.state, said, actor if document.state == State.CANCELLED else "timbre"))
        if document.state == State.IN_DOUBT:
            steps.append(("not_listed", f"El SII no lista el folio {document.folio}.", "timbre"))
        DocumentState.objects.bulk_create(
            DocumentState(
                document=document,
                at=document.accepted_at + timedelta(seconds=4 * number),
                code=code,
                description=said,
                actor=actor,
                evidence=self.evidence(document, code),
            )
            for number, (code, said, actor) in enumerate(steps)
        )

    def evidence(self, document: Document, code: str) -> dict[str, Any]:
        """What a step rests on: most is known of what is in doubt."""
        signed = {"folio": document.folio, "digest": "q3sDk0mQJm1VwL1gB6aY7mJ2bXk="}
        sent = self.ago(minutes=1).isoformat()
        asked = f"Lista de emitidos del SII: tipo {document.tipo}, folio {document.folio}."
        return {
            "received": {},
            "sending": {**signed, "send": 1},
            "in_doubt": {**signed, "why": self.say("the answer was cut off", 400), "first_look": sent},
            "not_listed": {**signed, "asked": asked, "listed": 12},
            "incomplete": {**signed, "codigo": "", "sends": 1, "sent_until": sent, "absent_since": sent},
        }.get(code, {"sii": self.say("Documento recibido", 400), "folio": document.folio})
