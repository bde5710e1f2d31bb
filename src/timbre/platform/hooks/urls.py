from django.urls import path

from timbre.platform.hooks import views

inside = [
    path("webhooks/", views.index, name="hooks"),
]
