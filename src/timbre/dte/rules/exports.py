"""Exports: currency, customs, the foreign buyer."""

from timbre.dte import customs
from timbre.dte.codes import EXPORTACIONES, TipoDte
from timbre.dte.document import PESO_CL, Documento
from timbre.dte.rules.fields import ADUANA, block_of, customs_of
from timbre.dte.rules.rule import Case, Found, Level, rule

FOREIGNER = "55555555-5"
HOTEL = 4
PASSPORT = "813"
MOST_PACKAGES = 10
MOST_OF_A_KIND = 10**10
INVOICE = frozenset({TipoDte.FACTURA_EXPORTACION})
_CUSTOMS = EXPORTACIONES | {TipoDte.GUIA_DESPACHO}
_REQUIRED = ("modalidad", "pais_destino")
_WANTED = ("clausula", "total_clausula", "via", "total_bultos", "pais_receptor")


@rule(
    "exchange_rate_required",
    "Una exportación en otra moneda dice cuántos pesos vale.",
    source="SII HED-3-834 (sin OtraMoneda)",
    types=EXPORTACIONES,
)
def exchange_rate(case: Case) -> Found:
    moneda = case.documento.moneda
    if moneda.nombre != PESO_CL and moneda.tipo_cambio == 1:
        message = f"Falta el tipo de cambio, o dice 1: di cuántos pesos vale 1 {moneda.nombre}."
        yield "export_data.exchange_rate", message


@rule(
    "unknown_code",
    "La moneda de una exportación es de la lista del SII.",
    source="DTE_v10.xsd, TipMonType",
    types=EXPORTACIONES,
)
def currency(case: Case) -> Found:
    name = case.documento.moneda.nombre
    if name != PESO_CL and name not in customs.monedas().values():
        yield "export_data.currency_code", f"La moneda «{name}» no está en la lista del SII."


def _of_goods(documento: Documento) -> bool:
    return documento.indicador_servicio is None


@rule(
    "customs_data_required",
    "Una exportación de bienes dice su modalidad de venta y su país de destino.",
    source="Formato DTE v2.2, Aduana; contrato de la API, export_data",
    types=INVOICE,
)
def required(case: Case) -> Found:
    aduana = customs_of(case.documento)
    for attribute in _REQUIRED if _of_goods(case.documento) else ():
        if aduana is None or getattr(aduana, attribute) is None:
            name, label = ADUANA[attribute]
            yield f"export_data.{name}", f"Falta {label} de la exportación."


@rule(
    "customs_data_missing",
    "Una exportación de bienes dice cláusula y su total, vía de transporte, bultos y país del receptor.",
    source="Formato DTE v2.2, Aduana",
    types=INVOICE,
    level=Level.WARN,
)
def missing(case: Case) -> Found:
    aduana = customs_of(case.documento)
    if not _of_goods(case.documento):
        return
    for attribute in _WANTED:
        if aduana is None or getattr(aduana, attribute) is None:
            name, label = ADUANA[attribute]
            yield f"export_data.{name}", f"La exportación no dice {label}."


@rule(
    "weight_unit_missing",
    "Un peso y su unidad van juntos.",
    source="Formato DTE v2.2, CodUnidPesoBruto y CodUnidPesoNeto",
    types=_CUSTOMS,
)
def unit(case: Case) -> Found:
    aduana, block = customs_of(case.documento), block_of(case.documento)
    for weight, unit_of in (("peso_bruto", "unidad_peso_bruto"), ("peso_neto", "unidad_peso_neto")):
        if aduana and (getattr(aduana, weight) is None) != (getattr(aduana, unit_of) is None):
            name, label = ADUANA[unit_of if getattr(aduana, unit_of) is None else weight]
            yield f"{block}.{name}", f"Falta {label}."


@rule(
    "package_limit",
    "Una exportación tiene hasta 10 tipos de bulto, cada uno con su cantidad.",
    source="DTE_v10.xsd, TipoBultos",
    types=_CUSTOMS,
)
def packages(case: Case) -> Found:
    aduana, block = customs_of(case.documento), block_of(case.documento)
    bultos = aduana.bultos if aduana else ()
    if len(bultos) > MOST_PACKAGES:
        yield f"{block}.packages", f"Hay {len(bultos)} tipos de bulto; el SII admite {MOST_PACKAGES}."
    for number, each in enumerate(bultos):
        if not 1 <= each.cantidad < MOST_OF_A_KIND:
            message = "La cantidad de bultos debe ser 1 o más, de hasta 10 cifras."
            yield f"{block}.packages.{number}.quantity", message
    if aduana and aduana.total_bultos is not None and aduana.total_bultos < 1:
        yield f"{block}.total_packages", "El total de bultos debe ser 1 o más."


@rule(
    "packages_without_marks",
    "Cada tipo de bulto de una exportación dice sus marcas.",
    source="SII HED-2-804",
    types=EXPORTACIONES,
    level=Level.WARN,
)
def marks(case: Case) -> Found:
    aduana = customs_of(case.documento)
    for number, each in enumerate(aduana.bultos if aduana else ()):
        if not each.marcas:
            message = f"El bulto {number + 1} no dice sus marcas (packages[].marks): el SII lo repara."
            yield f"export_data.packages.{number}.marks", message


@rule(
    "packages_differ",
    "El total de bultos es lo que suman sus tipos.",
    source="Formato DTE v2.2, TotBultos",
    types=_CUSTOMS,
    level=Level.WARN,
)
def sums(case: Case) -> Found:
    aduana = customs_of(case.documento)
    if aduana is None or aduana.total_bultos is None or not aduana.bultos:
        return
    counted = sum(each.cantidad for each in aduana.bultos)
    if counted != aduana.total_bultos:
        message = f"Los bultos suman {counted} y el total dice {aduana.total_bultos}."
        yield f"{block_of(case.documento)}.total_packages", message


@rule(
    "export_receiver_unusual",
    f"El receptor de una exportación lleva el RUT {FOREIGNER}.",
    source="Formato DTE v2.2, RUTRecep",
    types=EXPORTACIONES,
    level=Level.WARN,
)
def receiver(case: Case) -> Found:
    if case.documento.receptor.rut != FOREIGNER:
        message = f"El receptor de una exportación suele llevar el RUT {FOREIGNER}: revisa si es extranjero."
        yield "document_receiver.rut", message


@rule(
    "nationality_missing",
    "El receptor extranjero dice su nacionalidad.",
    source="Formato DTE v2.2, Nacionalidad",
    types=EXPORTACIONES,
    level=Level.WARN,
)
def nationality(case: Case) -> Found:
    receptor = case.documento.receptor
    if receptor.rut == FOREIGNER and not receptor.nacionalidad:
        yield "document_receiver.nationality_code", "Falta la nacionalidad del receptor extranjero."


@rule(
    "passport_reference_required",
    "Los servicios de hotelería llevan referencia 813, el pasaporte del extranjero.",
    source="Formato DTE v2.2, IndServicio 4",
    types=INVOICE,
)
def hotel(case: Case) -> Found:
    documento = case.documento
    if documento.indicador_servicio == HOTEL and PASSPORT not in {r.tipo for r in documento.referencias}:
        yield "references", "Un servicio de hotelería lleva una referencia 813, el pasaporte del huésped."


@rule(
    "export_payment_unknown",
    "La forma de pago de una exportación es de la tabla de aduana.",
    source="Compendio de Normas Aduaneras, anexo 51 (FmaPagExp)",
    types=_CUSTOMS,
    level=Level.WARN,
)
def payment(case: Case) -> Found:
    code = case.documento.forma_pago_exportacion
    if code is not None and code not in customs.formas_de_pago():
        message = f"La forma de pago {code} no está en la tabla de aduana que Timbre conoce: revísala."
        yield "export_data.export_payment_method_code", message
