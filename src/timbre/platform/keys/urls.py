from django.urls import path

from timbre.platform.keys import views

inside = [
    path("claves/", views.index, name="keys"),
    path("claves/nueva/", views.new, name="keys-new"),
    path("claves/<str:key_id>/creada/", views.created, name="keys-created"),
    path("claves/<str:key_id>/revocar/", views.revoke, name="keys-revoke"),
]
