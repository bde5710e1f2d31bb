# ruff: noqa: E501 - lines of HTML as the portal writes them
"""What every page has in common: its head, its refusals, its redirections by script."""

from html import escape as _escape
from string import Template

LOGIN_PAGE = "https://zeusr.sii.cl/AUT2000/InicioAutenticacion/IngresoRutClave.html"

_HEAD = """<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd'>
<html>
<head><title>{title}</title>
<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1"/>
"""

_ALERT = """<script type='text/javascript'>
function redirec() {{
  //alert('Su documento ha sido enviado');
  //alert('Debe ingresar el campo : Fecha emision');
  alert('{text}');
  history.back();
}}
</script>
</head>
<body onload='redirec();'></body>
</html>
"""

_LOGIN_ERROR = Template(
    _HEAD.format(title="Error al contribuyente")
    + """</head>
<body>
<div id="my-wrapper">
<h3>Estimado contribuyente</h3>
<p>$text
<p>Para mayor informaci&oacute;n comun&iacute;quese con la Mesa de Ayuda, informando el siguiente c&oacute;digo.
<p>CODIGO: $code
<p><a href="$login">Volver</a>
</div>
</body>
</html>
"""
)

_REDIRECT = Template(
    "<HTML><HEAD><TITLE>Redireccionando</TITLE>\n"
    '<script type="text/javascript">\n  location.replace("$target");\n</script>\n'
    "</HEAD><BODY>$text</BODY></HTML>\n"
)


def attribute(text: str) -> str:
    """Text inside a double-quoted attribute or between tags."""
    return _escape(text, quote=True)


def script_string(text: str) -> str:
    """Text inside a quoted string of a script."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"').replace("\n", "\\n")
    return escaped.replace("</", "<\\/")


def head(title: str) -> str:
    """The opening of a page, up to and with ``<meta>``; the caller closes ``</head>``."""
    return _HEAD.format(title=title)


def alert_page(text: str) -> str:
    """A verdict: one alert and ``history.back()``, decoys commented out above it."""
    return _HEAD.format(title="Error al contribuyente") + _ALERT.format(text=script_string(text))


def support_page(text: str, code: str) -> str:
    """A failure told in the page with its support code, whose last group says which (protocol notes 5.1)."""
    return _LOGIN_ERROR.substitute(text=attribute(text), code=code, login=LOGIN_PAGE)


def redirect_page(target: str, text: str = "") -> str:
    """A page whose script replaces the location."""
    return _REDIRECT.substitute(target=script_string(target), text=text)
