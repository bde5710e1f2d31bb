"""The personal certificate that signs (sii-protocols 3.3): a person's, not the company's."""

import base64
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates
from cryptography.x509.oid import NameOID

from timbre.dte.errors import InvalidCertificate, InvalidRut
from timbre.dte.rut import parse_rut

_RUT_IN_SAN = x509.ObjectIdentifier("1.3.6.1.4.1.8321.1")
_MAX_BYTES = 100_000
_DER_HEADER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """An opened certificate. ``rut`` is the person's, ``der`` the certificate in base64 on one line."""

    rut: str
    nombre: str
    not_before: datetime
    not_after: datetime
    der: str = field(repr=False)
    key: RSAPrivateKey = field(repr=False)


def open_pkcs12(data: bytes, password: str) -> Certificate:
    """Opens a ``.pfx`` or ``.p12``. Raises InvalidCertificate, never with the password in it."""
    if len(data) > _MAX_BYTES:
        raise InvalidCertificate("El archivo es demasiado grande para ser un certificado.")
    try:
        key, issued, _ = load_key_and_certificates(data, password.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        message = "El certificado no se puede abrir: la contraseña no es la suya o el archivo está dañado."
        raise InvalidCertificate(message) from None
    if issued is None or not isinstance(key, RSAPrivateKey):
        raise InvalidCertificate("El archivo no trae un certificado con su clave RSA.")
    return make_certificate(key, issued)


def make_certificate(key: RSAPrivateKey, issued: x509.Certificate) -> Certificate:
    """A Certificate from its parts; raises InvalidCertificate when they are no pair or name no RUT."""
    if issued.public_key() != key.public_key():
        raise InvalidCertificate("La clave privada no es la de este certificado.")
    names = issued.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Certificate(
        rut=rut_of(issued),
        nombre=str(names[0].value) if names else "",
        not_before=issued.not_valid_before_utc,
        not_after=issued.not_valid_after_utc,
        der=base64.b64encode(issued.public_bytes(Encoding.DER)).decode(),
        key=key,
    )


def rut_of(issued: x509.Certificate) -> str:
    """The RUT of a certificate's person: subject serialNumber, else SAN otherName 1.3.6.1.4.1.8321.1."""
    serials = [str(serial.value) for serial in issued.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)]
    for candidate in [*serials, *_ruts_in_san(issued)]:
        try:
            return parse_rut(candidate)
        except InvalidRut:
            continue
    raise InvalidCertificate("El certificado no dice el RUT de su titular.")


def _ruts_in_san(issued: x509.Certificate) -> list[str]:
    try:
        san = issued.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        return []
    others = [name for name in san if isinstance(name, x509.OtherName) and name.type_id == _RUT_IN_SAN]
    # DER of a short string: tag, length, characters
    return [name.value[_DER_HEADER:].decode("ascii", "replace") for name in others]
