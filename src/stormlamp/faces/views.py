"""Pages of no room: whether the node answers, and where a reader begins."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from stormlamp.people.rules import FIRST_PAGES, role_named
from stormlamp.shell.request import OpenRequest, open_page, sign_in_first


@open_page
def healthy(request: OpenRequest) -> HttpResponse:
    """Whether this process answers; says nothing about data."""
    return HttpResponse("ok\n", content_type="text/plain")


@open_page
def first_page(request: OpenRequest) -> HttpResponse:
    """To the page where the reader's work begins, or to the sign-in."""
    if request.actor is None:
        return sign_in_first(request)
    role = role_named(request.actor.role)
    at_work = reverse("charts:wards" if request.actor.may("charts.find") else "people:account")
    return HttpResponseRedirect(FIRST_PAGES.get(role, at_work) if role else at_work)
