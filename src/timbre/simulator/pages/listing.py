# ruff: noqa: E501 - lines of HTML as the portal writes them
"""Issued documents listed, opened and backed up (protocol notes 5.7, 5.8)."""

from collections.abc import Iterable, Sequence
from string import Template

from timbre.simulator.arithmetic import ANNULLABLE
from timbre.simulator.pages.frame import attribute, head
from timbre.simulator.store import Issued

ISSUED, OBJECTED = "Documento Emitido", "Documento con Reparos"
NAMES = {
    33: "Factura Electronica",
    34: "Factura No Afecta o Exenta Electronica",
    46: "Factura de Compra Electronica",
    52: "Guia de Despacho Electronica",
    56: "Nota de Debito Electronica",
    61: "Nota de Credito Electronica",
    110: "Factura de Exportacion Electronica",
}

_LIST = Template(
    head("Facturacion Electr&oacute;nica - Administrar documentos emitidos")
    + """</head>
<body>
<table class="table" id="tablaDatos">
<thead><tr>
<th>Ver</th><th>Receptor</th><th>Raz&oacute;n Social</th><th>Documento</th>
<th>Folio</th><th>Fecha</th><th>Monto</th><th>Estado</th>
</tr></thead>
<tbody>
$rows</tbody>
</table>
<!-- Página $page de $pages -->
<div>P&aacute;gina $page&nbsp;de $pages&nbsp;$links</div>
</body>
</html>
"""
)

_DOCUMENT = Template(
    head("Facturacion Electr&oacute;nica - Documento Emitido")
    + """</head>
<body>
<h5>$name N&deg; $folio</h5>
<table>
<tr><td>Receptor<td>$receiver $receiver_name
<tr><td>Fecha<td>$fecha
<tr><td>Monto<td>$total
<tr><td>Estado<td>$estado
</table>
<a href="/cgi-bin/Portal001/mipeDisplayPDF.cgi?DHDR_CODIGO=$codigo">Ver Documento</a>
$annulment</body>
</html>
"""
)

_ANNULMENT = Template(
    '<a href="/cgi-bin/Portal001/mipeGenNotaAnulacion.cgi?EHDR_CODIGO=$codigo&TIPO_NOTA=61">'
    "Generar Nota de Cr&eacute;dito de Anulaci&oacute;n</a>\n"
)
"""The words and the query are the real portal's; the path is the simulator's own, as no source gives it."""

_BACKUP_FORM = Template(
    head("Respaldo de archivos MIPYME")
    + """</head>
<body>
<form name="form1" method="post" action="../../cgi-bin/Portal001/lista_documentos.cgi">
<input type="text" name="RUT_EMP" value="$body" maxlength="8"> <input type="text" name="DV_EMP" value="$dv" maxlength="1">
<input type="submit" value="Enviar">
</form>
</body>
</html>
"""
)

_BACKUP_LIST = Template(
    head("Respaldo de archivos MIPYME")
    + """</head>
<body>
<form name="formFiltro" method="post" action="../../cgi-bin/Portal001/lista_documentos.cgi">
<select id="sel_origen" name="ORIGEN"><option value="ENV">Emitidos<option value="RCP">Recibidos</select>
</form>
<p>total de documentos $count
<table class="table" id="tablaDatos">
<tr><th>Receptor<th>Raz&oacute;n Social<th>Documento<th>Folio<th>Fecha<th>Monto
$rows</table>
</body>
</html>
"""
)


def list_page(documents: Iterable[Issued], page: int, pages: int, now: float) -> str:
    """One page of the list as of ``now``. The receiver's cell is left unclosed, as the portal does."""
    rows = "".join(_row(document, now) for document in documents)
    links = "".join(f' <a href="mipeAdminDocsEmi.cgi?NUM_PAG={n}">{n}</a>' for n in range(1, pages + 1))
    return _LIST.substitute(rows=rows, page=page, pages=pages, links=links)


def _estado(document: Issued, now: float) -> str:
    objected = document.objected_at is not None and document.objected_at <= now
    return OBJECTED if objected else ISSUED


def _row(document: Issued, now: float) -> str:
    return (
        f'<tr>\n<td><a href="/cgi-bin/Portal001/mipeGesDocEmi.cgi?ALL_PAGE_ANT=2&CODIGO={document.codigo}">'
        '<img src="/Portal001/button_edit.gif" border="0"></a></td>\n'
        f"<td>{document.receiver}<td>{attribute(document.receiver_name)}</td>\n"
        f"<td>{NAMES[document.tipo]}</td>\n<td>{document.folio}</td>\n<td>{document.fecha}</td>\n"
        f"<td>{document.total}</td>\n<td>{_estado(document, now)}</td>\n</tr>\n"
    )


def document_page(document: Issued, now: float) -> str:
    """The document, with the way to annul it when the portal has one."""
    annulment = _ANNULMENT.substitute(codigo=document.codigo) if document.tipo in ANNULLABLE else ""
    return _DOCUMENT.substitute(
        name=NAMES[document.tipo],
        folio=document.folio,
        receiver=document.receiver,
        receiver_name=attribute(document.receiver_name),
        fecha=document.fecha,
        total=document.total,
        codigo=document.codigo,
        estado=_estado(document, now),
        annulment=annulment,
    )


def backup_form(company: str) -> str:
    body, dv = company.split("-")
    return _BACKUP_FORM.substitute(body=body, dv=dv)


def backup_list(documents: Sequence[Issued], count: int) -> str:
    rows = "".join(
        f"<tr><td>{d.receiver}<td>{attribute(d.receiver_name)}<td>{NAMES[d.tipo]}<td>{d.folio}<td>{d.fecha}<td>{d.total}\n"
        for d in documents
    )
    return _BACKUP_LIST.substitute(rows=rows, count=count)


def backup_xml(documents: Iterable[Issued]) -> bytes:
    """The signed DTEs inside a bare ``SetDTE`` (no EnvioDTE, no signature of its own)."""
    declaration = b'<?xml version="1.0" encoding="ISO-8859-1"?>\n'
    dtes = b"\n".join(document.xml.removeprefix(declaration) for document in documents)
    return declaration + b"<SetDTE>\n" + dtes + b"\n</SetDTE>\n"
