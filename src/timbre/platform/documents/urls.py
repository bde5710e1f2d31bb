"""The screens of Documentos."""

from django.urls import path

from timbre.platform.documents import acts, drafts, files, lists, notes, one

inside = [
    path("documentos/", lists.index, name="documents"),
    path("documentos.csv", lists.as_csv_file, name="documents-csv"),
    path("documentos.xlsx", lists.as_xlsx_file, name="documents-xlsx"),
    path("documentos/<str:document_id>/", one.one, name="documents-one"),
    path("documentos/<str:document_id>/pdf/", files.pdf, name="documents-pdf"),
    path("documentos/<str:document_id>/vista-previa/", drafts.preview, name="documents-preview"),
    path("documentos/<str:document_id>/emitir/", drafts.issue, name="documents-issue"),
    path("documentos/<str:document_id>/descartar/", drafts.discard, name="documents-discard"),
    path("documentos/<str:document_id>/anular/", notes.annul, name="documents-annul"),
    path("documentos/<str:document_id>/corregir-texto/", notes.correct_text, name="documents-correct-text"),
    path(
        "documentos/<str:document_id>/corregir-montos/",
        notes.correct_amounts,
        name="documents-correct-amounts",
    ),
    path("documentos/<str:document_id>/xml/", files.xml, name="documents-xml"),
    path("documentos/<str:document_id>/pago/", acts.pay, name="documents-pay"),
    path("documentos/<str:document_id>/emitido/", acts.issued, name="documents-issued"),
    path("documentos/<str:document_id>/no-emitido/", acts.not_issued, name="documents-not-issued"),
]
