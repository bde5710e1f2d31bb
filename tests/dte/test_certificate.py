import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID

from factories import NOW, SIGNER_RUT, make_x509
from timbre.dte.certificate import make_certificate, open_pkcs12, rut_of
from timbre.dte.errors import InvalidCertificate


def pfx(password: bytes = b"clave secreta") -> bytes:
    return serialize_key_and_certificates(b"gm", *make_x509(), None, BestAvailableEncryption(password))


def test_a_pkcs12_opens_with_its_password() -> None:
    opened = open_pkcs12(pfx(), "clave secreta")
    assert (opened.rut, opened.nombre) == (SIGNER_RUT, "Gabriela Muñoz Pérez")
    assert opened.not_after > NOW


def test_a_wrong_password_is_told_without_repeating_it() -> None:
    with pytest.raises(InvalidCertificate) as refused:
        open_pkcs12(pfx(), "otra clave")
    assert "otra clave" not in str(refused.value)


@pytest.mark.parametrize("data", [b"", b"no es un pfx", b"x" * 200_000])
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidCertificate):
        open_pkcs12(data, "x")


def test_no_secret_shows_in_its_repr() -> None:
    shown = repr(open_pkcs12(pfx(), "clave secreta"))
    assert "key" not in shown
    assert "MII" not in shown


def test_a_key_of_another_certificate_is_refused() -> None:
    with pytest.raises(InvalidCertificate, match="clave privada"):
        make_certificate(rsa.generate_private_key(65537, 2048), make_x509()[1])


def issue(extensions: list[x509.ExtensionType]) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Nadie")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, NOW, NOW.replace(year=2030))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, SHA256())


def test_the_rut_may_stand_in_the_alternative_name() -> None:
    other = x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.8321.1"), b"\x16\x0a11111111-1")
    assert rut_of(issue([x509.SubjectAlternativeName([other])])) == SIGNER_RUT


def test_a_certificate_without_rut_is_refused() -> None:
    with pytest.raises(InvalidCertificate, match="RUT"):
        rut_of(issue([]))


SAN, ISSUER_SAN = bytes.fromhex("0603551d11"), bytes.fromhex("0603551d12")
OTHER_NAME, X400_ADDRESS = bytes.fromhex("a01806082b06010401c1"), bytes.fromhex("a31806082b06010401c1")


@pytest.mark.parametrize(("was", "now"), [(ISSUER_SAN, SAN), (OTHER_NAME, X400_ADDRESS)])
def test_an_odd_alternative_name_names_no_rut(was: bytes, now: bytes) -> None:
    """Twice the same extension, or a kind of name that nobody reads."""
    other = x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.8321.1"), b"\x16\x0a11111111-1")
    alternative = x509.SubjectAlternativeName([other])
    der = issue([alternative, x509.IssuerAlternativeName([other])]).public_bytes(Encoding.DER)
    assert was in der
    with pytest.raises(InvalidCertificate, match="RUT"):
        rut_of(x509.load_der_x509_certificate(der.replace(was, now)))
