"""The amounts of a document worked out again from what its lines say (sii-protocols 1.6)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from timbre.dte.codes import BOLETAS, EXPORTACIONES, TipoDte
from timbre.dte.document import PESOS, Ajuste, Base, Detalle, Documento, Emisor, Moneda, Receptor
from timbre.dte.taxes import rate_of
from timbre.dte.totals import CERO, TASA_IVA, Totales, compute_totals, line_amount
from timbre.dte.verify.node import Node
from timbre.dte.verify.report import Finding, Severity

_RECKONED = {str(tipo.value) for tipo in TipoDte}
_NOT_RECKONED = ("MntBase", "MntMargenCom", "IVAProp", "IVATerc", "CredEC", "Comisiones")
_WRITTEN = {
    "MntNeto": "neto",
    "MntExe": "exento",
    "IVA": "iva",
    "MntTotal": "total",
    "MontoNF": "no_facturable",
}
_NEVER_LEFT_OUT = frozenset({"MntNeto", "MntExe", "IVA"})
_BRIEF = BOLETAS | {TipoDte.GUIA_DESPACHO}
"""Types that may tell their total alone (table of obligatoriness: 3)."""
_NOBODY = Emisor(rut="", razon_social="", giro="", acteco="", direccion="", comuna="")


def disagreements(node: Node) -> Iterator[Finding]:
    """Lines and totals that are not what they should be. A difference of one unit of the currency's last
    digit is a warning: issuers round at other steps, and the SII has let some of it pass.
    """
    try:
        if node.text("Encabezado/IdDoc/TipoDTE") not in _RECKONED:
            yield Finding("totals_unchecked", "Los totales de este tipo no se recalculan.", Severity.NOTE)
            return
        tipo = TipoDte(int(node.text("Encabezado/IdDoc/TipoDTE")))
        moneda = _moneda(node, tipo)
        yield from _lines(node, moneda)
        if why := _beyond(node):
            yield Finding("totals_unchecked", f"Los totales no se recalcularon: {why}.", Severity.NOTE)
        else:
            worked_out = compute_totals(_documento(node, tipo, moneda))
            yield from _totals(
                node, worked_out, moneda, _NEVER_LEFT_OUT if tipo not in _BRIEF else frozenset()
            )
    except ArithmeticError:
        yield Finding("totals_unchecked", "Los montos son de un tamaño que no se puede calcular.")
    except ValueError:
        yield Finding(
            "totals_unchecked", "Los totales no se pueden recalcular: un monto o un día no se entiende."
        )


def _lines(node: Node, moneda: Moneda) -> Iterator[Finding]:
    for number, line in enumerate(node.children("Detalle"), 1):
        if line.number("PrcItem") is None or line.has("OtrMnda"):
            continue
        worked_out = Detalle(
            nombre="",
            cantidad=line.number("QtyItem"),
            precio=line.number("PrcItem"),
            descuento_monto=line.number("DescuentoMonto") or CERO,
            recargo_monto=line.number("RecargoMonto") or CERO,
        )
        expected = line_amount(worked_out, moneda).monto
        yield from _compare(
            "line_amount", f"MontoItem de la línea {number}", line, "MontoItem", expected, moneda
        )


def _totals(node: Node, worked_out: Totales, moneda: Moneda, wanted: frozenset[str]) -> Iterator[Finding]:
    """Those that are written, and those ``wanted`` that should have been."""
    for totals in node.children("Encabezado/Totales"):
        for name, attribute in _WRITTEN.items():
            expected: Decimal = getattr(worked_out, attribute)
            if totals.has(name) or (expected and name in wanted):
                yield from _compare("totals", name, totals, name, expected, moneda)
        taxes = {each.codigo: each.monto for each in worked_out.impuestos}
        for tax in totals.children("ImptoReten"):
            codigo = tax.text("TipoImp")
            expected = taxes.get(codigo, CERO)
            yield from _compare("totals", f"el impuesto {codigo}", tax, "MontoImp", expected, moneda)


def _compare(
    code: str, what: str, node: Node, name: str, expected: Decimal, moneda: Moneda
) -> Iterator[Finding]:
    written = node.number(name) or CERO
    if written != expected:
        close = abs(written - expected) <= Decimal(1).scaleb(-moneda.decimales)
        message = f"{what} dice {written:f} y debería decir {expected:f}."
        yield Finding(code, message, Severity.WARNING if close else Severity.ERROR)


def _beyond(node: Node) -> str:
    """Why the totals are not worked out again; empty when they are."""
    rate = node.number("Encabezado/Totales/TasaIVA")
    if rate not in (None, TASA_IVA):
        return f"la tasa de IVA es {rate:f}"
    if found := [name for name in _NOT_RECKONED if node.has(f"Encabezado/Totales/{name}")]:
        return f"llevan {', '.join(found)}"
    day = date.fromisoformat(node.text("Encabezado/IdDoc/FchEmis"))
    codes = {line.text("CodImpAdic") for line in node.children("Detalle")} - {""}
    if unknown := sorted(code for code in codes if rate_of(code, day) is None):
        return f"no se conoce la tasa del impuesto {', '.join(unknown)}"
    return ""


def _documento(node: Node, tipo: TipoDte, moneda: Moneda) -> Documento:
    """As much of a document as its totals depend on; its lines are worth what they say."""
    header = "Encabezado/IdDoc"
    boleta = tipo in BOLETAS and node.text(f"{header}/IndMntNeto") != "2"
    return Documento(
        tipo=tipo,
        fecha_emision=date.fromisoformat(node.text(f"{header}/FchEmis")),
        emisor=_NOBODY,
        receptor=Receptor(rut=""),
        detalles=tuple(
            Detalle(
                nombre="",
                precio=line.number("MontoItem"),
                exencion=int(line.number("IndExe") or 0) or None,
                impuesto=line.text("CodImpAdic"),
            )
            for line in node.children("Detalle")
        ),
        ajustes=tuple(map(_ajuste, node.children("DscRcgGlobal"))),
        brutos=boleta or node.text(f"{header}/MntBruto") == "1",
        moneda=moneda,
    )


def _ajuste(node: Node) -> Ajuste:
    value, base = node.number("ValorDR"), node.number("IndExeDR")
    percent = node.text("TpoValor") == "%"
    return Ajuste(
        recargo=node.text("TpoMov") == "R",
        pct=value if percent else None,
        monto=None if percent else value,
        sobre=Base(None if base is None else int(base)),
    )


def _moneda(node: Node, tipo: TipoDte) -> Moneda:
    return Moneda(node.text("Encabezado/Totales/TpoMoneda")) if tipo in EXPORTACIONES else PESOS
