"""One tax document as its issuer means it, before it has a folio.

*Emisor* issues and collects, *receptor* buys, a *detalle* is one line, a *referencia* names another
document. Texts are already Latin-1 (``text.to_latin1``), money is whole pesos, prices and quantities are
``Decimal`` with at most six decimals, percentages are percent (``10`` is ten percent).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from timbre.dte.codes import FormaPago, TipoDte


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
    razon_social: str
    giro: str
    direccion: str
    comuna: str
    ciudad: str = ""
    contacto: str = ""
    correo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detalle:
    """One line, net of IVA. Without price the quantity may be None too, and the line is worth 0."""

    nombre: str
    cantidad: Decimal | None = None
    precio: Decimal | None = None
    descripcion: str = ""
    unidad: str = ""
    codigo: str = ""
    tipo_codigo: str = ""
    descuento_pct: Decimal = Decimal(0)
    exento: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Referencia:
    """Another document this one refers to. ``tipo`` is the SII's code (``33``, ``801``, ``HES``)."""

    tipo: str
    folio: str
    fecha: date
    razon: str = ""
    codigo: int | None = None
    """CodRef: 1 annuls, 2 corrects text, 3 corrects amounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Documento:
    """What is asked for. Folio, stamp and signature come later and live in the XML alone."""

    tipo: TipoDte
    fecha_emision: date
    emisor: Emisor
    receptor: Receptor
    detalles: tuple[Detalle, ...]
    referencias: tuple[Referencia, ...] = ()
    forma_pago: FormaPago | None = None
    fecha_vencimiento: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolucion:
    """The SII's resolution by which a company issues, printed under the stamp; 0 is certification's."""

    numero: int
    fecha: date
