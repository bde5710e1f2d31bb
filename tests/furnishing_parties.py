"""The people and companies of a furnished user: entities, credentials, keys, sessions."""

from io import BytesIO

from PIL import Image

from furnishing import Ground, Row, rut_of
from timbre.accounts.models import ApiKey, AuditEntry, KeyScope, Session
from timbre.accounts.sessions import SessionStore
from timbre.enrolling.models import Acknowledgement, Enrollment
from timbre.enrolling.reasons import REASONS
from timbre.sii.gateway import Actividad, Contribuyente, Direccion
from timbre.taxpayers.models import Company, Credential, Logo, MasterEntity
from timbre.work.environments import Environment
from timbre.work.models import Lane


class Parties(Ground):
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

    def activity(self) -> None:
        """A day's work, as the audit log has it."""
        examples, person, key = self.furnished.examples, f"person:{self.furnished.user.email}", "api:tk_Ab0d"
        for minutes, (action, actor, target, detail) in enumerate(
            (
                ("webhook.changed", person, examples["webhook_id"][0], {"changed": ["url", "events"]}),
                ("batch.created", key, examples["batch_id"][0], {"documents": 54}),
                ("document.resolved", person, examples["document_id"][0], {"issued": True}),
                ("key.created", person, examples["key_id"][0], {"name": self.say("Sistema de ventas", 80)}),
                ("webhook.removed", person, "dowe_0000000000000000", {"url": self.say("https://x.cl/", 200)}),
                ("company.enrolled", person, examples["company_id"][0], {}),
                ("account.logged_in", person, "", {"agent": self.say("Firefox en Linux", 200)}),
                ("account.login_failed", "timbre", "", {}),
                ("installation.backed_up", "cli", "", {}),
            )
        ):
            AuditEntry(
                user=self.furnished.user,
                environment="" if action.startswith("account") else self.scope.environment,
                at=self.ago(minutes=7 * minutes),
                action=action,
                actor=actor[:262],
                target=target,
                address="190.98.1.7",
                request_id=self.say("req_5gde9j3q8xbwe4yh", 32),
                detail=detail,
            ).save()

    def sessions(self) -> None:
        """Another browser of the same person; how it calls itself is anybody's."""
        store = SessionStore()
        store["_auth_user_id"] = self.scope.user_id
        store.create()
        agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Safari/604.1"
        session = Session.objects.filter(pk=SessionStore.digest_of(store.session_key))
        session.update(agent=self.say(agent, 200), address="190.98.1.7", seen_at=self.ago(hours=30))
        self.furnished.show(session_id=session.get())
