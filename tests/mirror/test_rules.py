from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.kernel.moments import DAY, HOUR, MINUTE, Moment, parse_iso
from stormlamp.mirror.rules import Absence, FeedRow, Habit, HourCount, Movement, Place, Step, VisitStatus, absence, visit_after
from stormlamp.mirror.rules.aliases import survivor
from stormlamp.mirror.rules.feeds import WEEK_HOURS, usual_gap
from stormlamp.mirror.rules.names import asked_ways, folded, matches, natural, plain_number, spellings
from stormlamp.mirror.rules.questions import birth_dates

BRUSSELS = ZoneInfo("Europe/Brussels")
WARDS = [Place("A", "1", "1"), Place("B", "2", "2"), Place("C", "3", "3")]


def moved(step, at, ward=0, **more):
    return Movement(step=step, at=Moment(at), order=f"{at:09d}", place=WARDS[ward], entry=str(at), **more)


# ---------------------------------------------------------------------------------------------- visits


def test_an_admission_a_move_and_a_discharge_are_followed():
    admitted = visit_after([moved(Step.ADMIT, 1)])
    assert (admitted.status, admitted.place, admitted.present) == (VisitStatus.IN, WARDS[0], True)
    there = visit_after([moved(Step.ADMIT, 1), moved(Step.TRANSFER, 2, 1)])
    assert (there.place, there.admitted_at) == (WARDS[1], 1)
    left = visit_after([moved(Step.ADMIT, 1), moved(Step.TRANSFER, 2, 1), moved(Step.DISCHARGE, 3, 1)])
    assert (left.status, left.present, left.discharged_at) == (VisitStatus.OUT, False, 3)


def test_a_cancelled_admission_is_no_visit_and_a_cancelled_discharge_is_one_again():
    assert not visit_after([moved(Step.ADMIT, 1), moved(Step.CANCEL_ADMIT, 2)]).present
    back = visit_after([moved(Step.ADMIT, 1), moved(Step.DISCHARGE, 2), moved(Step.CANCEL_DISCHARGE, 3)])
    assert (back.status, back.discharged_at) == (VisitStatus.IN, None)


@pytest.mark.parametrize("told", [0, 1])
def test_a_cancelled_move_goes_back_whether_the_message_repeats_the_new_place_or_names_the_old_one(told):
    visit = visit_after([moved(Step.ADMIT, 1, 0), moved(Step.TRANSFER, 2, 1), moved(Step.CANCEL_TRANSFER, 3, told)])
    assert visit.place == WARDS[0]


def test_an_update_before_anything_else_shows_where_the_patient_lies():
    visit = visit_after([moved(Step.UPDATE, 1, 2)])
    assert (visit.status, visit.present, visit.place) == (VisitStatus.UNKNOWN, True, WARDS[2])


def test_a_late_message_does_not_undo_a_later_one():
    early, late = moved(Step.ADMIT, 1, 0), moved(Step.TRANSFER, 5, 1)
    assert visit_after([late, early]).place == WARDS[1]


@given(st.lists(st.tuples(st.sampled_from(list(Step)), st.integers(0, 2)), max_size=12), st.randoms())
def test_the_order_of_arrival_of_movements_changes_nothing(steps, dice):
    movements = [moved(step, at, ward) for at, (step, ward) in enumerate(steps, 1)]
    shuffled = list(movements)
    dice.shuffle(shuffled)
    assert visit_after(shuffled) == visit_after(movements)


# ---------------------------------------------------------------------------------------------- names and questions


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("muller", "MÜLLER"),
        ("mueller", "Müller"),
        ("Müller", "Mueller"),
        ("lukasz", "Łukasz"),
        ("oerdal", "Ørdal"),
        ("ordal", "Ørdal"),
        ("dukic", "Đukić"),
        ("weiss", "Weiß"),
        ("bjork", "Björk"),
        ("bjoerk", "Björk"),
        ("obrien", "O'Brien"),
        ("o'brien", "O’Brien"),
        ("van den berghe", "Van den Berghe"),
        ("marie jans", "JANSSENS Marie"),
        ("yilmaz", "Yılmaz"),
        ("francois", "François"),
        ("🄫0", "🄫0"),
        ("0𑚶1", "0𑚶1"),
    ],
)
def test_a_name_is_found_however_it_is_written(asked, name):
    assert matches(asked, spellings(name))


def test_a_name_is_not_found_by_another():
    assert not matches("peeters", spellings("Janssens Marie"))


@given(st.text(max_size=30))
def test_folding_is_total_stable_and_finds_itself(text):
    assert folded(folded(text)) == folded(text)
    assert matches(text, spellings(text))
    assert all(ways for ways in asked_ways(text))


@pytest.mark.parametrize("asked", ["1951-03-12", "12.03.1951", "12/3/1951", "12-03-51", "19510312", "12031951"])
def test_a_birth_date_is_read_in_the_forms_that_people_write(asked):
    assert "1951-03-12" in birth_dates(asked)


@pytest.mark.parametrize("asked", ["janssens", "4711", "31.02.1951", "99999999", ""])
def test_what_is_no_date_is_none(asked):
    assert birth_dates(asked) == ()


def test_beds_sort_as_people_count_and_numbers_lose_their_marks():
    assert sorted(["3B-12", "3B-2", "A"], key=natural) == ["3B-2", "3B-12", "A"]
    assert plain_number("51.03.12-123.45") == "51031212345"


# ---------------------------------------------------------------------------------------------- merges, absence, habit


def test_a_chain_of_merges_ends_in_the_last_survivor_and_a_ring_in_the_newest():
    assert survivor("a", {"a": ("b", "1"), "b": ("c", "2")}) == "c"
    assert survivor("x", {}) == "x"
    ring = {"a": ("b", "1"), "b": ("a", "2")}
    assert survivor("a", ring) == survivor("b", ring) == "a"


@given(st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.sampled_from("abcdef"), st.sampled_from("123456"))))
def test_following_merges_always_ends_and_all_of_a_chain_agree(aliases):
    for one, (into, _) in aliases.items():
        assert survivor(one, aliases) == survivor(into, aliases)


def test_absence_is_never_none_unless_the_source_said_so():
    assert absence(items=0, received=False, stated_none=False) is Absence.NEVER_RECEIVED
    assert absence(items=0, received=True, stated_none=False) is Absence.RECEIVED
    assert absence(items=0, received=True, stated_none=True) is Absence.STATED_NONE
    assert absence(items=1, received=True, stated_none=True) is Absence.RECEIVED


def test_a_habit_knows_the_same_hour_of_earlier_weeks_across_summer_time():
    at = parse_iso("2026-04-07T08:30:00Z")  # a Tuesday, 10:30 in Brussels, ten days after the change
    hours = tuple(
        HourCount(hour_start=parse_iso(f"2026-{day}T{hour}:00:00Z"), count=count)
        for day, hour, count in (("03-10", "09", 7), ("03-17", "09", 8), ("03-24", "09", 9), ("03-31", "08", 10))
    )
    habit = Habit(interface="adt", hours=hours)
    assert habit.same_hours(at, BRUSSELS) == (7, 8, 9, 10)
    assert habit.usual(at, BRUSSELS) == 8.5


def test_too_little_past_gives_no_habit():
    short = Habit(interface="adt", hours=(HourCount(hour_start=Moment(0), count=5),))
    assert short.usual(Moment(DAY), BRUSSELS) is None
    assert usual_gap([5], hours=1) is None
    assert usual_gap([60] * 48, hours=48) == MINUTE


def test_an_interface_is_silent_only_beyond_its_habit():
    def row(gap):
        return FeedRow(
            interface="adt", channel="mllp", first_at=Moment(0), last_at=Moment(0), total=1, last_day=1, quarantined=0,
            usual_gap=gap, week=(0,) * WEEK_HOURS, clinical=True,
        )  # fmt: skip

    assert row(None).silent(Moment(DAY)) is None
    assert row(MINUTE).silent(Moment(9 * MINUTE)) is False
    assert row(MINUTE).silent(Moment(11 * MINUTE)) is True
    assert row(HOUR).silent(Moment(3 * HOUR)) is False
