"""A site of the return and the shell alone: signed in is who the test names in a header."""

import pytest
from django.test import Client


@pytest.fixture
def visitor(home, settings) -> Client:
    """A browser on the site of tests/recovery/site.py."""
    settings.ROOT_URLCONF = "tests.recovery.site"
    settings.LANGUAGE_CODE = "en"
    settings.MIDDLEWARE = ["tests.shell.conftest.NamedByHeader" if "KnowsWhoAsks" in one else one for one in settings.MIDDLEWARE]
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    for name in ("BAND", "NAVIGATION", "PLACE", "FIND", "FIRST_PAGE", "ACCOUNT", "SIGN_OUT", "ROLE_NAME", "WARDS"):
        setattr(settings, f"STORMLAMP_{name}", None)
    return Client()
