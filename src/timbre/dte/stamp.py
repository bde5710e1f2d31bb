"""The stamp (TED): what the PDF417 carries, signed with the CAF's key (sii-protocols 2.2).

Its bytes are ISO-8859-1, unlike those of the document's digest.
"""

import base64
import re
from datetime import datetime

from cryptography.exceptions import InvalidSignature as WrongSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1

from timbre.dte.caf import Caf, flatten, public_key
from timbre.dte.canonical import Canonical
from timbre.dte.clock import timestamp
from timbre.dte.document import Documento
from timbre.dte.errors import InvalidCaf, InvalidSignature, InvalidXml
from timbre.dte.parsing import parse_xml
from timbre.dte.text import fold_ascii, plain
from timbre.dte.totals import Totales

MAX_BYTES = 1_000
"""A PDF417 at level 5 holds 1,034; the rest is margin."""
_DD = re.compile(r"<DD>.*</DD>", re.DOTALL)


def stamp(documento: Documento, folio: int, totales: Totales, caf: Caf, now: datetime) -> str:
    """The flattened TED of a document, at most 1,000 bytes. Raises InvalidCaf when the CAF is not for it.

    MNT is written as MntTotal is: an export's keeps its decimals (TED-3-640). A receiver without a name, as
    a boleta's may be, is ``-``.
    """
    _check(documento, folio, caf)
    dd = (
        f"<DD><RE>{documento.emisor.rut}</RE><TD>{documento.tipo:d}</TD><F>{folio}</F>"
        f"<FE>{documento.fecha_emision}</FE><RR>{documento.receptor.rut}</RR>"
        f"<RSR>{fold_ascii(documento.receptor.razon_social)}</RSR><MNT>{plain(totales.total)}</MNT>"
        f"<IT1>{fold_ascii(documento.detalles[0].nombre)}</IT1>{caf.xml}"
        f"<TSTED>{timestamp(now)}</TSTED></DD>"
    )
    signature = caf.key.sign(dd.encode("iso-8859-1"), PKCS1v15(), SHA1())  # noqa: S303 - the SII's algorithm
    frmt = base64.b64encode(signature).decode()
    ted = f'<TED version="1.0">{dd}<FRMT algoritmo="SHA1withRSA">{frmt}</FRMT></TED>'
    if len(ted) > MAX_BYTES:  # in ISO-8859-1 a character is a byte
        raise InvalidCaf(f"El timbre con este CAF ocupa más de {MAX_BYTES} bytes y no cabe en el PDF417.")
    return Canonical(ted) if isinstance(caf.xml, Canonical) else ted


def verify_stamp(ted: str) -> None:
    """Returns when the key in the TED's own CAF signed it; raises InvalidSignature when not.

    Whose CAF it is stays open: that is FRMA's, see ``caf.verify_authority``.
    """
    flat = flatten(ted)
    dd = _DD.search(flat)
    try:
        root = parse_xml(flat.encode())
        da = root.find("DD/CAF/DA")
        if dd is None or da is None:
            raise InvalidSignature("El TED no tiene DD con su CAF.")
        frmt = base64.b64decode(root.findtext("FRMT") or "")
        public_key(da).verify(frmt, dd.group().encode("iso-8859-1"), PKCS1v15(), SHA1())  # noqa: S303
    except (WrongSignature, InvalidXml, ValueError) as error:
        raise InvalidSignature("La firma del timbre (FRMT) no corresponde a su contenido.") from error


def _check(documento: Documento, folio: int, caf: Caf) -> None:
    if (caf.emisor, caf.tipo) != (documento.emisor.rut, documento.tipo):
        raise InvalidCaf(f"El CAF es de {caf.emisor}, tipo {caf.tipo:d}, y el documento no.")
    if not caf.desde <= folio <= caf.hasta:
        raise InvalidCaf(f"El folio {folio} está fuera del rango {caf.desde}-{caf.hasta} del CAF.")
