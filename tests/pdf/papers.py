"""A document of each type with all that may be printed of it, for the tests of paper."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from factories import LINEA, RECEPTOR, TODAY, make_documento
from timbre.dte.codes import EXPORTACIONES, NOTAS, FormaPago, TipoDte
from timbre.dte.document import (
    Aduana,
    Ajuste,
    Base,
    Bulto,
    Detalle,
    Documento,
    Entrada,
    GuiaExportacion,
    Moneda,
    Pago,
    Receptor,
    Referencia,
    Transporte,
)

MANY_PIECES = Bulto(
    tipo=75,
    cantidad=2,
    marcas="VIÑA ÑANDÚ 1-2",
    contenedor="MSKU1234567",
    sello="S-99",
    emisor_sello="Naviera",
)
ADUANA = Aduana(
    modalidad=1,
    clausula=5,
    total_clausula=Decimal("12345.67"),
    via=1,
    puerto_embarque=906,
    puerto_desembarque=113,
    peso_bruto=Decimal("1250.5"),
    unidad_peso_bruto=6,
    peso_neto=Decimal(1200),
    unidad_peso_neto=6,
    total_bultos=2,
    bultos=(MANY_PIECES,),
    flete=Decimal("350.25"),
    seguro=Decimal("75.5"),
    pais_receptor=563,
    pais_destino=563,
)
CHARGES = (
    Ajuste(recargo=True, monto=Decimal("350.25"), sobre=Base.EXENTO, glosa="Flete"),
    Ajuste(recargo=True, monto=Decimal("75.5"), sobre=Base.EXENTO, glosa="Seguro"),
)
FOREIGNER = Receptor(
    rut="55555555-5",
    razon_social="Weinhandel Müller GmbH",
    giro="Importador de vinos",
    direccion="Hafenstraße 12",
    ciudad="Hamburg",
    id_extranjero="DE811223344",
    nacionalidad="563",
)
CARRIED = Transporte(
    patente="ABCD12",
    rut="99999999-9",
    chofer_rut="11111111-1",
    chofer_nombre="Juan Núñez",
    direccion="Camino Viejo km 3",
    comuna="Rancagua",
    ciudad="Rancagua",
)
ENTRADA = Entrada(
    folio=77,
    generada="2026-03-14T10:00:00",
    evento="Concierto de otoño",
    tipo="General",
    codigo_evento="C-12",
    fecha_evento="2026-04-01T21:30:00",
    lugar="Teatro Caupolicán",
    ubicacion="Platea alta",
    fila="12",
    asiento="7",
)
EXENTA = replace(LINEA, nombre="Libro usado", exencion=1)


def _factura(tipo: TipoDte) -> Documento:
    """Every kind of line and adjustment, a plan of payments, a period."""
    lines = (
        replace(
            LINEA,
            codigo="PAN-1",
            tipo_codigo="INT1",
            descripcion="Horneado a leña",
            descuento_pct=Decimal("12.5"),
        ),
        replace(LINEA, nombre="Vino", impuesto="25", recargo_monto=Decimal(100)),
        EXENTA,
        replace(LINEA, nombre="Envase", exencion=3),
        replace(LINEA, nombre="Anticipo", exencion=2),
    )
    return make_documento(
        tipo=tipo,
        detalles=lines,
        ajustes=(Ajuste(pct=Decimal(5), glosa="Cliente frecuente"),),
        referencias=(
            Referencia(tipo="801", folio="OC-77", fecha=TODAY, razon="Compra de marzo"),
            Referencia(tipo="52", folio="0", fecha=TODAY, es_global=True),
        ),
        pagos=(
            Pago(fecha=date(2026, 4, 13), monto=Decimal(9000), glosa="Primera cuota"),
            Pago(fecha=date(2026, 5, 13), monto=Decimal(9000)),
        ),
        condiciones_pago="A 60 días, mitad y mitad",
        periodo_desde=date(2026, 3, 1),
        periodo_hasta=date(2026, 3, 31),
        indicador_servicio=3,
    )


def _exenta() -> Documento:
    return make_documento(tipo=TipoDte.FACTURA_EXENTA, ajustes=(Ajuste(pct=Decimal(5), sobre=Base.EXENTO),))


def _boleta(tipo: TipoDte) -> Documento:
    return make_documento(
        tipo=tipo,
        brutos=True,
        forma_pago=None,
        medio_pago=2,
        indicador_servicio=4,
        receptor=replace(RECEPTOR, giro=""),
        detalles=(replace(LINEA, espectaculo="02", entrada=ENTRADA), replace(EXENTA, nombre="Libro nuevo")),
        referencias=(Referencia(tipo="", folio="", fecha=TODAY, razon="Caja 4"),),
    )


def _compra() -> Documento:
    line = replace(LINEA, impuesto="15", agente_retenedor=True)
    return make_documento(tipo=TipoDte.FACTURA_COMPRA, detalles=(line,))


def _guia() -> Documento:
    """Exported goods: a sale, with customs."""
    return make_documento(
        tipo=TipoDte.GUIA_DESPACHO,
        forma_pago=None,
        fecha_vencimiento=None,
        tipo_despacho=2,
        indicador_traslado=9,
        transporte=replace(CARRIED, aduana=replace(ADUANA, flete=None, seguro=None, total_clausula=None)),
        guia_exportacion=GuiaExportacion(codigo=1, resolucion=1234, fecha_resolucion=date(2020, 5, 6)),
    )


def _nota(tipo: TipoDte) -> Documento:
    annulled = Referencia(tipo="33", folio="120", fecha=TODAY, razon="Anula factura", codigo=1)
    return make_documento(tipo=tipo, referencias=(annulled,))


def _exportacion(tipo: TipoDte) -> Documento:
    reference = Referencia(tipo="110" if tipo in NOTAS else "807", folio="12", fecha=TODAY, codigo=None)
    return make_documento(
        tipo=tipo,
        receptor=FOREIGNER,
        forma_pago=FormaPago.CREDITO,
        forma_pago_exportacion=1,
        detalles=(
            Detalle(nombre="Carmenère 2024", cantidad=Decimal(1200), precio=Decimal("9.1235"), unidad="U"),
        ),
        ajustes=CHARGES,
        referencias=(replace(reference, codigo=3) if tipo in NOTAS else reference,),
        transporte=Transporte(aduana=ADUANA),
        moneda=Moneda("DOLAR USA", Decimal("950.25")),
    )


def make_paper(tipo: TipoDte) -> Documento:
    """The document of a type with all that may be printed of it."""
    if tipo in EXPORTACIONES:
        return _exportacion(tipo)
    if tipo in NOTAS:
        return _nota(tipo)
    plain = {
        TipoDte.FACTURA: lambda: _factura(tipo),
        TipoDte.FACTURA_EXENTA: _exenta,
        TipoDte.BOLETA: lambda: _boleta(tipo),
        TipoDte.BOLETA_EXENTA: lambda: _boleta(tipo),
        TipoDte.FACTURA_COMPRA: _compra,
        TipoDte.GUIA_DESPACHO: _guia,
    }
    return plain[tipo]()
