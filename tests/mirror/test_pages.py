import shutil
from dataclasses import replace

import pytest
from django.test import Client

from stormlamp.kernel.actors import system
from stormlamp.kernel.moments import DAY, HOUR, MINUTE, Moment
from stormlamp.ledger import clock
from stormlamp.mirror import queries
from stormlamp.mirror.actions.watching import raise_alarm
from stormlamp.mirror.jobs.keeping import keep_seen
from stormlamp.mirror.presenters import alarm_reason, reason_in_words
from stormlamp.mirror.queries import quarantining
from stormlamp.mirror.rules.alarms import AlarmKind
from stormlamp.mirror.rules.watch_line import Ended, Ending, advanced, begun, came_up, line_told, noted_end, went_down
from stormlamp.shell.words import speaking
from tests.mirror.makers import adt, oru, send
from tests.mirror.watching import a_watch, give_habit, steady

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
    last = read(visitor, f"/feeds/message/{fed[2]}")
    assert "junk" in last.replace("<mark>", "").replace("</mark>", "")
    assert "␁" in last


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


def test_messages_are_chosen_read_again_and_exported_from_the_page(visitor, fed):
    rights = {"rights": "feeds.read quarantine.read quarantine.answer"}
    told = visitor.post("/feeds/quarantine/chosen", {"do": "replay", "entry": fed}, headers=rights, follow=False)
    assert told.status_code == 302
    assert all(len(quarantining.replays_of(key)) == 1 for key in fed[1:])
    told = visitor.post("/feeds/quarantine/chosen", {"do": "export-all", "interface": "lab"}, headers=READER)
    assert told["Content-Type"] == "application/zip"
    assert told["Content-Disposition"] == 'attachment; filename="quarantine.zip"'
    refused = visitor.post("/feeds/quarantine/chosen", {"do": "replay", "entry": fed}, headers=READER)
    assert refused.status_code == 403
    assert visitor.post("/feeds/quarantine/chosen", {"do": "replay"}, headers=rights).status_code == 302


def test_the_bytes_are_downloaded_as_they_came(visitor, fed):
    told = visitor.get(f"/feeds/verbatim/{fed[2]}", headers=READER)
    assert told.content == b"junk \x01"
    assert told["X-Content-Type-Options"] == "nosniff"
    assert visitor.get("/feeds/verbatim/nowhere:1", headers=READER).status_code == 404


def test_a_message_is_corrected_on_its_page_and_both_name_each_other(visitor, fed):
    rights = {"rights": "feeds.read quarantine.read quarantine.answer"}
    form = read(visitor, f"/feeds/correct/{fed[2]}", **rights)
    assert "stays as it came" in form
    once = "7d8d8f7e-1111-4222-8333-944455556666"
    same = visitor.post(f"/feeds/correct/{fed[2]}", {"text": "junk \x01", "why": "x", "once": once}, headers=rights)
    assert "change what is wrong in it first" in same.content.decode()
    text = oru(control="R77").decode().replace("\r", "\n")
    told = visitor.post(f"/feeds/correct/{fed[2]}", {"text": text, "why": "the head was lost", "once": once}, headers=rights)
    assert told.status_code == 302
    assert "The message as it came" in read(visitor, told["Location"])
    assert "The corrected copy" in read(visitor, f"/feeds/message/{fed[2]}")
    assert visitor.get(f"/feeds/correct/{fed[2]}", headers=READER).status_code == 403


@pytest.fixture
def watched(home):
    """A silent feed, and one that goes as usual; a probe that is slow; an alarm that was false."""
    now = clock.now()
    give_habit("lab", until=now, night=1.0)
    give_habit("adt", until=now, level=40, night=1.0)
    steady("lab", until=Moment(now - 4 * HOUR))
    steady("adt", until=now, every=MINUTE)
    told = a_watch()
    told._listening_since = Moment(now - 10 * HOUR)
    told.look(now)
    keep_seen("telling", now, {"ways": ["1 mailto mail.hospital.example"], "whom": "Duty IT", "outside": True, "trouble": ""})
    keep_seen("probe|EHR", now, {"standing": "slow", "millis": 812.0, "why": "", "kind": "http", "every": MINUTE, "slow_after": 0})
    return told


ANSWERING = {"rights": "feeds.read feeds.answer quarantine.read"}


def test_a_silent_feed_shows_with_its_reason_in_words_and_a_drawing_with_a_text(visitor, watched):
    text = read(visitor, "/feeds/")
    assert "Feed lab is silent" in text
    assert "by chance that happens" in text
    assert "Told of alarms: Duty IT." in text
    assert 'role="img" aria-label="Last 24 hours:' in text
    assert "812 ms" in text
    page = read(visitor, "/feeds/interface/lab")
    assert "this feed usually sends" in page
    assert "Hour by hour" in page
    assert visitor.get("/feeds/interface/nobody", headers=READER).status_code == 404


def test_a_feed_with_an_open_alarm_is_called_by_it_and_not_usual(visitor, watched):
    evidence = {"aside": 60, "total": 67, "share": 0.9, "usual_share": 0.0}
    at = clock.now()
    raise_alarm(system("feeds.watch"), at, alarm="many", what=AlarmKind.ERRORS, subject="adt", since_at=at, evidence=evidence)
    page = read(visitor, "/feeds/interface/adt")
    assert "many not understood" in page
    assert "as usual" not in page


def test_the_board_says_of_each_line_since_when_it_is_up_or_down_or_that_it_means_nothing(visitor, watched):
    now = clock.now()
    held = came_up(begun(None, Moment(now - 3 * DAY)), Moment(now - 3 * DAY))
    up = replace(advanced(held, now), peers=(("10.0.0.7", Moment(now - 3 * DAY)),))
    ended = Ended(peer="10.0.0.8", at=Moment(now - 4 * MINUTE), how=Ending.TIMED_OUT, lasted=3 * DAY)
    down = advanced(went_down(noted_end(held, ended), ended.at), now)
    keep_seen("line|adt", now, line_told(up))
    keep_seen("line|lab", now, line_told(down))
    watched.look(now)
    text = read(visitor, "/feeds/")
    assert "The line of lab is down" in text
    assert "it went dead without a word" in text
    assert "LINE LOST" in text
    assert "3\N{NO-BREAK SPACE}d\N{NO-BREAK SPACE}0" in text
    page = read(visitor, "/feeds/interface/adt")
    assert "10.0.0.7" in page
    assert "Over the past 3 days it was up 100.0" in page
    assert "The last connection, from 10.0.0.8" in read(visitor, "/feeds/interface/lab")
    with speaking("nl"):
        (alarm,) = [one for one in queries.open_alarms() if one.kind is AlarmKind.LINE_LOST]
        assert "De lijn van lab ligt plat sinds" in alarm_reason(alarm)


def test_an_alarm_is_acknowledged_and_closed_as_false_on_its_page(visitor, watched):
    (alarm,) = [one for one in queries.open_alarms() if one.subject == "lab"]
    place = f"/feeds/alarms/{alarm.alarm}"
    assert "Was it true?" not in read(visitor, place)
    assert "Was it true?" in read(visitor, place, **ANSWERING)
    assert visitor.post(f"{place}/close", {}, headers=READER).status_code == 403
    once = "7d8d8f7e-1111-4222-8333-944455556667"
    assert visitor.post(f"{place}/acknowledge", {"note": "on it", "once": once}, headers=ANSWERING).status_code == 302
    assert "on it" in read(visitor, place)
    lacking = visitor.post(f"{place}/close", {"genuine": "no", "once": once}, headers=ANSWERING)
    assert lacking.status_code == 200
    assert (
        visitor.post(f"{place}/close", {"genuine": "no", "reason": "service", "once": once}, headers=ANSWERING).status_code == 302
    )
    text = read(visitor, "/feeds/alarms/")
    assert "called a false alarm by" in text
    assert "of 1 judged 1 were false (100" in text
    assert visitor.get("/feeds/alarms/nothing", headers=READER).status_code == 404


@pytest.mark.journey
def test_the_pages_have_no_accessibility_faults(visitor, fed, watched):
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed")
    from tests.shell.browser import visiting

    rights = {"rights": "feeds.read feeds.answer quarantine.read quarantine.answer"}
    (alarm,) = [one for one in queries.open_alarms() if one.subject == "lab"]
    places = (
        "/feeds/", "/feeds/interface/lab", "/feeds/alarms/", f"/feeds/alarms/{alarm.alarm}", "/feeds/quarantine/",
        f"/feeds/message/{fed[1]}", f"/feeds/correct/{fed[1]}",
    )  # fmt: skip
    with visiting({place: read(visitor, place, **rights) for place in places}) as visit:
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


def test_a_message_that_came_in_pieces_names_the_others(visitor, home):
    first = oru().replace(b"||5.9|mmol/L|3.5-5.1|H|||F|||20260113110500\r", b"||5.\r") + b"DSC|p1|F\r"
    second = b"MSH|^~\\&|LAB|HOSP|DT|HOSP|20260113110500||ORU^R01|R2|P|2.5||p1\rADD|9|mmol/L|||||F\r"
    one, other = send(first, second)
    text = read(visitor, f"/feeds/message/{one}")

    assert "One message that came in 2 pieces" in text
    assert f"/feeds/message/{other}" in text
