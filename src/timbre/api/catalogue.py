"""Every stable code of the API: the HTTP status it comes with, and in Spanish what it means and what to do.

Codes of status 200 come inside a document, an enrolment or a warning. docs/errors.md tells the same.
"""

from timbre.dte.rules import ANNULMENT_DIFFERS, CATALOGUE, FEATURES, RECEIVER_DIFFERS, WARNINGS

_SAID: dict[str, tuple[int, str]] = {
    # The request
    "unauthenticated": (
        401,
        "Falta la API key, no existe, venció o fue revocada. Envía «Authorization: Api-Key <key>».",
    ),
    "forbidden": (403, "A la API key le falta el permiso que pide esta solicitud; el mensaje lo nombra."),
    "too_many_attempts": (
        429,
        "Demasiados intentos de entrar, crear cuentas o reenviar por rango. Espera lo que dice Retry-After.",
    ),
    "rate_limited": (
        429,
        "La API key pasó de sus solicitudes por minuto. No se procesó: repítela en lo que dice Retry-After.",
    ),
    "signup_closed": (403, "La instalación no admite cuentas nuevas. Pídela a quien la administra."),
    "parameter_missing": (400, "Falta un parámetro o campo. «param» dice cuál."),
    "parameter_invalid": (400, "Un parámetro o campo no tiene la forma esperada. «param» dice cuál."),
    "parameter_unknown": (400, "La consulta trae un parámetro que no existe. Revisa el nombre."),
    "unknown_field": (422, "El cuerpo trae un campo que no existe. Una key «lenient» solo lo advierte."),
    "json_invalid": (400, "El cuerpo no es JSON, repite un campo o trae NaN o Infinity."),
    "json_too_deep": (400, "El JSON está anidado en más de 20 niveles."),
    "length_required": (411, "Falta Content-Length: no se aceptan cuerpos enviados por trozos."),
    "payload_too_large": (413, "El cuerpo pesa más de 10 MB o trae demasiados valores. Divide el envío."),
    "not_available": (
        400,
        "Timbre no lo ofrece todavía (422 dentro de un documento), o producción está cerrada.",
    ),
    "resource_missing": (
        404,
        "No existe, o no es tuyo, o es del otro ambiente. También un RUT que el SII no conoce.",
    ),
    "method_not_allowed": (405, "La ruta existe, pero no con ese método. Mira el encabezado Allow."),
    "service_unavailable": (503, "Timbre está ocupado y no procesó la solicitud. Repítela en unos segundos."),
    "internal_error": (
        500,
        "Falla de Timbre. Reintenta con la misma Idempotency-Key y avisa con el request_id.",
    ),
    # The batch
    "no_documents": (400, "El lote no trae documentos."),
    "too_many_documents": (413, "El lote trae más de 500 documentos. Divídelo."),
    "idempotency_key_reused": (409, "La Idempotency-Key ya se usó con otro contenido. Usa una nueva."),
    "scenario_invalid": (400, "X-Timbre-Scenario no es un escenario del simulador; «message» los nombra."),
    "scenario_not_allowed": (403, "X-Timbre-Scenario es solo para API keys de sandbox. Quítalo."),
    "external_id_used": (
        409,
        "La empresa ya tiene un documento vivo con ese external_id; «resource» es su id.",
    ),
    "issuer_not_found": (404, "La empresa emisora no está enrolada con este usuario en este ambiente."),
    "no_active_credentials": (
        400,
        "La empresa no tiene una credencial vigente. Crea una o corrige su clave.",
    ),
    "already_at_sii": (
        200,
        "Advertencia: el SII ya tiene uno igual, emitido antes de restaurar un respaldo.",
    ),
    "possible_duplicate": (200, "Advertencia: otro documento igual se recibió hace menos de 24 horas."),
    # A draft
    "preview_without_draft": (
        400,
        "Solo un borrador tiene vista previa: envía también state «draft».",
    ),
    "draft_already_issued": (409, "El borrador ya se mandó emitir: no se emite dos veces."),
    "draft_already_at_sii": (
        409,
        "El SII ya tiene uno igual, de antes de restaurar un respaldo. Si son dos, descarta y crea otro.",
    ),
    "document_not_draft": (409, "Solo se descarta un borrador, y ese documento no lo es."),
    "date_not_today": (200, "Advertencia: el borrador se emite con su fecha, que no es la de hoy."),
    # A note about an issued document
    "reason_by_sii": (200, "Advertencia: por el portal, la razón de esa anulación la escribe el SII."),
    "already_annulled": (
        409,
        "El documento ya tiene una nota que lo anula; «resource» es su id.",
    ),
    "annulled_at_sii": (
        409,
        "El SII tiene una nota que lo anula, de antes de restaurar un respaldo; «message» trae su folio.",
    ),
    "company_comparing": (
        409,
        "Tras restaurar un respaldo, Timbre mira en el SII si ya está anulado. Espera y repite.",
    ),
    "guide_not_annulled_by_note": (
        422,
        "Una guía no se anula ni corrige con una nota: márcala en sii.cl, o anula la factura que siguió.",
    ),
    "credit_exceeds_original": (
        200,
        "Advertencia: la nota acredita más de lo que queda del documento.",
    ),
    # A document, before it costs a folio
    "issuer_rut_missing": (422, "Falta document_issuer.rut."),
    "receiver_required": (422, "Falta document_receiver.rut."),
    "issuer_data_incomplete": (422, "Faltan datos del emisor. Con X-Use-Defaults: true los completa Timbre."),
    "receiver_data_incomplete": (422, "Faltan datos del receptor y no se conocen por su RUT."),
    "address_id_unknown": (422, "address_id no es de una dirección de ese RUT; «message» trae las que hay."),
    "activity_id_unknown": (422, "activity_id no es de un giro de ese RUT; «message» trae los que hay."),
    "dte_field_required": (422, "Falta un campo obligatorio del documento."),
    "dte_type_not_available": (422, "Ese tipo no se emite por esta vía: «message» dice cuáles sí."),
    "detail_line_limit": (422, "Sobran líneas: caben 60, en una boleta 1.000 y por el portal 10."),
    "reference_limit": (422, "Más referencias de las que caben: 40 en un DTE, 3 por el portal."),
    "invalid_rut": (422, "El RUT no se entiende o su dígito verificador es incorrecto."),
    "invalid_number": (422, "No es un número: usa punto decimal y ningún separador de miles."),
    "invalid_quantity": (422, "La cantidad debe ser mayor que 0."),
    "invalid_code": (422, "El código no es un número o no es de la lista; «message» dice más."),
    "negative_amount": (422, "Precio o cantidad negativos."),
    "amount_too_large": (422, "Un monto pasa de lo que admite el SII."),
    "too_many_decimals": (422, "Precios y cantidades llevan hasta 6 decimales; descuentos, hasta 2."),
    "discount_out_of_range": (422, "El descuento es un porcentaje entre 0 y 100."),
    "line_number_mismatch": (422, "line_number no coincide con el lugar de la línea. Quítalo u ordénalas."),
    "item_total_mismatch": (422, "item_total no coincide con lo que calcula Timbre. Corrígelo o quítalo."),
    "fields_contradict": (422, "Dos campos dicen cosas distintas, o lo mismo de dos modos. Deja uno."),
    "mixed_prices": (422, "Un documento mezcla precios netos y con IVA: van todos de un modo."),
    "field_not_for_type": (422, "Ese campo no es de ese tipo de DTE; el mensaje dice de cuáles es. Quítalo."),
    "timber_not_available": (
        422,
        "El DTE no tiene dónde poner el origen de la madera. Escríbelo en item_description.",
    ),
    "negative_quantity": (200, "Advertencia: la cantidad de una nota de crédito se lee sin su menos."),
    "field_not_in_format": (
        200,
        "Advertencia: ese campo se guarda y no va en el DTE; su formato no lo tiene.",
    ),
    "field_too_long": (422, "El texto es más largo de lo que admite el SII."),
    "text_not_latin1": (422, "El texto tiene caracteres fuera de ISO-8859-1; el mensaje los nombra."),
    "date_in_future": (422, "La fecha de emisión es posterior a hoy en Chile."),
    "date_out_of_range": (422, "La fecha está fuera de lo que admite el SII."),
    "due_date_before_issue": (422, "El vencimiento es anterior a la emisión."),
    "all_lines_exempt": (422, "Una 33 con todas sus líneas exentas debe ser una 34; una 39, una 41."),
    "mixed_exemption_not_available": (
        422,
        "El portal no mezcla líneas exentas: emite una 33 y una 34. Una 61 las lleva si anula una 34.",
    ),
    "iva_is_zero": (422, "El neto es tan bajo que su IVA sería $0; el SII pide un IVA mayor que 0."),
    # Credentials
    "credential_password_required": (400, "Falta la clave tributaria (password)."),
    "certificate_password_required": (400, "Falta la clave del certificado digital centralizado."),
    "sii_credentials_invalid": (400, "El SII rechazó la clave tributaria. Corrígela antes de reintentar."),
    "login_refused": (200, "El SII no dejó entrar a la persona, por una razón que Timbre no conoce."),
    "credential_locked": (409, "El SII tiene bloqueada a la persona. Espera lo que dice Retry-After."),
    "credential_attempts_exceeded": (
        409,
        "Demasiadas claves rechazadas para esta persona en la última hora; espera antes de probar otra.",
    ),
    "sii_session_limit": (409, "La persona tiene abiertas todas las sesiones que el SII permite."),
    "company_not_authorised": (
        200,
        "La persona no está autorizada a emitir por la empresa en el portal del SII.",
    ),
    "certificate_missing": (200, "La persona no tiene certificado digital centralizado en el SII."),
    "certificate_password_invalid": (200, "La clave del certificado digital es incorrecta."),
    "production_not_acknowledged": (
        403,
        "Falta el reconocimiento de una persona en la plataforma: Producción, Empresas, Enrolar.",
    ),
    "superseded": (200, "Un intento más nuevo de la misma credencial reemplazó a este enrolamiento."),
    "logo_invalid": (400, "El logo no es un PNG o JPEG que se pueda leer, o es demasiado grande."),
    # Webhooks
    "webhook_url_invalid": (400, "La URL no sirve: debe ser HTTPS y alcanzable desde internet."),
    "webhook_url_taken": (400, "La empresa ya tiene un webhook con esa URL."),
    "webhook_limit": (400, "La empresa ya tiene 20 webhooks. Borra uno, o usa uno de los que hay."),
    "webhook_inactive": (409, "El webhook está en pausa. Actívalo antes de enviarle algo."),
    "range_invalid": (
        400,
        "El rango de fechas está vacío o tiene demasiados eventos. Divídelo.",
    ),
    "environment_not_allowed": (
        403,
        "Un webhook de sandbox no recibe eventos de producción. Créalo con una API key de producción.",
    ),
    "event_type_invalid": (400, "El tipo de evento no existe, o la lista viene vacía."),
    "secret_invalid": (400, "El secreto es muy corto, muy largo o su base64 es inválido."),
    # What became of a document
    "document_not_issued": (400, "Solo un documento emitido se marca PAID o UNPAID, se anula o se corrige."),
    "document_not_in_doubt": (409, "El documento no está en duda: no hay nada que resolver."),
    "document_without_folio": (
        409,
        "No se sabe con qué folio lo emitió el SII: espera a que Timbre lo busque, o di que no se emitió.",
    ),
    "document_still_sending": (
        409,
        "El envío puede estar en camino todavía. Espera lo que dice Retry-After y resuélvelo después.",
    ),
    "cancelled": (200, "Se canceló antes de emitirse."),
    "expired": (200, "No se pudo emitir dentro de 48 horas. Se sabe que no se emitió; puedes reintentarlo."),
    "resolved_not_issued": (200, "Una persona confirmó que el SII no lo emitió."),
    "doubt_unresolved": (200, "No se pudo saber si el SII lo emitió. Míralo en sii.cl y resuélvelo."),
    "files_missing": (200, "El SII lo emitió y no entregó sus archivos. Míralo en sii.cl y resuélvelo."),
    "folio_duplicate": (200, "El SII lo emitió con un folio que aquí es de otro. Míralo y resuélvelo."),
    "folio_taken": (200, "El portal propuso un folio que ya está usado; este documento no se emitió."),
    "address_not_registered": (200, "La dirección no está entre las que el SII tiene registradas."),
    "activity_not_registered": (200, "El giro no está entre los que el SII tiene registrados."),
    "receiver_not_found": (200, "El SII no conoce el RUT del receptor."),
    "annulled_not_listed": (200, "El SII no lista el documento que la nota anula."),
    "annulment_not_offered": (200, "El SII no ofrece anular ese documento con una nota de crédito."),
    "sii_unavailable": (
        503,
        "El SII no responde. En un documento: Timbre sigue intentando solo, no lo reenvíes.",
    ),
    "restored_unsent": (
        200,
        "Se restauró un respaldo de antes de enviarlo: Timbre averigua en el SII si fue emitido. Espera.",
    ),
    "cancel_asked": (200, "Se pidió cancelarlo: queda cancelado si el SII no lo tiene."),
    "sii_copy_missing": (
        200,
        "Emitido; el SII aún no entrega su copia. Timbre la pide de nuevo por sí solo.",
    ),
    "sii_rejected": (200, "El SII no aceptó el documento; «message» trae sus palabras. No se emitió."),
    "sii_page_mismatch": (200, "Lo que mostró el SII no es lo que se pidió. No se firmó nada."),
    "resolved_otherwise": (
        200,
        "Una persona dijo que no se emitió y el SII lo tiene. Míralo en sii.cl y resuelve la duda.",
    ),
    "sii_copy_differs": (200, "La copia del SII no coincide con lo enviado. Revísalo en sii.cl."),
    "production_not_allowed": (200, "Esta instalación no tiene producción habilitada."),
}

_RULES = {
    each.code: (200, f"Advertencia. {each.says}") if each.code in WARNINGS else (422, each.says)
    for each in reversed(CATALOGUE)
}
"""What must hold of a document; of several rules with one code, the first says it."""
_WAYS = {each.code: (422, f"La vía de emisión no lo admite. {each.fix}") for each in FEATURES.values()}
_ANNULMENT = {
    ANNULMENT_DIFFERS: (422, "Una nota que anula repite el total de lo que anula."),
    RECEIVER_DIFFERS: (422, "Una nota va al receptor del documento que anula o corrige."),
}
CODES: dict[str, tuple[int, str]] = _RULES | _WAYS | _ANNULMENT | _SAID
"""What is said here of a code goes before what its rule says."""
