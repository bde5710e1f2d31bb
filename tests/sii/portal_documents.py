"""A document of every type the portal issues, with all that its form has room for."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from portal_cases import ISSUER, exempt_invoice, invoice, receptor

from timbre.dte.codes import TipoDte
from timbre.dte.document import (
    Aduana,
    Ajuste,
    Base,
    Bulto,
    Detalle,
    Documento,
    Moneda,
    Pago,
    Receptor,
    Referencia,
    Transporte,
)

DRIVER = "11111111-1"
CARRIER = "12345678-5"
TRUCK = Transporte(patente="BCDF12", rut=CARRIER, chofer_rut=DRIVER, chofer_nombre="José Peña")
DISCOUNT = Ajuste(pct=Decimal("12.5"))


def item(nombre: str = "Harina", precio: int | str = 45_990, **changes: object) -> Detalle:
    line = Detalle(nombre=nombre, cantidad=Decimal(3), precio=Decimal(precio), unidad="KG")
    return replace(line, **changes)  # type: ignore[arg-type]


def full_invoice() -> Documento:
    """A 33 with payments, transport, additional taxes, a discount on the whole and three references."""
    return invoice(
        detalles=(
            item("Cerveza", impuesto="26"),
            item("Bebida", "990.5", impuesto="27"),
            item("Cerveza negra", 1_333, impuesto="26", descuento_pct=Decimal("7.25")),
            item(),
        ),
        ajustes=(DISCOUNT,),
        referencias=(
            Referencia(tipo="52", folio="0", fecha=date(2026, 3, 1), es_global=True, razon="Guías de marzo"),
            Referencia(tipo="801", folio="OC-778", fecha=date(2026, 3, 1)),
            Referencia(tipo="HES", folio="9", fecha=date(2026, 3, 2), razon="Hoja de entrada"),
        ),
        pagos=(
            Pago(fecha=date(2026, 4, 1), monto=Decimal(100_000), glosa="Primera cuota"),
            Pago(fecha=date(2026, 5, 1), monto=Decimal(50_000)),
        ),
        transporte=TRUCK,
        tipo_compra=4,
        tipo_venta=2,
    )


def full_exempt_invoice() -> Documento:
    return replace(
        exempt_invoice(), ajustes=(replace(DISCOUNT, sobre=Base.EXENTO),), transporte=TRUCK, referencias=()
    )


def purchase() -> Documento:
    """A 46 that withholds the whole IVA."""
    line = item("Chatarra", impuesto="15", agente_retenedor=True)
    return invoice(
        tipo=TipoDte.FACTURA_COMPRA,
        detalles=(line, replace(line, nombre="Fierro", precio=Decimal("77.7"))),
        fecha_vencimiento=None,
        tipo_compra=1,
    )


def guide(**changes: object) -> Documento:
    documento = invoice(
        tipo=TipoDte.GUIA_DESPACHO,
        detalles=(item(), item("Azúcar", 17)),
        forma_pago=None,
        fecha_vencimiento=None,
        indicador_traslado=1,
        transporte=TRUCK,
    )
    return replace(documento, **changes)  # type: ignore[arg-type]


def guide_without_value() -> Documento:
    """Goods moved between the company's own places."""
    return guide(
        receptor=replace(receptor(ISSUER), contacto=""),
        detalles=(Detalle(nombre="Estantería", cantidad=Decimal(2), unidad="UN"),),
        indicador_traslado=5,
        referencias=(),
    )


def note(tipo: TipoDte = TipoDte.NOTA_CREDITO, codigo: int = 1, **changes: object) -> Documento:
    """Of ``invoice()``, the company's first: the SII knows what it is told to annul."""
    razon = {1: "Anula factura", 2: "Corrige giro", 3: "Corrige monto"}[codigo]
    documento = invoice(
        tipo=tipo,
        referencias=(Referencia(tipo="33", folio="1", fecha=date(2026, 3, 1), razon=razon, codigo=codigo),),
        forma_pago=None,
        fecha_vencimiento=None,
    )
    return replace(documento, **changes)  # type: ignore[arg-type]


def text_correction() -> Documento:
    return note(codigo=2, detalles=(Detalle(nombre="DONDE DICE Panadería DEBE DECIR Pastelería"),))


FREIGHT, INSURANCE = Decimal("320.50"), Decimal(41)


def export(**changes: object) -> Documento:
    """Goods shipped abroad, in dollars, with freight and insurance."""
    aduana = Aduana(
        modalidad=1,
        clausula=5,
        total_clausula=Decimal("5500.25"),
        via=1,
        puerto_embarque=906,
        puerto_desembarque=131,
        peso_bruto=Decimal("1200.5"),
        unidad_peso_bruto=6,
        peso_neto=Decimal(1100),
        unidad_peso_neto=6,
        total_bultos=30,
        bultos=(
            Bulto(
                tipo=80, cantidad=20, marcas="TIMBRE 1-20", contenedor="MSKU123", sello="S1", emisor_sello="X"
            ),
            Bulto(tipo=22, cantidad=10, marcas="TIMBRE 21-30"),
        ),
        flete=FREIGHT,
        seguro=INSURANCE,
        pais_receptor=225,
        pais_destino=225,
    )
    documento = invoice(
        tipo=TipoDte.FACTURA_EXPORTACION,
        receptor=Receptor(
            rut="55555555-5",
            razon_social="Muñoz & Sons Inc.",
            giro="Wine imports",
            direccion="1200 Market Street",
            ciudad="San Francisco, CA",
            contacto="Ms. Lee",
            id_extranjero="US-99-1234",
            nacionalidad="225",
        ),
        detalles=(
            item("Vino tinto", "41.335"),
            item("Vino blanco", "120.5", descuento_pct=Decimal(0), cantidad=Decimal("12.5")),
        ),
        ajustes=(
            Ajuste(pct=Decimal(5), sobre=Base.EXENTO),
            Ajuste(recargo=True, monto=FREIGHT, sobre=Base.EXENTO, glosa="FLETE"),
            Ajuste(recargo=True, monto=INSURANCE, sobre=Base.EXENTO, glosa="SEGURO"),
        ),
        referencias=(),
        fecha_vencimiento=None,
        forma_pago=None,
        forma_pago_exportacion=1,
        transporte=replace(TRUCK, aduana=aduana),
        moneda=Moneda("DOLAR USA", Decimal("935.4712")),
    )
    return replace(documento, **changes)  # type: ignore[arg-type]


def export_in_pesos() -> Documento:
    """A service sold abroad, in Chile's own money."""
    return export(
        detalles=(item("Desarrollo de software", 1_250_000),),
        ajustes=(),
        indicador_servicio=3,
        transporte=None,
        moneda=Moneda(),
    )


def export_nobody_pays() -> Documento:
    return export(forma_pago_exportacion=21)


DOCUMENTS: dict[str, Documento] = {
    "33": full_invoice(),
    "34": full_exempt_invoice(),
    "46": purchase(),
    "52": guide(),
    "52-no-value": guide_without_value(),
    "56": note(TipoDte.NOTA_DEBITO, 3),
    "61": note(),
    "61-text": text_correction(),
    "110": export(),
    "110-pesos": export_in_pesos(),
    "110-unpaid": export_nobody_pays(),
}
