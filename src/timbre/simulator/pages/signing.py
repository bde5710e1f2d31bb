# ruff: noqa: E501 - lines of HTML as the portal writes them
"""Preview, signing page and the page of success (protocol notes 5.5, 5.6)."""

from collections.abc import Mapping
from string import Template

from timbre.simulator.pages.frame import attribute, head
from timbre.simulator.store import Issued, Proposal

_PREVIEW = Template(
    head("Facturaci&oacute;n Electr&oacute;nica - Pre-View de Documento")
    + """<script type="text/javascript">
function goSignDTE(btn) {
  btn.disabled=true;
  document.forms["PreViewDTE"].action = "/cgi-bin/Portal001/mipeGenXMLFirma.cgi";
  document.forms["PreViewDTE"].submit();
}
</script>
</head>
<body>
<h5 class="title">REVISI&Oacute;N DE DOCUMENTO TRIBUTARIO ELECTR&Oacute;NICO</h5>
<form name="PreViewDTE" method="post" action="/cgi-bin/Portal001/mipeGenFacEx.cgi">
<p class="text-center">
<INPUT type="button" value="Firmar" name="btnSign" onclick='goSignDTE(this);'>
<INPUT type="button" value="Corregir" name="btnCorregir" id="btnCorregir" onclick='submit();'>
<!--   Campos Ocultos para Corregir DTE          -->
$fields</form>
</body>
</html>
"""
)

_SIGN = Template(
    head("Firma de Documento Electronico")
    + """</head>
<body>
<div id="divFirma">
<p>En esta p&aacute;gina se firma digitalmente el Documento Tributario Electr&oacute;nico que Ud. acaba de generar.
<label for="myPass">Ingrese la clave de su certificado</label>
<input type="password" class="form-control" id="myPass"/>
<input type="button" id="btnFirma" value="Firmar">
</div>
<form name="frmSign" method="post" id="frmSign" action="/cgi-bin/Portal001/mipeSendXML.cgi">
<input type="hidden" name="TMST_SIGN" id="TMST_SIGN" value="$tmst">
<input type="hidden" name="PTDC_CODIGO" value="$tipo">
<input type="hidden" name="EFXP_FOLIO" value="$folio">
<input type="hidden" name="EFXP_RUT_RUT_EMP" value="$issuer">
<textarea class="hidden" readonly cols="1" rows="1" name="txtPlainText" id="txtPlainText">$text</textarea>
<textarea class="hidden" cols="1" rows="1" name="txtSignText" id="txtSignText"></textarea>
</form>
</body>
</html>
"""
)

_SENT = Template(
    head("Facturaci&oacute;n Electr&oacute;nica - Documento Enviado")
    + """<script type="text/javascript">
// alert('Firma no reconocida');
</script>
</head>
<body>
<h4>DOCUMENTO TRIBUTARIO ELECTRÓNICO ENVIADO EXITOSAMENTE</h4>
<table>
<tr><td>$name<td>N° $folio
<tr><td>Empresa: $issuer
</table>
<a href="/cgi-bin/Portal001/mipeDisplayPDF.cgi?DHDR_CODIGO=$codigo">Ver Documento</a>
</body>
</html>
"""
)


def preview_page(fields: Mapping[str, str]) -> str:
    """The normalised document as hidden fields, with the buttons that sign or correct it."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{attribute(value) if value else ""}">\n'
        for name, value in fields.items()
    )
    return _PREVIEW.substitute(fields=hidden)


def sign_page(proposal: Proposal, text: str) -> str:
    """The proposed XML verbatim (not escaped) inside a textarea, as the portal writes it."""
    return _SIGN.substitute(
        tmst=proposal.tmst, tipo=proposal.tipo, folio=proposal.folio, issuer=proposal.issuer, text=text
    )


def sent_page(issued: Issued, name: str) -> str:
    return _SENT.substitute(name=name, folio=issued.folio, issuer=issued.issuer, codigo=issued.codigo)
