"""What random documents are made of: Latin-1 texts as they come off a keyboard, parties, lines, adjustments.

Figures go to the format's limits (prices and quantities of six decimals, texts of the greatest length). One
line is a plain one of at least a thousand, so that no adjustment makes an amount negative. Strategies are
kept, because making one costs more than drawing from it.
"""

from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from functools import cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from factories import EMISOR_RUT, TODAY
from timbre.dte.document import (
    Aduana,
    Ajuste,
    Base,
    Bulto,
    Detalle,
    Emisor,
    Moneda,
    Receptor,
    Referencia,
    Transporte,
)
from timbre.dte.rut import check_digit

_KEYBOARD = "aeiouAEnrst áéíóúñÑÜç¿°ª'\"&<>;%/().-ß·0123456789"
PERCENTS = st.integers(1, 10_000).map(lambda n: Decimal(n).scaleb(-2))
"""0.01 to 100 percent."""
DAYS = st.integers(0, 20).map(lambda back: TODAY - timedelta(days=back))
ADDED = ("18", "19", "23", "24", "25", "26", "27", "271", "44", "45")
WITHHELD = ("15", "30", "301", "32", "33", "34", "48", "481", "53")
Kind = int | None
"""An IndExe."""


@cache
def texts(most: int, *, least: int = 1) -> SearchStrategy[str]:
    """One to ``most`` characters, on one line, single blanks, none at the ends; sometimes the longest."""
    words = st.text(_KEYBOARD, min_size=1, max_size=12)
    repeated = st.tuples(words, st.sampled_from([1, 1, 1, 1, most])).map(
        lambda pair: " ".join(((pair[0] + " ") * pair[1]).split())[:most].strip()
    )
    return repeated.filter(lambda text: len(text) >= least)


@cache
def maybe(strategy: SearchStrategy[str]) -> SearchStrategy[str]:
    """Often not said."""
    return st.just("") | strategy


RUTS = st.integers(1_000_000, 49_999_999).map(lambda body: f"{body}-{check_digit(body)}")
MAILS = st.sampled_from(["", "ventas@panaderia.example", "o'higgins+dte@example.cl"])
COMUNAS = st.sampled_from(["Santiago", "Ñuñoa", "Viña del Mar", "Aysén"])

EMISORES = st.builds(
    Emisor,
    rut=st.just(EMISOR_RUT),
    razon_social=texts(100),
    giro=texts(80),
    acteco=st.sampled_from(["107100", "011101", "620200"]),
    direccion=texts(70),
    comuna=COMUNAS,
    ciudad=texts(20),
    telefono=st.sampled_from(["", "+56 2 2345 6789"]),
    correo=MAILS,
    sucursal=st.sampled_from(["", "87654321"]),
)


@cache
def receptores(ruts: SearchStrategy[str] = RUTS) -> SearchStrategy[Receptor]:
    return st.builds(
        Receptor,
        rut=ruts,
        razon_social=texts(100),
        giro=texts(40),
        direccion=texts(70),
        comuna=COMUNAS,
        ciudad=maybe(texts(20)),
        contacto=maybe(texts(80)),
        correo=MAILS,
        codigo_interno=maybe(texts(20)),
    )


@cache
def prices(most: Decimal) -> SearchStrategy[Decimal]:
    millionths = st.integers(1, int(most * 10**6) - 1)
    return (
        st.integers(1, 10**6).map(Decimal)
        | st.sampled_from(
            [Decimal("0.000001"), Decimal("0.5"), Decimal("1.499999"), most - Decimal(1) / 10**6]
        )
        | millionths.map(lambda n: Decimal(n).scaleb(-6))
    )


QUANTITIES = st.integers(1, 1000).map(Decimal) | st.integers(1, 10**9).map(lambda n: Decimal(n).scaleb(-6))


def _line(
    nombre: str,
    numbers: tuple[Decimal | None, Decimal | None],
    discount: tuple[str, Decimal],
    surcharge: tuple[str, Decimal],
    kind: tuple[Kind, str],
    more: tuple[str, str, str],
) -> Detalle:
    """Discounts and surcharges in pesos are whole and no more than the line."""
    cantidad, precio = numbers
    descripcion, unidad, codigo = more
    said: dict[str, Decimal] = {}
    for name, (how, pct) in (("descuento", discount), ("recargo", surcharge)):
        bruto = (Decimal(1) if cantidad is None else cantidad) * (precio or Decimal(0))
        if how == "pct":
            said[f"{name}_pct"] = pct
        elif how == "monto":
            said[f"{name}_monto"] = (bruto * pct / 100).quantize(Decimal(1), ROUND_FLOOR)
    return Detalle(
        nombre=nombre,
        cantidad=cantidad,
        precio=precio,
        descripcion=descripcion,
        unidad=unidad,
        codigo=codigo,
        tipo_codigo="EAN13" if codigo else "",
        exencion=kind[0],
        impuesto=kind[1],
        agente_retenedor=kind[1] in WITHHELD,
        **said,
    )


_MORE = st.tuples(maybe(texts(1000)), st.sampled_from(["", "kg", "UN", "m²"]), maybe(texts(35)))
_AS_THEY_ARE = st.just(("", Decimal(0)))


@cache
def lines(
    kinds: tuple[Kind, ...],
    taxes: tuple[str, ...] = ("",),
    *,
    most: Decimal = Decimal(10) ** 12,
    shares: tuple[str, ...] = ("", "", "pct", "monto"),
) -> SearchStrategy[Detalle]:
    """Any line of these kinds; an affected one of these taxes. ``shares``: how discounts may be said."""
    said = st.tuples(st.sampled_from(shares), PERCENTS)
    numbers = st.tuples(QUANTITIES, prices(most)) | st.tuples(
        st.none() | QUANTITIES, st.sampled_from([None, Decimal(1990)])
    )
    pairs = [(kind, tax) for kind in kinds for tax in (taxes if kind is None else ("",))]
    return st.builds(_line, texts(80), numbers, said, said, st.sampled_from(pairs), _MORE)


@cache
def anchors(kind: Kind, taxes: tuple[str, ...] = ("",)) -> SearchStrategy[Detalle]:
    """A plain line that is worth at least 1,000."""
    numbers = st.tuples(st.integers(1, 100), st.integers(1000, 10**7)).map(
        lambda pair: (Decimal(pair[0]), Decimal(pair[1]))
    )
    pairs = st.sampled_from([(kind, tax) for tax in taxes])
    return st.builds(_line, texts(80), numbers, _AS_THEY_ARE, _AS_THEY_ARE, pairs, _MORE)


@cache
@st.composite
def detalles(
    draw: st.DrawFn, first: SearchStrategy[Detalle], others: SearchStrategy[Detalle]
) -> tuple[Detalle, ...]:
    """A plain line and up to eleven others, at times until there are 60."""
    found = [draw(first), *draw(st.lists(others, max_size=11))]
    if draw(st.integers(0, 19)) == 7:
        found = (found * 60)[:60]
    return tuple(found)


@cache
def ajustes(sobre: Base, *, amounts: bool) -> SearchStrategy[tuple[Ajuste, ...]]:
    """Up to three that leave something of a base's 1,000: 90 percent or 90 pesos at the most."""
    pct = st.builds(
        Ajuste,
        recargo=st.booleans(),
        pct=st.integers(1, 3000).map(lambda n: Decimal(n).scaleb(-2)),
        sobre=st.just(sobre),
        glosa=maybe(texts(45)),
    )
    monto = st.builds(
        Ajuste,
        recargo=st.booleans(),
        monto=st.integers(1, 30).map(Decimal),
        sobre=st.just(sobre),
        glosa=maybe(texts(45)),
    )
    return st.lists(pct | monto if amounts else pct, max_size=3).map(tuple)


@cache
def referencias(
    tipos: tuple[str, ...], codigo: int | None = None, *, least: int = 0, most: int = 4
) -> SearchStrategy[tuple[Referencia, ...]]:
    one = st.builds(
        Referencia,
        tipo=st.sampled_from(tipos),
        folio=st.integers(1, 10**9).map(str),
        fecha=st.dates(date(2025, 6, 1), TODAY - timedelta(days=20)),
        razon=texts(90),
        codigo=st.just(codigo),
    )
    return st.lists(one, min_size=least, max_size=most).map(tuple)


BULTOS = st.lists(
    st.builds(
        Bulto,
        tipo=st.sampled_from([22, 80, 73]),
        cantidad=st.integers(1, 500),
        marcas=texts(255),
        contenedor=st.just("MSKU1234565"),
        sello=texts(20),
        emisor_sello=texts(70),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
MONEDAS = st.builds(
    Moneda,
    st.sampled_from(["DOLAR USA", "EURO", "YEN", "LIBRA EST"]),
    st.integers(1, 20_000_000).map(lambda n: Decimal(n).scaleb(-4)),
) | st.just(Moneda())


@cache
def transportes() -> SearchStrategy[Transporte]:
    return st.builds(
        Transporte,
        patente=st.sampled_from(["BBCC12", "AB1234"]),
        rut=RUTS,
        chofer_rut=RUTS,
        chofer_nombre=texts(30),
        direccion=texts(70),
        comuna=texts(20),
        ciudad=texts(20),
    )


@cache
def weights() -> SearchStrategy[Decimal]:
    return st.integers(1, 10**9).map(lambda n: Decimal(n).scaleb(-2))


@cache
@st.composite
def aduanas(draw: st.DrawFn) -> Aduana:
    bultos = draw(BULTOS)
    net = draw(st.none() | weights())
    charge = st.none() | st.integers(1, 10**6).map(lambda n: Decimal(n).scaleb(-2))
    return Aduana(
        modalidad=draw(st.sampled_from([1, 2, 9])),
        clausula=draw(st.sampled_from([1, 5, 17])),
        total_clausula=draw(weights()),
        via=draw(st.sampled_from([1, 4, 7])),
        puerto_embarque=905,
        puerto_desembarque=draw(st.sampled_from([134, 159])),
        peso_bruto=draw(weights()),
        unidad_peso_bruto=6,
        peso_neto=net,
        unidad_peso_neto=None if net is None else 6,
        total_bultos=sum(each.cantidad for each in bultos),
        bultos=bultos,
        flete=draw(charge),
        seguro=draw(charge),
        pais_receptor=225,
        pais_destino=225,
    )
