"""Random documents of each type that the rules accept, to the limits of the SII's format."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache

from documents_parts import (
    ADDED,
    DAYS,
    EMISORES,
    MONEDAS,
    RUTS,
    Kind,
    aduanas,
    ajustes,
    anchors,
    detalles,
    lines,
    maybe,
    receptores,
    referencias,
    texts,
    transportes,
)
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from factories import EMISOR_RUT
from timbre.dte.codes import BOLETAS, EXPORTACIONES, NOTAS, SOLO_EXENTOS, FormaPago, TipoDte
from timbre.dte.document import (
    PESO_CL,
    PESOS,
    Ajuste,
    Base,
    Detalle,
    Documento,
    Entrada,
    GuiaExportacion,
    Pago,
    Referencia,
    Transporte,
)

T = TipoDte
_GROSS = frozenset({T.FACTURA, T.BOLETA, T.NOTA_DEBITO, T.NOTA_CREDITO})
_GUARANTEE = frozenset({T.FACTURA, T.FACTURA_EXENTA, T.NOTA_DEBITO, T.NOTA_CREDITO})
_SOLD = ("33", "34", "46", "801", "HES")
_ANNULLED = {
    T.NOTA_DEBITO: "61",
    T.NOTA_CREDITO: "33",
    T.NOTA_DEBITO_EXPORTACION: "112",
    T.NOTA_CREDITO_EXPORTACION: "110",
}


@cache
@st.composite
def documents(draw: st.DrawFn, tipo: TipoDte) -> Documento:
    """Documents of one type. Issued by ``factories.EMISOR_RUT`` in the weeks before ``factories.TODAY``."""
    plain = draw(_plain(tipo))
    if tipo in BOLETAS:
        return draw(_boletas(plain))
    if tipo is T.GUIA_DESPACHO:
        return draw(_guias(plain))
    if tipo in EXPORTACIONES:
        plain = draw(_exportaciones(plain))
    return draw(_notas(plain) if tipo in NOTAS else _facturas(plain))


@cache
@st.composite
def _plain(draw: st.DrawFn, tipo: TipoDte) -> Documento:
    """Parties, lines and what is taken off the whole."""
    abroad, exempt = tipo in EXPORTACIONES, tipo in SOLO_EXENTOS
    brutos = tipo in _GROSS and draw(st.booleans())
    taxes = ("",) if brutos or exempt or tipo is T.BOLETA else draw(_taxes(tipo))
    moneda = draw(MONEDAS) if abroad else PESOS
    cents = moneda.nombre != PESO_CL
    one = lines(
        _kinds(tipo),
        taxes,
        most=Decimal(10) ** (8 if abroad else 12),
        shares=("", "monto") if cents else ("", "", "pct", "monto"),
    )
    found = draw(detalles(anchors(1 if exempt and draw(st.booleans()) else None, taxes), one))
    extra = () if abroad else draw(_beside(found, exempt=exempt))
    mixed = len({line.impuesto for line in found if line.exencion is None}) > 1
    sobre = Base.EXENTO if exempt else Base.AFECTO
    return Documento(
        tipo=tipo,
        fecha_emision=draw(DAYS),
        emisor=draw(EMISORES),
        receptor=draw(receptores(RUTS)),
        detalles=(*found, *(line for line, _ in extra)),
        ajustes=(
            *draw(ajustes(sobre, amounts=exempt or not mixed)),
            *(each for _, ajustes_of in extra for each in ajustes_of),
        ),
        brutos=brutos,
        moneda=moneda,
    )


@st.composite
def _beside(
    draw: st.DrawFn, found: tuple[Detalle, ...], *, exempt: bool
) -> tuple[tuple[Detalle, tuple[Ajuste, ...]], ...]:
    """Plain lines that are exempt or not billable, with adjustments of their own; room for both is left."""
    kinds = {} if exempt else {1: Base.EXENTO}
    if all(line.exencion != 6 for line in found):
        kinds[2] = Base.NO_FACTURABLE
    if len(found) > 50 or draw(st.booleans()):
        return ()
    return tuple((draw(anchors(kind)), draw(ajustes(sobre, amounts=True))) for kind, sobre in kinds.items())


@cache
def _taxes(tipo: TipoDte) -> SearchStrategy[tuple[str, ...]]:
    """Those that the affected lines of one document share or mix."""
    added = [("",), ("",), ("25",), ("24", "", "271"), ADDED]
    withheld = [("15",), ("32",), ("30", "48", "53"), ("15", "301")]
    if tipo is T.FACTURA_COMPRA:
        return st.sampled_from(withheld)
    return st.sampled_from([*added, *withheld] if tipo in NOTAS else added)


@cache
def _kinds(tipo: TipoDte) -> tuple[Kind, ...]:
    if tipo in EXPORTACIONES:
        return (None, 1)
    more: tuple[Kind, ...] = (4, 5) if tipo is T.GUIA_DESPACHO else ()
    return (None, None, None, 1, 2, 6, *more, *((3,) if tipo in _GUARANTEE else ()))


@st.composite
def _facturas(draw: st.DrawFn, plain: Documento) -> Documento:
    """33, 34, 46 and 110: how and when it is paid, what of, what period."""
    day, abroad = plain.fecha_emision, plain.es_exportacion
    pagos = st.lists(
        st.builds(
            Pago,
            fecha=st.just(day + timedelta(days=30)),
            monto=st.integers(1, 10**9).map(Decimal),
            glosa=maybe(texts(40)),
        ),
        max_size=3,
    )
    service = st.none() | st.sampled_from([3, 5] if abroad else [1, 2, 3])
    return replace(
        plain,
        referencias=(*plain.referencias, *draw(referencias(_SOLD))),
        forma_pago=draw(st.sampled_from([None, *FormaPago])),
        fecha_vencimiento=draw(st.none() | st.just(day + timedelta(days=30))),
        fecha_cancelacion=draw(st.none() | st.just(day)),
        pagos=tuple(draw(pagos)),
        condiciones_pago=draw(maybe(texts(100))),
        periodo_desde=day - timedelta(days=30),
        periodo_hasta=draw(st.none() | st.just(day)),
        indicador_servicio=draw(service),
        tipo_despacho=draw(st.sampled_from([None, 1, 2, 3])),
        tipo_compra=None if abroad else draw(st.integers(1, 7)),
        tipo_venta=None if abroad else draw(st.none() | st.integers(1, 4)),
        transporte=plain.transporte if abroad else draw(st.none() | transportes()),
    )


@st.composite
def _notas(draw: st.DrawFn, plain: Documento) -> Documento:
    """A note annuls one document, corrects its text (and has no amounts), or corrects the amounts of some."""
    codigo = draw(st.sampled_from([1, 2, 3, 3]))
    found = draw(referencias((_ANNULLED[plain.tipo],), codigo, least=1, most=3 if codigo == 3 else 1))
    if codigo == 2:
        texts_alone = tuple(
            replace(
                line,
                cantidad=None,
                precio=None,
                exencion=None,
                descuento_pct=Decimal(0),
                descuento_monto=Decimal(0),
                recargo_pct=Decimal(0),
                recargo_monto=Decimal(0),
            )
            for line in plain.detalles
        )
        plain = replace(plain, detalles=texts_alone, ajustes=())
    elif codigo == 3 and draw(st.booleans()):
        found = (replace(found[0], folio="0", es_global=True), *found[1:])
    return replace(
        plain, referencias=found, fecha_vencimiento=draw(st.none() | DAYS.map(lambda _: plain.fecha_emision))
    )


@st.composite
def _boletas(draw: st.DrawFn, plain: Documento) -> Documento:
    """To somebody or to nobody, at times a show's."""
    ticket = st.builds(
        Entrada,
        folio=st.integers(1, 999_999),
        generada=st.just("2026-03-01T10:00:00"),
        evento=texts(80),
        tipo=texts(10),
        codigo_evento=texts(5),
        fecha_evento=st.just("2026-04-01T21:30:00"),
        lugar=texts(80),
        ubicacion=texts(20),
        fila=maybe(texts(3)),
        asiento=maybe(texts(3)),
    )
    show = draw(st.booleans())
    first, *others = plain.detalles
    if show:
        first = replace(first, espectaculo=draw(st.sampled_from(["01", "02"])), entrada=draw(ticket))
    nobody = draw(st.booleans())
    return replace(
        plain,
        detalles=(first, *others),
        receptor=replace(plain.receptor, rut="66666666-6", razon_social="") if nobody else plain.receptor,
        referencias=draw(referencias(("33", "801"))),
        indicador_servicio=4 if show else draw(st.sampled_from([1, 2, 3])),
        medio_pago=draw(st.none() | st.integers(1, 5)),
        fecha_vencimiento=draw(st.none() | st.just(plain.fecha_emision)),
    )


@st.composite
def _guias(draw: st.DrawFn, plain: Documento) -> Documento:
    """With value or without, within the company, to a client, or on the way abroad."""
    traslado = draw(st.integers(1, 9))
    within, abroad = traslado == 5, traslado in (8, 9)
    worthless = traslado not in (1, 9) and draw(st.booleans())
    priced = [replace(line, cantidad=line.cantidad or Decimal(1)) for line in plain.detalles]
    if worthless:
        priced = [
            replace(line, precio=None, descuento_monto=Decimal(0), recargo_monto=Decimal(0))
            for line in priced
        ]
    transporte = draw(transportes())
    return replace(
        plain,
        detalles=tuple(priced),
        ajustes=() if worthless else plain.ajustes,
        receptor=replace(plain.receptor, rut=EMISOR_RUT) if within else plain.receptor,
        referencias=draw(referencias(("33", "801", "807"))),
        forma_pago=draw(st.sampled_from([None, *FormaPago])),
        tipo_despacho=None if within else draw(st.sampled_from([None, 1, 2, 3])),
        indicador_traslado=traslado,
        tipo_compra=draw(st.none() | st.integers(1, 7)),
        tipo_venta=draw(st.none() | st.integers(1, 4)),
        transporte=replace(transporte, aduana=draw(aduanas())) if abroad else transporte,
        guia_exportacion=GuiaExportacion(
            codigo=draw(st.integers(1, 4)), resolucion=1234, fecha_resolucion=plain.fecha_emision
        )
        if abroad
        else None,
    )


@st.composite
def _exportaciones(draw: st.DrawFn, plain: Documento) -> Documento:
    """Abroad and exempt; of goods customs are told, and freight and insurance are part of the total."""
    goods = draw(st.booleans())
    aduana = draw(aduanas()) if goods or plain.tipo is T.FACTURA_EXPORTACION else None
    if aduana and plain.moneda.nombre == PESO_CL:
        aduana = replace(aduana, flete=Decimal(1234), seguro=None)
    charges = (
        tuple(
            Ajuste(recargo=True, monto=monto, sobre=Base.EXENTO, glosa=glosa)
            for monto, glosa in ((aduana.flete, "FLETE"), (aduana.seguro, "SEGURO"))
            if monto
        )
        if aduana
        else ()
    )
    passport = Referencia(tipo="813", folio="P1234567", fecha=plain.fecha_emision, razon="Pasaporte")
    return replace(
        plain,
        receptor=replace(
            plain.receptor,
            rut="55555555-5",
            ciudad=draw(texts(20)),
            id_extranjero=draw(texts(20)),
            nacionalidad=draw(st.sampled_from(["225", "997"])),
        ),
        ajustes=(*plain.ajustes, *charges),
        referencias=(passport,),
        forma_pago_exportacion=draw(st.sampled_from([1, 11, 21, 32])),
        transporte=Transporte(aduana=aduana) if aduana else None,
    )
