from django.contrib.auth.views import LoginView
from django.urls import path

from timbre.platform.account import views

outside = [
    path("entrar/", LoginView.as_view(template_name="platform/account/login.html"), name="login"),
]
inside = [
    path("cuenta/", views.index, name="account"),
]
