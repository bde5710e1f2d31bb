from django.http import HttpResponse

from timbre.platform.frame import ScreenRequest, screen, show


@screen
def index(request: ScreenRequest) -> HttpResponse:
    return show(request, "batches/index.html")
