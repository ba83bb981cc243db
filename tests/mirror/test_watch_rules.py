"""Silence and slowness against habit: sound chances, few false alarms, and no judgement without a past."""

import datetime as dt
import math
from bisect import bisect_left, bisect_right
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.kernel.moments import DAY, HOUR, MINUTE, Moment, parse_iso
from stormlamp.mirror.rules import HourCount, watch
from stormlamp.mirror.rules.watch import Standing
from stormlamp.mirror.rules.watch_chance import guessed_tail, learned_tail, log_at_most, span
from stormlamp.mirror.rules.watch_habit import Calendar, belgian_holidays, profile
from tests.mirror.arrivals import arrivals, past_of

CALENDAR = Calendar(zone=ZoneInfo("Europe/Brussels"))
START = parse_iso("2026-01-05T00:00:00Z")
NOW = Moment(START + 8 * 7 * DAY + 13 * HOUR)  # a Monday, 14:00 in Brussels
LIMIT = HOUR
BEGINNING = Moment(0)


def asked(known, times, at, *, last=None, limit=LIMIT, listening=BEGINNING, standing=Standing.USUAL):
    recent = times[bisect_left(times, at - 25 * HOUR) : bisect_right(times, at)]
    last_at = last if last is not None else (recent[-1] if recent else Moment(0))
    return watch.judged(known, at=at, last_at=last_at, listening_since=listening, recent=recent, limit=limit, standing=standing)


@pytest.fixture(scope="module")
def busy():
    """Eight weeks of 120 messages in the busiest hours, and what was learned of them."""
    times = arrivals(1, CALENDAR, start=START, days=57, level=120)
    return times, watch.learned(past_of(times, NOW), at=NOW, calendar=CALENDAR)


# ------------------------------------------------------------------------------------------------- chances


@given(mean=st.floats(0.5, 40), came=st.integers(0, 40))
def test_the_chance_of_so_few_is_poissons_where_nothing_is_dispersed(mean, came):
    exact = sum(math.exp(-mean + k * math.log(mean) - math.lgamma(k + 1)) for k in range(came + 1))
    told = math.exp(log_at_most(came, mean=mean, variance=mean))
    assert told == pytest.approx(exact, rel=1e-3) if came < mean else told == 1.0


def test_the_chance_of_so_few_is_the_negative_binomials_where_it_is():
    mean, variance = 12.0, 36.0
    size = mean**2 / (variance - mean)
    share = size / (size + mean)
    exact = sum(
        math.exp(math.lgamma(size + k) - math.lgamma(size) - math.lgamma(k + 1)) * share**size * (1 - share) ** k for k in range(4)
    )
    assert math.exp(log_at_most(3, mean=mean, variance=variance)) == pytest.approx(exact, rel=1e-9)


def test_a_count_of_many_thousands_is_judged_as_well():
    assert -65 < log_at_most(70_000, mean=75_000, variance=75_000 * 3) < -55
    assert log_at_most(0, mean=1000.0, variance=1000.0) == pytest.approx(-1000, rel=1e-2)


def test_the_span_of_an_hour_holds_nine_hours_of_ten():
    low, high = span(100.0, 100.0)
    assert (low, high) == pytest.approx((84, 117), abs=2)
    assert span(0.0, 0.0) == (0, 0)


def test_a_learned_tail_keeps_rare_long_pauses_in_mind():
    short = [3 + number / 1000 for number in range(1000)]
    nightly = [30.0 + number / 10 for number in range(20)]
    tail = learned_tail([*short, *nightly], above=3.0, exposure=50_000.0)
    assert tail.frequency(31.0) > 5 / 50_000, "twenty pauses of 30 and more are no surprise"
    assert learned_tail(short, above=3.0, exposure=50_000.0).frequency(31.0) < 1e-9


def test_without_any_pause_the_tail_falls_as_chance_would():
    tail = learned_tail([], above=3.0, exposure=1000.0)
    assert tail.frequency(3.0) == pytest.approx(1 / 1000)
    assert guessed_tail(20.0).frequency(40.0) == pytest.approx(math.exp(-2) / 20)


# ------------------------------------------------------------------------------------------------- habit


def hours_of(counts, *, start=START):
    return tuple(HourCount(hour_start=Moment(start + at * HOUR), count=count) for at, count in enumerate(counts) if count)


def test_the_habit_of_an_hour_of_the_week_is_drawn_towards_the_same_hour_of_other_days():
    week = [60 if day < 5 and 8 <= hour < 18 else 2 for day in range(7) for hour in range(24)]
    habit = profile(hours_of(week * 3), until_at=Moment(START + 21 * DAY), calendar=Calendar(zone=dt.UTC))
    assert habit.rates[10] == pytest.approx(60)
    assert habit.rates[5 * 24 + 10] == pytest.approx(2)
    assert habit.expected(Moment(START + 10 * HOUR), Moment(START + 10 * HOUR + 15 * MINUTE)) == pytest.approx(15)
    assert habit.clump == 1.0


def test_too_little_past_gives_no_habit():
    assert profile(hours_of([60] * 24 * 13), until_at=Moment(START + 13 * DAY), calendar=CALENDAR) is None
    assert profile(hours_of([0, 1] * 80), until_at=Moment(START + 60 * DAY), calendar=CALENDAR) is None
    assert profile((), until_at=NOW, calendar=CALENDAR) is None


def test_hours_in_which_the_feed_was_known_to_be_away_are_no_habit():
    counts = [60] * 24 * 14 + [0] * 24 * 7
    dark = ((Moment(START + 14 * DAY), Moment(START + 21 * DAY)),)
    end = Moment(START + 21 * DAY)
    assert profile(hours_of(counts), until_at=end, calendar=CALENDAR, dark=dark).rates[12] == pytest.approx(60)
    assert profile(hours_of(counts), until_at=end, calendar=CALENDAR).rates[12] < 50


def test_messages_in_clumps_and_days_that_differ_are_both_noticed(busy):
    _, known = busy
    assert known.profile.clump < 2
    clumped = arrivals(1, CALENDAR, start=START, days=57, level=120, clump=20)
    assert watch.learned(past_of(clumped, NOW), at=NOW, calendar=CALENDAR).profile.clump > 10
    swaying = arrivals(1, CALENDAR, start=START, days=57, level=120, sway=0.1)
    assert watch.learned(past_of(swaying, NOW), at=NOW, calendar=CALENDAR).profile.sway > 0.04


def test_a_holiday_goes_like_a_sunday():
    assert belgian_holidays(2026) >= {dt.date(2026, 4, 6), dt.date(2026, 5, 14), dt.date(2026, 5, 25), dt.date(2026, 7, 21)}
    calendar = Calendar(zone=ZoneInfo("Europe/Brussels"), holidays=belgian_holidays(2026))
    assert calendar.hour_of_week(parse_iso("2026-05-01T10:00:00Z")) == 6 * 24 + 12
    assert calendar.hour_of_week(parse_iso("2026-04-30T10:00:00Z")) == 3 * 24 + 12


# ------------------------------------------------------------------------------------------------- judging


def test_a_busy_feed_that_stops_is_silent_within_minutes_and_says_by_what_chance(busy):
    times, known = busy
    before = [one for one in times if one <= NOW]
    soon = asked(known, before, Moment(before[-1] + 90 * 1_000_000))
    assert soon.standing is Standing.USUAL
    late = asked(known, before, Moment(before[-1] + 10 * MINUTE))
    assert late.standing is Standing.SILENT
    assert late.once_in >= watch.WANTED
    assert 90 < late.usual < 150
    assert late.between[0] < late.usual < late.between[1]
    assert late.expected == pytest.approx(late.usual / 6, rel=0.05)


def test_the_same_silence_at_night_is_as_usual(busy):
    times, known = busy
    night = Moment(START + 55 * DAY + 2 * HOUR)
    before = [one for one in times if one <= night]
    assert asked(known, before, Moment(before[-1] + 10 * MINUTE)).standing is Standing.USUAL


def test_a_feed_that_never_speaks_at_night_is_never_silent_there():
    times = arrivals(3, CALENDAR, start=START, days=57, level=60, night=0)
    known = watch.learned(past_of(times, NOW), at=NOW, calendar=CALENDAR)
    evening = max(one for one in times if one < START + 55 * DAY)
    assert asked(known, [one for one in times if one <= evening], Moment(START + 55 * DAY + 4 * HOUR)).standing is Standing.USUAL


def test_a_feed_that_sends_a_quarter_of_its_habit_is_slow(busy):
    times, known = busy
    since = Moment(NOW - 2 * HOUR)
    thinned = [one for number, one in enumerate(times) if one <= NOW and (one < since or number % 5 == 0)]
    told = asked(known, thinned, NOW)
    assert told.standing is Standing.SLOW
    assert told.came < told.expected / 3
    assert told.at - told.from_at == HOUR


def test_what_is_open_ends_only_when_it_is_clearly_back(busy):
    times, known = busy
    before = [one for one in times if one <= NOW]
    at = next(
        Moment(before[-1] + second * 1_000_000)
        for second in range(120, 900, 5)
        if asked(known, before, Moment(before[-1] + second * 1_000_000)).standing is Standing.SILENT
    )
    earlier = Moment(at - 20 * 1_000_000)
    assert asked(known, before, earlier).standing is Standing.USUAL
    assert asked(known, before, earlier, standing=Standing.SILENT).standing is Standing.SILENT


def test_without_a_past_only_the_plain_limit_speaks():
    at = Moment(START + DAY)
    assert asked(None, [], at, last=Moment(at - LIMIT // 2)).standing is Standing.CANNOT_TELL
    assert asked(None, [], at, last=Moment(at - LIMIT - 1)).standing is Standing.SILENT
    assert asked(None, [], at, last=Moment(at - LIMIT - 1)).limit == LIMIT


def test_the_time_in_which_this_node_was_away_is_not_held_against_a_feed(busy):
    times, known = busy
    before = [one for one in times if one <= NOW - HOUR]
    assert asked(known, before, NOW).standing is Standing.SILENT
    assert asked(known, before, NOW, listening=Moment(NOW - MINUTE)).standing is Standing.USUAL


def test_silences_that_people_called_false_become_habit(busy):
    """A nightly pause of two hours, seen often enough, is no alarm any more."""
    times = [one for one in busy[0] if not 13 * HOUR <= (one - START) % DAY < 14 * HOUR]
    known = watch.learned(past_of(times, NOW), at=NOW, calendar=CALENDAR)
    before = [one for one in times if one <= NOW]
    assert asked(known, before, Moment(NOW + 50 * MINUTE)).standing is Standing.USUAL


# ------------------------------------------------------------------------------------------------- false alarms


@pytest.mark.parametrize(
    ("level", "clump", "sway"), [(120, 1, 0.02), (60, 10, 0.04), (4, 1, 0.02)], ids=["busy", "in clumps", "rare"]
)
def test_a_feed_that_keeps_its_habit_raises_at_most_one_false_alarm_in_four_weeks(level, clump, sway):
    """The longest moment of every gap, and the window of every half hour, of 28 days that were not learned from."""
    times = arrivals(7, CALENDAR, start=START, days=56 + 28, level=level, clump=clump, sway=sway)
    begin = Moment(START + 56 * DAY)
    known = watch.learned(past_of(times, begin), at=begin, calendar=CALENDAR)
    ends = [Moment(b - 1) for a, b in pairwise(times) if a >= begin and b - a >= watch.LEAST_SILENCE]
    checks = sorted([*ends, *(Moment(at) for at in range(begin, begin + 28 * DAY, 30 * MINUTE))])
    false, before = 0, Standing.USUAL
    for at in checks:
        told = asked(known, times, at).standing
        false += told in (Standing.SILENT, Standing.SLOW) and before is Standing.USUAL
        before = told
    assert false <= 1
