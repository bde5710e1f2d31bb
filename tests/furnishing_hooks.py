"""The webhooks of a furnished user, and how each kind of delivery went."""

from datetime import timedelta

from furnishing import HOSTILE, Ground
from timbre.issuing import presenting, telling
from timbre.issuing.models import Document
from timbre.taxpayers.models import Company
from timbre.webhooks.models import Attempt, Delivery, Event, Webhook


class Hooks(Ground):
    def hooks_of(self, first: Company, second: Company) -> None:
        troubled = {"sent": 6, "slow": True, "last_status_code": 503, "failing_since": self.ago(days=2)}
        resting = {"warned_at": self.ago(days=1), "rest_until": self.ago(minutes=-9)}
        disabled = {"is_active": False, "sent": 9, "disabled_at": self.ago(hours=5), "last_status_code": None}
        for company, path, changes in (
            (first, "/timbre", {"sent": 40, "delivered": 37, "last_status_code": 200, "inline_files": True}),
            (first, "/respaldo", {"is_active": False}),
            (second, "/timbre", {**troubled, **resting}),
            (
                second,
                "/antiguo",
                {**disabled, "failing_since": self.ago(days=5), "disabled_reason": "failing"},
            ),
            (second, "/ido", {**disabled, "last_status_code": 410, "disabled_reason": "gone"}),
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
            if path == "/timbre":
                webhook.replace_secret("whsec_c2VjcmV0by1udWV2bw==", until=self.ago(hours=-20))
            webhook.save()
            self.furnished.show(webhook_id=webhook)

    def happenings(self, company: Company) -> None:
        """What is told of other things than documents, to nobody."""
        for type_, data in (
            (
                "credential.invalid",
                {"reason": "sii_credentials_invalid", "message": self.say("Clave mala", 200)},
            ),
            (
                "webhook.disabled",
                {"url": self.say("https://contabilidad.ejemplo.cl/ido", 200), "reason": "gone"},
            ),
            ("batch.completed", {"status": "completed", "total": 54}),
        ):
            event = Event(
                **self.owned,
                type=type_,
                company=company,
                batch_id=self.furnished.examples["batch_id"][0] if type_.startswith("batch") else "",
                data={**data, "is_sandbox": self.scope.environment == "sandbox"},
                created_at=self.ago(minutes=12),
            )
            event.save()
            self.furnished.show(event_id=event)

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
            data=telling.event_data(document, presenting.Known({})),
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
