"""Emite examples/facturas.json con el cliente `tupana` (pip install tupana==0.1.1), sin cambiarle nada.

La empresa ya debe estar enrolada (examples/enrolar.sh).
    TUPANA_API_KEY=tk_sandbox_... TUPANA_BASE_URL=http://127.0.0.1:8000/v2 python examples/emitir.py
"""

import json
from pathlib import Path

from tupana import Tupana

documents = json.loads(Path(__file__).with_name("facturas.json").read_text())["documents"]
client = Tupana()
accepted = client.documents.create_batch(documents, use_defaults=True)
batch = client.documents.wait_for_batch(accepted["batch_id"], interval=1)
for entry in batch["documents"]:
    document = entry["document"]
    print(f"{entry['status']:<10} folio {document['folio']}  {document['receiver']['name']}")
