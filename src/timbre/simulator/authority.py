"""The simulator as the authority it stands in for: CAFs under IDK 999 and centralised personal certificates.

Keys are made when first needed, kept in the store, and cached in the process.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from timbre.dte.codes import IDK_SIMULATOR
from timbre.simulator.latin import ascii_fold, escape
from timbre.simulator.rsa512 import generate_key
from timbre.simulator.store import Store
from timbre.simulator.taxpayers import Taxpayer

FIRST_FOLIO, LAST_FOLIO = 1, 1_000_000
CERTIFICATE_LIFE = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class Caf:
    """The folios of one company and type: the flat ``<CAF>`` text and the key that stamps with it."""

    text: str
    key: rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class PersonKey:
    """A person's centralised certificate: DER bytes and the key only the simulator holds."""

    certificate: bytes
    key: rsa.RSAPrivateKey


def sign_sha1(key: rsa.RSAPrivateKey, data: bytes) -> bytes:
    """RSA-SHA1, PKCS#1 v1.5: the only signature the SII's formats know."""
    return key.sign(data, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - the SII's own algorithm


def verifies_sha1(key: rsa.RSAPublicKey, signature: bytes, data: bytes) -> bool:
    try:
        key.verify(signature, data, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - the SII's own algorithm
    except InvalidSignature:
        return False
    return True


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Authority:
    """Hands out CAFs and certificates from one store, dated by ``clock``."""

    def __init__(self, store: Store, clock: Callable[[], datetime] = _utc_now) -> None:
        self._store = store
        self._clock = clock
        self._cafs: dict[tuple[str, int], Caf] = {}
        self._people: dict[str, PersonKey] = {}

    def caf(self, company: Taxpayer, tipo: int) -> Caf:
        """The one CAF of a company and type, folios 1 to 1,000,000, its FRMA by the simulator's own key."""
        wanted = (company.rut, tipo)
        if wanted not in self._cafs:
            name = f"caf {company.rut} {tipo}"
            pem, text = self._store.find_key(name) or self._make_caf(name, company, tipo)
            self._cafs[wanted] = Caf(text, _load(pem))
        return self._cafs[wanted]

    def person(self, rut: str) -> PersonKey:
        """The person's centralised certificate, made at first need (RSA-2048: some tens of milliseconds)."""
        if rut not in self._people:
            pem, certificate = self._store.find_key(f"person {rut}") or self._make_person(rut)
            der = x509.load_pem_x509_certificate(certificate.encode()).public_bytes(
                serialization.Encoding.DER
            )
            self._people[rut] = PersonKey(der, _load(pem))
        return self._people[rut]

    def _make_caf(self, name: str, company: Taxpayer, tipo: int) -> tuple[str, str]:
        key = generate_key()
        public = key.public_key().public_numbers()
        da = (
            f"<DA><RE>{company.rut}</RE><RS>{escape(ascii_fold(company.razon_social))}</RS><TD>{tipo}</TD>"
            f"<RNG><D>{FIRST_FOLIO}</D><H>{LAST_FOLIO}</H></RNG><FA>{self._clock().date()}</FA>"
            f"<RSAPK><M>{b64(public.n.to_bytes(64, 'big'))}</M>"
            f"<E>{b64(public.e.to_bytes(1, 'big'))}</E></RSAPK>"
            f"<IDK>{IDK_SIMULATOR}</IDK></DA>"
        )
        frma = b64(sign_sha1(self._own_key(), da.encode("latin-1")))
        text = f'<CAF version="1.0">{da}<FRMA algoritmo="SHA1withRSA">{frma}</FRMA></CAF>'
        return self._store.keep_key(name, _pem(key), text)

    def _make_person(self, rut: str) -> tuple[str, str]:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        now = self._clock()
        certificate = (
            x509.CertificateBuilder()
            .subject_name(_name(f"PERSONA {rut} (SANDBOX)", rut))
            .issuer_name(_name("TIMBRE SIMULATOR CA (SANDBOX)", None))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + CERTIFICATE_LIFE)
            .sign(self._own_key(), hashes.SHA256())
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        return self._store.keep_key(f"person {rut}", _pem(key), pem)

    def _own_key(self) -> rsa.RSAPrivateKey:
        """The key of authority 999: it signs CAFs and certificates, and nobody should ever trust either."""
        kept = self._store.find_key("authority") or self._store.keep_key(
            "authority", _pem(generate_key()), ""
        )
        return _load(kept[0])


def _name(common: str, rut: str | None) -> x509.Name:
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CL"),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ]
    if rut:
        attributes.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, rut))
    return x509.Name(attributes)


def _pem(key: rsa.RSAPrivateKey) -> str:
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return key.private_bytes(encoding, serialization.PrivateFormat.TraditionalOpenSSL, plain).decode()


def _load(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def b64(data: bytes) -> str:
    """Base64 on one line."""
    return b64encode(data).decode()
