from django.urls import path

from timbre.platform.start import views

outside = [
    path("", views.arrive, name="arrive"),
]
inside = [
    path("", views.index, name="start"),
]
