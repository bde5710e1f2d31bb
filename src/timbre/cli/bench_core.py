"""How fast the tax core is on one core, beside the floor under it: two signatures and a validation."""

import re
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1

from timbre.dte.caf import Caf
from timbre.dte.canonical import mark
from timbre.dte.certificate import Certificate, make_certificate
from timbre.dte.clock import today_in_chile
from timbre.dte.codes import IDK_SIMULATOR, TipoDte
from timbre.dte.document import Detalle, Documento, Emisor, Receptor, Resolucion
from timbre.dte.parsing import encode
from timbre.dte.rules import PORTAL, judge
from timbre.dte.schema import validate
from timbre.dte.signature import sign
from timbre.dte.stamp import stamp
from timbre.dte.totals import Totales, compute_totals
from timbre.dte.verify import verify
from timbre.dte.xml import build
from timbre.pdf.page import draw
from timbre.simulator.authority import FIRST_FOLIO, LAST_FOLIO, Authority
from timbre.simulator.store import Store
from timbre.simulator.taxpayers import COMPANIES

ROUNDS, SECONDS_A_ROUND = 15, 0.15
SHORT, LONG = 3, 60
VARIETY = 40
"""Documents that take turns, none like another but for its issuer."""
AIM = 0.75
"""What part of issuing a document should be the floor under it."""
RESOLUCION = Resolucion(numero=0, fecha=date(2026, 1, 1))
_SIGNED_INFO, _DD = bytes(600), bytes(800)
"""About as long as what is really signed."""
_PAGE = re.compile(rb"/Type\s*/Page\b")
SECONDS = 1_000_000
COMPANY = COMPANIES[0]


@dataclass(frozen=True, slots=True)
class Timed:
    """Microseconds of CPU that one turn takes: in the best round, and in the middle one."""

    best: float
    median: float


@dataclass(frozen=True, slots=True)
class Measured:
    """Each step of ``STEPS`` by its name, and how many pages the long document has."""

    timed: Mapping[str, Timed]
    pages: int


@dataclass(frozen=True, slots=True)
class Keys:
    """What a company signs with."""

    caf: Caf
    certificate: Certificate
    now: datetime

    def issue(self, documento: Documento, totales: Totales, folio: int) -> bytes:
        """Stamped, built, signed and held to its schema."""
        ted = stamp(documento, folio, totales, self.caf, self.now)
        xml = encode(sign(build(documento, totales, folio, ted, self.now), self.certificate))
        validate(xml)
        return xml

    def floor(self, xml: bytes) -> None:
        """What no program that issues this document can do without."""
        _sign(self.certificate.key, _SIGNED_INFO)
        _sign(self.caf.key, _DD)
        validate(xml)


def measure(now: datetime) -> Measured:
    """Every step takes its turn in every round, so that a busy moment of the machine falls on all alike."""
    keys = make_keys(now)
    asked = [make_documento(number, SHORT, today_in_chile(now)) for number in range(VARIETY)]
    totals = [compute_totals(each) for each in asked]
    issued = [
        keys.issue(*each, folio) for folio, each in enumerate(zip(asked, totals, strict=True), FIRST_FOLIO)
    ]
    long = make_documento(0, LONG, today_in_chile(now))
    paper = keys.issue(long, compute_totals(long), FIRST_FOLIO)
    steps: dict[str, Callable[[int], object]] = {
        "floor": lambda n: keys.floor(issued[n]),
        "issue": lambda n: keys.issue(asked[n], totals[n], n + FIRST_FOLIO),
        "issue_and_totals": lambda n: keys.issue(asked[n], compute_totals(asked[n]), n + FIRST_FOLIO),
        "totals": lambda n: compute_totals(asked[n]),
        "judge": lambda n: judge(asked[n], PORTAL, today=today_in_chile(now)),
        "verify": lambda n: verify(issued[n]),
        "draw_short": lambda n: draw(issued[n], resolucion=RESOLUCION),
        "draw_long": lambda _: draw(paper, resolucion=RESOLUCION),
    }
    return Measured(time_all(steps), len(_PAGE.findall(draw(paper, resolucion=RESOLUCION))))


def time_all(steps: Mapping[str, Callable[[int], object]]) -> dict[str, Timed]:
    """The round that warms up is not counted; it finds how many turns fill a round."""
    turns = {name: max(VARIETY, int(SECONDS_A_ROUND / _time(step, VARIETY))) for name, step in steps.items()}
    rounds = [{name: _time(step, turns[name]) for name, step in steps.items()} for _ in range(ROUNDS)]
    found = {name: [SECONDS * each[name] for each in rounds] for name in steps}
    return {name: Timed(min(taken), statistics.median(taken)) for name, taken in found.items()}


def _time(step: Callable[[int], object], turns: int) -> float:
    began = time.process_time()
    for turn in range(turns):
        step(turn % VARIETY)
    return (time.process_time() - began) / turns


def make_keys(now: datetime) -> Keys:
    """A CAF (RSA-512) and a certificate (RSA-2048) of the simulated SII's."""
    with tempfile.TemporaryDirectory(prefix="timbre-bench-") as folder:
        authority = Authority(Store(Path(folder) / "simulator.sqlite3"), lambda: now)
        granted, person = authority.caf(COMPANY, TipoDte.FACTURA), authority.person("11111111-1")
    caf = Caf(
        emisor=COMPANY.rut,
        razon_social=COMPANY.razon_social,
        tipo=TipoDte.FACTURA,
        desde=FIRST_FOLIO,
        hasta=LAST_FOLIO,
        fecha=today_in_chile(now),
        idk=IDK_SIMULATOR,
        xml=mark(granted.text),
        key=granted.key,
    )
    return Keys(caf, make_certificate(person.key, x509.load_der_x509_certificate(person.certificate)), now)


def make_documento(number: int, lines: int, today: date) -> Documento:
    """An invoice of that many lines, a discount among them, to one of several receivers."""
    place, buyer = COMPANY.addresses[0], COMPANIES[1 + number % (len(COMPANIES) - 1)]
    return Documento(
        tipo=TipoDte.FACTURA,
        fecha_emision=today,
        emisor=Emisor(
            rut=COMPANY.rut,
            razon_social=COMPANY.razon_social,
            giro=COMPANY.giro,
            acteco=COMPANY.activities[0].codigo,
            direccion=place.direccion,
            comuna=place.comuna,
            ciudad=place.ciudad,
        ),
        receptor=Receptor(
            rut=buyer.rut,
            razon_social=f"{buyer.razon_social} N° {number}",
            giro=buyer.giro[:40].rstrip(),
            direccion=buyer.addresses[0].direccion,
            comuna=buyer.addresses[0].comuna,
            ciudad=buyer.addresses[0].ciudad,
        ),
        detalles=tuple(_line(number, line) for line in range(lines)),
    )


def report(measured: Measured) -> None:
    timed = measured.timed
    click.echo(f"\nNúcleo tributario, en un núcleo, µs de CPU por factura de {SHORT} líneas (33)")
    click.echo(f"{'':<46}{'mejor':>10}{'mediana':>10}")
    floor = timed["floor"]
    _say("Piso: firmas RSA-2048 y RSA-512, y esquema", floor.best, floor.median, "{:.0f}")
    _say("Timbrar, armar, firmar y esquema", timed["issue"].best, timed["issue"].median, "{:.0f}")
    _say("Totales", timed["totals"].best, timed["totals"].median, "{:.0f}")
    for what, name in {"Piso / emisión": "issue", "Piso / emisión con totales": "issue_and_totals"}.items():
        each = timed[name]
        _say(f"{what} (meta {AIM})", floor.best / each.best, floor.median / each.median, "{:.2f}")
    rates = {
        "Juzgar (reglas), documentos/s": ("judge", 1),
        "Verificar, documentos/s": ("verify", 1),
        f"PDF de {SHORT} líneas, páginas/s": ("draw_short", 1),
        f"PDF de {LONG} líneas, páginas/s": ("draw_long", measured.pages),
    }
    for what, (name, count) in rates.items():
        each = timed[name]
        _say(what, count * SECONDS / each.best, count * SECONDS / each.median, "{:.0f}")


def _say(what: str, best: float, median: float, form: str) -> None:
    click.echo(f"{what:<46}{form.format(best):>10}{form.format(median):>10}")


def _line(number: int, line: int) -> Detalle:
    return Detalle(
        nombre=f"Resma de papel N° {number} {line}",
        cantidad=Decimal(1 + line),
        precio=Decimal(f"{1990 + number}.5"),
        unidad="un",
        descuento_pct=Decimal(5 if line == 1 else 0),
    )


def _sign(key: RSAPrivateKey, data: bytes) -> None:
    key.sign(data, PKCS1v15(), SHA1())  # noqa: S303 - the SII's algorithm
