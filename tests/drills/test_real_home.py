"""What a demonstration opens to its visitors is shut in every other home."""

import pytest

from stormlamp.drills.engines import steering
from stormlamp.people import queries
from tests.people.staff import an_account

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visitor(home, client):
    """Somebody before the whole site of a home that is no demonstration."""
    assert "demo" not in home.options
    return client


@pytest.mark.parametrize("place", ["/story/", "/story/1/", "/story/1/numbers"])
def test_a_real_home_has_no_story(visitor, place):
    assert visitor.get(place).status_code == 404


@pytest.mark.parametrize("wish", ["dark", "light", "work", "ahead"])
def test_nobody_steers_a_real_home(visitor, home, wish):
    before = steering.wishes(home.path)
    assert visitor.post("/story/steer", {"do": wish}).status_code == 409
    assert steering.wishes(home.path) == before


def test_nobody_becomes_somebody_with_one_press_in_a_real_home(visitor):
    nora = an_account("nora.peeters")
    assert visitor.post("/visit/", {"login": "nora.peeters"}).status_code == 409
    assert not queries.open_sessions(nora)
    assert visitor.get("/wards/").status_code == 302
