"""The pages of people with the shell's, one chart-like page, and a first page."""

from django.http import HttpResponse
from django.urls import include, path

from stormlamp.shell.request import page


@page("charts.read")
def ward(request):
    return HttpResponse(f"{request.actor.name} reads {','.join(request.actor.wards)}")


urlpatterns = [
    path("", ward),
    path("", include("stormlamp.people.urls")),
    path("shell/", include("stormlamp.shell.urls")),
]
