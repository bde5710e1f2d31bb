"""Master entities (taxpayers by RUT), companies (a user's own row for one), credentials, look-ups."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from timbre.accounts import vault
from timbre.accounts.ids import new_id
from timbre.accounts.scope import Tenant
from timbre.sii.gateway import Contribuyente, Login
from timbre.work.environments import Environment
from timbre.work.models import Lane

FRESH = timedelta(days=30)
"""How long what the SII said of a taxpayer is good without asking again."""


def new_entity_id() -> str:
    return new_id("ment")


def new_address_id() -> str:
    return new_id("addr")


def new_activity_id() -> str:
    return new_id("acti")


def new_company_id() -> str:
    return new_id("comp")


def new_credential_id() -> str:
    return new_id("cred")


def new_look_up_id() -> str:
    return new_id("look")


class MasterEntity(models.Model):
    """A taxpayer known by RUT. Public facts, so shared by all users; unique per environment."""

    id = models.CharField(primary_key=True, max_length=32, default=new_entity_id)
    environment = models.CharField(max_length=10, choices=Environment.choices)
    rut = models.CharField(max_length=10)
    name = models.CharField(max_length=300, default="", blank=True)
    fetched_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["environment", "rut"], name="entity_once")]

    def __str__(self) -> str:
        return self.rut

    def fresh(self, now: datetime) -> bool:
        """Whether what we hold is young enough to answer with."""
        return self.fetched_at is not None and now - self.fetched_at < FRESH

    def learn(self, known: Contribuyente, now: datetime) -> None:
        """Takes over what the SII has on file. Addresses and activities that stay keep their ids."""
        self.name, self.fetched_at = known.razon_social[:300], now
        self.save(update_fields=["name", "fetched_at"])
        for position, d in enumerate(known.direcciones):
            self.addresses.update_or_create(
                direccion=d.direccion[:200],
                comuna=d.comuna[:80],
                defaults={"ciudad": d.ciudad[:80], "sucursal": d.sucursal[:20], "position": position},
            )
        for position, a in enumerate(known.actividades):
            self.activities.update_or_create(
                codigo=a.codigo, defaults={"glosa": a.glosa[:300], "position": position}
            )
        on_file = {(d.direccion[:200], d.comuna[:80]) for d in known.direcciones}
        gone = [a.pk for a in self.addresses.all() if (a.direccion, a.comuna) not in on_file]
        self.addresses.filter(pk__in=gone).delete()
        self.activities.exclude(codigo__in=[a.codigo for a in known.actividades]).delete()


class Address(models.Model):
    """An address the SII has on file; ``position`` 0 is the one used when none is chosen."""

    id = models.CharField(primary_key=True, max_length=32, default=new_address_id)
    entity = models.ForeignKey(MasterEntity, on_delete=models.CASCADE, related_name="addresses")
    position = models.PositiveSmallIntegerField()
    # As the SII has them on file, which may be longer than a DTE takes.
    direccion = models.CharField(max_length=200)
    comuna = models.CharField(max_length=80)
    ciudad = models.CharField(max_length=80, default="", blank=True)
    sucursal = models.CharField(max_length=20, default="", blank=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.direccion}, {self.comuna}"


class Activity(models.Model):
    """An economic activity on file: six digits and the SII's words."""

    id = models.CharField(primary_key=True, max_length=32, default=new_activity_id)
    entity = models.ForeignKey(MasterEntity, on_delete=models.CASCADE, related_name="activities")
    position = models.PositiveSmallIntegerField()
    codigo = models.CharField(max_length=6)
    glosa = models.CharField(max_length=300)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.codigo} {self.glosa}"


class Company(Tenant):
    """A user's own row for a taxpayer it has enrolled, with what its documents say unless told otherwise."""

    class Gateway(models.TextChoices):
        PORTAL = "portal", "Portal del SII (facturación gratuita)"

    id = models.CharField(primary_key=True, max_length=32, default=new_company_id)
    entity = models.ForeignKey(MasterEntity, on_delete=models.PROTECT, related_name="+")
    gateway = models.CharField(max_length=12, choices=Gateway.choices, default=Gateway.PORTAL)
    address = models.ForeignKey(Address, null=True, on_delete=models.SET_NULL, related_name="+")
    activity = models.ForeignKey(Activity, null=True, on_delete=models.SET_NULL, related_name="+")
    email = models.CharField(max_length=80, default="", blank=True)
    phone = models.CharField(max_length=20, default="", blank=True)
    payment_method = models.CharField(max_length=1, default="", blank=True)
    """1 cash, 2 credit, 3 without charge (FmaPago); empty leaves Timbre's own default."""
    created_at = models.DateTimeField(auto_now_add=True)
    unenrolled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "entity"], name="company_once")]

    def __str__(self) -> str:
        return self.id

    @classmethod
    def of_ids(cls, ids: Iterable[str]) -> models.QuerySet["Company"]:
        """The companies of these ids, of any user: for the worker, which serves lanes and not users."""
        return cls.objects.filter(pk__in=list(ids))

    def issuing_credential(self) -> "Credential | None":
        """The credential documents are issued with: the default one if it is valid, else the oldest valid."""
        valid = self.credentials.filter(status=Credential.Status.VALID, deactivated_at=None)
        return valid.order_by("-is_default", "created_at").first()


class Logo(models.Model):
    """A company's logo, for the PDFs that Timbre draws: the bytes of a PNG or JPEG."""

    company = models.OneToOneField(Company, primary_key=True, on_delete=models.CASCADE, related_name="logo")
    content = models.BinaryField()
    content_type = models.CharField(max_length=20)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.company_id


class Credential(Tenant):
    """What lets a user issue for a company: a person's RUT, clave and certificate password."""

    class Status(models.TextChoices):
        PENDING = "PENDING"
        VALID = "VALID"
        INVALID = "INVALID"

    id = models.CharField(primary_key=True, max_length=32, default=new_credential_id)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="credentials")
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="+")
    person_rut = models.CharField(max_length=10)
    clave = models.TextField(default="", blank=True)
    certificate_password = models.TextField(default="", blank=True)
    clave_fingerprint = models.CharField(max_length=64, db_index=True, default="", blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PENDING)
    reason = models.CharField(max_length=40, default="", blank=True)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    verified_at = models.DateTimeField(null=True)
    served_at = models.DateTimeField(null=True)
    """When its lane last turned to its company: the longest unserved comes next."""
    deactivated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "person_rut"], condition=Q(deactivated_at=None), name="credential_once"
            ),
            models.UniqueConstraint(
                fields=["company"],
                condition=Q(is_default=True, deactivated_at=None),
                name="default_credential_once",
            ),
        ]

    def __str__(self) -> str:
        return self.id

    def keep_secrets(self, *, clave: str, certificate_password: str | None = None) -> None:
        """Seals the secrets into the row (unsaved); None leaves the certificate password as it is."""
        self.clave = vault.seal(clave, place=self._place("clave"))
        self.clave_fingerprint = vault.fingerprint(self.lane_id, clave)
        if certificate_password is not None:
            self.certificate_password = vault.seal(
                certificate_password, place=self._place("certificate_password")
            )

    def drop_secrets(self) -> None:
        """Forgets the secrets (unsaved)."""
        self.clave = self.certificate_password = self.clave_fingerprint = ""

    def login(self) -> Login:
        """The person's login, opened for a request to the SII and for nothing else."""
        sealed = self.certificate_password
        return Login(
            rut=self.person_rut,
            clave=vault.unseal(self.clave, place=self._place("clave")),
            certificate_password=vault.unseal(sealed, place=self._place("certificate_password"))
            if sealed
            else "",
        )

    @classmethod
    def usable_in(cls, lane: Lane) -> models.QuerySet["Credential"]:
        """The credentials, of any user, that open the lane's session for their company."""
        return cls.objects.filter(lane=lane, status=cls.Status.VALID, deactivated_at=None)

    def mark_served(self, now: datetime) -> None:
        """Its lane turns to its company."""
        Credential.objects.filter(pk=self.pk).update(served_at=now)

    @classmethod
    def waiting_in(cls, lane_id: str) -> models.QuerySet["Credential"]:
        """The credentials, of any user, that the SII has not refused and that need the lane's person."""
        return cls.objects.filter(lane=lane_id, deactivated_at=None).exclude(status=cls.Status.INVALID)

    @classmethod
    def holding_a_clave(cls) -> models.QuerySet["Credential"]:
        """All that hold one, of any user: for the rotation of the key."""
        return cls.objects.filter(deactivated_at=None).exclude(clave="").order_by("pk")

    def mark_clave(self, newest: str, older: list[str]) -> int:
        """Writes the newest mark of its clave over an older one; whether there was one."""
        mine = Credential.objects.filter(pk=self.pk, clave_fingerprint__in=older)
        return mine.update(clave_fingerprint=newest)

    def holding_same_clave(self) -> list["Credential"]:
        """The active credentials, of any user, that hold this very clave for this very person; itself too."""
        try:
            marks = vault.fingerprints(self.lane_id, self.login().clave)
        except vault.Unopenable:
            marks = [self.clave_fingerprint]
        same = Credential.objects.filter(lane=self.lane_id, clave_fingerprint__in=marks, deactivated_at=None)
        return list(same.select_related("company__entity"))

    def _place(self, field: str) -> str:
        return f"credential/{self.pk}/{field}"


class LookUp(models.Model):
    """A wish to know a taxpayer, to be fulfilled in a login's lane; answered by deleting the row."""

    id = models.CharField(primary_key=True, max_length=32, default=new_look_up_id)
    lane = models.ForeignKey(Lane, on_delete=models.CASCADE, related_name="+")
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="+")
    rut = models.CharField(max_length=10)
    wanted_until = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.rut
