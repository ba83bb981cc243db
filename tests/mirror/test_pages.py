import shutil

import pytest
from django.test import Client

from stormlamp.ledger import clock
from stormlamp.mirror.presenters import reason_in_words
from stormlamp.mirror.presenters.quarantine import marked
from stormlamp.shell.words import speaking
from tests.mirror.makers import adt, oru, send

pytestmark = pytest.mark.django_db
READER = {"rights": "feeds.read quarantine.read"}


@pytest.fixture
def visitor(settings, home):
    """A browser on the mirror's pages; who is signed in stands in a header."""
    settings.ROOT_URLCONF = "tests.mirror.site"
    settings.MIDDLEWARE = ["tests.shell.conftest.NamedByHeader" if "KnowsWhoAsks" in one else one for one in settings.MIDDLEWARE]
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    settings.STORMLAMP_SIGN_IN = "people:sign-in"
    settings.STORMLAMP_BAND = "tests.shell.conftest.outage_band"
    for name in ("NAVIGATION", "PLACE", "FIND", "FIRST_PAGE", "ACCOUNT", "SIGN_OUT", "ROLE_NAME", "WARDS"):
        setattr(settings, f"STORMLAMP_{name}", None)
    return Client()


@pytest.fixture
def fed(home):
    """Some traffic of two interfaces, with things that nobody understands."""
    now = clock.now()
    send(adt(), adt(name="ROE^John"), oru().replace(b"ORU^R01", b"ZZZ^Z99"), interface="adt", at=now)
    return send(oru(), b"MSH|^~\\&|LAB|HOSP|||2026|||5|P|2.5\rPID|1||\xdc<b>&\r", b"junk \x01", interface="lab", at=now)


def read(client, place, **headers):
    answer = client.get(place, headers=headers or READER)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_the_board_has_one_row_per_interface_with_silence_in_words(visitor, fed):
    text = read(visitor, "/feeds/")
    assert text.count('<th scope="row">') == 2
    assert "Nobody watches the feeds" in text
    assert text.count("cannot tell yet") == 2
    assert "/feeds/quarantine/?interface=lab" in text


def test_an_empty_board_says_what_would_be_there(visitor):
    assert "Nothing was ever received." in read(visitor, "/feeds/")
    assert "Nothing is in quarantine." in read(visitor, "/feeds/quarantine/")


def test_the_quarantine_lists_reasons_and_a_message_shows_as_it_came_with_its_fault_marked(visitor, fed):
    text = read(visitor, "/feeds/quarantine/")
    assert "the header names no message type (MSH-9)" in text
    assert "messages of type ZZZ^Z99 are not read yet" in text
    assert "junk" not in text
    page = read(visitor, f"/feeds/message/{fed[1]}")
    assert "<mark>" in page
    assert "Ü&lt;b&gt;&amp;" in page, "shown as text, never as markup"
    assert "junk ␁" in read(visitor, f"/feeds/message/{fed[2]}")


def test_one_reason_or_interface_can_be_looked_at_alone(visitor, fed):
    text = read(visitor, "/feeds/quarantine/?interface=lab")
    assert "ZZZ" not in text.partition("<table")[2]
    assert "Show all" in text


def test_a_message_that_shares_its_control_id_names_the_other(visitor, fed):
    entry = fed[0].rpartition(":")[0] + ":1"
    assert "The same control id came with other content" in read(visitor, f"/feeds/message/{entry}")


def test_pages_are_closed_without_the_right_and_an_unknown_message_is_not_there(visitor, fed):
    assert visitor.get("/feeds/quarantine/", headers={"rights": "feeds.read"}).status_code == 403
    assert visitor.get("/feeds/").status_code == 302
    assert visitor.get("/feeds/message/nowhere:1", headers=READER).status_code == 404


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
def test_every_reason_is_said_in_the_readers_language(home, language):
    for reason in (
        "no-header",
        "message type ADT^A99 is not mapped yet",
        "ORU^R01 without a PID segment",
        "mapping failed: KeyError",
    ):
        with speaking("en"):
            english = reason_in_words(reason)
        with speaking(language):
            assert reason_in_words(reason) not in (english, reason)


def test_a_place_outside_the_text_and_bytes_of_any_kind_are_shown():
    assert marked(b"", 0).fault == "␃"
    assert marked(b"abc", 99).before == "abc"
    assert marked(bytes(range(256)), 5).before.endswith("␄")
    assert marked(b"x" * 300_000, -1).cut == 100_000


@pytest.mark.journey
def test_the_pages_have_no_accessibility_faults(visitor, fed):
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed")
    from tests.shell.browser import visiting

    places = ("/feeds/", "/feeds/quarantine/", f"/feeds/message/{fed[1]}")
    with visiting({place: read(visitor, place) for place in places}) as visit:
        for place in places:
            visit.open(place)
            assert visit.violations() == []
        assert visit.complaints == []


def test_numbers_that_never_came_are_shown_on_their_interface(visitor, home):
    now = clock.now()
    send(*(adt(control=f"N{number}").replace(b"|P|2.5", b"|P|2.5|%d" % number) for number in (7, 8, 12)), at=now)
    text = read(visitor, "/feeds/interface/adt")

    assert "Sequence numbers that never came" in text
    assert "9 – 11" in text
    send(oru(), interface="lab", at=now)
    assert "Sequence numbers" not in read(visitor, "/feeds/interface/lab")
