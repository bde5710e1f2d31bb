"""A document of each type with every field that its type has an element for."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from factories import EMISOR, EXTRANJERO, LINEA, RECEPTOR, make_of
from timbre.dte.codes import FormaPago, TipoDte
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
    Referencia,
    Transporte,
)

DAY = date(2026, 3, 20)
ISSUER = replace(EMISOR, telefono="+56 2 1234 5678", correo="ventas@example.cl", sucursal="81234567")
RECEIVER = replace(
    RECEPTOR,
    contacto="Ana Soto",
    correo="ana@example.cl",
    codigo_interno="C-77",
    id_extranjero="AA-1",
    nacionalidad="225",
)
LINE = replace(
    LINEA,
    codigo="PAN-1",
    tipo_codigo="EAN13",
    descripcion="Amasado a mano <hoy> & siempre",
    descuento_pct=Decimal("12.5"),
    recargo_monto=Decimal(40),
)
WORTHLESS = Detalle(nombre="Sin valor")
REFERENCES = (
    Referencia(tipo="801", folio="OC-77", fecha=date(2026, 3, 1), razon="Compra de marzo"),
    Referencia(tipo="52", folio="0", fecha=date(2026, 3, 2), es_global=True),
    Referencia(tipo="33", folio="7", fecha=date(2026, 3, 3), razon="Anula", codigo=1, rut_otro="88888888-8"),
)
ADUANA = Aduana(
    modalidad=1,
    clausula=5,
    total_clausula=Decimal("1200.5"),
    via=1,
    puerto_embarque=904,
    puerto_desembarque=222,
    peso_bruto=Decimal("10.25"),
    unidad_peso_bruto=6,
    peso_neto=Decimal(9),
    unidad_peso_neto=6,
    total_bultos=2,
    bultos=(
        Bulto(
            tipo=73, cantidad=1, marcas="TIMBRE & CO", contenedor="ABCU1", sello="S-1", emisor_sello="Naviera"
        ),
        Bulto(tipo=12, cantidad=1),
    ),
    flete=Decimal("12.5"),
    seguro=Decimal(3),
    pais_receptor=225,
    pais_destino=225,
)
TRANSPORT = Transporte(
    patente="ABCD12",
    rut="11111111-1",
    chofer_rut="22222222-2",
    chofer_nombre="Juan Ñancupil",
    direccion="Camino Real 5",
    comuna="Temuco",
    ciudad="Temuco",
    aduana=ADUANA,
)
TERMS = {
    "emisor": ISSUER,
    "receptor": RECEIVER,
    "ajustes": (
        Ajuste(pct=Decimal("2.5"), glosa="Pronto pago"),
        Ajuste(recargo=True, monto=Decimal(150), sobre=Base.EXENTO),
        Ajuste(monto=Decimal(10), sobre=Base.NO_FACTURABLE),
    ),
    "referencias": REFERENCES,
    "forma_pago": FormaPago.CREDITO,
    "forma_pago_exportacion": 1,
    "fecha_vencimiento": DAY,
    "fecha_cancelacion": DAY,
    "pagos": (Pago(fecha=DAY, monto=Decimal(1000), glosa="Primera"), Pago(fecha=DAY, monto=Decimal(0))),
    "condiciones_pago": "30 días & más",
    "periodo_desde": date(2026, 2, 1),
    "periodo_hasta": date(2026, 2, 28),
    "indicador_servicio": 3,
    "tipo_despacho": 2,
    "tipo_compra": 1,
    "tipo_venta": 1,
    "transporte": TRANSPORT,
}
OF_ALL_KINDS = (
    LINE,
    replace(LINEA, nombre="Libro", exencion=1, recargo_pct=Decimal(5)),
    replace(LINEA, nombre="Intereses", exencion=2),
    replace(LINEA, nombre="Envase", exencion=3),
    replace(LINEA, nombre="Anticipo", exencion=6, precio=Decimal(100)),
    WORTHLESS,
)
WINE = replace(LINE, nombre="Vino", impuesto="25")
WHEAT = replace(LINE, nombre="Trigo", impuesto="34", agente_retenedor=True)
ENTRADA = Entrada(
    folio=123,
    generada="2026-03-14T09:30:00",
    evento="Concierto",
    tipo="General",
    codigo_evento="E1",
    fecha_evento="2026-03-20T20:00:00",
    lugar="Estadio",
    ubicacion="Cancha",
    fila="A",
    asiento="12",
)
EXPORTED = {
    **TERMS,
    "receptor": replace(EXTRANJERO, giro="Trade", contacto="J. Smith", correo="j@example.com"),
    "moneda": Moneda("EURO", Decimal("1020.1234")),
    "detalles": (replace(LINE, precio=Decimal("1000.5"), descuento_pct=Decimal(0)), LINEA),
    "ajustes": (
        Ajuste(recargo=True, monto=Decimal("12.5"), sobre=Base.EXENTO, glosa="Flete"),
        Ajuste(pct=Decimal(1), sobre=Base.EXENTO),
    ),
}
SLIP = {
    **TERMS,
    "brutos": True,
    "forma_pago": None,
    "medio_pago": 2,
    "detalles": (
        replace(LINE, espectaculo="01", entrada=ENTRADA),
        replace(LINEA, exencion=2),
        replace(LINEA, exencion=6, precio=Decimal(100)),
    ),
}
COMPLETE: dict[TipoDte, Documento] = {
    TipoDte.FACTURA: make_of(TipoDte.FACTURA, **{**TERMS, "detalles": (*OF_ALL_KINDS, WINE)}),
    TipoDte.FACTURA_EXENTA: make_of(
        TipoDte.FACTURA_EXENTA, **{**TERMS, "detalles": (LINE, *OF_ALL_KINDS[1:])}
    ),
    TipoDte.BOLETA: make_of(TipoDte.BOLETA, **SLIP),
    TipoDte.BOLETA_EXENTA: make_of(TipoDte.BOLETA_EXENTA, **SLIP),
    TipoDte.FACTURA_COMPRA: make_of(TipoDte.FACTURA_COMPRA, **{**TERMS, "detalles": (WHEAT,)}),
    TipoDte.GUIA_DESPACHO: make_of(
        TipoDte.GUIA_DESPACHO,
        **{
            **TERMS,
            "detalles": (LINE, replace(LINEA, exencion=4), replace(LINEA, exencion=5)),
            "indicador_traslado": 9,
            "guia_exportacion": GuiaExportacion(codigo=1, resolucion=12, fecha_resolucion=DAY),
        },
    ),
    TipoDte.NOTA_DEBITO: make_of(TipoDte.NOTA_DEBITO, **{**TERMS, "detalles": OF_ALL_KINDS}),
    TipoDte.NOTA_CREDITO: make_of(TipoDte.NOTA_CREDITO, **{**TERMS, "detalles": (LINE,), "brutos": True}),
    TipoDte.FACTURA_EXPORTACION: make_of(TipoDte.FACTURA_EXPORTACION, **EXPORTED),
    TipoDte.NOTA_DEBITO_EXPORTACION: make_of(TipoDte.NOTA_DEBITO_EXPORTACION, **EXPORTED),
    TipoDte.NOTA_CREDITO_EXPORTACION: make_of(TipoDte.NOTA_CREDITO_EXPORTACION, **EXPORTED),
}
