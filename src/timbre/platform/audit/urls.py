from django.urls import path

from timbre.platform.audit import views

inside = [
    path("registro/", views.index, name="audit"),
]
