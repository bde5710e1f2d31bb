from django.urls import path

from timbre.platform.hooks import buttons, deliveries, replay, secret, views

inside = [
    path("webhooks/", views.index, name="hooks"),
    path("webhooks/nuevo/", views.new, name="hooks-new"),
    path("webhooks/<str:webhook_id>/", views.one, name="hooks-one"),
    path("webhooks/<str:webhook_id>/editar/", views.edit, name="hooks-edit"),
    path("webhooks/<str:webhook_id>/pausar/", buttons.pause, name="hooks-pause"),
    path("webhooks/<str:webhook_id>/activar/", buttons.activate, name="hooks-activate"),
    path("webhooks/<str:webhook_id>/probar/", buttons.test, name="hooks-test"),
    path("webhooks/<str:webhook_id>/secreto/", secret.rotate, name="hooks-secret"),
    path("webhooks/<str:webhook_id>/reenviar/", replay.replay, name="hooks-replay"),
    path("webhooks/<str:webhook_id>/borrar/", buttons.delete, name="hooks-delete"),
    path("webhooks/<str:webhook_id>/envios/<str:delivery_id>/", deliveries.one, name="hooks-delivery"),
    path(
        "webhooks/<str:webhook_id>/envios/<str:delivery_id>/reenviar/", deliveries.resend, name="hooks-resend"
    ),
]
