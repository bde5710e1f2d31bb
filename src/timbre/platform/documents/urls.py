from django.urls import path

from timbre.platform.documents import views

inside = [
    path("documentos/", views.index, name="documents"),
]
