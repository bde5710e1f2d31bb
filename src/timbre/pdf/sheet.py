"""One document as it goes on paper: its values, what says which document it is, and for whom the copy is."""

from dataclasses import dataclass
from typing import Literal

from timbre.dte.codes import IDK_SIMULATOR, NOMBRES, TipoDte
from timbre.dte.document import Documento, Resolucion
from timbre.dte.errors import DteError
from timbre.dte.totals import Totales
from timbre.pdf.naming import SALES
from timbre.pdf.reading import Emitido

Formato = Literal["carta", "rollo"]
_ASSIGNABLE = frozenset({TipoDte.FACTURA, TipoDte.FACTURA_EXENTA, TipoDte.FACTURA_COMPRA})


class UnfitCopy(DteError):
    """This copy, or this paper, is none that the document can have."""


@dataclass(frozen=True, slots=True)
class Seal:
    """The stamp and the two lines under it. ``site`` is where a reader may verify the document."""

    ted: str
    resolucion: Resolucion
    site: str

    @property
    def legend(self) -> tuple[str, str]:
        """As the SII words it (sii-protocols 2.3)."""
        number, year = self.resolucion.numero, self.resolucion.fecha.year
        return "Timbre Electrónico SII", f"Res. {number} de {year} - Verifique documento: {self.site}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What every paper is drawn from. Without ``seal`` it is no issued document.

    ``number`` is ``N° 1234``, ``watermark`` its lines, ``destination`` the legend of a copy that can be
    assigned or empty, ``logo`` a PNG or JPEG that was judged before.
    """

    documento: Documento
    totales: Totales
    number: str
    seal: Seal | None = None
    watermark: tuple[str, ...] = ()
    destination: str = ""
    logo: bytes | None = None

    @property
    def title(self) -> str:
        return f"{NOMBRES[self.documento.tipo]} {self.number}"

    @property
    def has_receipt(self) -> bool:
        return can_be_assigned(self.documento)


def make_sheet(
    emitido: Emitido, resolucion: Resolucion, *, cedible: bool, logo: bytes | None, site: str
) -> Sheet:
    """A document that was issued; the simulator's are marked. Raises UnfitCopy."""
    is_simulated = emitido.idk == IDK_SIMULATOR
    return Sheet(
        documento=emitido.documento,
        totales=emitido.totales,
        number=f"N° {emitido.folio}",
        seal=Seal(emitido.ted, resolucion, site),
        watermark=("DOCUMENTO DE PRUEBA", "SIN VALIDEZ TRIBUTARIA") if is_simulated else (),
        destination=destination_of(emitido.documento) if cedible else "",
        logo=logo,
    )


def can_be_assigned(documento: Documento) -> bool:
    """Invoices, and guides of a sale with their invoice (Ley 19.983): they have a receipt to be signed, and
    a copy that can be assigned. Notes, exports, boletas and other guides have neither.
    """
    is_sale = documento.indicador_traslado in SALES
    return documento.tipo in _ASSIGNABLE or (documento.tipo is TipoDte.GUIA_DESPACHO and is_sale)


def destination_of(documento: Documento) -> str:
    """What the copy that can be assigned says at its foot. Raises UnfitCopy when there is no such copy."""
    if not can_be_assigned(documento):
        raise UnfitCopy(f"{NOMBRES[documento.tipo]}: este documento no tiene copia cedible.")
    return "CEDIBLE CON SU FACTURA" if documento.tipo is TipoDte.GUIA_DESPACHO else "CEDIBLE"
