# ruff: noqa: E501 - lines of HTML as the portal writes them
"""The form EFXP (protocol notes 5.3, 5.4): empty, or with the receiver looked up."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from string import Template

from timbre.simulator.arithmetic import EXPORTACION, GUIA, SIN_IVA
from timbre.simulator.fields import (
    EXPORT_FIELDS,
    MAX_LINES,
    MAX_PAYMENTS,
    MAX_REFERENCES,
    WITH_TAXES,
    template_of,
    withholder_of,
)
from timbre.simulator.pages.frame import attribute, head, script_string
from timbre.simulator.taxpayers import Taxpayer

NAMES = {
    33: "FACTURA ELECTR&#211;NICA",
    34: "FACTURA NO AFECTA O EXENTA ELECTR&#211;NICA",
    46: "FACTURA DE COMPRA ELECTR&#211;NICA",
    52: "GU&#205;A DE DESPACHO ELECTR&#211;NICA",
    56: "NOTA DE D&#201;BITO ELECTR&#211;NICA",
    61: "NOTA DE CR&#201;DITO ELECTR&#211;NICA",
    110: "FACTURA DE EXPORTACI&#211;N ELECTR&#211;NICA",
}

_LINES = "".join(
    f"datosArray[{n - 1}] = [ "
    + ",".join(
        f"['{name}_{n:02}','']" for name in ("EFXP_TPO_COD", "EFXP_COD", "EFXP_NMB", "DESCRIP", "EFXP_QTY")
    )
    + ","
    + ",".join(f"['{name}_{n:02}','']" for name in ("EFXP_UNMD", "EFXP_PRC", "EFXP_OTRO_IMP", "EFXP_PCTD"))
    + f",['EFXP_SUBT_{n:02}',''],['EFXP_DSC_ITEM_{n:02}',''],['VIS','NO_VIS'] ];\n"
    for n in range(1, MAX_LINES + 1)
)
_REFERENCES = ",\n".join(["['','','','','','']"] * MAX_REFERENCES)
_PAYMENTS = ",\n".join(["['','','']"] * MAX_PAYMENTS)

_FORM = Template(
    head("EFXP Documento Tributario Electr&oacute;nico")
    + """<script type="text/javascript" src="/Portal001/JS/validaFacEx.js?version=20230802"></script>
<script type="text/javascript">
var emisorDir      = $emisor_dir;
var emisorActEco   = $emisor_acteco;
var recptorDir     = $receptor_dir;
var recptoActEco   = $receptor_acteco;
var arrFecha       = [$today];
var arrFechaAut    = ["2025","07","02"];
datosArray = new Array();
"""
    + _LINES
    + f"var arrReferencias = [ {_REFERENCES} ];\nvar arrPagos = [ {_PAYMENTS} ];\n"
    + """function validaFacEx(f) {
  if (f.EFXP_FCH_EMIS.value == '') { alert('Debe ingresar el campo : Fecha emision'); return false; }
  if (f.EFXP_CIUDAD_ORIGEN.value == '') { alert('Debe ingresar Ciudad del contribuyente emisor'); return false; }
  if (f.EFXP_IVA && f.EFXP_IVA.value <= 0) { alert('Valor IVA debe ser mayor a 0'); return false; }
  if (f.EFXP_FMA_PAGO.value == '') { alert('Debe Seleccionar Forma de Pago'); return false; }
  // alert('Rut Receptor incorrecto');
  return true;
}
</script>
</head>
<body onload="cierraVentana('CGI');evaluarFormaPago();">
<form class="form-horizontal" name="VIEW_EFXP" id="VIEW_EFXP" action="/cgi-bin/Portal001/mipeDisplayPreView.cgi" method="post" autocomplete="off">
<input type="hidden" value="FALSE" name="esCRED_EC" id="esCRED_EC">
<input type="hidden" value="FALSE" name="esFACT_TUR" id="esFACT_TUR">
<input type="hidden" value="$tipo" name="PTDC_CODIGO" id="PTDC_CODIGO">
<input type="hidden" value="$plantilla" name="TIPO_PLANTILLA" id="TIPO_PLANTILLA">
<input type="hidden" value="$agente" name="AGENTE_RETENEDOR" id="AGENTE_RETENEDOR">
<input type="hidden" value="" name="CANT_DET" id="CANT_DET">
<input type="hidden" value="" id="EFXP_CDG_SII_SUCUR" name="EFXP_CDG_SII_SUCUR">
<input type="hidden" value="FALSE" id="ES_BORR" name="ES_BORR">
<input type="hidden" value="" id="EHDR_CODIGO" name="EHDR_CODIGO">
<div class="well well-sm">
<strong>Rut $rut</strong><br/>
<strong>$name</strong><br/>
<strong>N&deg; folio no asignado</strong><br/>
</div>
Empresa Menor Tama&ntilde;o <input type="checkbox" name='EMP_MENOR_TAMANO' value="SiChecked"/>
<input type="date" maxLength='10' size='10' value="$fecha" name='EFXP_FCH_EMIS' placeholder="AAAA-MM-DD">
<input type="text" onfocus="blur()" maxLength='100' size='50' value="$razon_social" name='EFXP_RZN_SOC'>
<input type="hidden" name='EFXP_DIR_ORIGEN_DEFUALT' value="">
<script type="text/javascript">printEmisorDir();</script>
<input type="text" onfocus="blur()" maxLength='20' value="" name="EFXP_CMNA_ORIGEN" >
<input type="text" maxLength='15' size='15' value="" name="EFXP_CIUDAD_ORIGEN">
<script type="text/javascript">printTipoVenta(2);</script>
<input type="email" maxLength='30' size='30' value="contacto&#64;ejemplo.cl" name="EFXP_EMAIL_EMISOR">
<input type="text" maxLength="14" size='12' value="" name='EFXP_FONO_EMISOR'>
<input type="text" onfocus="blur()" maxLength='70' size='60' value="$giro" name="EFXP_GIRO_EMIS">
<input type="hidden" maxLength='6' size='6' value="" name='EFXP_ACTECO'>
<script type="text/javascript">printEmisorActEco();</script>
<input type="text" name="EFXP_RUT_RECEP" id="EFXP_RUT_RECEP" value="$receptor_rut" maxlength="8" size="8">
<input type="text" maxlength="1" size="1" onchange="enviaCGI(this)" id="EFXP_DV_RECEP" value="$receptor_dv" name="EFXP_DV_RECEP">
<input type="text" maxLength="100" size="50" value="$receptor_name" name="EFXP_RZN_SOC_RECEP"/>
<script type="text/javascript">printTipoCompra();</script>
<input type="hidden" name="EFXP_DIR_RECEP_DEFUALT" value=""/>
<script type="text/javascript">printRecptorDir();</script>
<input type="text" maxLength="20" value="$receptor_comuna" name="EFXP_CMNA_RECEP">
<input type="text" maxLength=15 value="" size=15 name="EFXP_CIUDAD_RECEP">
<input type="hidden" name="EFXP_GIRO_RECEP_DEFUALT" value="">
<script type="text/javascript">printReceptorActEco()</script>
<input type="text" maxLength="80" size="30" name="EFXP_CONTACTO" value="">
<input type="text" maxLength=8 size=8 value="" name="EFXP_RUT_SOLICITA">
<input type="text" maxLength="1" size="1" value="" name="EFXP_DV_SOLICITA">
<input type="text" name="EFXP_RUT_TRANSPORTE" value=""> <input type="text" name="EFXP_DV_TRANSPORTE" value="">
<input type="text" name="EFXP_PATENTE" value="" maxlength="8">
<input type="text" name="EFXP_RUT_CHOFER" value=""> <input type="text" name="EFXP_DV_CHOFER" value="">
<input type="text" name="EFXP_NOMBRE_CHOFER" value="" maxlength="30">
<table id="myTable"><tr><th>Nombre Producto<th>Descrip.<th>Cantidad<th>Unidad<th>Precio<th>% Desc.<th>SubTotal
</table>
Cod Producto <input type="checkbox" onclick="dibujaDetalles();" name="COD_SI_NO" value="SiChecked"/>
${switches}Referencias : <input type="checkbox" onclick="printReferencias()" name="REF_SI_NO" value="SiChecked">
<script type="text/javascript">printFormaDePago();</script>
Info. Pago : <input type="checkbox" onclick="printReferencias()" name="PAGO_SI_NO" value="SiChecked">
<input onfocus="blur()" maxLength="12" size="10" value="" name="EFXP_SUBTOTAL"/>
<input type="number" maxLength="5" size="5" value="" name="EFXP_PCT_DESC"/>
<input type="number" maxLength=12 size=10 value="" name="EFXP_MNT_DESC"/>
<input type="hidden" value="" name="IVA_TEMP"/>
<input type="hidden" value="" name="MNT_NETO_TEMP"/>
<input onfocus="blur()" maxLength="12" value="" name="EFXP_MNT_NETO"/>
$iva<input onfocus="blur()" maxLength="12" value="" name="EFXP_MNT_TOTAL"/>
<input type="button" value="Validar y visualizar" name="Button_Update" onclick="if (validaFacEx(this.form)) this.form.submit();">
</form>
</body>
</html>
"""
)
_IVA = (
    '<input maxLength="5" value="19" name="EFXP_TASA_IVA"/>\n'
    '<input onfocus="blur()" maxLength="12" value="" name="EFXP_IVA"/>\n'
)
_TAXES = 'Otros Impuestos <input type="checkbox" name="OTRO_IMP_SI_NO" value="SiChecked"/>\n'
_GUIDE = (
    '<input type="hidden" name="EFXP_IND_VENTA_DEFUALT" value="">\n'
    '<select name="EFXP_IND_VENTA"><option value="">'
    + "".join(f'<option value="{n}">{n}' for n in range(1, 10))
    + "</select>\n"
    + _TAXES
)


def form_page(
    company: Taxpayer, tipo: int, today: date, typed: Mapping[str, str], receiver: Taxpayer | None
) -> str:
    """The form of a company. ``receiver`` is the looked-up taxpayer, None when not asked for or unknown."""
    if receiver is None:
        rut, dv = typed.get("EFXP_RUT_RECEP", ""), typed.get("EFXP_DV_RECEP", "")
        return _blank(company, tipo, today).substitute(
            receptor_rut=attribute(rut),
            receptor_dv=attribute(dv),
            receptor_name="",
            receptor_comuna="",
            receptor_dir='[["0","0","0"]]',
            receptor_acteco='[["0","0"]]',
        )
    body, dv = receiver.rut.split("-")
    return _blank(company, tipo, today).substitute(
        receptor_rut=body,
        receptor_dv=dv,
        receptor_name=attribute(receiver.razon_social),
        receptor_comuna=attribute(receiver.addresses[0].comuna),
        receptor_dir=_array((a.direccion, a.comuna, a.ciudad) for a in receiver.addresses),
        receptor_acteco=_array((a.codigo, a.glosa) for a in receiver.activities),
    )


@lru_cache(maxsize=256)
def _blank(company: Taxpayer, tipo: int, today: date) -> Template:
    """The form with all but the receiver filled in."""
    page = _FORM.safe_substitute(
        emisor_dir=_dollars(
            _array((f"{a.direccion:<28}", a.comuna, a.ciudad, a.sucursal, " ") for a in company.addresses)
        ),
        emisor_acteco=_dollars(_array((a.codigo, a.glosa) for a in company.activities)),
        today=",".join(f'"{part}"' for part in today.isoformat().split("-")),
        tipo=tipo,
        rut=company.rut,
        name=NAMES[tipo],
        fecha=today.isoformat(),
        razon_social=_dollars(attribute(company.razon_social)),
        giro=_dollars(attribute(company.giro)),
        plantilla=template_of(tipo),
        agente=withholder_of(tipo),
        switches=_switches(tipo),
        iva="" if tipo in SIN_IVA else _IVA,
    )
    return Template(page)


def _switches(tipo: int) -> str:
    """The inputs only some types' forms have."""
    if tipo == GUIA:
        return _GUIDE
    if tipo == EXPORTACION:
        return "".join(f'<input type="text" name="{name}" value="">\n' for name in EXPORT_FIELDS)
    return _TAXES if tipo in WITH_TAXES else ""


def _dollars(text: str) -> str:
    return text.replace("$", "$$")


def _array(rows: Iterable[tuple[str, ...]]) -> str:
    """A script's array of rows that ends with a row of zeros, as the portal's do."""
    written = [[f'"{script_string(cell)}"' for cell in row] for row in rows]
    written.append(['"0"'] * len(written[0]))
    return "[" + ",".join("[" + ",".join(row) + "]" for row in written) + "]"
