import re
from base64 import b64decode
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.x509.oid import NameOID
from portal_client import COMPANY, PERSON, RECEIVER

from timbre.dte.rut import check_digit, parse_rut
from timbre.simulator.authority import Authority, verifies_sha1
from timbre.simulator.rsa512 import generate_key
from timbre.simulator.store import Store
from timbre.simulator.taxpayers import COMPANIES, UNKNOWN, Taxpayer, find_taxpayer


def test_a_caf_key_is_512_bits_long_with_exponent_three() -> None:
    for _ in range(5):
        numbers = generate_key().private_numbers()
        assert numbers.public_numbers.e == 3
        assert numbers.public_numbers.n.bit_length() == 512
        assert numbers.p != numbers.q
        assert numbers.p * numbers.q == numbers.public_numbers.n
        assert pow(pow(42, 3, numbers.public_numbers.n), numbers.d, numbers.public_numbers.n) == 42


def test_a_caf_is_the_companys_and_signed_by_authority_999(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite3")
    caf = Authority(store).caf(COMPANIES[0], 33)
    assert f"<RE>{COMPANY}</RE>" in caf.text
    assert "<TD>33</TD><RNG><D>1</D><H>1000000</H></RNG>" in caf.text
    assert "<IDK>999</IDK>" in caf.text
    modulus = re.search("<M>(.*)</M><E>Aw==</E>", caf.text)
    assert modulus
    assert int.from_bytes(b64decode(modulus[1]), "big") == caf.key.public_key().public_numbers().n
    da, frma = re.search('(<DA>.*</DA>)<FRMA algoritmo="SHA1withRSA">(.*)</FRMA>', caf.text).groups()  # type: ignore[union-attr]
    own = Authority(store)._own_key().public_key()
    assert verifies_sha1(own, b64decode(frma), da.encode("latin-1"))
    assert not verifies_sha1(own, b64decode(frma), da.replace("33", "34").encode("latin-1"))
    assert isinstance(own.public_numbers(), RSAPublicNumbers)


def test_each_company_and_type_has_its_own_caf_and_keeps_it(tmp_path: Path) -> None:
    first, later = Authority(Store(tmp_path / "s.sqlite3")), Authority(Store(tmp_path / "s.sqlite3"))
    texts = {first.caf(company, tipo).text for company in COMPANIES[:2] for tipo in (33, 34)}
    assert len(texts) == 4
    assert {later.caf(company, tipo).text for company in COMPANIES[:2] for tipo in (33, 34)} == texts


def test_a_persons_certificate_names_the_person_and_is_kept(tmp_path: Path) -> None:
    first, later = Authority(Store(tmp_path / "s.sqlite3")), Authority(Store(tmp_path / "s.sqlite3"))
    certificate = x509.load_der_x509_certificate(first.person(PERSON).certificate)
    (serial,) = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    assert serial.value == PERSON
    assert later.person(PERSON).certificate == first.person(PERSON).certificate
    assert first.person("16222333-K").certificate != first.person(PERSON).certificate


def test_documented_taxpayers_are_fictitious_and_fit_the_forms() -> None:
    assert [company.rut for company in COMPANIES[:2]] == [COMPANY, RECEIVER]
    for taxpayer in (*COMPANIES, *map(made_up, range(76_000_000, 76_000_300))):
        assert taxpayer.razon_social.endswith("(SANDBOX)")
        assert len(taxpayer.razon_social) <= 100
        assert len(taxpayer.addresses) >= 2
        for address in taxpayer.addresses:
            assert len(address.direccion) <= 60
            assert len(address.comuna) <= 20
            assert len(address.ciudad) <= 15
            assert re.fullmatch("[1-9][0-9]{7}", address.sucursal)
        assert all(re.fullmatch("[0-9]{6}", activity.codigo) for activity in taxpayer.activities)
        assert len({activity.codigo for activity in taxpayer.activities}) == len(taxpayer.activities)
    for company in COMPANIES:
        assert 39_000_000 < int(company.rut.split("-")[0]) < 39_100_000
        assert parse_rut(company.rut) == company.rut


def made_up(body: int) -> Taxpayer:
    taxpayer = find_taxpayer(f"{body}-{check_digit(body)}")
    assert taxpayer
    return taxpayer


def test_the_documented_unknown_are_not_on_file() -> None:
    assert len(UNKNOWN) == 2
    assert all(find_taxpayer(rut) is None for rut in UNKNOWN)
