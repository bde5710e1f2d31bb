"""The stamp as PDF417: its ISO-8859-1 bytes, error correction level 5 (sii-protocols 2.3)."""

from dataclasses import dataclass

import zint

_COLUMNS = 16
"""A stamp of 1,000 bytes then has at most 58 rows: 7.5 by 3.8 cm on a sheet, inside the SII's 4 by 9 cm."""
_LEVEL = 5
_STRIDE = 144
"""Bytes that zint keeps for a row, whatever the symbol's width."""
_TO_PDF = bytes(255 - int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""zint counts bits from the right and 1 is black; PDF counts from the left and 0 is black."""


@dataclass(frozen=True, slots=True)
class Barcode:
    """A symbol: ``bits`` holds its rows, each in whole bytes, one bit a module from the left, 0 black."""

    width: int
    rows: int
    bits: bytes


def encode(ted: str, columns: int = _COLUMNS) -> Barcode:
    """The PDF417 of a stamp, read back byte for byte as its ISO-8859-1 text."""
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.PDF417
    symbol.input_mode = zint.InputMode.DATA  # type: ignore[attr-defined]  # bytes, never UTF-8
    symbol.option_1, symbol.option_2 = _LEVEL, columns
    symbol.encode(ted.encode("iso-8859-1"))
    packed, used = symbol.encoded_data.tobytes(), (symbol.width + 7) // 8
    rows = (packed[row * _STRIDE : row * _STRIDE + used] for row in range(symbol.rows))
    return Barcode(symbol.width, symbol.rows, b"".join(rows).translate(_TO_PDF))
