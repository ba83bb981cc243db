"""A site of the shell's own pages and a few more, each marked differently, for tests."""

from django.http import HttpResponse
from django.urls import include, path

from stormlamp.kernel.refusals import Refusal, Trouble
from stormlamp.shell.request import StaffRequest, open_page, page, render, say


class BedTaken(Refusal):
    """Somebody is in that bed."""

    code = "shell.bed-taken-in-a-test"


@page("charts.read")
def chart(request: StaffRequest) -> HttpResponse:
    say(request, f"read by {request.actor.name}", "success")
    return render(request, "shell/keys.html")


@page("charts.move", methods=("POST",))
def move(request: StaffRequest) -> HttpResponse:
    raise BedTaken(bed="3B-12")


@page("charts.read")
def fail(request: StaffRequest) -> HttpResponse:
    raise Trouble("The printer does not answer.", hint="Look at its cable.", retry=True)


@page("charts.read")
def crash(request: StaffRequest) -> HttpResponse:
    raise ZeroDivisionError


@open_page
def sign_in(request: StaffRequest) -> HttpResponse:
    return HttpResponse("sign in")


def unmarked(request: StaffRequest) -> HttpResponse:
    return HttpResponse("nobody may see this")


people = ([path("sign-in", sign_in, name="sign-in")], "people")
urlpatterns = [
    path("shell/", include("stormlamp.shell.urls")),
    path("", include(people)),
    path("chart", chart),
    path("move", move),
    path("fail", fail),
    path("crash", crash),
    path("unmarked", unmarked),
]
handler400 = "stormlamp.shell.request.bad_request"
handler403 = "stormlamp.shell.request.forbidden"
handler404 = "stormlamp.shell.request.not_found"
handler500 = "stormlamp.shell.request.server_error"
