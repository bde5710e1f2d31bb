from django.urls import path

from timbre.platform.developers import views

inside = [
    path("desarrolladores/", views.index, name="developers"),
]
