"""The unsigned ``<DTE>`` of a document of any type, in the order of the SII's schemas.

One element a line (the SII refuses lines over 4,090 bytes); line breaks are made here, before signing, and
nothing is re-serialised afterwards. What is written is canonical (C14N) as it stands: double quotes, no
empty tags, ``&``, ``<`` and ``>`` escaped and nothing else; its type says so (``canonical.Canonical``).
"""

from datetime import datetime

from timbre.dte.canonical import Canonical
from timbre.dte.clock import timestamp
from timbre.dte.document import Documento
from timbre.dte.parsing import SII_NAMESPACE
from timbre.dte.totals import Totales
from timbre.dte.xml import boleta, exportacion, factura

__all__ = ["build"]


def build(documento: Documento, totales: Totales, folio: int, ted: str, now: datetime) -> str:
    """The unsigned ``<DTE>``; ``parsing.encode`` makes the file of it. ``ted`` comes from ``stamp.stamp``.

    Whatever a type has no element for is not written: that it was asked for is the rules' matter.
    """
    if documento.es_boleta:
        root, body = "Documento", boleta.body(documento, totales, folio)
    elif documento.es_exportacion:
        root, body = "Exportaciones", exportacion.body(documento, totales, folio)
    else:
        root, body = "Documento", factura.body(documento, totales, folio)
    text = (
        f'<DTE xmlns="{SII_NAMESPACE}" version="1.0">\n<{root} ID="F{folio}T{documento.tipo:d}">\n'
        f"{body}{ted}\n<TmstFirma>{timestamp(now)}</TmstFirma>\n</{root}>\n</DTE>"
    )
    return Canonical(text) if isinstance(ted, Canonical) and "\r" not in text else text
