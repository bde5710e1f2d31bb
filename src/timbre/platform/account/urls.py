from django.urls import path

from timbre.platform.account import doors, recovery, views

outside = [
    path("crear-cuenta/", doors.sign_up, name="signup"),
    path("entrar/", doors.log_in, name="login"),
    path("salir/", doors.log_out, name="log-out"),
    path("recuperar/", recovery.ask, name="recover"),
    path("recuperar/<str:user_id>/<str:token>/", recovery.choose, name="recover-choose"),
]
inside = [
    path("cuenta/", views.index, name="account"),
    path("cuenta/sesiones/cerrar-otras/", views.end_others, name="account-end-others"),
    path("cuenta/sesiones/<str:session_id>/cerrar/", views.end, name="account-end"),
]
