"""What is printed of a document besides its lines and amounts, as labels and texts: the same on every paper.

A pair whose text is empty is not printed.
"""

from collections.abc import Iterator
from decimal import Decimal

from timbre.dte.customs import (
    bultos,
    clausulas,
    formas_de_pago,
    modalidades,
    paises,
    puertos,
    unidades,
    vias,
)
from timbre.dte.document import Aduana, Bulto, Documento, Pago, Referencia
from timbre.dte.rut import with_dots
from timbre.pdf.naming import (
    DISPATCH,
    MEANS,
    MOVER,
    PAYMENT,
    TRANSFER,
    named,
    reference_action,
    reference_name,
    service_name,
)
from timbre.pdf.words import long_date, money, number, short_date

Pair = tuple[str, str]


def issuer_lines(documento: Documento) -> list[str]:
    """Giro, address and contact, below the issuer's name."""
    emisor = documento.emisor
    place = ", ".join(filter(None, [emisor.direccion, emisor.comuna, emisor.ciudad]))
    contact = " · ".join(filter(None, [emisor.telefono, emisor.correo]))
    return list(filter(None, [f"Giro: {emisor.giro}" if emisor.giro else "", place, contact]))


def receiver_pairs(documento: Documento) -> list[Pair]:
    receptor = documento.receptor
    country = receptor.nacionalidad
    return [
        ("Señor(es)", receptor.razon_social),
        ("R.U.T.", with_dots(receptor.rut)),
        ("Giro", receptor.giro),
        ("Dirección", receptor.direccion),
        ("Comuna", receptor.comuna),
        ("Ciudad", receptor.ciudad),
        ("Nacionalidad", named(paises(), int(country)) if country.isdecimal() else country),
        ("ID extranjero", receptor.id_extranjero),
        ("Código", receptor.codigo_interno),
        ("Contacto", " · ".join(filter(None, [receptor.contacto, receptor.correo]))),
    ]


def term_pairs(documento: Documento) -> list[Pair]:
    """The date and how it is paid."""
    payment = documento.forma_pago
    since, until = short_date(documento.periodo_desde), short_date(documento.periodo_hasta)
    service = service_name(documento.indicador_servicio, es_boleta=documento.es_boleta)
    return [
        ("Fecha emisión", long_date(documento.fecha_emision)),
        ("Forma de pago", PAYMENT[payment] if payment else ""),
        ("Pago export.", named(formas_de_pago(), documento.forma_pago_exportacion).capitalize()),
        ("Medio de pago", named(MEANS, documento.medio_pago)),
        ("Condiciones", documento.condiciones_pago),
        ("Vencimiento", short_date(documento.fecha_vencimiento)),
        ("Cancelación", short_date(documento.fecha_cancelacion)),
        ("Período", " al ".join(filter(None, [since, until]))),
        ("Servicio", service),
    ]


def transport_pairs(documento: Documento) -> list[Pair]:
    """What moves, by whom and where to; a guide's transfer type in words."""
    carried, guide = documento.transporte, documento.guia_exportacion
    pairs = [
        ("Traslado", named(TRANSFER, documento.indicador_traslado)),
        ("Despacho", named(DISPATCH, documento.tipo_despacho)),
    ]
    if guide:
        resolution = f"Res. N° {guide.resolucion} {_of(short_date(guide.fecha_resolucion))}"
        mover = named(MOVER, guide.codigo)
        pairs.append(("Traslada", f"{mover}, {resolution}" if guide.resolucion is not None else mover))
    if carried:
        driver = [carried.chofer_nombre, _rut(carried.chofer_rut)]
        place = [carried.direccion, carried.comuna, carried.ciudad]
        pairs += [
            ("Destino", ", ".join(filter(None, place))),
            ("Patente", carried.patente),
            ("Transportista", _rut(carried.rut)),
            ("Chofer", " · ".join(filter(None, driver))),
        ]
    return [pair for pair in pairs if pair[1]]


def customs_pairs(documento: Documento) -> list[Pair]:
    """What the customs' codes mean; amounts are in the document's currency."""
    aduana = documento.transporte.aduana if documento.transporte else None
    if aduana is None:
        return []
    pairs = [
        ("Modalidad", named(modalidades(), aduana.modalidad).capitalize()),
        ("Cláusula", _clause(documento, aduana)),
        ("Vía", named(vias(), aduana.via)),
        ("Embarque", named(puertos(), aduana.puerto_embarque)),
        ("Desembarque", named(puertos(), aduana.puerto_desembarque)),
        ("País receptor", named(paises(), aduana.pais_receptor)),
        ("País destino", named(paises(), aduana.pais_destino)),
        ("Peso bruto", _weight(aduana.peso_bruto, aduana.unidad_peso_bruto)),
        ("Peso neto", _weight(aduana.peso_neto, aduana.unidad_peso_neto)),
        ("Total bultos", "" if aduana.total_bultos is None else number(Decimal(aduana.total_bultos))),
        ("Flete", _money(documento, aduana.flete)),
        ("Seguro", _money(documento, aduana.seguro)),
    ]
    return [pair for pair in pairs if pair[1]]


def note_groups(documento: Documento) -> Iterator[tuple[str, list[str]]]:
    """What there may be many of, each group under its label."""
    aduana = documento.transporte.aduana if documento.transporte else None
    yield "Referencias", [_reference(documento, each) for each in documento.referencias]
    yield "Bultos", [_package(each) for each in (aduana.bultos if aduana else ())]
    yield "Plan de pagos", [_payment(documento, each) for each in documento.pagos]


def _reference(documento: Documento, reference: Referencia) -> str:
    """A boleta's references have no date, and may be a reason alone."""
    day = "" if documento.es_boleta else f"del {short_date(reference.fecha)}"
    which = "global" if reference.es_global else f"N° {reference.folio}" if reference.folio else ""
    whose = f"de {with_dots(reference.rut_otro)}" if reference.rut_otro else ""
    text = " ".join(filter(None, [reference_name(reference.tipo), which, whose, day]))
    reason = " · ".join(filter(None, [reference_action(reference.codigo), reference.razon]))
    return ": ".join(filter(None, [text, reason]))


def _package(bulto: Bulto) -> str:
    said = [
        f"{number(Decimal(bulto.cantidad))} {named(bultos(), bulto.tipo)}",
        f"marcas {bulto.marcas}" if bulto.marcas else "",
        f"contenedor {bulto.contenedor}" if bulto.contenedor else "",
        f"sello {bulto.sello} {_of(bulto.emisor_sello)}".rstrip() if bulto.sello else "",
    ]
    return ", ".join(filter(None, said))


def _payment(documento: Documento, pago: Pago) -> str:
    text = f"{short_date(pago.fecha)}: {money(pago.monto, documento.moneda)}"
    return f"{text} · {pago.glosa}" if pago.glosa else text


def _clause(documento: Documento, aduana: Aduana) -> str:
    total = _money(documento, aduana.total_clausula)
    return " ".join(filter(None, [named(clausulas(), aduana.clausula), total]))


def _weight(weight: Decimal | None, unit: int | None) -> str:
    return "" if weight is None else f"{number(weight)} {named(unidades(), unit)}".rstrip()


def _money(documento: Documento, value: Decimal | None) -> str:
    """Customs' amounts say their currency each: they stand far from the totals, which say it once."""
    if value is None:
        return ""
    moneda = documento.moneda
    return f"{money(value, moneda)} {moneda.nombre}" if moneda.decimales else f"$ {number(value)}"


def _rut(rut: str) -> str:
    return with_dots(rut) if rut else ""


def _of(text: str) -> str:
    return f"de {text}" if text else ""
