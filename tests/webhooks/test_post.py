"""One POST: whose name, which address, how long."""

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from receiving import Receiver
from timbre.webhooks import post as posting
from timbre.webhooks.post import Undelivered, post


def certify(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for this name and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    shown, kept = folder / "certificate.pem", folder / "key.pem"
    shown.write_bytes(certificate.public_bytes(Encoding.PEM))
    kept.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return shown, kept


@pytest.fixture
def certified(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Receiver]:
    """A receiver that speaks TLS with a trusted certificate for the name in the test's parameter."""
    shown, kept = certify(tmp_path, request.param)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, kept)
    monkeypatch.setenv("SSL_CERT_FILE", str(shown))
    posting.hang_up()  # pools take the trusted certificates from SSL_CERT_FILE when they are made
    with Receiver(tls=context) as listening:
        yield listening
    posting.hang_up()


def send(url: str, *, environment: str = "sandbox", seconds: float = 5) -> int:
    return post(url, b"{}", {"X-Test": "1"}, environment=environment, seconds=seconds).status


@pytest.mark.parametrize("certified", ["localhost"], indirect=True)
def test_the_name_stays_in_the_certificate_check_and_the_host_header(certified: Receiver) -> None:
    assert send(f"https://localhost:{certified.port}/hook?a=1&b=ñ") == 200
    [request] = certified.requests
    assert request.headers["host"] == f"localhost:{certified.port}"
    assert request.path == "/hook?a=1&b=%C3%B1"
    assert (request.body, request.headers["x-test"]) == (b"{}", "1")


@pytest.mark.parametrize("certified", ["otra.example"], indirect=True)
def test_a_certificate_for_another_name_gets_nothing(certified: Receiver) -> None:
    with pytest.raises(Undelivered, match="su certificado TLS no es válido"):
        send(f"https://localhost:{certified.port}/hook")
    assert certified.requests == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_production_is_not_led_to_loopback(host: str, receiver: Receiver) -> None:
    with pytest.raises(Undelivered, match="red privada o reservada"):
        send(f"https://{host}:{receiver.port}/", environment="production")
    assert receiver.connections == 0


@pytest.mark.parametrize("certified", ["localhost"], indirect=True)
def test_a_kept_connection_of_sandbox_is_not_used_by_production(certified: Receiver) -> None:
    url = f"https://localhost:{certified.port}/hook"
    assert send(url) == 200
    with pytest.raises(Undelivered, match="red privada o reservada"):
        send(url, environment="production")
    assert len(certified.requests) == 1


def test_a_name_without_address_is_told_in_spanish() -> None:
    with pytest.raises(Undelivered, match=r"nada\.invalid no tiene dirección"):
        send("http://nada.invalid/hook")


def test_a_receiver_that_says_nothing_is_left_when_the_time_is_up(receiver: Receiver) -> None:
    receiver.answers.append(lambda _: time.sleep(2))
    began = time.monotonic()
    with pytest.raises(Undelivered, match=r"No respondió en 0\.3 segundos"):
        send(receiver.url, seconds=0.3)
    assert time.monotonic() - began < 1


def test_a_body_that_drips_after_a_good_status_does_not_outlast_the_deadline(receiver: Receiver) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(30):
            handler.wfile.write(b"a")
            time.sleep(0.1)

    receiver.answers.append(drip)
    began = time.monotonic()
    assert send(receiver.url, seconds=0.5) == 200
    assert time.monotonic() - began < 1.5
