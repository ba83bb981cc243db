"""When a source says that a dose is due: what it tells itself, and nothing that would have to be reckoned."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.kernel.moments import HOUR, Moment, parse_iso, to_datetime
from stormlamp.mirror.rules import dues

ZONE = ZoneInfo("Europe/Brussels")
NOW = parse_iso("2026-01-13T10:30:00+01:00")
DAY = 24 * HOUR


def order(timing, **more):
    return {"dosageInstruction": [{"timing": timing, **more}]}


def hours(told, since=NOW, for_=DAY):
    found = dues(told, since=since, until=Moment(since + for_), zone=ZONE)
    return [f"{to_datetime(at, ZONE):%d %H:%M}" for at in found]


def day(**repeat):
    return order({"repeat": repeat})


@pytest.mark.parametrize(
    ("told", "due"),
    [
        (day(timeOfDay=["08:00:00", "20:00"]), ["13 20:00", "14 08:00"]),
        (day(timeOfDay=["10:30:00"]), ["14 10:30"]),
        (day(timeOfDay=["08:00"], dayOfWeek=["thu"]), []),
        (day(timeOfDay=["08:00"], dayOfWeek=["wed"]), ["14 08:00"]),
        (day(timeOfDay=["20:00"], boundsPeriod={"end": "2026-01-13"}), ["13 20:00"]),
        (day(timeOfDay=["20:00"], boundsPeriod={"end": "2026-01-13T12:00:00+01:00"}), []),
        (day(timeOfDay=["20:00"], boundsPeriod={"start": "2026-01-14"}), []),
        (day(boundsPeriod={"start": "2026-01-13T18:00:00+01:00"}), ["13 18:00"]),
        (day(boundsPeriod={"start": "2026-01-14"}), []),
        (day(frequency=1, period=8, periodUnit="h"), []),
        (day(timeOfDay=["08:00"], period=2, periodUnit="d"), []),
        (order({"event": ["2026-01-13T14:00:00Z", "2026-01-12T14:00:00Z", "2026-01-14"]}), ["13 15:00"]),
        (order({"event": ["2026-01-13T14:00:00Z"]}, asNeededBoolean=True), []),
        (day(timeOfDay=["noon", None, "25:00"]), []),
        (order({"event": ["soon", 7, None]}), []),
        ({"dosageInstruction": ["x"]}, []),
        ({}, []),
    ],
)
def test_a_dose_is_due_when_its_source_says(told, due):
    assert hours(told) == due


def test_an_hour_is_the_hospitals_on_both_sides_of_summer_time():
    told = day(timeOfDay=["08:00"])
    assert hours(told, parse_iso("2026-03-28T12:00:00Z"), 2 * DAY) == ["29 08:00", "30 08:00"]


@given(st.integers(0, 400 * DAY), st.integers(0, 9 * DAY), st.lists(st.times(), max_size=4))
def test_every_moment_lies_in_the_span_that_is_asked_and_comes_once(start, length, times):
    since = Moment(NOW + start)
    found = dues(day(timeOfDay=[f"{one:%H:%M:%S}" for one in times]), since=since, until=Moment(since + length), zone=ZONE)
    assert list(found) == sorted(set(found))
    assert all(since < at <= since + length for at in found)
