"""Elements of XML as the portal writes them: canonical, blank ones left out."""

from decimal import Decimal

from timbre.simulator.latin import escape


def element(name: str, value: str | int) -> str:
    """``<name>value</name>``, nothing at all when the value is blank."""
    return f"<{name}>{escape(str(value))}</{name}>" if value != "" else ""


def block(name: str, *parts: str) -> str:
    """An element with children, nothing at all when none says anything."""
    content = "".join(parts)
    return f"<{name}>{content}</{name}>" if content else ""


def number(value: Decimal | None) -> str:
    """Two decimals at least and no zeros after them (``1.00``, ``0.125``); zero and None are not written."""
    if not value:
        return ""
    whole, _, fraction = f"{value:f}".partition(".")
    return f"{int(whole)}.{fraction.rstrip('0').ljust(2, '0')}"


def amount(value: Decimal, decimals: int = 0) -> str:
    """Money: whole pesos, or a currency with its decimals. Zero is written."""
    return f"{value:.{decimals}f}"
