"""The pages of people in a real browser: no accessibility fault, no complaint, none wider than a ward's screen."""

import pytest
from django.test import Client

from stormlamp.people import actions
from tests.people.staff import an_account
from tests.people.test_pages import device_now, password_step, sign_in
from tests.shell.browser import visiting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site")]


def test_every_page_of_people_is_without_accessibility_faults(client):
    an_account()
    nora = an_account("a.admin", name="Ada Min", role="administrator")
    link = actions.link_for("n.peeters", device_now())
    stranger = Client()
    told = [stranger.get("/sign-in/"), stranger.post("/sign-in/", {"login": "x", "password": "y"})]
    password_step(stranger)
    told += [stranger.get("/sign-in/code/"), Client().get(link)]
    sign_in(client, "a.admin")
    told += [
        client.get(place)
        for place in ("/me/", "/me/password/", "/me/second-factor/", "/staff/", "/staff/new/", "/staff/tokens/", f"/staff/{nora}/")
    ]
    assert [one.status_code for one in told] == [200] * len(told)
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
