import pytest
from django.test import Client
from django.utils import translation

from tests.makers import NOON


@pytest.fixture
def site(home, settings):
    """The pages of charts, and a client per person: `site("nora").get("/wards/")`."""
    settings.ROOT_URLCONF = "tests.charts.site"
    settings.STORMLAMP_BAND = settings.STORMLAMP_NAVIGATION = settings.STORMLAMP_PLACE = None
    settings.STORMLAMP_FIND, settings.STORMLAMP_FIRST_PAGE = "charts:find", "charts:wards"
    asks = "stormlamp.people.listeners.KnowsWhoAsks"
    settings.MIDDLEWARE = ["tests.charts.site.SaysWhoAsks" if one == asks else one for one in settings.MIDDLEWARE]

    def client(who, at=NOON, language="en"):
        return Client(headers={"X-Who": who, "X-At": str(at), "Accept-Language": language})

    yield client
    translation.deactivate()  # the last reader's language is not the next test's
