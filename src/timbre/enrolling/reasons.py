"""Why the SII does not let a person issue for a company, and what to do about it."""

from datetime import timedelta

REASONS = {
    "sii_credentials_invalid": "El SII rechazó la clave tributaria. Corrígela antes de volver a intentar: "
    "tras varios intentos fallidos el SII bloquea a la persona.",
    "login_refused": "El SII no dejó entrar a esta persona, por una razón que Timbre no conoce. "
    "Prueba la clave en sii.cl antes de usarla aquí.",
    "credential_locked": "El SII tiene bloqueada a esta persona por intentos fallidos. "
    "Espera una hora y prueba la clave en sii.cl antes de usarla aquí.",
    "sii_session_limit": "La persona tiene abiertas todas las sesiones que el SII permite. "
    "Cierra sesiones en sii.cl o espera una hora.",
    "company_not_authorised": "La persona no está autorizada para emitir por esta empresa en el portal "
    "de facturación gratuita. Pide al representante legal que la autorice en sii.cl.",
    "certificate_missing": "La persona no tiene un certificado digital centralizado en el SII. "
    "Súbelo en sii.cl, opción «Certificado digital», antes de emitir.",
    "certificate_password_invalid": "La clave del certificado digital centralizado es incorrecta. "
    "Corrígela: sin ella no se puede firmar.",
}

CLOSES_LANE = {
    "credential_locked": timedelta(hours=1),
    "sii_session_limit": timedelta(hours=1),
}
"""Trouble that time heals: nobody logs this person in before it has passed. The SII locks people out."""
