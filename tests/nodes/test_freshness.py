"""Every copy has an age: told to the other side, shown in the band, and an alarm for a person when it is old."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stormlamp.faces.presenters import band_now
from stormlamp.kernel.actors import system
from stormlamp.kernel.identifiers import NodeId
from stormlamp.kernel.moments import HOUR, MINUTE, SECOND, Moment
from stormlamp.ledger import clock, entries
from stormlamp.mirror import queries as mirror
from stormlamp.mirror.actions import watching as feeds
from stormlamp.mirror.jobs import Watch
from stormlamp.mirror.presenters import alarm_reason, alarm_title
from stormlamp.mirror.presenters.alarms import message_words
from stormlamp.mirror.rules.alarms import AlarmKind
from stormlamp.mirror.rules.settings import watch_settings
from stormlamp.nodes import actions, jobs, queries
from stormlamp.nodes.engines.machine import told_by_machine
from stormlamp.nodes.listeners.serving import Desk
from stormlamp.nodes.models import NodesContact
from stormlamp.nodes.rules import Copy, compared, is_old, sound
from stormlamp.nodes.wire import VERSION, PullAsked, Pulled
from stormlamp.shell.band import BandKind
from stormlamp.shell.words import speaking
from tests.incident.test_outages import declared
from tests.makers import NOON, actor
from tests.mirror.makers import oru, send
from tests.mirror.watching import CALENDAR
from tests.nodes.freshly import STATUS, a_joined_node, as_ward, at_clock, in_step


def later(micros: int) -> Moment:
    return Moment(NOON + micros)


# ------------------------------------------------------------------------------------------------------------ the rule


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=60))
def test_a_copy_is_never_called_whole_as_of_a_moment_at_which_it_lacked_something(steps):
    copy, there, here, sizes = Copy(), 0, 0, {}
    for at, (written, taken) in enumerate(steps):
        there, here = there + written, min(there + written, here + taken)
        sizes[at] = there
        copy = compared(copy, at=Moment(at), there=there, here=here)
        assert copy.lacking == there - here
        assert copy.whole_at is None or sizes[copy.whole_at] <= here


def test_a_copy_that_is_always_a_little_behind_a_busy_hub_stays_fresh():
    copy = Copy()
    for at in range(100):
        copy = compared(copy, at=Moment(at), there=10 * at + 10, here=10 * at)
    assert copy.whole_at is not None
    assert 99 - copy.whole_at <= 2


@pytest.mark.parametrize(
    ("whole_at", "joined_at", "old"),
    [
        (NOON - 5 * MINUTE, NOON - HOUR, False),
        (NOON - 5 * MINUTE - 1, NOON - HOUR, True),
        (NOON + 10 * SECOND, NOON - HOUR, False),
        (NOON + HOUR, NOON - HOUR, True),  # the clock was set back: its age cannot be known
        (None, NOON - MINUTE, False),
        (None, NOON - 6 * MINUTE, True),
    ],
)
def test_a_copy_is_old_after_five_minutes_and_when_its_age_cannot_be_known(whole_at, joined_at, old):
    assert is_old(whole_at, NOON, joined_at=joined_at) is old


def test_a_status_is_taken_only_in_known_words_of_bounded_size():
    told = {"version": "1", "printer": "x" * 121, "free": -1, "behind": 1 << 63, "ahead": -5, "evil": "y", "disk": "many"}
    assert sound(told) == {"version": "1", "ahead": -5}


# --------------------------------------------------------------------------------------------------------- the exchange


def test_the_hub_notes_who_asked_and_answers_in_kind(noon):
    a_joined_node("ward-1")
    a_joined_node("ward-2")
    in_step("ward-2", at=NOON, ahead=3 * HOUR)
    at_clock(later(10 * SECOND))
    desk, caller = Desk(), queries.node_named("ward-1")
    mine = {f"{queries.this_node()}/acts": entries.heads()[f"{queries.this_node()}/acts"]}
    asked = PullAsked(VERSION, mine, status={**STATUS, "now": clock.now(), "version": "0.2"})
    answer = desk.pull(caller, asked)
    row = queries.contacts()["ward-1"]
    assert row["met_at"] >= later(10 * SECOND)
    assert (row["has_ours_at"], row["lacks"]) == (pytest.approx(row["met_at"], abs=SECOND), 0)
    assert json.loads(row["told"])["version"] == "0.2"
    assert answer.status["version"]
    assert answer.status["free"] > 0
    assert answer.others["ward-2"]["met_ago"] == 11
    assert answer.others["ward-2"]["ahead"] == pytest.approx(3 * HOUR, abs=SECOND)
    silent = desk.pull(caller, PullAsked(VERSION, mine))
    assert (silent.status, silent.others) == ({}, {})


def test_the_hub_writes_at_most_once_in_fifteen_seconds_of_each_node(noon):
    a_joined_node("ward-1")
    desk, caller = Desk(), queries.node_named("ward-1")
    desk.pull(caller, PullAsked(VERSION, {}, status={**STATUS, "version": "first"}))
    desk.pull(caller, PullAsked(VERSION, {}, status={**STATUS, "version": "second"}))
    assert json.loads(queries.contacts()["ward-1"]["told"])["version"] == "first"


class Hub:
    """Stands where a hub answers: nothing new, so many entries of its own, and what it says."""

    def __init__(self, size=0, **told):
        self.size, self.told = size, told

    def ask(self, what, message, kind, *, wait=0.0):
        """Its answer to a pull."""
        assert what == "pull"
        self.asked = message
        return Pulled(VERSION, "hub-1", [], {"hub-1/acts": self.size}, "*", clock.now(), **self.told)


def test_a_ward_keeps_what_the_hub_says_of_itself_and_of_others(noon, settings):
    for node in ("hub-1", "ward-2"):
        a_joined_node(node)
    hub = Hub(status={**STATUS, "version": "9"}, others={"ward-2": {"met_ago": 60, "have_ago": 70, "version": "7"}, "nobody": {}})
    met = jobs.Met()
    jobs.take(hub, met, status={**STATUS})
    jobs.note_contact("hub-1", met)
    assert hub.asked.status["version"] == "0.1.0"
    seen = {one.node.node: one for one in queries.board()}
    assert seen["hub-1"].status["version"] == "9"
    assert (seen["ward-2"].via, seen["ward-2"].status["version"]) == ("hub-1", "7")
    assert NOON - 61 * SECOND <= seen["ward-2"].met_at <= NOON - 59 * SECOND
    assert "nobody" not in queries.contacts()


def test_a_ward_that_lacks_entries_of_the_hub_says_so_and_ages(noon, settings):
    settings.HOME = as_ward(settings.HOME)
    met = jobs.Met()
    jobs.take(Hub(0), met)
    jobs.note_contact("hub-1", met)
    at_clock(later(10 * MINUTE))
    jobs.take(Hub(7), met)
    jobs.note_contact("hub-1", met)
    row = queries.contacts()["hub-1"]
    assert row["lacking"] == 7
    assert row["have_at"] < later(SECOND)
    assert queries.own_copy().is_old(clock.now())


def test_what_came_of_the_hub_through_a_neighbour_is_as_fresh_as_the_neighbours_copy(noon, settings):
    settings.HOME = as_ward(settings.HOME)
    NodesContact.objects.create(node="hub-1", have_at=NOON - HOUR)
    met = jobs.Met(node="ward-2", others={"hub-1": {"have_ago": 60}}, asked_at=NOON)
    jobs.note_contact("ward-2", met)
    assert queries.own_copy().whole_at == NOON - MINUTE


def test_two_neighbours_never_make_each_others_copy_younger(noon, settings):
    settings.HOME = as_ward(settings.HOME)
    whole_at = NOON - MINUTE - 1
    NodesContact.objects.create(node="hub-1", met_at=NOON - HOUR, have_at=whole_at)
    for turn in range(1, 6):
        asked_at = at_clock(later(turn * 7 * SECOND))
        at_clock(later(turn * 7 * SECOND + SECOND // 2))
        told = jobs.seen_of_others()  # what the neighbour, whose copy came from here, tells back
        at_clock(later(turn * 7 * SECOND + 5 * SECOND))
        jobs.note_contact("ward-2", jobs.Met(node="ward-2", others={"hub-1": told["hub-1"]}, asked_at=asked_at))
    assert queries.own_copy().whole_at == whole_at


def test_the_computer_tells_its_disk_battery_and_printer_as_far_as_it_knows_them(tmp_path):
    supply, printer = tmp_path / "power" / "BAT0", tmp_path / "usb" / "lp0" / "device"
    supply.mkdir(parents=True)
    for name, text in {"type": "Battery", "capacity": "41", "status": "Discharging"}.items():
        (supply / name).write_text(f"{text}\n")
    printer.mkdir(parents=True)
    (printer / "ieee1284_id").write_text("MFG:Acme;MDL:Laser 3;CLS:PRINTER;\n")
    told = told_by_machine(tmp_path, power=tmp_path / "power", printers=tmp_path / "usb")
    assert (told["battery"], told["plugged"], told["printer"]) == (41, 0, "Acme Laser 3")
    assert told["free"] > 0
    (tmp_path / "power" / "AC").mkdir()
    (tmp_path / "power" / "AC" / "type").write_text("Mains")
    (tmp_path / "power" / "AC" / "online").write_text("1")
    assert told_by_machine(tmp_path, power=tmp_path / "power", printers=tmp_path / "none")["plugged"] == 1
    bare = told_by_machine(tmp_path / "gone", power=tmp_path / "no", printers=tmp_path / "no")
    assert bare == {}


# ------------------------------------------------------------------------------------------------------------ the alarm


def a_watch_of(node, *, listens=True, started_at=NOON):
    """A watch that has looked once."""
    watch = Watch(system(NodeId(node)), lambda _: CALENDAR, watch_settings({}), listens=listens)
    watch.look(started_at)
    return watch


def test_a_hub_that_was_off_lets_its_nodes_come_back_before_it_calls_them_late(noon):
    a_joined_node("ward-1", at=NOON - HOUR)
    in_step("ward-1", at=NOON - HOUR)
    watch = a_watch_of("hub")
    watch.look(later(5 * MINUTE))
    assert mirror.open_alarms() == ()
    watch.look(later(5 * MINUTE + 15 * SECOND))
    assert [one.subject for one in mirror.open_alarms()] == ["ward-1"]


def test_the_hub_raises_an_alarm_for_a_node_that_is_not_in_step_and_ends_it_when_it_is(noon):
    a_joined_node("ward-1")
    watch = a_watch_of("hub")
    in_step("ward-1", at=NOON)
    watch.look(later(5 * MINUTE))
    assert mirror.open_alarms() == ()
    watch.look(later(5 * MINUTE + 15 * SECOND))
    (alarm,) = mirror.open_alarms()
    assert (alarm.kind, alarm.subject) == (AlarmKind.NODE_LATE, "ward-1")
    assert alarm_title(alarm) == "Node ward-1 is not in step with the hub"
    assert "last had all of each other's entries at Tue 13 Jan 12:00" in alarm_reason(alarm).replace("\xa0", " ")
    watch.look(later(6 * MINUTE))
    assert mirror.open_alarm_count() == 1
    in_step("ward-1", at=later(7 * MINUTE))
    watch.look(later(7 * MINUTE))
    assert mirror.open_alarms() == ()


def test_a_node_that_asks_and_does_not_get_everything_is_not_in_step(noon):
    a_joined_node("ward-1")
    in_step("ward-1", at=NOON)
    in_step("ward-1", at=later(6 * MINUTE), behind=1)
    a_watch_of("hub").look(later(6 * MINUTE))
    assert [one.subject for one in mirror.open_alarms()] == ["ward-1"]


def test_a_revoked_node_raises_no_alarm_and_its_open_one_ends(noon):
    a_joined_node("ward-1")
    watch = a_watch_of("hub")
    watch.look(later(6 * MINUTE))
    assert mirror.open_alarm_count() == 1
    actions.revoke_node(system(queries.this_node()), later(7 * MINUTE), node="ward-1", reason="stolen")
    watch.look(later(8 * MINUTE))
    assert mirror.open_alarms() == ()


def test_an_alarm_that_a_person_has_closed_is_not_raised_again_for_the_same_loss(noon):
    a_joined_node("ward-1")
    watch = a_watch_of("hub")
    in_step("ward-1", at=NOON)
    watch.look(later(6 * MINUTE))
    (alarm,) = mirror.open_alarms()
    feeds.close_alarm(actor("incident-lead"), later(7 * MINUTE), alarm=alarm.alarm, genuine=True, reason="switched off")
    watch.look(later(8 * MINUTE))
    assert mirror.open_alarms() == ()
    in_step("ward-1", at=later(9 * MINUTE))
    watch.look(later(15 * MINUTE))
    assert mirror.open_alarm_count() == 1


def test_a_ward_raises_its_own_alarm_and_leaves_those_of_the_hub_alone(noon, settings):
    a_joined_node("ward-1")
    a_watch_of("hub").look(later(6 * MINUTE))
    settings.HOME = as_ward(settings.HOME)
    NodesContact.objects.create(node="hub-1", have_at=NOON, trouble="https://10.0.0.1:8425 does not answer")
    ward = a_watch_of("ward-9", listens=False)
    ward.look(later(6 * MINUTE))
    kinds = {one.kind for one in mirror.open_alarms()}
    assert kinds == {AlarmKind.NODE_LATE, AlarmKind.COPY_OLD}
    (mine,) = [one for one in mirror.open_alarms() if one.kind is AlarmKind.COPY_OLD]
    assert "does not answer" in alarm_reason(mine)
    NodesContact.objects.filter(node="hub-1").update(have_at=later(7 * MINUTE))
    ward.look(later(7 * MINUTE))
    assert [one.kind for one in mirror.open_alarms()] == [AlarmKind.NODE_LATE]


@pytest.mark.parametrize("language", ["en", "fr", "nl", "de"])
@pytest.mark.parametrize("whole", [0, 1])
@pytest.mark.parametrize("kind", [AlarmKind.NODE_LATE, AlarmKind.COPY_OLD])
def test_a_person_is_told_which_copy_is_old_and_what_to_do(noon, kind, whole, language):
    told = {"source": "hub-1", "holder": "ward-1", "whole": whole, "why": "cut", "node": "x"}
    feeds.raise_alarm(system(NodeId("x")), NOON, alarm="a", what=kind, subject="ward-1", since_at=NOON, evidence=told)
    with speaking(language):
        title, body = message_words(mirror.alarm("a"), hospital="General", now=later(6 * MINUTE))
    assert "ward-1" in title
    assert "6\xa0" in body
    assert "cut" in body


def test_a_ward_that_takes_no_feeds_neither_raises_nor_ends_alarms_about_them(noon, settings):
    send(oru(), interface="lab", at=NOON)
    told = {"at": NOON, "from_at": NOON, "usual": 1, "low": 0, "high": 2, "expected": 1, "came": 0, "once_in": 10, "limit": HOUR}
    feeds.raise_alarm(system(NodeId("hub")), NOON, alarm="a", what=AlarmKind.SILENT, subject="lab", since_at=NOON, evidence=told)
    feeds.raise_alarm(
        system(NodeId("hub")), NOON, alarm="b", what=AlarmKind.BACKLOG, subject="", since_at=NOON, evidence={"behind": 9}
    )
    settings.HOME = as_ward(settings.HOME)
    NodesContact.objects.create(node="hub-1", have_at=later(2 * HOUR))
    a_watch_of("ward-9", listens=False).look(later(2 * HOUR))
    assert {one.alarm for one in mirror.open_alarms()} == {"a", "b"}


# ------------------------------------------------------------------------------------------------------------- the band


@pytest.fixture
def ward(noon, settings):
    """A ward whose feeds and copy are whole as of noon."""
    send(oru(), interface="lab", at=NOON)
    settings.HOME = as_ward(settings.HOME)
    NodesContact.objects.create(node="hub-1", have_at=NOON)


def test_every_page_of_a_ward_says_how_old_its_copy_of_the_hub_is(ward):
    told = band_now(None, later(12 * SECOND))
    assert told.kind is BandKind.NORMAL
    assert "Copy of the hub: 12\xa0s old" in told.details
    assert "Copy of the hub: 12\xa0s old" in told.text


def test_an_old_copy_is_a_red_band_in_words(ward):
    told = band_now(None, later(41 * MINUTE))
    assert told.kind is BandKind.STALE
    assert told.headline.replace("\xa0", " ") == "THIS COPY IS 41 MIN OLD"
    assert "this node does not reach the hub" in told.details
    assert told.as_of == NOON


def test_in_an_outage_an_old_copy_is_a_warning_of_its_own_on_screen_and_in_print(ward):
    declared()
    told = band_now(None, later(41 * MINUTE))
    assert told.kind is BandKind.OUTAGE
    assert [one.replace("\xa0", " ")[:34] for one in told.warnings] == ["THIS COPY OF THE HUB IS 41 MIN OLD"]
    assert told.warnings[0] in told.text
    assert band_now(None, later(MINUTE)).warnings == ()


def test_a_clock_that_was_set_back_makes_the_age_unknown_never_small(ward):
    told = band_now(None, later(-HOUR))
    assert told.kind is BandKind.UNKNOWN
    assert any("CLOCK" in one for one in told.details)


def test_the_hub_says_nothing_of_a_copy_of_itself(noon):
    send(oru(), interface="lab", at=NOON)
    assert not any("Copy of the hub" in one for one in band_now(None, NOON).details)
