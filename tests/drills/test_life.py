from collections import Counter, defaultdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormlamp.drills.rules import Hospital, Interface, Kind, Life, expected, habit
from stormlamp.drills.rules.people import Person
from stormlamp.kernel.moments import DAY, HOUR, Moment
from tests.drills.story import MONDAY, NORTHGATE, after, lived_week


def whole_story():
    opening, week = lived_week()
    return (*opening, *week)


def told(happenings):
    return [(one.at, one.kind, one.visit.number, one.visit.place, str(one.detail)[:80]) for one in happenings]


# ---------------------------------------------------------------------- determinism


def test_the_same_seed_tells_the_same_story():
    first, second = (told(Life(Hospital(seed=3, opens_at=MONDAY, beds=60)).until(after(12))) for _ in range(2))

    assert first == second


def test_another_seed_tells_another_story():
    first, second = (told(Life(Hospital(seed=seed, opens_at=MONDAY, beds=60)).until(after(6))) for seed in (3, 4))

    assert first != second


@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.floats(min_value=0, max_value=12), max_size=6))
def test_how_the_time_is_cut_changes_nothing(cuts):
    whole, parts = (Life(Hospital(seed=3, opens_at=MONDAY, beds=60)) for _ in range(2))

    pieces = [one for cut in (*sorted(cuts), 12) for one in parts.until(after(cut))]

    assert told(pieces) == told(whole.until(after(12)))


def test_the_story_is_told_in_order_of_time():
    assert all(one.at <= other.at for one, other in pairwise(whole_story()))


# ---------------------------------------------------------------------- a full house


def test_the_opening_fills_every_bed_with_few_messages():
    life = Life(NORTHGATE)

    opening = list(life.opening())

    assert len(life.inpatients()) == 400
    assert len({visit.bed for visit in life.inpatients()} - {""}) == 400
    assert len(opening) < 6000
    assert all(MONDAY - 3 * DAY <= one.at < MONDAY for one in opening)


def test_each_inpatient_opens_with_a_history():
    opening, _ = lived_week()
    kinds = defaultdict(set)
    for one in opening:
        kinds[one.visit.number].add(one.kind)
    admitted = [number for number, seen in kinds.items() if Kind.ADMITTED in seen]

    assert sum(Kind.OBSERVED in kinds[number] for number in admitted) > 380
    assert sum(Kind.MEDICATION_ORDERED in kinds[number] for number in admitted) > 380


def test_a_week_later_the_house_is_still_full():
    life = Life(NORTHGATE)
    for _ in life.until(after(7 * 24)):
        pass

    assert 370 <= len(life.inpatients()) <= 432


@pytest.mark.parametrize("beds", [60, 150, 400, 700])
def test_a_hospital_of_another_size_fills_as_well(beds):
    life = Life(Hospital(seed=1, opens_at=MONDAY, beds=beds))
    list(life.opening())

    assert len(life.inpatients()) == beds


# ---------------------------------------------------------------------- consistency


def test_a_bed_never_holds_two_patients_and_nobody_lies_in_two():
    lies_in = {}
    gone = {Kind.DISCHARGED, Kind.ADMISSION_CANCELLED}
    for one in (one for one in whole_story() if one.interface == Interface.ADT and one.kind != Kind.MERGED):
        visit = one.visit
        lies_in.pop(visit.number, None)
        if one.kind in gone or not visit.bed:
            continue
        assert visit.bed not in lies_in.values(), f"{visit.bed} is taken: {one.kind} of {visit.number}"
        lies_in[visit.number] = visit.bed


def test_nobody_is_discharged_moved_or_treated_before_coming_in():
    here, ever = set(), set()
    entering = {Kind.ADMITTED, Kind.REGISTERED, Kind.DISCHARGE_CANCELLED}
    late = {Kind.RESULTED, Kind.REPORTED, Kind.ORDERED, Kind.UPDATED, Kind.MERGED}
    for one in whole_story():
        number = one.visit.number
        if one.kind in entering:
            here.add(number)
            ever.add(number)
            continue
        assert number in (ever if one.kind in late else here), f"{one.kind} of {number}"
        if one.kind in {Kind.DISCHARGED, Kind.ADMISSION_CANCELLED}:
            here.remove(number)


def test_only_what_happened_is_cancelled():
    undoes = {
        Kind.ADMISSION_CANCELLED: {Kind.ADMITTED, Kind.REGISTERED},
        Kind.TRANSFER_CANCELLED: {Kind.TRANSFERRED},
        Kind.DISCHARGE_CANCELLED: {Kind.DISCHARGED},
    }
    last, cancelled = {}, Counter()
    for one in whole_story():
        if one.kind in undoes:
            assert last[one.visit.number] in undoes[one.kind]
            cancelled[one.kind] += 1
        if one.interface == Interface.ADT and one.kind not in {Kind.UPDATED, Kind.MERGED}:
            last[one.visit.number] = one.kind

    assert cancelled.keys() == undoes.keys(), "a week shows each kind of cancelling"


def test_a_cancelled_transfer_leads_back_to_the_bed_before():
    places = {}
    for one in whole_story():
        if one.kind == Kind.TRANSFER_CANCELLED:
            assert one.visit.place == places[one.visit.number][-2]
        if one.interface == Interface.ADT and one.kind != Kind.UPDATED:
            places.setdefault(one.visit.number, []).append(one.visit.place)


def test_two_numbers_are_merged_only_after_both_were_told():
    seen, merges = set(), 0
    for one in whole_story():
        if one.kind == Kind.MERGED:
            assert isinstance(one.detail, Person)
            assert {one.visit.person.number, one.detail.number} <= seen
            merges += 1
        seen.add(one.visit.person.number)

    assert merges > 5


def test_nothing_more_is_told_of_a_number_that_was_merged_away():
    ended = set()
    for one in whole_story():
        assert one.visit.person.number not in ended
        if isinstance(one.detail, Person):
            ended.add(one.detail.number)


def test_a_newborn_has_a_mother_who_was_here_first():
    seen, children = set(), 0
    for one in whole_story():
        if one.kind == Kind.ADMITTED and one.visit.person.mother:
            assert one.visit.person.mother in seen
            children += 1
        seen.add(one.visit.person.number)

    assert children > 10


def test_allergies_are_some_or_none_known_or_never_asked():
    opening, _ = lived_week()
    visits = [one.visit for one in opening if one.kind == Kind.ADMITTED]
    kinds = Counter((bool(visit.allergies), visit.allergies_stated) for visit in visits)

    assert all(kinds[kind] > 40 for kind in ((True, True), (False, True), (False, False)))
    assert kinds[(True, False)] == 0


# ---------------------------------------------------------------------- habit


def test_each_interface_keeps_its_habit_over_a_week():
    _, week = lived_week()
    counts = Counter(one.interface for one in week)

    for interface in Interface:
        usual = sum(expected(NORTHGATE, interface, after(hour)) for hour in range(168))
        assert counts[interface] == pytest.approx(usual, rel=0.05)


def test_day_and_night_keep_their_habit():
    _, week = lived_week()
    counts = Counter((one.interface, (one.at - MONDAY) // HOUR % 24 // 6) for one in week)

    for interface in Interface:
        for part in range(4):
            hours = [hour for hour in range(168) if hour % 24 // 6 == part]
            usual = sum(expected(NORTHGATE, interface, after(hour)) for hour in hours)
            assert counts[interface, part] == pytest.approx(usual, abs=4 * usual**0.5 + 0.03 * usual)


def test_eight_weeks_of_habit_have_a_count_for_each_hour_and_interface():
    counts = habit(NORTHGATE, weeks=8)

    assert len(counts) == 8 * 168 * len(Interface)
    assert max(at for _, at in counts) == MONDAY - HOUR
    assert counts == habit(NORTHGATE, weeks=8)
    for interface in Interface:
        usual = 8 * sum(expected(NORTHGATE, interface, after(hour)) for hour in range(168))
        assert sum(count for (one, _), count in counts.items() if one == interface) == pytest.approx(usual, rel=0.03)


def test_a_sunday_night_is_quieter_than_a_monday_morning():
    monday_at_9, sunday_at_3 = after(3), after(6 * 24 + 21)

    for interface in Interface:
        assert expected(NORTHGATE, interface, monday_at_9) > 2 * expected(NORTHGATE, interface, sunday_at_3)


# ---------------------------------------------------------------------- darkness


def test_nothing_is_told_while_the_hospital_stands_still_and_all_goes_on_afterwards():
    life = Life(NORTHGATE)
    before = list(life.until(after(2)))
    life.stand_still(after(2), after(6))
    later = list(life.until(after(12)))
    open_orders = {one.detail.number for one in before if one.kind == Kind.ORDERED and one.detail.control == "NW"}
    answered = {one.detail.order for one in later if one.kind == Kind.RESULTED}

    assert min(one.at for one in later) >= after(6)
    assert len(open_orders & answered) > 5
    usual = sum(expected(NORTHGATE, Interface.CLINICAL, after(hour)) for hour in range(6, 12))
    heard = sum(one.interface == Interface.CLINICAL for one in later)
    assert heard == pytest.approx(usual, rel=0.15)


def test_who_left_during_the_darkness_is_not_spoken_of_again():
    life = Life(NORTHGATE)
    list(life.until(after(1)))
    somebody, mover = life.inpatients()[0], life.inpatients()[40]
    free = next(bed for bed in NORTHGATE.ward(mover.ward).labels() if bed not in {visit.bed for visit in life.inpatients()})

    life.left_meanwhile(somebody.person.number, after(1))
    moved = life.moved_meanwhile(mover.person.number, free)
    later = list(life.until(after(20)))

    assert moved
    late = {Kind.RESULTED, Kind.REPORTED, Kind.ORDERED}
    assert not [one for one in later if one.visit.number == somebody.number and one.kind not in late]
    assert next(one for one in later if one.visit.number == mover.number).visit.bed == free


def test_an_allergy_noted_meanwhile_in_the_ehr_comes_as_an_update():
    life = Life(NORTHGATE)
    list(life.opening())
    numbers = [visit.person.number for visit in life.inpatients()[:3]]

    updates = list(life.changed_meanwhile(numbers, Moment(MONDAY)))

    assert [one.kind for one in updates] == [Kind.UPDATED] * 3
    assert all(one.visit.allergies for one in updates)


def test_an_allergy_noted_otherwise_in_the_ehr_is_told_with_the_same_code():
    life = Life(NORTHGATE)
    list(life.opening())
    visit = life.inpatients()[5]

    told = next(life.contradicted(visit.person.number, "91936005", Moment(MONDAY)))
    [noted] = [one for one in told.visit.allergies if one.code == "91936005"]

    assert (noted.severity, noted.reaction) == ("MI", "Nausea")
    assert told.kind == Kind.UPDATED
