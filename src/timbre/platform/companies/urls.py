from django.urls import path

from timbre.platform.companies import views

inside = [
    path("empresas/", views.index, name="companies"),
]
