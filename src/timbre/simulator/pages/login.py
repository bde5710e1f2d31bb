"""Log-in and identity: zeusr's and misiir's pages."""

import json
from string import Template

from timbre.simulator.pages.frame import attribute, head, script_string
from timbre.simulator.taxpayers import Taxpayer

_LOGIN = Template(
    head("Ingreso con Clave Tributaria")
    + """</head>
<body>
<form id="myform" name="myform" method="post" action="/cgi_AUT2000/CAutInicio.cgi">
<input type="hidden" name="rut" id="rut" value="">
<input type="hidden" name="dv" id="dv" value="">
<input type="hidden" name="referencia" id="referencia" value="$target">
<input type="hidden" name="411" id="code" value="">
<label for="rutcntr">RUT</label> <input type="text" name="rutcntr" id="rutcntr" maxlength="12">
<label for="clave">Clave Tributaria</label> <input type="password" name="clave" id="clave" maxlength="25">
<button type="submit" id="bt_ingresar">Ingresar</button>
</form>
</body>
</html>
"""
)

_HOME = Template(
    head("Mi SII")
    + """</head>
<body>
<div id="datosContribuyente">Cargando...</div>
<script>
var DatosCntrNow = $data;
var DatosCntrAler = {"codigoError":0,"descripcionError":null,"alertas":[]};
</script>
</body>
</html>
"""
)

_LOGGED_OUT = (
    head("Servicio de Impuestos Internos")
    + "</head>\n<body><p>Usted ha cerrado su sesi&oacute;n.</body></html>\n"
)


def login_page(target: str) -> str:
    return _LOGIN.substitute(target=attribute(target))


def logged_out_page() -> str:
    return _LOGGED_OUT


def entered_page(target: str) -> str:
    """Success: the script goes on to the page that was asked for."""
    return (
        head("Autenticaci&oacute;n")
        + f'<script type="text/javascript">\nlocation.replace("{script_string(target)}");\n</script>\n'
        + "</head><body></body></html>\n"
    )


def home_page(person: Taxpayer) -> str:
    """Who is logged in, as JSON inside a script."""
    body, dv = person.rut.split("-")
    data = {
        "codigoError": 0,
        "descripcionError": "OK",
        "contribuyente": {
            "rut": body,
            "dv": dv,
            "nombres": None,
            "razonSocial": person.razon_social,
            "eMail": "contacto@ejemplo.cl",
            "glosaActividad": person.giro,
        },
        "direcciones": [
            {"codigo": a.sucursal, "comunaDescripcion": a.comuna, "calle": a.direccion, "ciudad": a.ciudad}
            for a in person.addresses
        ],
    }
    return _HOME.substitute(data=json.dumps(data, ensure_ascii=False).replace("</", "<\\/"))
