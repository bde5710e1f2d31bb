"""Un receptor de webhooks: verifica la firma, guarda XML y PDF y responde enseguida.

Necesita el cliente (pip install tupana==0.1.1):
    TIMBRE_SECRET=el-secreto-del-webhook python examples/receptor.py [puerto]
"""

import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
from tupana.webhooks import WebhookVerificationError, construct_webhook_event

SECRET = os.environ["TIMBRE_SECRET"]
FILES = Path("recibidos")
FILES.mkdir(exist_ok=True)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            event = construct_webhook_event(body, self.headers, SECRET)
        except WebhookVerificationError:
            self.send_response(401)
        else:
            keep(event)
            self.send_response(204)
        self.end_headers()


def keep(event):
    document = event["data"]
    print(event["event"], document.get("folio"))
    if event["event"] == "document.issued":
        for kind in ("xml", "pdf"):
            path = FILES / f"{document['dte_type']['code']}-{document['folio']}.{kind}"
            path.write_bytes(httpx.get(document[f"{kind}_file"]).content)


HTTPServer(("127.0.0.1", int(sys.argv[1]) if sys.argv[1:] else 9000), Receiver).serve_forever()
