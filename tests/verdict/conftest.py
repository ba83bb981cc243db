"""A site of the verdict and the shell alone: signed in is who the test names in a header, and the time is that of the tests."""

from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client

from tests.makers import an_actor
from tests.verdict.hospital import NOW


class NamedByHeader:
    """Stands where people's middleware stands."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        rights = request.headers.get("Rights")
        request.actor = an_actor(*rights.split(), name="Mia Dubois", role="recovery-lead") if rights else None
        request.arrived_at = NOW
        return self.get_response(request)


@pytest.fixture
def visitor(home, settings) -> Client:
    """A browser on the site of tests/verdict/site.py."""
    settings.ROOT_URLCONF = "tests.verdict.site"
    settings.LANGUAGE_CODE = "en"
    settings.MIDDLEWARE = ["tests.verdict.conftest.NamedByHeader" if "KnowsWhoAsks" in one else one for one in settings.MIDDLEWARE]
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    for name in ("BAND", "NAVIGATION", "PLACE", "FIND", "FIRST_PAGE", "ACCOUNT", "SIGN_OUT", "ROLE_NAME", "WARDS"):
        setattr(settings, f"STORMLAMP_{name}", None)
    return Client()
