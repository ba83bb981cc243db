"""The line as evidence: pure rules, real sockets into a real node, alarms as facts, and what the pages say."""

import itertools
import socket
import struct
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.kernel.moments import DAY, HOUR, MINUTE, SECOND, Moment
from stormlamp.mirror import actions, queries
from stormlamp.mirror.actions import watching as acts
from stormlamp.mirror.jobs.keeping import keep_seen
from stormlamp.mirror.listeners.lines import KEEP_ALIVE, ending_of
from stormlamp.mirror.queries.lines import lines_kept
from stormlamp.mirror.rules import watch_line as rules
from stormlamp.mirror.rules.alarms import AlarmKind, Answer
from stormlamp.mirror.rules.polls import Poll, PollStanding, poll_of, poll_standing, poll_told, rest_after
from stormlamp.mirror.rules.settings import watch_settings
from stormlamp.mirror.rules.watch_line import Ended, Ending, Holding, Line, LineLimits, LineStanding
from stormlamp.mirror.wire.mllp import Framer, frame, read_ack
from tests.makers import NOON, actor, after
from tests.mirror.makers import adt
from tests.mirror.senders import free_port, running, start_node
from tests.mirror.test_kill import said_by
from tests.mirror.watching import WATCH, a_watch, give_habit, speak, steady

LIMITS = LineLimits(down_after=2 * MINUTE)
LEAD = actor("recovery-lead")
BEGAN = Moment(NOON - NOON % DAY - 20 * DAY)


def lived(*phases, start=BEGAN, how=Ending.CLOSED) -> Line:
    """A line that was up and down in turn for so long each; the first phase is up."""
    line, at = rules.begun(None, start), start
    for number, length in enumerate(phases):
        if number % 2 == 0:
            line, up_since = rules.came_up(line, at), at
        else:
            line = rules.went_down(rules.noted_end(line, Ended(peer="10.0.0.7", at=at, how=how, lasted=at - up_since)), at)
        for end in (*range(at + HOUR, at + length, HOUR), at + length):
            line = rules.advanced(line, Moment(end))
        at = Moment(at + length)
    return line


def nightly(pause, *, nights=14, after_hours=13) -> Line:
    """A line that is up but for a pause each midnight, until 13:00 of the last day."""
    phases = [part for _ in range(nights) for part in (DAY - pause, pause)]
    return lived(*phases, after_hours * HOUR)


def cut(line, *, for_, how=Ending.CLOSED) -> Line:
    """The line, cut now and reported until so long after."""
    at = line.at
    down = rules.went_down(rules.noted_end(line, Ended(peer="10.0.0.7", at=at, how=how, lasted=at - line.up_since)), at)
    return rules.advanced(down, Moment(at + for_))


def standing(line, limits=LIMITS, **told):
    return rules.judged(line, limits, at=line.at, **told).standing


# --------------------------------------------------------------------------------------------------- rules


def test_a_line_that_is_held_is_lost_after_two_minutes_and_not_before():
    line = lived(10 * DAY)
    assert standing(line) is LineStanding.UP
    assert standing(cut(line, for_=2 * MINUTE - 1)) is LineStanding.DOWN
    lost = rules.judged(cut(line, for_=2 * MINUTE), LIMITS, at=Moment(line.at + 2 * MINUTE))
    assert (lost.standing, lost.since, lost.holding, lost.days) == (LineStanding.LOST, line.at, Holding.HELD, 10)
    assert lost.share > 0.999


def test_a_sender_that_connects_for_each_message_has_no_line_to_lose():
    line = lived(*itertools.chain.from_iterable((SECOND, 5 * MINUTE) for _ in range(3 * 288)))
    assert rules.held(line, LIMITS)[0] is Holding.PER_MESSAGE
    assert standing(rules.advanced(line, Moment(line.at + DAY))) is LineStanding.PER_MESSAGE


def test_what_is_not_known_yet_raises_nothing_until_a_connection_had_lasted_for_hours_or_the_settings_tell():
    short, long = cut(lived(HOUR), for_=HOUR), cut(lived(5 * HOUR), for_=HOUR)
    assert (standing(short), standing(long)) == (LineStanding.DOWN, LineStanding.LOST)
    assert rules.held(short, LIMITS)[0] is Holding.CANNOT_TELL
    assert standing(short, LineLimits(down_after=2 * MINUTE, holding=Holding.HELD)) is LineStanding.LOST
    assert standing(long, LineLimits(down_after=2 * MINUTE, holding=Holding.PER_MESSAGE)) is LineStanding.PER_MESSAGE


def test_a_sender_that_restarts_each_night_rings_neither_by_night_nor_hides_a_cut_by_day():
    for pause in (30 * SECOND, 5 * MINUTE, 40 * MINUTE):
        line = nightly(pause)
        assert standing(cut(line, for_=3 * MINUTE)) is LineStanding.LOST
        night = lived(*[part for _ in range(14) for part in (DAY - pause, pause)], DAY - pause)
        assert standing(cut(night, for_=pause)) is LineStanding.DOWN
        assert standing(cut(night, for_=2 * pause + 2 * MINUTE)) is LineStanding.LOST


def test_a_sender_that_hangs_up_when_idle_has_no_line_to_lose_and_one_bad_day_is_not_that():
    idle = lived(*[part for _ in range(4 * 14) for part in (5 * HOUR, HOUR)], 3 * HOUR)
    assert rules.held(idle, LIMITS)[0] is Holding.PER_MESSAGE
    bad_day = lived(12 * DAY, *[part for _ in range(50) for part in (3 * MINUTE, 10 * MINUTE)], 4 * HOUR)
    assert rules.held(bad_day, LIMITS)[0] is Holding.HELD
    short = lived(*[part for _ in range(24 * 14) for part in (HOUR, 40 * SECOND)], HOUR)
    assert rules.held(short, LIMITS)[0] is Holding.HELD, "pauses within the limit cost nothing"


def test_one_long_pause_in_a_fortnight_does_not_stretch_the_limit():
    line = lived(3 * DAY, 2 * HOUR, 9 * DAY)
    assert rules.usual_pause(line, line.at, days=12) == 0
    assert standing(cut(line, for_=3 * MINUTE)) is LineStanding.LOST


def test_an_outage_is_no_habit_of_the_line():
    line = lived(10 * DAY, 2 * DAY, 6 * HOUR)
    outage = (Moment(BEGAN + 10 * DAY), Moment(BEGAN + 12 * DAY))
    often = LineLimits(down_after=2 * MINUTE)
    assert rules.held(line, often)[1] < rules.HELD_SHARE
    assert rules.held(line, often, [outage])[1] > 0.99


def test_a_pause_that_somebody_called_an_outage_is_not_usual():
    pauses = [part for _ in range(4) for part in (DAY - HOUR, HOUR)]
    line = lived(*pauses, 12 * HOUR)
    midnight = Moment(line.at + 11 * HOUR)
    assert rules.usual_pause(line, midnight, days=4) == HOUR
    assert rules.usual_pause(line, midnight, days=4, unusual=line.pauses) == 0


def test_after_a_start_of_ours_the_sender_gets_five_minutes_to_come_back():
    before = lived(10 * DAY)
    before = rules.got_known(before, "10.0.0.7", before.at)
    fresh = rules.begun(before, Moment(before.at + HOUR))
    assert (fresh.up_since, fresh.down_since, fresh.days) == (0, fresh.at, before.days)
    assert standing(rules.advanced(fresh, Moment(fresh.at + 4 * MINUTE))) is LineStanding.DOWN
    assert standing(rules.advanced(fresh, Moment(fresh.at + 5 * MINUTE))) is LineStanding.LOST
    back = rules.came_up(rules.advanced(fresh, Moment(fresh.at + 4 * MINUTE)), Moment(fresh.at + 4 * MINUTE))
    assert back.pauses == (), "what our own start cost is not the sender's pause"
    assert sum(one.listened for one in back.days) == 10 * DAY + 4 * MINUTE, "our own absence counts nowhere"
    again = rules.begun(cut(before, for_=MINUTE), Moment(before.at + HOUR))
    assert again.down_since == before.at, "a line that was down stays down since then"


def test_nobody_is_missed_who_never_came():
    held = LineLimits(down_after=2 * MINUTE, holding=Holding.HELD)
    fresh = rules.advanced(rules.begun(None, NOON), after(NOON, HOUR))
    assert standing(fresh, held) is LineStanding.DOWN
    came = rules.came_up(fresh, fresh.at)
    assert standing(cut(rules.advanced(came, after(NOON, 2 * HOUR)), for_=3 * MINUTE), held) is LineStanding.LOST


def test_a_receiver_that_does_not_report_tells_nothing():
    line = lived(10 * DAY)
    told = rules.judged(line, LIMITS, at=Moment(line.at + 3 * MINUTE))
    assert (told.standing, told.since) == (LineStanding.UNHEARD, line.at)
    assert rules.judged(line, LIMITS, at=Moment(line.at + 3 * MINUTE), speed=12).standing is LineStanding.UP


def test_where_time_is_scaled_the_real_seconds_of_coming_back_are_allowed_for():
    down = cut(lived(10 * DAY), for_=10 * MINUTE)
    assert standing(down, speed=12) is LineStanding.LOST
    assert standing(down, speed=900) is LineStanding.DOWN


def test_a_line_that_flaps_must_be_steady_for_ever_longer():
    assert [rules.steady_for(rung) // MINUTE for rung in (1, 2, 3, 4, 5, 6, 60)] == [1, 4, 16, 64, 256, 360, 360]


PHASES = st.lists(st.integers(1, 3 * DAY), min_size=1, max_size=12)


@given(PHASES, st.integers(0, DAY), st.sampled_from([1.0, 12.0]))
def test_whatever_a_line_did_its_sums_hold_and_only_a_held_line_that_is_down_for_long_is_lost(phases, later, speed):
    line = lived(*phases)
    assert sum(one.up for one in line.days) <= sum(one.listened for one in line.days) <= sum(phases)
    assert len(line.pauses) <= rules.MOST_PAUSES
    assert all(a < b for a, b in line.pauses)
    assert rules.line_of(line.at, rules.line_told(line)) == line
    line = rules.advanced(line, Moment(line.at + later))
    told = rules.judged(line, LIMITS, at=line.at, speed=speed)
    assert 0 <= told.share <= 1
    if told.standing is LineStanding.LOST:
        assert told.holding is Holding.HELD
        assert not line.up_since
        assert line.at - line.down_since >= told.limit >= LIMITS.down_after
        again = rules.advanced(line, Moment(line.at + MINUTE))
        still = rules.judged(again, LineLimits(down_after=LIMITS.down_after, holding=Holding.HELD), at=again.at, speed=speed)
        assert still.standing is LineStanding.LOST, "what is lost stays lost until somebody comes"


@given(PHASES, st.integers(0, 3 * MINUTE))
def test_no_line_is_lost_before_the_limit_or_while_it_is_up(phases, short):
    line = lived(*phases) if len(phases) % 2 else lived(*phases, DAY)
    assert standing(line) is not LineStanding.LOST
    assert short >= LIMITS.down_after or standing(cut(line, for_=short)) is not LineStanding.LOST


def test_how_a_connection_ended_is_told_apart():
    assert ending_of(None, bye=True) is Ending.CLOSED
    assert ending_of(None, bye=False) is Ending.OURS
    assert ending_of(ConnectionResetError(104, "reset"), bye=False) is Ending.RESET
    assert ending_of(TimeoutError(110, "timed out"), bye=False) is Ending.TIMED_OUT
    assert ending_of(OSError(113, "no route to host"), bye=False) is Ending.TIMED_OUT


def test_the_settings_tell_limits_and_how_a_line_is_used():
    told = watch_settings({"watch": {"line_after": 3, "lab": {"line": "per-message"}, "adt": {"line": "held", "line_after": 4}}})
    assert told.line("other") == LineLimits(down_after=3 * MINUTE)
    assert told.line("lab") == LineLimits(down_after=3 * MINUTE, holding=Holding.PER_MESSAGE)
    assert told.line("adt") == LineLimits(down_after=4 * MINUTE, holding=Holding.HELD)
    assert watch_settings({"watch": {"lab": {"line": "sometimes"}}}).line("lab").holding is Holding.CANNOT_TELL


# --------------------------------------------------------------------------------------------------- alarms


def kept(line, name="lab"):
    keep_seen(f"line|{name}", line.at, rules.line_told(line))
    return line


@pytest.fixture
def rare(home):
    """A feed of four messages an hour whose line has been up for ten days until noon."""
    give_habit("lab", level=4)
    speak("lab", after(NOON, -3 * MINUTE))
    return lived(10 * DAY, start=Moment(NOON - 10 * DAY))


def watched(line, until, *, told=None, every=15 * SECOND):
    """Look every 15 seconds while the line stays as it is; the first moment at which an alarm stands."""
    told = told or a_watch()
    for at in range(line.at, until + 1, every):
        kept(rules.advanced(line, Moment(at)))
        told.look(Moment(at))
        if queries.open_alarms():
            return Moment(at)
    return None


@pytest.mark.django_db
def test_a_feed_that_hardly_speaks_is_noticed_within_three_minutes_by_its_line(rare):
    down = cut(rare, for_=0)
    told = a_watch()
    told.look(after(NOON, -MINUTE))
    raised_at = watched(down, after(NOON, 5 * MINUTE), told=told)
    (alarm,) = queries.open_alarms()
    assert (alarm.kind, alarm.subject, alarm.since_at) == (AlarmKind.LINE_LOST, "lab", NOON)
    assert raised_at - NOON <= 3 * MINUTE
    assert (alarm.evidence["how"], alarm.evidence["days"]) == ("closed", 10)
    assert queries.currency(raised_at).silent is True
    told.look(after(raised_at, MINUTE))
    assert len(queries.open_alarms()) == 1


@pytest.mark.django_db
def test_it_ends_when_the_line_has_been_back_for_a_minute_and_a_restart_of_30_seconds_raises_nothing(rare):
    told = a_watch()
    at = watched(cut(rare, for_=0), after(NOON, 5 * MINUTE), told=told)
    back = rules.came_up(lines_kept()["lab"], after(at, SECOND))
    for later in (30 * SECOND, 90 * SECOND):
        kept(rules.advanced(back, after(at, later)))
        told.look(after(at, later))
        assert len(queries.open_alarms()) == (later < MINUTE)
    (past,) = queries.past_alarms()
    assert past.closed.answer is Answer.BACK
    assert queries.currency(after(at, 2 * MINUTE)).silent is not True

    steady_line = rules.advanced(back, after(at, HOUR))
    restart = rules.came_up(cut(steady_line, for_=30 * SECOND), after(at, HOUR + 30 * SECOND))
    watched(restart, after(at, 2 * HOUR), told=told, every=MINUTE)
    assert AlarmKind.LINE_LOST not in [one.kind for one in queries.open_alarms()]
    assert len(queries.past_alarms()) == 1


@pytest.mark.django_db
def test_a_line_that_flaps_all_day_rings_a_few_times_and_not_hundreds(rare):
    told, line = a_watch({"watch": {"lab": {"line": "held"}}}), rare
    end = after(NOON, DAY)
    while line.at < end:
        for up, length in ((False, 3 * MINUTE), (True, 6 * MINUTE)):
            line = rules.came_up(line, line.at) if up else cut(line, for_=0)
            for at in range(line.at, line.at + length + 1, 3 * MINUTE):
                line = kept(rules.advanced(line, Moment(at)))
                told.look(line.at)
    rung = [one for one in (*queries.open_alarms(), *queries.past_alarms(limit=500)) if one.kind is AlarmKind.LINE_LOST]
    assert 1 <= len(rung) <= 8


@pytest.mark.django_db
def test_a_lost_line_that_somebody_closed_is_not_raised_again_and_a_false_one_is_counted(rare):
    told = a_watch()
    at = watched(cut(rare, for_=0), after(NOON, 5 * MINUTE), told=told)
    (alarm,) = queries.open_alarms()
    actions.close_alarm(LEAD, at, alarm=alarm.alarm, genuine=False, reason="the engine moves to another machine")
    kept(rules.advanced(lines_kept()["lab"], after(at, 2 * MINUTE)))
    told.look(after(at, 2 * MINUTE))
    assert queries.open_alarms() == ()
    assert queries.alarm_scores()["lab"].false_share == 1.0
    assert queries.currency(after(at, 2 * MINUTE)).silent is False


@pytest.mark.django_db
def test_a_silence_that_a_lost_line_explains_is_told_once(home):
    give_habit("lab", level=240)
    steady("lab", until=NOON)
    told = a_watch()
    told.look(after(NOON, -HOUR))
    line = cut(lived(10 * DAY, start=Moment(NOON - 10 * DAY)), for_=0)
    for at in range(NOON, NOON + 30 * MINUTE, 15 * SECOND):
        kept(rules.advanced(line, Moment(at)))
        told.look(Moment(at))
    assert [one.kind for one in queries.open_alarms()] == [AlarmKind.LINE_LOST]


@pytest.mark.django_db
def test_the_lines_of_interfaces_that_nobody_watches_or_has_raise_nothing_and_their_alarms_end(rare):
    at = watched(cut(rare, for_=0), after(NOON, 5 * MINUTE))
    a_watch({"watch": {"lab": {"ignore": True}}}).look(at)
    assert queries.open_alarms() == ()


@pytest.mark.django_db
def test_a_node_without_that_line_leaves_the_alarm_of_another_node_open_and_raises_no_silence_beside_it(home):
    give_habit("lab", level=240)
    steady("lab", until=NOON)
    here = a_watch()
    here.look(after(NOON, -HOUR))
    evidence = {"node": "system:elsewhere"}
    acts.raise_alarm(WATCH, NOON, alarm="a", what=AlarmKind.LINE_LOST, subject="lab", since_at=NOON, evidence=evidence)
    for minute in range(0, 30, 3):
        here.look(after(NOON, minute * MINUTE))
    assert [one.alarm for one in queries.open_alarms()] == ["a"]
    up = lived(10 * DAY, start=Moment(NOON - 10 * DAY))
    kept(rules.advanced(up, after(NOON, 31 * MINUTE)))
    here.look(after(NOON, 31 * MINUTE))
    assert [one.alarm for one in queries.open_alarms()] == ["a"], "also where a line of the same name is up"


# --------------------------------------------------------------------------------------------------- polled servers


def failing(since, at, why="Connection refused") -> Poll:
    return Poll(at=at, heard_at=after(since, -MINUTE), failing_since=since, why=why, every=60)


def test_a_server_fails_after_two_minutes_without_an_answer_and_is_asked_again_within_a_minute():
    poll = failing(NOON, after(NOON, 2 * MINUTE))
    assert poll_standing(poll, at=poll.at, limit=2 * MINUTE) is PollStanding.FAILS
    assert poll_standing(poll, at=after(NOON, MINUTE), limit=2 * MINUTE) is PollStanding.FAILING
    assert poll_standing(poll, at=after(NOON, 5 * MINUTE), limit=2 * MINUTE) is PollStanding.UNHEARD
    assert poll_of(poll.at, poll_told(poll)) == poll
    assert (rest_after(900, failed=True), rest_after(900, failed=False), rest_after(5, failed=True)) == (60, 900, 5)


@pytest.mark.django_db
def test_polls_that_fail_raise_an_alarm_whatever_the_rate_of_news_and_end_it_with_the_first_answer(home):
    told = a_watch()
    for at in range(NOON, NOON + 5 * MINUTE, 15 * SECOND):
        poll = failing(NOON, Moment(at))
        keep_seen("poll|ehr", poll.at, poll_told(poll))
        told.look(poll.at)
        if queries.open_alarms():
            break
    (alarm,) = queries.open_alarms()
    assert (alarm.kind, alarm.subject, alarm.since_at) == (AlarmKind.POLL_FAILS, "ehr", NOON)
    assert alarm.raised_at - NOON <= 3 * MINUTE
    again = Poll(at=after(at, MINUTE), heard_at=after(at, MINUTE), failing_since=Moment(0), every=60)
    keep_seen("poll|ehr", again.at, poll_told(again))
    told.look(again.at)
    assert queries.open_alarms() == ()


# --------------------------------------------------------------------------------------------------- real sockets


SEEN_LINE = """
import json, sys, time
import django
django.setup()
from stormlamp.mirror.queries.lines import lines_kept
from stormlamp.mirror.rules.watch_line import line_told
wanted, deadline = sys.argv[1], time.monotonic() + 20
while True:
    line = lines_kept().get("adt")
    found = line and ("up" if line.up_since else line.ended.how.value if line.ended else "never")
    if found == wanted or time.monotonic() > deadline:
        break
    time.sleep(0.1)
print(json.dumps({"found": found, "at": line.at, **line_told(line)}))
"""


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("line"), free_port()
    with running(start_node(folder, port)) as process:
        process.port, process.folder = port, folder
        yield process


def seen_line(node, wanted):
    """What the node's table says of the line once it says `wanted`; after 20 s, whatever it says."""
    return said_by(SEEN_LINE, node.folder, wanted)


def spoken(node, control):
    """A sender that has sent a message, and holds its line."""
    wire = socket.create_connection(("127.0.0.1", node.port), timeout=10)
    wire.sendall(frame(adt(control=control)))
    assert read_ack(Framer().feed(wire.recv(65536))[0]).code == "AA"
    return wire


def test_a_real_line_is_seen_to_come_and_to_end_by_a_close_and_by_a_reset(node):
    wire = spoken(node, "L1")
    told = seen_line(node, "up")
    assert told["found"] == "up"
    assert [peer for peer, _ in told["peers"]] == ["127.0.0.1"]
    assert [host for host, _ in told["heard"]] == ["127.0.0.1"]
    wire.close()
    told = seen_line(node, "closed")
    assert (told["found"], told["peers"], told["down_since"]) == ("closed", [], told["ended"][1])

    wire = spoken(node, "L2")
    assert seen_line(node, "up")["found"] == "up"
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()
    assert seen_line(node, "reset")["found"] == "reset"


def test_a_sender_that_is_connected_and_has_not_spoken_yet_holds_its_line(tmp_path):
    port = free_port()
    with running(start_node(tmp_path, port)) as fresh, socket.create_connection(("127.0.0.1", port), timeout=10):
        fresh.port, fresh.folder = port, tmp_path
        told = seen_line(fresh, "up")
    assert (told["found"], [host for host, _ in told["heard"]]) == ("up", [])


def test_somebody_who_only_knocks_neither_holds_the_line_nor_ends_it(node):
    wire = spoken(node, "L3")
    seen_line(node, "up")
    wire.close()
    before = seen_line(node, "closed")
    for _ in range(5):
        socket.create_connection(("127.0.0.1", node.port), timeout=10).close()
        time.sleep(0.3)
    after_knocks = seen_line(node, "closed")
    assert (after_knocks["down_since"], after_knocks["days"][-1][3]) == (before["down_since"], before["days"][-1][3])


def test_the_system_asks_whether_a_quiet_sender_is_there_and_knows_within_a_minute(node):
    with spoken(node, "L4") as wire:
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        ends = f":{node.port:04X}", f":{wire.getsockname()[1]:04X}"
        (timer,) = [row[5] for row in rows if row[1].endswith(ends[0]) and row[2].endswith(ends[1])]
        assert timer.startswith("02:"), "proc(5): 2 is the keep-alive timer"
    assert KEEP_ALIVE["TCP_KEEPIDLE"] + KEEP_ALIVE["TCP_KEEPINTVL"] * KEEP_ALIVE["TCP_KEEPCNT"] <= 60
    assert KEEP_ALIVE["TCP_USER_TIMEOUT"] <= 60_000


def test_a_start_of_the_node_keeps_the_past_and_counts_its_absence_nowhere(tmp_path):
    port = free_port()
    with running(start_node(tmp_path, port)) as first:
        first.port, first.folder = port, tmp_path
        wire = spoken(first, "L5")
        before = seen_line(first, "up")
        first.terminate()
        first.wait(20)
        wire.close()
    time.sleep(1)
    with running(start_node(tmp_path, port)) as second:
        second.port, second.folder = port, tmp_path
        wire = spoken(second, "L6")
        told = seen_line(second, "up")
        wire.close()
    assert told["listening_since"] > before["at"]
    assert [host for host, _ in told["heard"]] == ["127.0.0.1"]
    assert told["days"][-1][1] < told["at"] - before["listening_since"]
    assert told["pauses"] == []
