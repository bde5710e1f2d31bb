from django.urls import path

from timbre.platform.batches import views

inside = [
    path("lotes/", views.index, name="batches"),
]
