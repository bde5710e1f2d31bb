"""Who the simulated tax office has on file. Everybody here is fictitious.

A few are documented (docs/sandbox.md); any other RUT with a right check digit is answered with a stable
made-up taxpayer; two are unknown. RUT bodies 39.0xx.xxx are assigned to nobody.
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from timbre.dte.rut import check_digit, split_rut


@dataclass(frozen=True, slots=True)
class Address:
    direccion: str
    comuna: str
    ciudad: str
    sucursal: str
    """The SII's number of the branch, nine digits at most."""


@dataclass(frozen=True, slots=True)
class Activity:
    codigo: str
    glosa: str


@dataclass(frozen=True, slots=True)
class Taxpayer:
    rut: str
    razon_social: str
    addresses: tuple[Address, ...]
    activities: tuple[Activity, ...]

    @property
    def giro(self) -> str:
        """The one line of business the form shows: the main activity, cut to the form's 70 characters."""
        return self.activities[0].glosa[:70].rstrip()


_GLOSAS = {
    "011301": "Cultivo de papas",
    "016400": "Tratamiento de semillas para propagación",
    "031200": "Pesca de agua dulce",
    "107200": "Elaboración de azúcar",
    "141004": "Fabricación de ropa de trabajo",
    "162300": "Fabricación de recipientes de madera",
    "231002": "Fabricación de vidrio hueco",
    "324000": "Fabricación de juegos y juguetes",
    "410010": "Construcción de edificios para uso residencial",
    "432100": "Instalaciones eléctricas",
    "461001": "Corretaje al por mayor de productos agrícolas",
    "464906": "Venta al por mayor de diarios y revistas",
    "492300": "Transporte de carga por carretera",
    "561000": "Actividades de restaurantes y de servicio móvil de comidas",
    "620100": "Actividades de programación informática",
    "702000": "Actividades de consultoría de gestión",
    "791100": "Actividades de agencias de viajes",
    "829200": "Actividades de envasado y empaquetado",
    "854909": "Otros tipos de enseñanza n.c.p.",
}


def _activities(*codes: str) -> tuple[Activity, ...]:
    return tuple(Activity(code, _GLOSAS[code]) for code in codes)


def _documented(
    body: int, name: str, activities: tuple[Activity, ...], *places: tuple[str, str, str]
) -> Taxpayer:
    addresses = tuple(
        Address(street, comuna, ciudad, str(body * 10 + number)[-8:])
        for number, (street, comuna, ciudad) in enumerate(places, start=1)
    )
    return Taxpayer(f"{body}-{check_digit(body)}", name, addresses, activities)


COMPANIES: tuple[Taxpayer, ...] = (
    _documented(
        39_001_001,
        "COMERCIAL ÑANDÚ SPA (SANDBOX)",
        _activities("464906", "620100", "702000"),
        ("AV. PROVIDENCIA 1234 OF 501", "PROVIDENCIA", "SANTIAGO"),
        ("CALLE LOS ÑIRES 45", "ÑUÑOA", "SANTIAGO"),
        ("AV. PEDRO MONTT 2200", "VALPARAÍSO", "VALPARAÍSO"),
    ),
    _documented(
        39_002_002,
        "PANADERÍA PEÑA & HIJOS LIMITADA (SANDBOX)",
        _activities("561000", "107200"),
        ("O'HIGGINS 310", "CONCEPCIÓN", "CONCEPCIÓN"),
        ("COLO COLO 77 LOCAL 2", "CHIGUAYANTE", "CONCEPCIÓN"),
    ),
    _documented(
        39_003_003,
        "TRANSPORTES CORDILLERA S.A. (SANDBOX)",
        _activities("492300", "829200"),
        ("RUTA 5 SUR KM 1018", "PUERTO MONTT", "PUERTO MONTT"),
        ("AV. AMÉRICO VESPUCIO 880", "PUDAHUEL", "SANTIAGO"),
    ),
    _documented(
        39_004_004,
        "SERVICIOS INFORMÁTICOS AUSTRAL LIMITADA (SANDBOX)",
        _activities("620100", "702000", "854909"),
        ("CARLOS ANWANDTER 650 PISO 3", "VALDIVIA", "VALDIVIA"),
        ("MANUEL MONTT 901", "TEMUCO", "TEMUCO"),
    ),
    _documented(
        39_005_005,
        "CONSTRUCTORA EL ROBLE E.I.R.L. (SANDBOX)",
        _activities("410010", "432100"),
        ("BAQUEDANO 239", "ANTOFAGASTA", "ANTOFAGASTA"),
        ("BALMACEDA 1500", "LA SERENA", "LA SERENA"),
        ("ATACAMA 401", "COPIAPÓ", "COPIAPÓ"),
    ),
    _documented(
        39_006_006,
        "AGRÍCOLA VALLE DEL ELQUI SPA (SANDBOX)",
        _activities("011301", "016400", "461001"),
        ("PARCELA 12 LOTE B", "VICUÑA", "VICUÑA"),
        ("AV. DEL MAR 4600", "LA SERENA", "LA SERENA"),
    ),
    _documented(
        39_007_007,
        "MUEBLES Y MADERAS PEHUÉN LIMITADA (SANDBOX)",
        _activities("162300", "324000"),
        ("CAMINO A CAUTÍN S/N", "LAUTARO", "LAUTARO"),
        ("AV. ALEMANIA 350", "TEMUCO", "TEMUCO"),
    ),
    _documented(
        39_008_008,
        "EMPRESA SIN AUTORIZACIÓN S.A. (SANDBOX)",
        _activities("702000"),
        ("TEATINOS 120", "SANTIAGO", "SANTIAGO"),
        ("MORANDÉ 360", "SANTIAGO", "SANTIAGO"),
    ),
)

NOT_REPRESENTED = COMPANIES[-1].rut
"""On file, but nobody may act for it: not among the chooser's companies, and choosing it is refused."""
UNKNOWN = frozenset(f"{body}-{check_digit(body)}" for body in (39_090_001, 39_090_002))
"""Right check digit, yet not on file: a look-up returns the form without data."""

EXTRANJERO = "55555555-5"
"""Every receiver abroad: on nobody's file."""

_DOCUMENTED = {company.rut: company for company in COMPANIES}
_FIRST = ("COMERCIAL", "INVERSIONES", "SERVICIOS", "DISTRIBUIDORA", "AGRÍCOLA", "IMPORTADORA", "PEÑAFLOR")
_SECOND = ("LOS ÁLAMOS", "ÑUBLE", "PACÍFICO SUR", "EL MAITÉN", "ARAUCANÍA", "TRES PUENTES", "SANTA INÉS")
_KIND = ("SPA", "LIMITADA", "S.A.", "E.I.R.L.")
_STREETS = ("AV. LIBERTADOR", "CALLE MONTAÑA", "PASAJE EL PIÑÓN", "AV. MATTA", "CAMINO REAL", "LOS PIMIENTOS")
_PLACES = (
    ("SANTIAGO", "SANTIAGO"),
    ("PEÑALOLÉN", "SANTIAGO"),
    ("MAIPÚ", "SANTIAGO"),
    ("VIÑA DEL MAR", "VIÑA DEL MAR"),
    ("RANCAGUA", "RANCAGUA"),
    ("CHILLÁN", "CHILLÁN"),
    ("OSORNO", "OSORNO"),
    ("IQUIQUE", "IQUIQUE"),
)
_CODES = tuple(_GLOSAS)


@lru_cache(maxsize=4096)
def find_taxpayer(rut: str) -> Taxpayer | None:
    """What is on file under a canonical RUT with a right check digit; None for those nobody has on file."""
    if rut in UNKNOWN or rut == EXTRANJERO:
        return None
    return _DOCUMENTED.get(rut) or _make_up(rut)


def _make_up(rut: str) -> Taxpayer:
    seed = sha256(rut.encode()).digest()
    body = int(split_rut(rut)[0])
    name = " ".join(words[seed[n] % len(words)] for n, words in enumerate((_FIRST, _SECOND, _KIND)))
    addresses = tuple(
        Address(
            f"{_STREETS[seed[n] % len(_STREETS)]} {100 + seed[n + 1] * 7}",
            *_PLACES[seed[n + 2] % len(_PLACES)],
            str(10_000_000 + body * 10 + n)[-8:],
        )
        for n in (3, 6)
    )
    first = seed[9] % len(_CODES)
    codes = (_CODES[first], _CODES[(first + 1 + seed[10] % (len(_CODES) - 1)) % len(_CODES)])
    return Taxpayer(rut, f"{name} (SANDBOX)", addresses, _activities(*codes))
