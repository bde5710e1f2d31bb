from django.urls import path

from timbre.platform.batches import files, views

inside = [
    path("lotes/", views.index, name="batches"),
    path("lotes/<str:batch_id>/", views.one, name="batches-one"),
    path("lotes/<str:batch_id>/avance/", views.progress, name="batches-progress"),
    path("lotes/<str:batch_id>/cancelar/", views.cancel, name="batches-cancel"),
    path("lotes/<str:batch_id>/reintentar/", views.retry, name="batches-retry"),
    path("lotes/<str:batch_id>/archivos.zip", files.bundle, name="batches-zip"),
    path("lotes/<str:batch_id>/resultado.csv", files.as_csv_file, name="batches-csv"),
    path("lotes/<str:batch_id>/resultado.xlsx", files.as_xlsx_file, name="batches-xlsx"),
]
