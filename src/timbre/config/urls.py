"""Every address Timbre answers at."""

from django.urls import include, path
from django.views.generic import RedirectView

from timbre.api import v2
from timbre.api.health import healthz
from timbre.api.stored_files import serve

urlpatterns = [
    path("", RedirectView.as_view(url="/v2/reference")),
    path("healthz", healthz),
    path("files/<str:token>/", serve),
    path("v2/", include(v2.urls())),
]
