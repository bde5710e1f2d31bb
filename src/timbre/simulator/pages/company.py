# ruff: noqa: E501 - lines of HTML as the portal writes them
"""Choosing the company (protocol notes 5.2)."""

from collections.abc import Iterable
from string import Template

from timbre.simulator.pages.frame import attribute, head, redirect_page
from timbre.simulator.taxpayers import Taxpayer

_CHOOSER = Template(
    head("Facturacion Electr&oacute;nica MIPYME - Seleccion de Empresa")
    + """</head>
<body>
<form class="form-horizontal" name="fPrmEmpPOP" id="fPrmEmpPOP" method="post" action="/cgi-bin/Portal001/mipeSelEmpresa.cgi" >
<input type="hidden" name="DESDE_DONDE_URL" value="$origin">
<label class="col-sm-4 control-label">Empresa</label>
<select class="form-control" name="RUT_EMP">
<optgroup label="Seleccione Empresa">
$options</select>
<button class="btn btn-default btn-sm" type="submit">Ingresar</button>
</form>
</body>
</html>
"""
)

_MENU = (
    head("Facturaci&oacute;n Electr&oacute;nica")
    + """</head>
<body>
<a href="/cgi-bin/Portal001/mipeGenFacEx.cgi?PTDC_CODIGO=33">Factura electr&oacute;nica</a>
<a href="/cgi-bin/Portal001/mipeGenFacEx.cgi?PTDC_CODIGO=34">Factura exenta electr&oacute;nica</a>
<a href="/cgi-bin/Portal001/mipeAdminDocsEmi.cgi?NUM_PAG=1">Documentos emitidos</a>
</body>
</html>
"""
)


def chooser_page(companies: Iterable[Taxpayer], origin: str) -> str:
    """The companies a person may act for; ``<option>`` is left unclosed, as the portal does."""
    options = "".join(
        f'<option value="{company.rut}">{attribute(company.razon_social)} {company.rut}\n'
        for company in companies
    )
    return _CHOOSER.substitute(origin=attribute(origin), options=options)


def chosen_page() -> str:
    return redirect_page("/factura_sii/factura_sii.htm")


def menu_page() -> str:
    return _MENU
