"""Pages that have nothing to do with what was asked."""

from timbre.simulator.pages.frame import head

_OUTAGE = "<html><head><title>503 Service Unavailable</title></head><body>Service Unavailable</body></html>\n"
_MAINTENANCE = (
    head("Servicio de Impuestos Internos")
    + "</head>\n<body><p>Estamos realizando mejoras en nuestros servicios.</body></html>\n"
)
_UNKNOWN = (
    head("Aviso a los contribuyentes")
    + "</head>\n<body><h3>Operaci&oacute;n Renta</h3><p>Rev&iacute;sela en su plazo.</body></html>\n"
)
_CAPTCHA = (
    head("Verificaci&oacute;n de seguridad")
    + """<script type="text/javascript" src="/recaptcha/api.js"></script>
</head>
<body>
<form name="verificacion" method="post" action="/verificacion">
<p>Confirme que no es un robot para continuar.
<div class="g-recaptcha" data-sitekey="sandbox"></div>
<input type="hidden" name="g-recaptcha-response" value="">
</form>
</body>
</html>
"""
)


def outage_page() -> str:
    return _OUTAGE


def maintenance_page() -> str:
    return _MAINTENANCE


def unknown_page() -> str:
    return _UNKNOWN


def captcha_page() -> str:
    return _CAPTCHA
