"""CAF: the SII's permission to use a range of folios, with the key that stamps them (sii-protocols 2.1).

The *authority* is the SII's key that signed it; its number, the IDK, tells environments apart.
"""

import base64
import re
from dataclasses import dataclass, field
from datetime import date

from cryptography.exceptions import InvalidSignature as WrongSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    RSAPublicNumbers,
)
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from timbre.dte.canonical import mark
from timbre.dte.codes import TipoDte
from timbre.dte.errors import DteError, InvalidCaf, InvalidXml
from timbre.dte.parsing import decode, parse_xml
from timbre.dte.rut import parse_rut

_MAX_BYTES = 20_000
_CAF = re.compile(r"<CAF\b.*?</CAF>", re.DOTALL)
_DA = re.compile(r"<DA>.*</DA>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caf:
    """An opened CAF. ``xml`` is its CAF element flattened, as it stands in every stamp."""

    emisor: str
    razon_social: str
    tipo: TipoDte
    desde: int
    hasta: int
    """The last folio, included."""
    fecha: date
    idk: int
    xml: str
    key: RSAPrivateKey = field(repr=False)


def open_caf(data: bytes, authority: RSAPublicKey | None = None) -> Caf:
    """Opens a CAF file; its keys are a pair, and with ``authority`` the SII's signature (FRMA) holds.

    The bytes are read as ISO-8859-1 whatever they declare, as real files often declare nothing.
    Raises InvalidCaf, whose text is Spanish.
    """
    if len(data) > _MAX_BYTES:
        raise InvalidCaf("El archivo es demasiado grande para ser un CAF.")
    text = decode(data)
    if "<!" in text:
        raise InvalidCaf("El archivo trae comentarios o declaraciones que un CAF no lleva.")
    try:
        caf = _read(parse_xml(text.encode()), text)
    except (InvalidXml, DteError, LookupError, ValueError, TypeError) as error:
        raise InvalidCaf(f"El archivo no es un CAF del SII: {error}") from error
    _check(caf)
    if authority is not None:
        verify_authority(caf.xml, authority)
    return caf


def flatten(xml: str) -> str:
    """No white space between tags; everything else as it was written (the SII's canonical form of stamps)."""
    return re.sub(r">\s+<", "><", xml)


def public_key(da: etree._Element) -> RSAPublicKey:
    """The key in a CAF's or stamp's ``DA/RSAPK``. Raises ValueError when there is none that works."""
    modulus, exponent = (_integer(da.findtext(f"RSAPK/{name}") or "") for name in "ME")
    return RSAPublicNumbers(exponent, modulus).public_key()


def verify_authority(caf_xml: str, authority: RSAPublicKey) -> None:
    """Returns when the authority signed this flattened CAF element; raises InvalidCaf when not."""
    da = _DA.search(caf_xml)
    frma = parse_xml(caf_xml.encode()).findtext("FRMA") or ""
    try:
        signed = da.group().encode("iso-8859-1") if da else b""
        authority.verify(base64.b64decode(frma), signed, PKCS1v15(), SHA1())  # noqa: S303 - the SII's algorithm
    except (WrongSignature, ValueError) as error:
        raise InvalidCaf("La firma del SII en el CAF (FRMA) no corresponde a este ambiente.") from error


def _read(root: etree._Element, text: str) -> Caf:
    da = root.find("CAF/DA")
    element = _CAF.search(text)
    if root.tag != "AUTORIZACION" or da is None or element is None:
        raise InvalidCaf("le falta AUTORIZACION/CAF/DA.")
    fields = {name: da.findtext(name) or "" for name in ("RE", "RS", "TD", "RNG/D", "RNG/H", "FA", "IDK")}
    key = load_pem_private_key((root.findtext("RSASK") or "").strip().encode(), password=None)
    if not isinstance(key, RSAPrivateKey) or key.public_key() != public_key(da):
        raise InvalidCaf("su clave privada no es la pareja de su clave pública.")
    return Caf(
        emisor=parse_rut(fields["RE"]),
        razon_social=fields["RS"],
        tipo=TipoDte(int(fields["TD"])),
        desde=int(fields["RNG/D"]),
        hasta=int(fields["RNG/H"]),
        fecha=date.fromisoformat(fields["FA"]),
        idk=int(fields["IDK"]),
        xml=mark(flatten(element.group())),
        key=key,
    )


def _check(caf: Caf) -> None:
    if not 1 <= caf.desde <= caf.hasta < 10**10:
        raise InvalidCaf(f"El rango de folios {caf.desde}-{caf.hasta} del CAF no es válido.")


def _integer(text: str) -> int:
    return int.from_bytes(base64.b64decode(text), "big")
