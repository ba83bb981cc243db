"""A site of the mirror's pages alone, for tests."""

from django.http import HttpResponse
from django.urls import include, path

from stormlamp.shell.request import OpenRequest, open_page


@open_page
def sign_in(request: OpenRequest) -> HttpResponse:
    """Where somebody without a session is sent."""
    return HttpResponse("sign in")


people = ([path("sign-in", sign_in, name="sign-in")], "people")
urlpatterns = [
    path("shell/", include("stormlamp.shell.urls")),
    path("", include(people)),
    path("feeds/", include("stormlamp.mirror.urls")),
]
