"""Every address Timbre answers at."""

from django.urls import include, path

from timbre.api import v2
from timbre.api.health import healthz, readyz
from timbre.api.metrics import metrics
from timbre.api.stored_files import serve
from timbre.platform import urls as platform

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("files/<str:token>/", serve),
    path("v2/", include(v2.urls())),
    path("", include(platform)),
]
handler400 = "timbre.platform.errors.bad_request"
handler404 = "timbre.platform.errors.not_found"
handler500 = "timbre.platform.errors.server_error"
