from django.urls import path

from timbre.platform.events import views

inside = [
    path("eventos/", views.index, name="events"),
    path("eventos/<str:event_id>/", views.one, name="events-one"),
]
