"""A demonstration's home, its past, its steering and its staff; and that none of its open doors stands in a real home."""

import tomllib

import pytest
from django.test import Client

from stormlamp.drills.actions.loading import load_habit, load_messages
from stormlamp.drills.actions.players import open_accounts
from stormlamp.drills.actions.wards import Shift
from stormlamp.drills.engines import place, steering
from stormlamp.drills.listeners.memory import LivedVoice
from stormlamp.drills.mapping.traffic import Voice, census_load
from stormlamp.drills.rules import Hospital, habit, outage_script
from stormlamp.drills.rules.stage import CAST
from stormlamp.drills.rules.steering import Status, Wishes
from stormlamp.incident.actions import declare_outage
from stormlamp.incident.rules import OutageKind
from stormlamp.kernel.moments import HOUR, MINUTE, Moment
from stormlamp.kernel.refusals import Trouble
from stormlamp.mirror import queries as mirror
from tests.drills.story import MONDAY
from tests.makers import actor

SMALL = Hospital(seed=3, opens_at=MONDAY, beds=48)
MADE = {"beds": 48, "seed": 3, "speed": 12.0, "port": None, "language": "en"}


@pytest.fixture
def demonstration(home, monkeypatch):
    """This test's home, as if it had been made for a demonstration."""
    monkeypatch.setitem(home.options, "demo", {"seed": 3, "beds": 48, "speed": 12.0, "opens_at": "2026-01-12T05:00:00Z"})
    open_accounts(MONDAY, password="violin-pepper-lantern-17", secrets={one.login: "JBSWY3DPEHPK3PXP" for one in CAST})
    return home


def test_a_demonstration_is_made_anew_with_its_key_inside_and_ports_of_its_own(tmp_path):
    first = place.made_home(tmp_path / "home", keep=False, **MADE)
    told = tomllib.loads((first / "home.toml").read_text())
    ports = {told["web"]["port"], told["ehr"]["port"], *(one["port"] for one in told["mllp"].values())}

    place.made_home(tmp_path / "home", keep=False, **MADE)
    again = tomllib.loads((first / "home.toml").read_text())

    assert len(ports) == 6
    assert told["key_file"] == str(first / "demo.key")
    assert again["id"] != told["id"]
    place.made_home(tmp_path / "home", keep=True, **MADE)
    assert tomllib.loads((first / "home.toml").read_text())["id"] == again["id"]


def test_a_real_home_is_never_replaced_by_a_demonstration(tmp_path):
    from stormlamp.nodes.engines.home import create_home

    real = create_home(tmp_path / "real", role="hub", key_file=tmp_path / "key")
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "thesis.txt").write_text("years of work")

    for keep in (False, True):
        with pytest.raises(Trouble):
            place.made_home(real.path, keep=keep, **MADE)
    with pytest.raises(Trouble):
        place.made_home(tmp_path / "papers", keep=False, **MADE)
    assert (real.path / "home.toml").exists()


def test_two_demonstrations_do_not_run_in_one_home(tmp_path):
    with place.held(tmp_path), pytest.raises(Trouble):
        place.held(tmp_path)


def test_the_past_fills_every_bed_and_brings_the_habit(home):
    loaded = load_messages(census_load(SMALL))
    counts = {(str(interface), hour): count for (interface, hour), count in habit(SMALL).items()}

    assert load_habit(counts, at=MONDAY) == len(counts)
    assert loaded > 400
    assert sum(len(mirror.ward_persons(ward)) for ward in mirror.wards()) >= SMALL.beds
    assert mirror.habit("ADT").weeks == 8
    assert mirror.quarantine_count() == 0


def test_every_deed_of_the_staff_is_an_act_that_a_ward_may_do(home):
    load_messages(census_load(SMALL))
    until = Moment(MONDAY + 90 * MINUTE)
    lead = actor("incident-lead")
    services = ("records", "medication")
    declare_outage(lead, MONDAY, outage="o", kind=OutageKind.FAILURE, services=services, wards=(), since_at=MONDAY)
    voice = Voice(SMALL)
    list(voice.opening())
    shift = Shift("shift", SMALL.authority)

    for deed in outage_script(SMALL, voice.life.everybody(), MONDAY, until, rounds=30):
        shift.carry_out(deed, deed.at)

    from stormlamp.charts import queries as charts

    assert len(charts.registrations("o")) == 4
    assert charts.count_of_outage("o") > 40
    assert charts.unresolved_paper() == ()


def test_a_simulator_that_starts_again_goes_on_with_the_same_words(tmp_path):
    def lived(folder, *, until):
        voice = LivedVoice(Voice(SMALL), folder)
        voice.wake(SMALL.opens_at)
        said = list(voice.speak(Moment(MONDAY + HOUR)))
        voice.lived_to = Moment(MONDAY + HOUR)
        number = voice.voice.life.inpatients()[0].person.number
        voice.befalls("left", number=number, until=MONDAY + HOUR)
        voice.befalls("dark", until=MONDAY + 2 * HOUR)
        said += voice.befalls("retold", number=number, until=MONDAY + 2 * HOUR)
        return said, list(voice.speak(until))

    until = Moment(MONDAY + 4 * HOUR)
    (tmp_path / "one").mkdir()
    before, after = lived(tmp_path / "one", until=until)
    again = LivedVoice(Voice(SMALL), tmp_path / "one")
    again.wake(Moment(MONDAY + 2 * HOUR))

    assert b"ADT^A03" in before[-1].message
    assert [one.message for one in again.speak(until)] == [one.message for one in after]


def test_what_is_wanted_and_what_is_said_are_read_back(tmp_path):
    assert (steering.wishes(tmp_path), steering.status(tmp_path)) == (Wishes(), Status())
    steering.wish(tmp_path, Wishes(dark=True, shift="s"))
    steering.say(tmp_path, Status(running=True, granted=("s",)))

    assert steering.wishes(tmp_path).dark
    assert steering.status(tmp_path).granted == ("s",)


@pytest.mark.parametrize("path", ["/story/", "/story/1/", "/story/1/numbers"])
def test_a_real_home_has_no_story(home, path):
    assert Client().get(path).status_code == 404


def test_in_a_real_home_nobody_becomes_anybody_and_nothing_is_steered(home):
    open_accounts(MONDAY, password="violin-pepper-lantern-17", secrets={one.login: "JBSWY3DPEHPK3PXP" for one in CAST})
    browser = Client()

    answer = browser.post("/visit/", {"login": CAST[0].login})
    steered = browser.post("/story/steer", {"do": "dark"})

    assert (answer.status_code, steered.status_code) == (409, 409)
    assert "people_session" not in browser.session
    assert browser.get("/wards/").status_code == 302
    assert not (home.path / steering.WISHES).exists()


def test_in_a_demonstration_one_press_makes_a_visitor_somebody(demonstration):
    browser = Client()

    answer = browser.post("/visit/", {"login": "nora.peeters", "next": "/wards/"})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/wards/")
    assert "Nora Peeters" in browser.get("/wards/").content.decode()
    assert browser.get("/visit/").status_code == 405
