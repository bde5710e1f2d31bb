"""A signed DTE's XML as values: what is printed comes from the signed text alone."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from lxml import etree

from timbre.dte.caf import flatten
from timbre.dte.codes import FormaPago, TipoDte
from timbre.dte.document import Detalle, Documento, Emisor, Receptor, Referencia
from timbre.dte.errors import InvalidXml
from timbre.dte.parsing import SII_NAMESPACE, parse_xml
from timbre.dte.totals import CERO, Monto, Totales

_TED = re.compile(r"<TED\b.*?</TED>", re.DOTALL)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Emitido:
    """A document that has its folio. ``ted`` is the flattened stamp, ``idk`` the authority of its CAF.

    Every line of a type 34 reads as exempt when the XML marks it so (IndExe 1).
    """

    documento: Documento
    folio: int
    totales: Totales
    ted: str
    idk: int


def read(xml: bytes) -> Emitido:
    """The document in one ``<DTE>``, with or without the SII's namespace. Verifies no signature.

    Raises InvalidXml when something that every invoice has is missing or is no value of its kind.
    """
    root = parse_xml(xml)
    documento = _Node(root).child("Documento")
    try:
        return Emitido(
            documento=_documento(documento),
            folio=documento.value("Encabezado/IdDoc/Folio", int),
            totales=_totales(documento),
            ted=_ted(xml, root),
            idk=documento.value("TED/DD/CAF/DA/IDK", int),
        )
    except (ValueError, InvalidOperation) as error:
        raise InvalidXml(f"El DTE trae un valor que no corresponde: {error}") from error


class _Node:
    """An element looked into by the names of the SII's format, whatever their namespace."""

    def __init__(self, element: etree._Element) -> None:
        self._element = element

    def child(self, path: str) -> "_Node":
        found = self.children(path)
        if not found:
            raise InvalidXml(f"Al DTE le falta {path}.")
        return found[0]

    def children(self, path: str) -> list["_Node"]:
        found = self._element.findall("/".join(f"{{*}}{name}" for name in path.split("/")))
        return [_Node(element) for element in found]

    def text(self, path: str) -> str:
        """The text at a path, empty when there is none."""
        found = self.children(path)
        return (found[0]._element.text or "").strip() if found else ""  # noqa: SLF001 - its own kind

    def maybe(self, path: str, kind: Callable[[str], T]) -> T | None:
        text = self.text(path)
        return kind(text) if text else None

    def value(self, path: str, kind: Callable[[str], T]) -> T:
        text = self.text(path)
        if not text:
            raise InvalidXml(f"Al DTE le falta {path}.")
        return kind(text)


def _documento(node: _Node) -> Documento:
    header = node.child("Encabezado/IdDoc")
    return Documento(
        tipo=header.value("TipoDTE", lambda text: TipoDte(int(text))),
        fecha_emision=header.value("FchEmis", date.fromisoformat),
        emisor=_emisor(node.child("Encabezado/Emisor")),
        receptor=_receptor(node.child("Encabezado/Receptor")),
        detalles=tuple(_detalle(line) for line in node.children("Detalle")),
        referencias=tuple(_referencia(reference) for reference in node.children("Referencia")),
        forma_pago=header.maybe("FmaPago", lambda text: FormaPago(int(text))),
        fecha_vencimiento=header.maybe("FchVenc", date.fromisoformat),
    )


def _emisor(node: _Node) -> Emisor:
    return Emisor(
        rut=node.value("RUTEmisor", str),
        razon_social=node.text("RznSoc"),
        giro=node.text("GiroEmis"),
        acteco=node.text("Acteco"),
        direccion=node.text("DirOrigen"),
        comuna=node.text("CmnaOrigen"),
        ciudad=node.text("CiudadOrigen"),
        telefono=node.text("Telefono"),
        correo=node.text("CorreoEmisor"),
        sucursal=node.text("CdgSIISucur"),
    )


def _receptor(node: _Node) -> Receptor:
    return Receptor(
        rut=node.value("RUTRecep", str),
        razon_social=node.text("RznSocRecep"),
        giro=node.text("GiroRecep"),
        direccion=node.text("DirRecep"),
        comuna=node.text("CmnaRecep"),
        ciudad=node.text("CiudadRecep"),
        contacto=node.text("Contacto"),
        correo=node.text("CorreoRecep"),
    )


def _detalle(node: _Node) -> Detalle:
    return Detalle(
        nombre=node.text("NmbItem"),
        cantidad=node.maybe("QtyItem", Decimal),
        precio=node.maybe("PrcItem", Decimal),
        descripcion=node.text("DscItem"),
        unidad=node.text("UnmdItem"),
        codigo=node.text("CdgItem/VlrCodigo"),
        tipo_codigo=node.text("CdgItem/TpoCodigo"),
        descuento_pct=node.maybe("DescuentoPct", Decimal) or Decimal(0),
        exencion=node.maybe("IndExe", int),
    )


def _referencia(node: _Node) -> Referencia:
    return Referencia(
        tipo=node.text("TpoDocRef"),
        folio=node.text("FolioRef"),
        fecha=node.value("FchRef", date.fromisoformat),
        razon=node.text("RazonRef"),
        codigo=node.maybe("CodRef", int),
    )


def _totales(node: _Node) -> Totales:
    totals = node.child("Encabezado/Totales")
    lines = tuple(_monto(line) for line in node.children("Detalle"))
    total = totals.value("MntTotal", Decimal)
    return Totales(
        lineas=lines,
        neto=totals.maybe("MntNeto", Decimal) or CERO,
        exento=totals.maybe("MntExe", Decimal) or CERO,
        tasa_iva=totals.maybe("TasaIVA", Decimal),
        iva=totals.maybe("IVA", Decimal) or CERO,
        total=total,
        total_en_pesos=total,
    )


def _monto(line: _Node) -> Monto:
    descuento, monto = line.maybe("DescuentoMonto", Decimal) or CERO, line.value("MontoItem", Decimal)
    recargo = line.maybe("RecargoMonto", Decimal) or CERO
    return Monto(monto + descuento - recargo, descuento, recargo, monto)


def _ted(xml: bytes, root: etree._Element) -> str:
    """The stamp's own characters: what was signed must be what is printed."""
    text = xml.decode(root.getroottree().docinfo.encoding or "utf-8")
    found = _TED.search(text)
    if found is None:
        raise InvalidXml("Al DTE le falta el timbre (TED).")
    return flatten(found.group()).replace(f' xmlns="{SII_NAMESPACE}"', "")
