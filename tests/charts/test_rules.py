"""Numbers, aliases, stays, identities, masks, paper and doubts: pure statements."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.charts.rules import Admission, Death, Discharge, FlagKind, Move, StayState, Step, Vitals, writable
from stormlamp.charts.rules.aliases import age_range_is_sound, alias
from stormlamp.charts.rules.bodies import CLASS_OF, KIND_OF, EntryKind, Leaving
from stormlamp.charts.rules.doubts import time_doubts, vitals_doubts
from stormlamp.charts.rules.identities import IdentificationStep, followed, identifications, standing_aliases
from stormlamp.charts.rules.masks import REVEALED_FOR, FlagStep, flags_standing, masked
from stormlamp.charts.rules.papers import PaperEvent, PaperStep, paper_periods
from stormlamp.charts.rules.stays import Event, beds_shared, spot, stay_after
from stormlamp.incident.rules import SERVICE_OF_CLASS, Ended, OutageKind, OutageView
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import DAY, HOUR, MINUTE
from stormlamp.numbers.rules import ALPHABET, NumberKind, check_sign, given_block, numbers_from
from tests.makers import NOON, after


class TestDowntimeNumbers:
    def test_a_million_numbers_of_a_thousand_nodes_are_a_million_numbers(self):
        blocks = [given_block("hospital", turn) for turn in range(1, 1001)]
        told = {text for block in blocks for text in numbers_from(NumberKind.PATIENT, block, 4_804_193, 1000)}
        assert len(told) == 1_000_000

    def test_every_single_error_and_swap_of_one_number_is_caught_by_the_check_itself(self):
        signs = "P0C74F2K1"
        check = check_sign(signs)
        for place, sign in product(range(len(signs)), ALPHABET):
            if sign != signs[place]:
                assert check_sign(signs[:place] + sign + signs[place + 1 :]) != check
        for one, other in product(range(len(signs)), repeat=2):
            swapped = list(signs)
            swapped[one], swapped[other] = swapped[other], swapped[one]
            assert swapped == list(signs) or check_sign("".join(swapped)) != check


class TestUnknownPatients:
    def test_an_alias_is_the_same_for_the_same_form_and_never_one_that_is_taken(self):
        taken: set[str] = set()
        for number in range(3000):
            name = alias(f"form-{number}", taken)
            assert name not in taken
            taken.add(name)
        assert alias("form-7", ()) == alias("form-7", ())

    @pytest.mark.parametrize(
        ("low", "high", "sound"),
        [(None, None, True), (40, 60, True), (60, 40, False), (40, None, False), (-1, 3, False), (3, 200, False)],
    )
    def test_an_estimated_age_is_a_range_of_years_or_nothing(self, low, high, sound):
        assert age_range_is_sound(low, high) is sound


class TestStays:
    def test_a_stay_follows_what_happened_and_not_what_was_written_first(self):
        events = [
            Event(Move(ward="3B", bed="12"), after(NOON, HOUR), "c"),
            Event(Admission(ward="3A", bed="1"), NOON, "d"),
        ]
        stay = stay_after(events)
        assert stay is not None
        assert (stay.state, stay.ward, stay.bed, stay.since_at) == (StayState.IN, "3B", "12", after(NOON, HOUR))

    def test_the_dead_keep_their_bed_until_they_leave(self):
        events = [Event(Admission(ward="3A", bed="1"), NOON, "a"), Event(Death(), after(NOON, HOUR), "b")]
        stay = stay_after(events)
        assert stay is not None
        assert (stay.state, stay.bed, stay.died_at) == (StayState.DEAD, "1", after(NOON, HOUR))
        gone = stay_after([*events, Event(Discharge(to=Leaving.OTHER), after(NOON, 2 * HOUR), "c")])
        assert gone is not None
        assert (gone.state, gone.bed, gone.died_at) == (StayState.OUT, "", after(NOON, HOUR))

    @given(st.permutations([0, 1, 2, 3]))
    def test_the_order_of_arrival_does_not_matter(self, order):
        events = [
            Event(Admission(ward="3A", bed="1"), NOON, "a"),
            Event(Move(ward="3A", bed="2"), after(NOON, HOUR), "b"),
            Event(Move(ward="3A", bed="3"), after(NOON, HOUR), "c"),
            Event(Discharge(to=Leaving.HOME), after(NOON, 2 * HOUR), "d"),
        ]
        assert stay_after([events[index] for index in order]) == stay_after(events)

    def test_two_in_a_bed_are_told_and_two_without_a_bed_are_not(self):
        told = [("3A", "", "1", "p"), ("3A", "", "1", "q"), ("3B", "", "1", "r"), ("3A", "", "", "s"), ("3A", "", "", "t")]
        assert beds_shared(told) == {("3A", "1"): ("p", "q")}

    def test_the_same_bed_of_two_rooms_is_two_beds_and_one_without_a_room_may_be_either(self):
        two = [("3A", "312", "1", "p"), ("3A", "313", "1", "q")]
        assert beds_shared(two) == {}
        assert beds_shared([*two, ("3A", "313", "1", "r")]) == {("3A", "313-1"): ("q", "r")}
        assert beds_shared([*two, ("3A", "", "1", "r")]) == {("3A", "312-1"): ("p", "r"), ("3A", "313-1"): ("q", "r")}

    @pytest.mark.parametrize(
        ("ward", "room", "bed", "said"),
        [
            ("3B", "312", "1", "312-1"),
            ("3B", "101", "1", "101-1"),
            ("3B", "A", "B", "A-B"),
            ("3B", "R12", "12", "12"),
            ("3B", "312", "312A", "312A"),
            ("3B", "B06", "3B-12", "3B-12"),
            ("3B", "312", "", "312"),
            ("3B", "", "1", "1"),
            ("3B", "", "", ""),
        ],
    )
    def test_a_bed_is_said_with_its_room_where_it_means_nothing_without(self, ward, room, bed, said):
        assert spot(ward, room, bed) == said


def step(what, author="nora", order="a", identification="i1", patient="u", known="k"):
    return IdentificationStep(
        identification=identification,
        step=what,
        patient=PatientId(patient),
        is_patient=PatientId(known),
        author=author,
        author_name=author,
        at=NOON,
        reason="",
        order=order,
    )


class TestIdentities:
    def test_one_person_alone_identifies_nobody(self):
        (found,) = identifications([step(Step.PROPOSED), step(Step.CONFIRMED, order="b")])
        assert not found.stands
        assert found.open

    def test_two_people_do_and_undoing_outweighs_them_in_any_order(self):
        steps = [step(Step.PROPOSED), step(Step.CONFIRMED, "ben", "b"), step(Step.UNDONE, "ben", "c")]
        assert identifications(steps[:2])[0].stands
        assert not identifications(reversed(steps))[0].stands
        assert standing_aliases(identifications(steps[:2])) == {"u": "k"}
        assert standing_aliases(identifications(steps)) == {}

    def test_a_ring_of_identifications_ends_at_the_same_patient_from_anywhere(self):
        ring = {PatientId("a"): PatientId("b"), PatientId("b"): PatientId("c"), PatientId("c"): PatientId("a")}
        assert {followed(PatientId(one), ring) for one in "abc"} == {"a"}
        assert followed(PatientId("x"), {PatientId("x"): PatientId("b")}) == "b"


class TestMasks:
    def test_the_latest_step_of_each_flag_counts(self):
        steps = [
            FlagStep(patient=PatientId("p"), flag=FlagKind.VIP, set=False, order="b"),
            FlagStep(patient=PatientId("p"), flag=FlagKind.VIP, set=True, order="a"),
            FlagStep(patient=PatientId("p"), flag=FlagKind.STAFF, set=True, order="a"),
        ]
        assert flags_standing(steps) == {"p": (FlagKind.STAFF,)}

    def test_a_name_is_masked_unless_the_reader_may_see_it_or_gave_a_reason_lately(self):
        flags = (FlagKind.VIP,)
        assert masked(flags, may_see=False, revealed_at=None, now=NOON)
        assert not masked(flags, may_see=True, revealed_at=None, now=NOON)
        assert not masked((), may_see=False, revealed_at=None, now=NOON)
        assert not masked(flags, may_see=False, revealed_at=NOON, now=after(NOON, REVEALED_FOR - 1))
        assert masked(flags, may_see=False, revealed_at=NOON, now=after(NOON, REVEALED_FOR))


def paper(what, about, order, period="p1"):
    return PaperEvent(period=period, step=what, ward="3B", about_at=about, author_name="Nora", at=about, words="", order=order)


def test_a_time_on_paper_is_unresolved_until_its_sheets_are_entered_or_lost():
    opened, closed = paper(PaperStep.OPENED, NOON, "a"), paper(PaperStep.CLOSED, after(NOON, HOUR), "b")
    (period,) = paper_periods([closed, opened])
    assert (period.from_at, period.until_at, period.unresolved) == (NOON, after(NOON, HOUR), True)
    for ending in (PaperStep.ENTERED, PaperStep.LOST):
        assert not paper_periods([opened, closed, paper(ending, after(NOON, 2 * HOUR), "c")])[0].unresolved


class TestDoubts:
    def test_plausible_vitals_raise_no_doubt_and_odd_ones_are_named(self):
        assert vitals_doubts(Vitals(temperature_c=37.2, pulse_per_min=88, systolic_mmhg=120, diastolic_mmhg=70)) == ()
        assert vitals_doubts(Vitals(temperature_c=43.5, spo2_percent=50)) == ("temperature_c", "spo2_percent")
        assert vitals_doubts(Vitals(systolic_mmhg=80, diastolic_mmhg=90)) == ("diastolic-above-systolic",)

    def test_the_future_and_long_ago_raise_a_doubt(self):
        assert time_doubts(after(NOON, MINUTE), NOON) == ()
        assert time_doubts(after(NOON, HOUR), NOON) == ("in-the-future",)
        assert time_doubts(after(NOON, -8 * DAY), NOON) == ("long-ago",)


def outage(since=NOON, until=None, services=("records",), wards=("3B",), name="o1"):
    endings = (Ended(services=services, wards=wards, cut_over_at=until),) if until is not None else ()
    return OutageView(
        id=name,
        kind=OutageKind.FAILURE,
        services=services,
        wards=wards,
        since_at=since,
        declared_at=since,
        declared_by="",
        reason="",
        rehearsal=False,
        endings=endings,
    )


class TestWriting:
    def test_a_class_is_read_only_where_its_own_system_is_up(self):
        assert writable("records", "3B", [outage()], at=NOON) is not None
        assert writable("records", "3A", [outage()], at=NOON) is None
        assert writable("medication", "3B", [outage()], at=NOON) is None
        assert writable("records", "3B", [], at=NOON) is None

    def test_what_happened_in_the_outage_is_still_written_after_its_end(self):
        over = outage(until=after(NOON, HOUR))
        later = after(NOON, 5 * HOUR)
        assert writable("records", "3B", [over], at=later) is None
        assert writable("records", "3B", [over], at=later, occurred_at=after(NOON, MINUTE)) is over
        assert writable("records", "3B", [over], at=later, occurred_at=after(NOON, 2 * HOUR)) is None

    def test_the_longest_standing_of_several_outages_is_named(self):
        first, second = outage(name="z"), outage(since=after(NOON, HOUR), name="a")
        assert writable("records", "3B", [second, first], at=after(NOON, 2 * HOUR)) is first


def test_every_kind_of_entry_has_a_value_and_a_class_whose_service_is_known():
    assert set(KIND_OF.values()) == set(CLASS_OF) == set(EntryKind)
    assert set(CLASS_OF.values()) == set(SERVICE_OF_CLASS)
