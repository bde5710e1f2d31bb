"""Golden cases: what is asked, the totals a person worked out, and the XML that comes of it, byte for byte.

``tests/golden/<type>/<case>.json`` holds ``what`` the case is about, the ``request`` in the API's words, the
sums done ``by_hand`` and their ``totals``; ``<case>.xml`` beside it is the signed DTE. ``make golden`` writes
the XML anew. The totals it never touches: when they differ it stops.
"""

import json
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from factories import SIGNER_RUT, make_caf_xml, make_small_key
from timbre.api.shape import BATCH
from timbre.dte import caf, certificate
from timbre.dte.document import Documento
from timbre.dte.parsing import encode
from timbre.dte.signature import sign
from timbre.dte.stamp import stamp
from timbre.dte.totals import Totales, compute_totals
from timbre.dte.xml import build
from timbre.issuing.asking import to_documento

FOLDER = Path(__file__).parent
NOW = datetime(2026, 3, 14, 12, 30, tzinfo=UTC)
TODAY = date(2026, 3, 14)
FOLIO = 1200


@dataclass(frozen=True, slots=True)
class Case:
    """One case, by the path of its JSON."""

    path: Path

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def xml_path(self) -> Path:
        return self.path.with_suffix(".xml")

    def read(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"), parse_float=Decimal)
        return content

    def documento(self) -> Documento:
        """The request, through the API's own shape."""
        checked = BATCH.validate_python({"documents": [self.read()["request"]]})
        return to_documento(checked["documents"][0])


def cases() -> list[Case]:
    """All of them, in the order of their types."""
    return sorted(
        map(Case, FOLDER.glob("*/*.json")), key=lambda case: (int(case.path.parent.name), case.name)
    )


def issue(documento: Documento) -> bytes:
    """The document stamped and signed with keys that never change: the same bytes each time."""
    opened = caf.open_caf(make_caf_xml(documento.emisor.rut, documento.tipo.value, FOLIO, FOLIO))
    totales = compute_totals(documento)
    ted = stamp(documento, FOLIO, totales, opened, NOW)
    return encode(sign(build(documento, totales, FOLIO, ted, NOW), _signer()))


def told(totales: Totales) -> dict[str, Any]:
    """Totals in the words of the golden files; what is zero or absent stays out."""
    taxes = [{"code": t.codigo, "rate": t.tasa, "amount": t.monto} for t in totales.impuestos]
    named = {
        "lines": [line.monto for line in totales.lineas],
        "adjustments": list(totales.ajustes),
        "net_amount": totales.neto,
        "exempt_amount": totales.exento,
        "iva_amount": totales.iva,
        "other_taxes": taxes,
        "iva_not_withheld": totales.iva_no_retenido,
        "container_guarantee": totales.garantia,
        "not_billable_amount": totales.no_facturable,
        "total_amount": totales.total,
        "total_in_pesos": totales.total_en_pesos if totales.total_en_pesos != totales.total else None,
    }
    kept = {name: value for name, value in named.items() if value}
    return {"lines": named["lines"], "total_amount": totales.total} | kept


@cache
def _signer() -> certificate.Certificate:
    key = make_small_key(2048, 2048)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "Gabriela Muñoz Pérez"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, SIGNER_RUT),
        ]
    )
    issued = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=365))
        .not_valid_after(NOW + timedelta(days=3650))
        .sign(key, SHA256())
    )
    return certificate.make_certificate(key, issued)


def main() -> None:
    """Writes every XML anew; stops at a case whose totals are not those worked out by hand."""
    for case in cases():
        documento = case.documento()
        if told(compute_totals(documento)) != case.read()["totals"]:
            sys.exit(f"{case.name}: its totals are not those worked out by hand. Nothing more was written.")
        case.xml_path.write_bytes(issue(documento))


if __name__ == "__main__":
    main()
