"""A site of the shell alone: signed in is who the test names in a header."""

from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client

from stormlamp.kernel.moments import Moment, parse_iso
from stormlamp.shell.band import Band, outage
from tests.makers import an_actor


class NamedByHeader:
    """Stands where people's middleware stands: the rights in a header, none for nobody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        rights = request.headers.get("Rights")
        request.actor = an_actor(*rights.split()) if rights else None
        return self.get_response(request)


def outage_band(actor: object, at: Moment) -> Band:
    """The outage that these tests run in."""
    return outage(since=parse_iso("2026-01-13T05:32:00Z"), now=at, as_of=None, new_entries=2)


@pytest.fixture
def visitor(settings) -> Client:
    """A browser on the site of tests/shell/site.py."""
    settings.ROOT_URLCONF = "tests.shell.site"
    settings.LANGUAGE_CODE = "en"
    settings.MIDDLEWARE = ["tests.shell.conftest.NamedByHeader" if "KnowsWhoAsks" in one else one for one in settings.MIDDLEWARE]
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    settings.STORMLAMP_SIGN_IN = "people:sign-in"
    settings.STORMLAMP_BAND = "tests.shell.conftest.outage_band"
    for name in ("NAVIGATION", "PLACE", "FIND", "FIRST_PAGE", "ACCOUNT", "SIGN_OUT", "ROLE_NAME"):
        setattr(settings, f"STORMLAMP_{name}", None)
    return Client(raise_request_exception=False)
