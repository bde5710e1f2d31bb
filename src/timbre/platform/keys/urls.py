from django.urls import path

from timbre.platform.keys import views

inside = [
    path("claves/", views.index, name="keys"),
]
