"""The pages of people, with nothing composed around them."""

import pytest


@pytest.fixture
def site(home, settings):
    """A small site map without the front doors."""
    settings.ROOT_URLCONF = "tests.people.site"
    settings.LANGUAGE_CODE = "en"
    for composer in ("BAND", "NAVIGATION", "PLACE", "FIRST_PAGE", "FIND", "WARDS"):
        setattr(settings, f"STORMLAMP_{composer}", None)
    return home
