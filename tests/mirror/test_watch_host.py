"""The machine as evidence: pure rules, and alarms as facts. Real questions: test_watch_network.py."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.kernel.moments import DAY, HOUR, MINUTE, SECOND, Moment
from stormlamp.mirror import actions, queries
from stormlamp.mirror.jobs import HostWatch, Probing, Watch
from stormlamp.mirror.jobs.keeping import keep_seen
from stormlamp.mirror.presenters import alarm_title
from stormlamp.mirror.presenters.alarms import message_words
from stormlamp.mirror.queries.hosts import hosts_kept, key_of, place_of
from stormlamp.mirror.rules import watch_host as rules
from stormlamp.mirror.rules import watch_line as line_rules
from stormlamp.mirror.rules.alarms import AlarmKind, Answer
from stormlamp.mirror.rules.settings import ProbeSettings, probe_settings, watch_settings
from stormlamp.mirror.rules.watch_host import LATE, NOT_ALLOWED, Host, HostStanding, Reply
from stormlamp.mirror.rules.watch_line import Line
from stormlamp.shell.words import speaking
from tests.makers import NOON, actor, after
from tests.mirror.test_probes import Clockwork
from tests.mirror.watching import CALENDAR, WATCH, give_habit, speak, steady

LEAD = actor("recovery-lead")
HERE, LOST = Reply(answered=True), Reply(answered=False, why=LATE)
LIMIT = 2 * MINUTE
SENDER = ("10.0.0.7", 0)


def lived(*replies, every=MINUTE, start=NOON) -> Host:
    """A machine after these replies, one a minute."""
    host = None
    for number, reply in enumerate(replies):
        host = rules.asked(host, after(start, number * every), reply)
    return host


def stands(host, at, *, others=(), limit=LIMIT, **told):
    machines = {str(number): one for number, one in enumerate([host, *others])}
    return rules.judged(machines, at=at, down_after=limit, **told).standing


# --------------------------------------------------------------------------------------------------- rules


def test_a_machine_that_answered_three_times_is_gone_after_three_misses_and_two_minutes_and_not_before():
    host = lived(HERE, HERE, HERE)
    began = after(NOON, 3 * MINUTE)
    for number in range(5):
        at = Moment(began + number * 30 * SECOND)
        host = rules.asked(host, at, LOST)
        wanted = HostStanding.GONE if number == 4 else HostStanding.MISSING
        assert stands(host, at) is wanted
    assert host.missing_since == began
    two = rules.asked(rules.asked(lived(HERE, HERE, HERE), began, LOST), after(began, HOUR), LOST)
    assert stands(two, after(began, HOUR)) is HostStanding.MISSING, "two misses are no three, however far apart"


def test_a_machine_that_never_answered_is_never_gone_and_that_cannot_be_told():
    for replies in ([], [LOST] * 20, [HERE, HERE, LOST, *[LOST] * 20]):
        assert stands(lived(*replies), after(NOON, DAY)) is HostStanding.CANNOT_TELL


def test_a_machine_that_sends_without_answering_is_believed_again_only_after_three_answers():
    gone = lived(*[HERE] * 3, *[LOST] * 5)
    assert stands(gone, after(NOON, HOUR)) is HostStanding.GONE
    spoken = rules.spoke(gone, after(NOON, HOUR))
    assert stands(spoken, after(NOON, HOUR)) is HostStanding.CANNOT_TELL
    silent_again = spoken
    for number in range(9):
        silent_again = rules.asked(silent_again, after(NOON, HOUR + number * MINUTE), LOST)
    assert stands(silent_again, after(NOON, 2 * HOUR)) is HostStanding.CANNOT_TELL
    assert rules.spoke(gone, after(NOON, MINUTE)) is gone, "what it sent before it went says nothing"
    once = lived(*[HERE] * 3, LOST)
    assert rules.spoke(once, after(NOON, HOUR)).able, "one lost question is no proof that it cannot answer"


def test_an_interface_with_several_machines_is_gone_only_when_none_of_them_answers():
    gone, there, mute = lived(*[HERE] * 3, *[LOST] * 5), lived(*[HERE] * 8), lived(*[LOST] * 8)
    at = after(NOON, 10 * MINUTE)
    assert stands(gone, at, others=[there]) is HostStanding.ANSWERS
    assert stands(gone, at, others=[mute]) is HostStanding.CANNOT_TELL
    assert stands(gone, at, others=[gone]) is HostStanding.GONE


def test_only_the_machines_of_the_last_day_before_the_last_message_count():
    assert rules.lately([("old", Moment(NOON - 2 * DAY)), ("a", NOON), ("b", Moment(NOON - HOUR))]) == ("a", "b")
    assert rules.lately([("kept by an older version", Moment(0))]) == ()
    assert rules.lately([]) == ()


def test_a_machine_is_asked_once_a_minute_while_it_is_quiet_and_hardly_ever_else():
    asked_after = lambda host, quiet: next(  # noqa: E731
        second for second in range(0, 7200, 5) if rules.due(host, after(host.asked_at, second * SECOND), quiet=quiet)
    )
    assert rules.due(None, NOON, quiet=False)
    assert asked_after(lived(*[HERE] * 3), True) == 60
    assert asked_after(lived(*[HERE] * 3), False) == 3600
    assert asked_after(lived(*[HERE] * 3, LOST), True) == 30
    assert asked_after(lived(*[LOST] * 9), True) == 60
    assert asked_after(lived(*[LOST] * 10), True) == 3600, "one that never answers is left in peace"
    assert rules.due(lived(HERE), after(NOON, -DAY), quiet=True), "a clock that was set back does not end the asking"


def test_a_machine_that_is_away_every_night_is_not_missed_at_that_time_and_is_by_day():
    host = lived(*[HERE] * 3)
    for night in range(1, 6):
        off = after(NOON, night * DAY)
        for minute in range(41):
            host = rules.asked(host, after(off, minute * MINUTE), LOST if minute < 40 else HERE)
    again = host
    for minute in range(59):
        again = rules.asked(again, after(NOON, 6 * DAY + minute * MINUTE), LOST)
        assert stands(again, again.asked_at) is HostStanding.MISSING
    by_day = host
    for minute in range(4):
        by_day = rules.asked(by_day, after(NOON, 6 * DAY + 6 * HOUR + minute * MINUTE), LOST)
    assert stands(by_day, by_day.asked_at) is HostStanding.GONE


def test_of_a_machine_that_may_no_longer_be_asked_nothing_is_claimed():
    host = rules.asked(lived(*[HERE] * 3), after(NOON, 3 * MINUTE), Reply(answered=None, why=NOT_ALLOWED))
    assert stands(host, host.asked_at) is HostStanding.CANNOT_TELL
    assert host.why == NOT_ALLOWED


REPLIES = st.lists(st.sampled_from([HERE, LOST, Reply(answered=None, why=NOT_ALLOWED), None]), max_size=40)


@given(REPLIES, st.integers(0, 3 * DAY))
def test_whatever_it_answered_only_one_that_was_sure_and_is_missing_is_gone_and_its_row_reads_back(replies, later):
    host, run = None, 0
    for number, reply in enumerate(replies):
        at = after(NOON, number * MINUTE)
        if reply is not None:
            host = rules.asked(host, at, reply)
        elif host is not None:
            host = rules.spoke(host, at)
        run = run + 1 if reply == HERE else run if reply is None else 0
    if host is None:
        return
    assert rules.host_of(json.loads(json.dumps(rules.host_told(host)))) == host
    told = rules.judged({"a": host}, at=after(host.asked_at, later), down_after=LIMIT)
    if told.standing is HostStanding.GONE:
        assert host.able
        assert not host.answered
        assert host.missed >= 3
        assert later + host.asked_at - host.missing_since >= told.limit >= LIMIT
    if not replies[-3:].count(LOST):
        assert told.standing is not HostStanding.GONE


def test_the_settings_switch_it_off_for_all_or_for_one_and_name_a_port():
    told = watch_settings({"watch": {"lab": {"echo": False}, "adt": {"port": 22, "echo": False}}})
    assert (told.port("other"), told.port("lab"), told.port("adt")) == (0, None, 22)
    off = watch_settings({"watch": {"echo": False, "adt": {"port": 22}}})
    assert (off.port("other"), off.port("adt")) == (None, 22)
    assert watch_settings({"rehearsal": {}}).port("lab") is None, "an exercise asks nobody outside"
    assert place_of(key_of(("fe80::1%eth0", 22))) == ("fe80::1%eth0", 22)


# --------------------------------------------------------------------------------------------------- alarms


class Network:
    """Machines that answer until they are cut; counts the questions."""

    def __init__(self, *gone, why="") -> None:
        self.gone, self.asked, self.why = set(gone), [], why

    def ask(self, places):
        """Answer for all that are not gone."""
        self.asked += places
        if self.why:
            return {place: Reply(answered=None, why=self.why) for place in places}
        return {place: LOST if place[0] in self.gone else HERE for place in places}


class Node:
    """A watch of a node whose receiver reports the line of `lab`; its time goes by in steps of 15 seconds."""

    def __init__(self, network, options=None, line=None) -> None:
        self.network, self.line = network, line or self.spoken(NOON)
        self.at = NOON
        self.hosts = HostWatch(WATCH, watch_settings(options or {}), network)
        self.watch = Watch(WATCH, lambda _: CALENDAR, watch_settings(options or {}), hosts=self.hosts)

    @staticmethod
    def spoken(at, host=SENDER[0], line=None) -> Line:
        """The line after a connection for one message."""
        line = line_rules.advanced(line, at) if line else line_rules.begun(None, at)
        line = line_rules.got_known(line_rules.came_up(line, at), host, at)
        return line_rules.went_down(line, after(at, SECOND))

    def speaks(self, host=SENDER[0]):
        """A message comes now."""
        self.line = self.spoken(self.at, host, self.line)
        speak("lab", self.at)

    def until(self, end, *, alarms=0) -> Moment | None:
        """Ask every second that matters and look every 15, until an alarm is open (or as many as asked); when that was."""
        while self.at < end:
            self.at = after(self.at, 15 * SECOND)
            self.line = line_rules.advanced(self.line, self.at)
            keep_seen("line|lab", self.line.at, line_rules.line_told(self.line))
            self.hosts.ask(self.at)
            self.watch.look(self.at)
            if len(queries.open_alarms()) > alarms:
                return self.at
        return None


@pytest.fixture
def rare(home):
    """A feed of four messages an hour, and its last message at noon."""
    give_habit("lab", level=4)
    speak("lab", NOON)


@pytest.mark.django_db
def test_a_feed_that_connects_per_message_and_hardly_speaks_is_noticed_within_five_minutes_by_its_machine(rare):
    node = Node(Network())
    assert node.until(after(NOON, 30 * MINUTE)) is None, "a machine that answers is no alarm, however long nothing comes"
    cut = node.at
    node.network.gone.add(SENDER[0])
    raised_at = node.until(after(cut, 5 * MINUTE))
    (alarm,) = queries.open_alarms()
    assert (alarm.kind, alarm.subject, alarm.raised_at) == (AlarmKind.HOST_GONE, "lab", raised_at)
    assert LIMIT <= raised_at - cut <= 4 * MINUTE
    assert cut < alarm.since_at <= cut + MINUTE + 15 * SECOND
    assert queries.currency(raised_at).silent is True, "the band follows"
    title, body = message_words(alarm, hospital="General", now=raised_at)
    assert title == "Stormlamp General: The machine that sends lab no longer answers"
    assert "10.0.0.7 sends lab and has not answered since" in body
    with speaking("nl"):
        assert "De machine die lab verstuurt, antwoordt niet meer" in message_words(alarm, hospital="General", now=raised_at)[1]
    node.until(after(raised_at, 10 * MINUTE), alarms=1)
    assert len(queries.open_alarms()) == 1


@pytest.mark.django_db
def test_it_is_asked_once_a_minute_and_a_machine_whose_line_is_held_not_at_all(rare):
    node = Node(Network())
    node.until(after(NOON, 61 * MINUTE))
    assert 58 <= len(node.network.asked) <= 62
    held = Node(Network(), {"watch": {"lab": {"line": "held"}}})
    held.until(after(NOON, MINUTE))
    assert held.network.asked == []
    off = Node(Network(), {"watch": {"echo": False}})
    off.until(after(NOON, 10 * MINUTE))
    assert off.network.asked == []


@pytest.mark.django_db
def test_a_machine_behind_a_firewall_raises_no_alarm(rare):
    node = Node(Network(SENDER[0]))
    assert node.until(after(NOON, 40 * MINUTE)) is None
    assert len(node.network.asked) <= rules.HOPELESS + 1


@pytest.mark.django_db
def test_the_alarm_ends_when_the_machine_answers_steadily_or_sends_again(rare):
    node = Node(Network())
    node.until(after(NOON, 6 * MINUTE))
    node.network.gone.add(SENDER[0])
    node.until(after(NOON, 15 * MINUTE))
    node.network.gone.clear()
    node.until(after(node.at, 2 * MINUTE + 15 * SECOND), alarms=1)
    assert queries.open_alarms() == ()
    node.until(after(node.at, 5 * MINUTE))
    node.network.gone.add(SENDER[0])
    assert node.until(after(node.at, 10 * MINUTE)) is not None
    node.speaks()
    node.until(after(node.at, 15 * SECOND), alarms=1)
    assert queries.open_alarms() == ()
    assert all(one.closed.answer is Answer.BACK for one in queries.past_alarms())
    assert node.until(after(node.at, 30 * MINUTE)) is None, "it sent without answering: its silence says nothing now"


@pytest.mark.django_db
def test_one_that_a_person_called_false_is_counted_and_not_raised_again(rare):
    node = Node(Network())
    node.until(after(NOON, 6 * MINUTE))
    node.network.gone.add(SENDER[0])
    at = node.until(after(NOON, 15 * MINUTE))
    (alarm,) = queries.open_alarms()
    actions.close_alarm(LEAD, at, alarm=alarm.alarm, genuine=False, reason="the machine is replaced")
    assert node.until(after(at, 20 * MINUTE)) is None
    assert queries.alarm_scores()["lab"].false_share == 1.0
    assert queries.currency(node.at).silent is False


@pytest.mark.django_db
def test_a_start_of_this_node_knows_who_answers_and_counts_misses_anew(rare):
    node = Node(Network())
    node.until(after(NOON, 6 * MINUTE))
    again = Node(Network(SENDER[0]), line=node.line)
    again.at = node.at
    assert hosts_kept()[SENDER].able
    raised_at = again.until(after(node.at, 5 * MINUTE))
    assert LIMIT <= raised_at - node.at <= 4 * MINUTE


@pytest.mark.django_db
def test_a_silence_that_the_machine_explains_is_told_once(home):
    give_habit("lab", level=60)
    steady("lab", until=NOON, minutes=400, every=MINUTE)
    node = Node(Network())
    node.watch.look(after(NOON, -HOUR))
    node.until(after(NOON, 4 * MINUTE))
    node.network.gone.add(SENDER[0])
    node.until(after(NOON, 40 * MINUTE), alarms=3)
    assert [one.kind for one in queries.open_alarms()] == [AlarmKind.HOST_GONE]


@pytest.mark.django_db
def test_a_lost_line_says_it_and_the_machine_does_not_say_it_again(rare):
    held = line_rules.came_up(line_rules.begun(None, Moment(NOON - 10 * DAY)), Moment(NOON - 10 * DAY))
    line = line_rules.got_known(line_rules.advanced(held, NOON), SENDER[0], NOON)
    node = Node(Network(), line=line_rules.went_down(line, after(NOON, SECOND)))
    node.hosts._hosts[SENDER] = lived(*[HERE] * 3)
    node.network.gone.add(SENDER[0])
    node.until(after(NOON, 20 * MINUTE), alarms=5)
    assert [one.kind for one in queries.open_alarms()] == [AlarmKind.LINE_LOST]


# --------------------------------------------------------------------------------------------------- a probe for an interface


def probing(millis, *interfaces):
    clockwork = Clockwork(millis)
    settings = ProbeSettings(name="LIS", kind="tcp", target="x:1", interfaces=interfaces)
    return Probing(WATCH, {"LIS": (settings, clockwork)}, clockwork)


def test_the_settings_say_which_interfaces_a_probe_speaks_for():
    told = {"LIS": {"target": "x:1", "interfaces": ["lab", "micro"]}, "EHR": {"target": "x:2", "interfaces": "adt"}}
    assert {one.name: one.interfaces for one in probe_settings({"probes": told})} == {"LIS": ("lab", "micro"), "EHR": ("adt",)}


@pytest.mark.django_db
def test_a_program_that_hangs_on_a_living_machine_is_noticed_within_five_minutes_by_its_probe_and_told_once(rare):
    node, probe = Node(Network()), probing([50, 50, None], "lab")
    for _ in range(12):
        probe.note("LIS", probe.asked("LIS", node.at))
        node.until(after(node.at, MINUTE), alarms=5)
        if queries.open_alarms():
            break
    (alarm,) = queries.open_alarms()
    assert (alarm.kind, alarm.subject, alarm.interfaces) == (AlarmKind.PROBE_DOWN, "LIS", ("lab",))
    assert alarm.raised_at - after(NOON, MINUTE) <= 4 * MINUTE
    assert alarm_title(alarm) == "LIS (for lab) does not answer"
    assert queries.currency(node.at).silent is True
    node.network.gone.add(SENDER[0])
    node.until(after(node.at, 30 * MINUTE), alarms=5)
    assert [one.kind for one in queries.open_alarms()] == [AlarmKind.PROBE_DOWN], "the machine and the habit do not say it again"


@pytest.mark.django_db
def test_a_probe_does_not_say_again_what_the_machine_of_its_interface_has_said(rare):
    node, probe = Node(Network()), probing([50, None], "lab")
    node.until(after(NOON, 6 * MINUTE))
    node.network.gone.add(SENDER[0])
    node.until(after(NOON, 15 * MINUTE))
    for _ in range(5):
        probe.note("LIS", probe.asked("LIS", node.at))
        node.until(after(node.at, MINUTE), alarms=5)
    assert [one.kind for one in queries.open_alarms()] == [AlarmKind.HOST_GONE]


@pytest.mark.django_db
def test_a_silence_that_a_failing_probe_explains_is_told_once_and_one_that_began_later_is_told_too(home):
    give_habit("lab", level=60)
    steady("lab", until=NOON, minutes=400, every=MINUTE)
    node, probe = Node(Network()), probing([None], "lab")
    node.watch.look(after(NOON, -HOUR))
    for _ in range(3):
        probe.note("LIS", probe.asked("LIS", node.at))
        node.until(after(node.at, MINUTE), alarms=5)
    node.until(after(NOON, 40 * MINUTE), alarms=5)
    assert [one.kind for one in queries.open_alarms()] == [AlarmKind.PROBE_DOWN]
    node.speaks()
    node.until(after(node.at, 40 * MINUTE), alarms=5)
    assert [one.kind for one in queries.open_alarms()] == [AlarmKind.PROBE_DOWN, AlarmKind.SILENT]
