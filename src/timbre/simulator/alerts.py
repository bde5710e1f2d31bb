"""Every refusal the simulated portal speaks, in one place: Spanish, ISO-8859-1, one alert a page.

Words known from the real portal are kept as they are (protocol notes 5.1-5.8); the others are in its manner.
"""


class Refusal(Exception):
    """The portal says no: its page is one ``alert(...)`` with this text and ``history.back()``."""

    def __init__(self, alert: str) -> None:
        super().__init__(alert)
        self.alert = alert


SIN_EMPRESA = (
    "Usted no ha seleccionado una Empresa.\n\n"
    "Para mayor información comuníquese con la Mesa de Ayuda Telefónica,\n"
    "informando el siguiente código.\n\nCODIGO:   02.35.209.-1.148.10"
)
EMPRESA_NO_AUTORIZADA = "Usted no está autorizado para operar con la Empresa seleccionada"
RUT_EMPRESA_INCORRECTO = "Rut de la Empresa incorrecto"
PAGINA_DESCONOCIDA = "Por el momento no se puede responder su solicitud"
TIPO_NO_DISPONIBLE = "Tipo de documento no disponible en el simulador"
AGENTE_RETENEDOR = "Debe seleccionar el agente retenedor de la factura de compra"
PLANTILLA = "La plantilla no corresponde al tipo de documento"
CARACTERES = "El documento contiene caracteres no permitidos"

RAZON_SOCIAL_EMISOR = "La razón social del emisor no corresponde a la registrada en el SII"
GIRO_EMISOR = "El giro del emisor no corresponde a los registrados en el SII"
ACTECO_EMISOR = "Debe seleccionar una actividad económica del emisor"
DIRECCION_EMISOR = "La dirección del emisor no corresponde a las registradas en el SII"
CIUDAD_EMISOR = "Debe ingresar Ciudad del contribuyente emisor"
CORREO_EMISOR = "El email o teléfono del emisor es incorrecto"
TIPO_TRANSACCION = "Tipo de compra o de venta incorrecto"
FECHA_EMISION = "Debe ingresar el campo : Fecha emision"
RUT_RECEPTOR = "Rut Receptor incorrecto"
RAZON_SOCIAL_RECEPTOR = "La razón social del receptor no corresponde a la registrada en el SII"
DIRECCION_RECEPTOR = "La dirección del receptor no corresponde a las registradas en el SII"
GIRO_RECEPTOR = "El giro del receptor no corresponde a los registrados en el SII"
CIUDAD_RECEPTOR = "Debe ingresar Ciudad del contribuyente receptor"
RECEPTOR_EXTRANJERO = "El Rut Receptor de una exportación debe ser 55555555-5"
EXTRANJERO = "La identificación o nacionalidad del receptor extranjero es incorrecta"
TRASLADO = "Debe seleccionar el tipo de traslado"
TRASLADO_INTERNO = "En un traslado interno el receptor debe ser el mismo emisor"
TRANSPORTE = "Los datos del transporte son incorrectos"
CONTACTO = "El contacto no puede superar 80 caracteres"
FORMA_PAGO = "Debe Seleccionar Forma de Pago"
PAGOS = "La información de pago es incorrecta"
VENCIMIENTO = "La fecha de vencimiento es incorrecta"

SIN_DETALLE = "Debe ingresar al menos una línea de detalle"
DEMASIADAS_LINEAS = "El documento admite un máximo de 10 líneas de detalle"
LINEA = "La línea de detalle {n} es incorrecta"
SUBTOTAL_LINEA = "El subtotal de la línea {n} no corresponde a cantidad por precio menos descuento"
DESCUENTO_LINEA = "El descuento de la línea {n} debe ser un monto entero"
OTRO_IMPUESTO = "El impuesto adicional de la línea {n} es incorrecto"
CODIGO_LINEA = "El código del producto de la línea {n} es incorrecto"
DEMASIADAS_REFERENCIAS = "El documento admite un máximo de 3 referencias"
REFERENCIA = "La referencia {n} es incorrecta"
NOTA_SIN_REFERENCIA = "La nota debe hacer referencia a un documento tributario"
NOTA_SIN_CODIGO = "Debe seleccionar el código de cada referencia de la nota"
NOTA_DE_UN_DOCUMENTO = "Una nota que anula o corrige texto debe hacer referencia a un solo documento"
GUIA_NO_SE_ANULA = "Una nota de crédito no puede anular una guía de despacho"
REFERENCIA_NO_RECIBIDA = "El documento de la referencia no ha sido recibido por el SII"
REFERENCIA_DE_OTRO = "El documento de la referencia fue emitido a otro receptor"
SIN_ANULACION = "El documento no se puede anular con una Nota de Crédito"
TEXTO_CON_MONTO = "Una nota que corrige texto no puede tener montos"
DESCUENTO_GLOBAL = "El descuento global es incorrecto"
SUBTOTAL = "El Sub Total no corresponde a la suma de las líneas"
NETO = "El Monto Neto o Exento no corresponde al Sub Total"
IVA_CERO = "Valor IVA debe ser mayor a 0"
IVA = "El IVA no corresponde al Monto Neto"
OTRO_IMPUESTO_TOTAL = "El total de impuestos adicionales no corresponde a las líneas"
TOTAL = "El Monto Total no corresponde a la suma de los montos"
NO_SIMULADO = "El campo {n} no está disponible en el simulador"

MONEDA = "Debe seleccionar la moneda de la exportación"
TIPO_CAMBIO = "El tipo de cambio es incorrecto"
ADUANA = "El campo de aduana {n} es incorrecto"
SIN_PASAPORTE = "Un servicio de hotelería debe hacer referencia al pasaporte (813)"
BULTOS = "Los bultos son incorrectos"

PREVIEW_ALTERADO = "Los datos del documento no corresponden a la vista previa"
FIRMA_NO_RECONOCIDA = "Firma no reconocida"
TIMBRE_INCORRECTO = "Firma Timbre Electrónico Incorrecta"
CERTIFICADO_AJENO = "El certificado digital no corresponde al usuario autenticado"
DOCUMENTO_ALTERADO = "El documento enviado no corresponde al generado por el SII"
ESQUEMA = "El documento no cumple el esquema XML del SII"
MONTOS = "Los montos del documento no cuadran"
FOLIO_INCONSISTENTE = "El folio no corresponde al documento firmado"
FOLIO_YA_UTILIZADO = "Folio ya utilizado. Genere nuevamente el documento"
RECHAZADO = "El documento no puede ser emitido: el SII lo ha rechazado"

DOCUMENTO_INEXISTENTE = "El documento solicitado no existe para la Empresa seleccionada"
FILTRO = "Los criterios de búsqueda son incorrectos"
DEMASIADOS_DOCUMENTOS = (
    "Los parámetros ingresados retornan demasiados Documentos electrónicos(mas de 20). "
    "Por favor ingrese criterios de búsqueda más específicos"
)
SIN_INFORMACION = "No existe información en MIPYME para el rut ingresado"
