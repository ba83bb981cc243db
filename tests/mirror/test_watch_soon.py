"""By what the end of each interface would be noticed, and how soon: reckoned, and said on the pages and by the command."""

import json
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from stormlamp.kernel.moments import DAY, HOUR, MINUTE, SECOND, Moment
from stormlamp.ledger import clock
from stormlamp.mirror.commands.watching import amiss, feeds
from stormlamp.mirror.jobs.keeping import keep_together
from stormlamp.mirror.queries.hosts import key_of
from stormlamp.mirror.queries.soon import noticed
from stormlamp.mirror.rules import watch, watch_soon
from stormlamp.mirror.rules import watch_host as hosts
from stormlamp.mirror.rules import watch_line as lines
from stormlamp.mirror.rules.polls import Poll, PollStanding
from stormlamp.mirror.rules.settings import ProbeSettings, probe_settings, watch_settings
from stormlamp.mirror.rules.watch_host import LATE, NOT_ALLOWED, Reply
from stormlamp.mirror.rules.watch_soon import Notice, Way
from stormlamp.shell.words import duration, speaking
from stormlamp.shell.words import gettext as _
from tests.makers import NOON, after
from tests.mirror.arrivals import arrivals, past_of
from tests.mirror.test_pages import read, visitor  # noqa: F401 - a fixture
from tests.mirror.watching import CALENDAR, a_watch, give_habit, speak

# Neither the page nor a table in it goes beyond its frame.
FITS = "[document.documentElement, ...document.querySelectorAll('.table-box')].every(one => one.scrollWidth <= one.clientWidth)"
HERE, LOST, BARRED = Reply(answered=True), Reply(answered=False, why=LATE), Reply(answered=None, why=NOT_ALLOWED)
SENDERS = {"lab": "10.0.0.7", "adt": "10.0.0.8", "pathology": "10.0.0.9", "blood": "10.0.0.10"}

# ------------------------------------------------------------------------------------------------- reckoned


def line_told(holding=lines.Holding.HELD, standing=lines.LineStanding.UP, limit=2 * MINUTE):
    return lines.LineJudgement(standing=standing, holding=holding, since=NOON, limit=limit)


def test_each_way_says_how_late_it_may_be_looks_and_keep_alive_included():
    assert watch_soon.by_line(line_told()).minutes == 4
    assert watch_soon.by_line(line_told(limit=50 * MINUTE)).minutes == 52, "at the time of its nightly pause"
    told = hosts.HostJudgement(standing=hosts.HostStanding.ANSWERS, machines=("a",), limit=2 * MINUTE)
    assert watch_soon.by_machine(told).minutes == 4
    assert watch_soon.by_probe(ProbeSettings(name="LIS", kind="tcp", target="x:1")).minutes == 4
    poll = Poll(at=NOON, heard_at=NOON, failing_since=Moment(0), every=60)
    assert watch_soon.by_poll(poll, PollStanding.ANSWERS, limit=2 * MINUTE).minutes == 5
    assert watch_soon.by_silence(12 * MINUTE, can_tell=True, limit=HOUR) == Notice(way=Way.HABIT, within=12 * MINUTE + 15 * SECOND)


def test_what_cannot_tell_is_no_way():
    assert watch_soon.by_line(line_told(holding=lines.Holding.PER_MESSAGE, standing=lines.LineStanding.PER_MESSAGE)) is None
    assert watch_soon.by_line(line_told(holding=lines.Holding.CANNOT_TELL)) is None
    assert watch_soon.by_line(line_told(standing=lines.LineStanding.UNHEARD)) is None
    assert watch_soon.by_machine(hosts.HostJudgement(standing=hosts.HostStanding.CANNOT_TELL, machines=("a",))) is None
    assert watch_soon.by_silence(None, can_tell=True, limit=HOUR) is None
    assert watch_soon.by_silence(None, can_tell=False, limit=HOUR).way is Way.LIMIT


@given(st.lists(st.integers(1, DAY), max_size=6))
def test_the_soonest_comes_first_and_minutes_are_never_rounded_down(lengths):
    found = watch_soon.soonest_first([None, *(Notice(way=Way.HABIT, within=one) for one in lengths)])
    assert [one.within for one in found] == sorted(lengths)
    assert all(one.minutes * MINUTE >= one.within > (one.minutes - 1) * MINUTE for one in found)
    assert all(one.soon == (one.within <= 5 * MINUTE) for one in found)


@pytest.mark.parametrize("level", [4, 60, 240])
def test_a_silence_that_begins_now_counts_just_when_the_page_said_it_would(level):
    start, now = Moment(NOON - 56 * DAY), NOON
    times = arrivals(3, CALENDAR, start=start, days=57, level=level)
    known = watch.learned(past_of(times, now), at=now, calendar=CALENDAR)
    recent = [one for one in times if now - 25 * HOUR <= one <= now]
    said = watch.silent_after(known, at=now, recent=recent)

    def stands(length):
        at = after(now, length)
        told = watch.judged(known, at=at, last_at=now, listening_since=Moment(0), recent=recent, limit=HOUR)
        return told.standing

    assert stands(said) is watch.Standing.SILENT
    assert stands(int(said * 0.95) - MINUTE) is not watch.Standing.SILENT
    assert (level == 4) == (said > 30 * MINUTE)


# ------------------------------------------------------------------------------------------------- said


def known_line(name, now, *, held):
    """A line that is held since three days, or one of a sender that connects for each message, four minutes ago."""
    line = lines.came_up(lines.begun(None, Moment(now - 3 * DAY)), Moment(now - 3 * DAY))
    line = lines.got_known(line, SENDERS[name], Moment(now - 4 * MINUTE))
    if not held:
        line = lines.went_down(line, Moment(now - 3 * DAY + SECOND))
    return lines.advanced(line, now)


@pytest.fixture
def four(home):
    """Four rare feeds: one holds its line, one connects and its machine answers, one's does not, and of one it is unknown."""
    now = clock.now()
    told = a_watch()
    rows = {}
    for name, address in SENDERS.items():
        give_habit(name, until=now, level=4, night=1.0)
        speak(name, Moment(now - 4 * MINUTE))
        line = known_line(name, now, held=name == "lab")
        rows[f"line|{name}"] = (now, lines.line_told(line))
        host = None
        replies = {"adt": [HERE] * 3, "pathology": [LOST] * 5, "blood": [BARRED]}.get(name, [])
        for number, reply in enumerate(replies):
            host = hosts.asked(host, Moment(now - (len(replies) - number) * 30 * SECOND), reply)
        if host is not None:
            rows[key_of((address, 0))] = (now, hosts.host_told(host))
    keep_together(rows)
    told.look(now)
    return now


def probed(now, name="LIS", millis=12.0, **told):
    """A probe that speaks for pathology and was asked just now."""
    seen = {"standing": "usual", "millis": millis, "why": "", "kind": "tcp", "every": MINUTE, "slow_after": 0}
    keep_together({f"probe|{name}": (now, {**seen, **told, "interfaces": ["pathology"]})})
    return {"probes": {name: {"target": "x:1", "interfaces": ["pathology"]}}}


def first_of(now, options=None):
    found = noticed(SENDERS, now, watch_settings(options or {}), probe_settings(options or {}))
    return {name: (one.ways[0].way, one.ways[0].soon) for name, one in found.items()}


@pytest.mark.django_db
def test_each_interface_is_noticed_by_the_soonest_of_what_there_is(four):
    assert first_of(four) == {
        "lab": (Way.LINE, True),
        "adt": (Way.MACHINE, True),
        "pathology": (Way.HABIT, False),
        "blood": (Way.HABIT, False),
    }
    assert first_of(four, probed(four))["pathology"] == (Way.PROBE, True)
    assert first_of(four, probed(four, millis=None))["pathology"] == (Way.HABIT, False), "a probe without an answer notices nothing"
    assert first_of(four, {"watch": {"echo": False}})["adt"] == (Way.HABIT, False)
    later = noticed(["lab"], after(four, HOUR), watch_settings({}), ())
    assert later["lab"].ways == (), "where nobody watches nothing is noticed"


@pytest.mark.django_db
def test_the_board_says_it_in_words_and_what_to_do_where_it_is_too_late(visitor, four):  # noqa: F811
    text = read(visitor, "/feeds/")
    assert text.count("an end would be noticed within 4\N{NO-BREAK SPACE}min") == 2
    assert "by its line" in text
    assert "by its machine" in text
    assert text.count("by its habit") == 2
    assert "Nothing would notice within 5 minutes that one of these has ended: blood, pathology." in text
    assert "This system does not let Stormlamp ask machines" in text
    assert "The machines that send blood cannot be asked." in text
    page = read(visitor, "/feeds/interface/pathology")
    assert "interfaces = [&#34;pathology&#34;]" in page
    assert "10.0.0.9: cannot tell: no answer in time" in page
    page = read(visitor, "/feeds/interface/adt")
    assert "A machine that no longer answers raises an alarm within 4\N{NO-BREAK SPACE}min." in page
    assert "10.0.0.8: answered" in page
    assert "A program that hangs while its machine and its line stay up" in page
    assert "net.ipv4.ping_group_range" in read(visitor, "/feeds/interface/blood")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "would", "in_vain"),
    [
        ("en", "an end would be noticed within {}", "nothing would notice an end"),
        ("fr", "un arrêt se verrait en {}", "un arrêt passerait inaperçu"),
        ("nl", "een uitval zou binnen {} opvallen", "een uitval zou niet opvallen"),
        ("de", "ein Ausfall würde binnen {} bemerkt", "ein Ausfall fiele nicht auf"),
    ],
)
def test_what_would_be_noticed_does_not_read_as_if_it_had_happened(visitor, four, language, would, in_vain):  # noqa: F811
    visitor.cookies["stormlamp_language"] = language
    with speaking(language):
        assert read(visitor, "/feeds/").count(would.format(duration(4 * MINUTE))) == 2
        assert _("nothing would notice an end") == in_vain


def said(*arguments):
    """What the command prints, and its exit code."""
    import typer

    app = typer.Typer()
    app.command()(feeds)
    told = CliRunner().invoke(app, list(arguments))
    return told.output, told.exit_code


@pytest.mark.django_db
def test_the_command_says_it_and_the_check_ends_with_1_while_something_is_amiss(four):
    text, code = said()
    assert code == 0
    assert "its end would be noticed by: line 4 min, habit" in text
    assert text.count("0 in quarantine") == 4
    text, code = said("--check", "--json")
    assert code == 1
    told = json.loads(text)
    by_name = {one["interface"]: one for one in told["feeds"]}
    assert by_name["adt"]["noticed"][0] == {"by": "machine", "name": "", "within_minutes": 4}
    assert by_name["adt"]["machines"]["standing"] == "answers"
    assert [by_name[name]["quarantined"] for name in SENDERS] == [0, 0, 0, 0]
    assert [by_name[name]["soon"] for name in SENDERS] == [True, True, False, False]
    assert sum("Nothing would notice within 5 minutes" in one for one in told["amiss"]) == 2
    assert any("ping_group_range" in one for one in told["amiss"])
    assert any("Nobody is told" in one for one in told["amiss"])


@pytest.mark.django_db
def test_an_interface_or_a_probe_that_is_only_named_is_amiss(four):
    named = {"mllp": {"lab": {"port": 1}, "cardiology": {"port": 2}}, "probes": {"LIS": {"target": "x:1", "interfaces": ["lap"]}}}
    told = amiss([{"interface": "lab", "soon": True, "machines": None}], True, named)
    assert told[:2] == [
        "Nothing ever came from cardiology, which home.toml names.",
        "[probes.LIS] speaks for lap, of which nothing ever came.",
    ]
    assert amiss([], True, {"alarms": {"urls": ["mailto://x"]}}) == []


@pytest.mark.django_db
def test_where_nobody_watches_the_check_says_only_that(home):
    text, code = said("--check")
    assert (text, code) == ("Nobody watches the feeds: the watch is a part of stormlamp up.\n", 1)


@pytest.mark.journey
@pytest.mark.django_db
def test_the_pages_fit_a_wards_screen_in_every_language_and_have_no_accessibility_faults(visitor, four):  # noqa: F811
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed")
    from tests.shell.browser import visiting

    places = ("/feeds/", "/feeds/interface/adt", "/feeds/interface/pathology")
    for language in ("en", "fr", "nl", "de"):
        visitor.cookies["stormlamp_language"] = language
        with speaking(language), visiting({place: read(visitor, place) for place in places}) as visit:
            for place in places:
                visit.open(place)
                assert visit.violations() == []
                assert visit.page.evaluate(FITS), (language, place)
