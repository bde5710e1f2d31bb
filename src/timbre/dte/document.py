"""One tax document as its issuer means it, before it has a folio.

*Emisor* issues and collects, *receptor* buys, a *detalle* is one line, an *ajuste* a discount or surcharge on
the whole, a *referencia* names another document. Texts are already Latin-1 (``text.to_latin1``), prices and
quantities are ``Decimal`` with at most six decimals, percentages are percent (``10`` is ten percent). Money
is ``Decimal``: whole pesos, but for exports, which are in their ``Moneda``. Field order is the format's.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from timbre.dte.codes import BOLETAS, EXPORTACIONES, SIN_PAGO, SOLO_EXENTOS, FormaPago, TipoDte

PESO_CL = "PESO CL"
"""Chile's own currency in the format's list of names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emisor:
    """Who issues. Lengths are the XSD's: razón social 100, giro 80, dirección 70, comuna and ciudad 20."""

    rut: str
    razon_social: str
    giro: str
    acteco: str
    direccion: str
    comuna: str
    ciudad: str = ""
    telefono: str = ""
    correo: str = ""
    sucursal: str = ""
    """CdgSIISucur, the SII's number of the branch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receptor:
    """Who buys. Lengths are the XSD's: razón social 100, giro 40, contacto and correo 80, dirección 70."""

    rut: str
    razon_social: str = ""
    giro: str = ""
    direccion: str = ""
    comuna: str = ""
    ciudad: str = ""
    contacto: str = ""
    correo: str = ""
    codigo_interno: str = ""
    """CdgIntRecep, up to 20 characters: the issuer's own number of the client."""
    id_extranjero: str = ""
    """Extranjero/NumId, up to 20: the number a foreigner has at home."""
    nacionalidad: str = ""
    """Extranjero/Nacionalidad: the customs' code of a country."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrada:
    """A show ticket (InfoTicket), in a boleta issued for who puts the show on. Times are Chile's, naive."""

    folio: int
    generada: str
    evento: str
    tipo: str
    codigo_evento: str
    fecha_evento: str
    lugar: str
    ubicacion: str
    fila: str = ""
    asiento: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detalle:
    """One line. ``precio`` is net of IVA, or with it when the document's prices are gross (``brutos``).

    Without price the quantity may be None too, and the line is worth 0. A discount (surcharge) is a percent
    of the rounded product, or an amount; not both.
    """

    nombre: str
    cantidad: Decimal | None = None
    precio: Decimal | None = None
    descripcion: str = ""
    unidad: str = ""
    codigo: str = ""
    tipo_codigo: str = ""
    descuento_pct: Decimal = Decimal(0)
    descuento_monto: Decimal = Decimal(0)
    recargo_pct: Decimal = Decimal(0)
    recargo_monto: Decimal = Decimal(0)
    exencion: int | None = None
    """IndExe: 1 exempt, 2 not billable, 3 container guarantee, 4 no sale, 5 to be subtracted (guides),
    6 not billable and negative. None is affected, but in a type that is exempt as a whole."""
    impuesto: str = ""
    """CodImpAdic: the SII's code of an additional tax or a withholding (``taxes``)."""
    agente_retenedor: bool = False
    """Retenedor/IndAgente R: the document's author withholds."""
    espectaculo: str = ""
    """ItemEspectaculo of a boleta: ``01`` or ``02``."""
    entrada: Entrada | None = None


class Base(Enum):
    """What a global discount or surcharge is taken from; the value is IndExeDR."""

    AFECTO = None
    EXENTO = 1
    NO_FACTURABLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ajuste:
    """A global discount or surcharge (DscRcgGlobal): a percent of its base's lines, or an amount."""

    recargo: bool = False
    pct: Decimal | None = None
    monto: Decimal | None = None
    sobre: Base = Base.AFECTO
    glosa: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Referencia:
    """Another document this one refers to. ``tipo`` is the SII's code (``33``, ``801``, ``HES``)."""

    tipo: str
    folio: str
    fecha: date
    razon: str = ""
    codigo: int | None = None
    """CodRef: 1 annuls, 2 corrects text, 3 corrects amounts."""
    es_global: bool = False
    """IndGlobal: stands for many documents of the type; its folio is then 0."""
    rut_otro: str = ""
    """RUTOtr: whose document it is, when it is another taxpayer's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pago:
    """One payment of a plan (MntPagos)."""

    fecha: date
    monto: Decimal
    glosa: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulto:
    """Packages of one kind (TipoBultos). ``tipo`` is the customs' code."""

    tipo: int
    cantidad: int
    marcas: str = ""
    contenedor: str = ""
    sello: str = ""
    emisor_sello: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aduana:
    """What customs wants to know. Codes are the customs' own (Compendio de Normas Aduaneras, anexo 51).

    ``flete`` and ``seguro`` are in the document's currency and, as the SII wants, part of its total.
    """

    modalidad: int | None = None
    clausula: int | None = None
    total_clausula: Decimal | None = None
    via: int | None = None
    puerto_embarque: int | None = None
    puerto_desembarque: int | None = None
    peso_bruto: Decimal | None = None
    unidad_peso_bruto: int | None = None
    peso_neto: Decimal | None = None
    unidad_peso_neto: int | None = None
    total_bultos: int | None = None
    bultos: tuple[Bulto, ...] = ()
    flete: Decimal | None = None
    seguro: Decimal | None = None
    pais_receptor: int | None = None
    pais_destino: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transporte:
    """Who carries the goods, and where to. Driver and RUT go together."""

    patente: str = ""
    rut: str = ""
    chofer_rut: str = ""
    chofer_nombre: str = ""
    direccion: str = ""
    comuna: str = ""
    ciudad: str = ""
    aduana: Aduana | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuiaExportacion:
    """Who moves goods on their way out of the country (Emisor/GuiaExport of a 52)."""

    codigo: int
    """CdgTraslado: 1 exporter, 2 customs agent, 3 seller, 4 authorised taxpayer."""
    resolucion: int | None = None
    fecha_resolucion: date | None = None


@dataclass(frozen=True, slots=True)
class Moneda:
    """A currency by the format's name, and how many pesos one of it is (at most four decimals)."""

    nombre: str = PESO_CL
    tipo_cambio: Decimal = Decimal(1)

    @property
    def decimales(self) -> int:
        """Decimals of an amount: none in pesos, two elsewhere."""
        return 0 if self.nombre == PESO_CL else 2


PESOS = Moneda()


@dataclass(frozen=True, slots=True, kw_only=True)
class Documento:
    """What is asked for. Folio, stamp and signature come later and live in the XML alone."""

    tipo: TipoDte
    fecha_emision: date
    emisor: Emisor
    receptor: Receptor
    detalles: tuple[Detalle, ...]
    ajustes: tuple[Ajuste, ...] = ()
    referencias: tuple[Referencia, ...] = ()
    brutos: bool = False
    """Whether prices include IVA: MntBruto of an invoice, the ordinary case of a boleta."""
    forma_pago: FormaPago | None = None
    forma_pago_exportacion: int | None = None
    fecha_vencimiento: date | None = None
    fecha_cancelacion: date | None = None
    pagos: tuple[Pago, ...] = ()
    condiciones_pago: str = ""
    """TermPagoGlosa, up to 100 characters."""
    medio_pago: int | None = None
    """MedioPago of a boleta: 1 cash, 2 card, 3 transfer, 4 cheque, 5 other."""
    periodo_desde: date | None = None
    periodo_hasta: date | None = None
    indicador_servicio: int | None = None
    tipo_despacho: int | None = None
    """1 by the receiver, 2 by the issuer to the client's premises, 3 by the issuer to others."""
    indicador_traslado: int | None = None
    """IndTraslado of a 52: 1 sale ... 9 sale for export (sii-protocols 1.3)."""
    tipo_compra: int | None = None
    tipo_venta: int | None = None
    transporte: Transporte | None = None
    guia_exportacion: GuiaExportacion | None = None
    moneda: Moneda = PESOS

    @property
    def es_boleta(self) -> bool:
        return self.tipo in BOLETAS

    @property
    def es_exportacion(self) -> bool:
        return self.tipo in EXPORTACIONES

    @property
    def cambio(self) -> Decimal:
        """Pesos for one of its currency, as the SII counts an export: none for what nobody pays for."""
        return Decimal(0) if self.forma_pago_exportacion == SIN_PAGO else self.moneda.tipo_cambio

    def exencion_de(self, detalle: Detalle) -> int | None:
        """IndExe of a line: in a type that is exempt as a whole every line is, though nobody said so."""
        return 1 if detalle.exencion is None and self.tipo in SOLO_EXENTOS else detalle.exencion


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolucion:
    """The SII's resolution by which a company issues, printed under the stamp; 0 is certification's."""

    numero: int
    fecha: date
