#!/usr/bin/env bash
# De cero a la primera factura con curl, contra un Timbre encendido con `make run` (sandbox).
#   TIMBRE_KEY=tk_sandbox_... examples/enrolar.sh
set -euo pipefail
cd "$(dirname "$0")"
API="${TIMBRE_URL:-http://127.0.0.1:8000}/v2"

call() { curl --silent --show-error --fail-with-body -H "Authorization: Api-Key $TIMBRE_KEY" -H "Content-Type: application/json" "$@"; }
field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }

# 1. La empresa, por RUT.
ENTITY=$(call "$API/master-entities/?rut=39001001-K" | field id)

# 2. La clave de una persona que puede facturar por ella. Se prueba en el SII, así que hay que esperar.
ENROLLMENT=$(call "$API/credentials/" -d '{
  "master_entity_id": "'"$ENTITY"'", "user_rut": "39101101-K",
  "password": "clave", "digital_certificate_password": "certificado"}' | field enrollment_id)
until STATUS=$(call "$API/credentials/enrollments/$ENROLLMENT/" | field status) && [ "$STATUS" != pending ]; do sleep 0.5; done
echo "Enrolamiento: $STATUS"

# 3. Doce documentos de una vez; X-Use-Defaults completa emisor, fecha y forma de pago.
BATCH=$(call "$API/documents/batch/" -H "X-Use-Defaults: true" -H "Idempotency-Key: $(date +%s)" -d @facturas.json | field batch_id)

# 4. Lo normal es esperar el webhook document.issued; aquí se pregunta hasta que termine.
until STATUS=$(call "$API/documents/batch/$BATCH/" | field status) && [ "$STATUS" != processing ]; do sleep 1; done
echo "Lote $BATCH: $STATUS"
