"""The pages of nodes with nothing composed around them, and a clock that is moved by hand."""

from dataclasses import replace

import pytest
from django.test import Client

from tests.makers import NOON
from tests.nodes.freshly import at_clock


@pytest.fixture
def noon(home, settings, tmp_path):
    """A home with a clock of its own, at noon."""
    settings.HOME = replace(home, path=tmp_path)
    return at_clock(NOON)


@pytest.fixture
def visitor(settings, noon):
    """A browser on the board; who is signed in stands in a header."""
    settings.ROOT_URLCONF = "tests.nodes.site"
    settings.LANGUAGE_CODE = "en"
    settings.MIDDLEWARE = ["tests.shell.conftest.NamedByHeader" if "KnowsWhoAsks" in one else one for one in settings.MIDDLEWARE]
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    settings.STORMLAMP_SIGN_IN = "people:sign-in"
    for name in ("NAVIGATION", "PLACE", "FIND", "FIRST_PAGE", "ACCOUNT", "SIGN_OUT", "ROLE_NAME", "WARDS"):
        setattr(settings, f"STORMLAMP_{name}", None)
    return Client()
