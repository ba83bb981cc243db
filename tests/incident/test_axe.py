"""The pages of outages in a real browser: no accessibility fault, no complaint, none wider than a ward's screen."""

import pytest
from django.urls import reverse
from django.utils import translation

from tests.incident.test_pages import answer, form, running  # noqa: F401 - an outage that runs
from tests.shell.browser import visiting

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_page_of_outages_is_without_accessibility_faults(home, running, language):  # noqa: F811
    routes = [("outages",), ("outage", "o1"), ("end", "o1"), ("declare",)]
    with translation.override(language):
        told = [answer(reverse(f"incident:{route}", args=args)) for route, *args in routes]
        told.append(answer(reverse("incident:declare"), post=form(confirmation="yes")))
    html = {f"/{place}": one.content.decode() for place, one in enumerate(told)}
    faults = []
    with visiting(html) as visit:
        for place in html:
            page = visit.open(place)
            faults += [f"{place} {fault}" for fault in visit.violations()]
            if page.evaluate("document.documentElement.scrollWidth") > 1366:
                faults.append(f"{place} is wider than the screen")
        assert faults == []
        assert visit.complaints == []
