"""Fields that a type does not carry, and codes from the format's short lists."""

from typing import Any

from timbre.dte import customs
from timbre.dte.codes import BOLETAS, EXPORTACIONES, TipoDte
from timbre.dte.document import PESOS, Aduana, Documento
from timbre.dte.rules.rule import EVERY, Case, Found, Level, rule

T = TipoDte
_TABLE = "Formato DTE v2.2, tabla de obligatoriedad (0: no corresponde); EnvioBOLETA_v11.xsd"
_NO_CARRIAGE = frozenset(
    {T.NOTA_DEBITO, T.NOTA_CREDITO, T.NOTA_DEBITO_EXPORTACION, T.NOTA_CREDITO_EXPORTACION}
)
_GUIDE = frozenset({T.GUIA_DESPACHO})
_BOUGHT = EXPORTACIONES | BOLETAS | {T.NOTA_DEBITO, T.NOTA_CREDITO}
_HEADER: tuple[tuple[str, str, frozenset[TipoDte]], ...] = (
    ("tipo_despacho", "transport_data.dispatch_type", _NO_CARRIAGE | BOLETAS),
    ("indicador_traslado", "transport_data.transport_type", EVERY - _GUIDE),
    ("guia_exportacion", "transport_data.transfer_issuer_code", EVERY - _GUIDE),
    ("indicador_servicio", "header.service_indicator", _GUIDE),
    ("tipo_compra", "header.purchase_type", _BOUGHT),
    ("tipo_venta", "header.sale_transaction_type", BOLETAS | {T.NOTA_DEBITO}),
    (
        "forma_pago_exportacion",
        "export_data.export_payment_method_code",
        EVERY - EXPORTACIONES - _GUIDE,
    ),
    ("forma_pago", "header.payment_method", BOLETAS),
    ("fecha_cancelacion", "header.cancellation_date", BOLETAS),
    ("pagos", "header.payments", BOLETAS),
    ("condiciones_pago", "header.payment_terms", BOLETAS),
    ("periodo_desde", "header.period_from", _GUIDE),
    ("periodo_hasta", "header.period_to", _GUIDE),
    ("medio_pago", "header.payment_means", EVERY - BOLETAS),
    ("fecha_vencimiento", "header.due_date", _GUIDE),
)
"""Attribute of the document, its path, and the types that have no place for it."""
_CARRIAGE: tuple[tuple[str, str, frozenset[TipoDte]], ...] = (
    ("patente", "transport_plate", _NO_CARRIAGE | BOLETAS),
    ("rut", "transport_rut", _NO_CARRIAGE | BOLETAS),
    ("chofer_rut", "driver_rut", BOLETAS),
    ("chofer_nombre", "driver_name", BOLETAS),
    ("direccion", "destination_address", BOLETAS),
    ("comuna", "destination_district", BOLETAS),
    ("ciudad", "destination_city", BOLETAS),
)
ADUANA: dict[str, tuple[str, str]] = {
    "modalidad": ("sale_mode_code", "la modalidad de venta"),
    "clausula": ("sale_clause_code", "la cláusula de venta"),
    "total_clausula": ("sale_clause_amount", "el total de la cláusula de venta"),
    "via": ("transport_way_code", "la vía de transporte"),
    "puerto_embarque": ("departure_port_code", "el puerto de embarque"),
    "puerto_desembarque": ("arrival_port_code", "el puerto de desembarque"),
    "peso_bruto": ("gross_weight", "el peso bruto"),
    "unidad_peso_bruto": ("gross_weight_unit_code", "la unidad del peso bruto"),
    "peso_neto": ("net_weight", "el peso neto"),
    "unidad_peso_neto": ("net_weight_unit_code", "la unidad del peso neto"),
    "total_bultos": ("total_packages", "el total de bultos"),
    "bultos": ("packages", "los bultos"),
    "flete": ("freight_amount", "el flete"),
    "seguro": ("insurance_amount", "el seguro"),
    "pais_receptor": ("receiver_country_code", "el país del receptor"),
    "pais_destino": ("destination_country_code", "el país de destino"),
}
"""Attribute of Aduana -> the API's name and its Spanish label."""
_ONE_TO = {most: frozenset(range(1, most + 1)) for most in (2, 3, 4, 5, 7, 9)}
_LISTS: tuple[tuple[str, str, str], ...] = (
    ("tipo_despacho", "transport_data.dispatch_type", "El tipo de despacho"),
    ("indicador_traslado", "transport_data.transport_type", "El tipo de traslado"),
    ("indicador_servicio", "header.service_indicator", "El indicador de servicio"),
    ("tipo_compra", "header.purchase_type", "El tipo de compra"),
    ("tipo_venta", "header.sale_transaction_type", "El tipo de venta"),
    ("medio_pago", "header.payment_means", "El medio de pago"),
)
_ALLOWED = {
    "tipo_despacho": _ONE_TO[3],
    "indicador_traslado": _ONE_TO[9],
    "tipo_compra": _ONE_TO[7],
    "tipo_venta": _ONE_TO[4],
    "medio_pago": _ONE_TO[5],
}
_TABLES = {
    "modalidad": customs.modalidades,
    "clausula": customs.clausulas,
    "via": customs.vias,
    "puerto_embarque": customs.puertos,
    "puerto_desembarque": customs.puertos,
    "unidad_peso_bruto": customs.unidades,
    "unidad_peso_neto": customs.unidades,
    "pais_receptor": customs.paises,
    "pais_destino": customs.paises,
}


def customs_of(documento: Documento) -> Aduana | None:
    """What is said to customs, if anything."""
    return documento.transporte.aduana if documento.transporte else None


def block_of(documento: Documento) -> str:
    """Where a caller writes the customs data: a guide's are with the carriage."""
    return "transport_data" if documento.tipo is T.GUIA_DESPACHO else "export_data"


def _said(value: Any) -> bool:
    return value is not None and value not in ("", ())


@rule(
    "field_not_for_type",
    "Un documento no lleva datos que el formato de su tipo no tiene.",
    source=_TABLE,
)
def not_allowed(case: Case) -> Found:
    documento = case.documento
    message = f"Un documento tipo {documento.tipo:d} no lleva este dato: quítalo."
    for attribute, path, types in _HEADER:
        if documento.tipo in types and _said(getattr(documento, attribute)):
            yield path, message
    if documento.transporte:
        for attribute, name, types in _CARRIAGE:
            if documento.tipo in types and _said(getattr(documento.transporte, attribute)):
                yield f"transport_data.{name}", message
    if documento.tipo in BOLETAS:
        for attribute, name in (("id_extranjero", "foreign_id"), ("nacionalidad", "nationality_code")):
            if getattr(documento.receptor, attribute):
                yield f"document_receiver.{name}", message


@rule(
    "field_not_for_type",
    "Los datos de aduana van en exportaciones y en guías de traslado 8 o 9; la moneda, en exportaciones.",
    source="Formato DTE v2.2, Aduana y Totales",
)
def customs_elsewhere(case: Case) -> Found:
    documento = case.documento
    aduana = customs_of(documento)
    guide = documento.tipo is T.GUIA_DESPACHO and documento.indicador_traslado in (8, 9)
    if aduana and not (guide or documento.es_exportacion):
        message = "Los datos de aduana solo van en exportaciones y en guías de traslado 8 o 9: quítalos."
        for attribute, (name, _) in ADUANA.items():
            if _said(getattr(aduana, attribute)):
                yield f"{block_of(documento)}.{name}", message
    if documento.moneda != PESOS and not documento.es_exportacion:
        yield "export_data.currency_code", "Solo una exportación lleva otra moneda: quítala."


@rule(
    "foreign_id_unusual",
    "El número de identificación extranjero es de exportaciones, facturas a turistas y notas de crédito.",
    source="Formato DTE v2.2, NumId",
    types=frozenset({T.FACTURA_EXENTA, T.FACTURA_COMPRA, T.GUIA_DESPACHO, T.NOTA_DEBITO}),
    level=Level.WARN,
)
def foreign_id(case: Case) -> Found:
    if case.documento.receptor.id_extranjero:
        message = "La tabla del SII no prevé este dato en este tipo de documento: revisa si corresponde."
        yield "document_receiver.foreign_id", message


@rule(
    "invalid_code", "Los indicadores del encabezado son de la lista del formato.", source="DTE_v10.xsd, IdDoc"
)
def out_of_list(case: Case) -> Found:
    documento = case.documento
    for attribute, path, label in _LISTS:
        value = getattr(documento, attribute)
        allowed = _ALLOWED.get(attribute) or _services(documento)
        if value is not None and value not in allowed:
            yield path, f"{label} es {value}: debe ser uno de {_listed(allowed)}."
    guide = documento.guia_exportacion
    if guide and guide.codigo not in _ONE_TO[4]:
        message = f"El código del emisor del traslado es {guide.codigo}: debe ser 1, 2, 3 o 4."
        yield "transport_data.transfer_issuer_code", message


def _services(documento: Documento) -> frozenset[int]:
    if documento.es_exportacion:
        return frozenset({3, 4, 5})
    return _ONE_TO[4 if documento.es_boleta else 3]


def _listed(codes: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(codes)))


@rule(
    "unknown_code",
    "Los códigos de aduana son de las tablas de aduana.",
    source="Compendio de Normas Aduaneras, anexo 51",
    types=EXPORTACIONES | _GUIDE,
)
def customs_codes(case: Case) -> Found:
    documento, aduana = case.documento, customs_of(case.documento)
    block = block_of(documento)
    for attribute, table in _TABLES.items() if aduana else ():
        code = getattr(aduana, attribute)
        if code is not None and code not in table():
            name, label = ADUANA[attribute]
            yield f"{block}.{name}", f"El código {code} no existe en la tabla de aduana para {label}."
    for number, bulto in enumerate(aduana.bultos if aduana else ()):
        if bulto.tipo not in customs.bultos():
            message = f"El código {bulto.tipo} no existe en la tabla de aduana de tipos de bulto."
            yield f"{block}.packages.{number}.type_code", message


@rule(
    "unknown_code",
    "La nacionalidad del receptor es un país de la tabla de aduana.",
    source="Formato DTE v2.2, Nacionalidad",
)
def nationality(case: Case) -> Found:
    code = case.documento.receptor.nacionalidad
    if code and not (code.isascii() and code.isdigit() and int(code) in customs.paises()):
        message = f"«{code}» no es un país de la tabla de aduana (no es el código ISO): Chile es 997."
        yield "document_receiver.nationality_code", message
