"""Who is in which bed: random hospital days against a simple reference, through the real path of a feed."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from stormlamp.mirror import queries
from tests.convergence import assert_converges, entries_of, rows_after
from tests.makers import NOON
from tests.mirror.hospital import BEDS, WARDS, Hospital
from tests.mirror.makers import hl7, send

pytestmark = pytest.mark.django_db
RELAXED = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
_hospitals = count()


def census(hospital):
    """The same of our tables: {(ward, bed): {(number, away)}} of one hospital's patients."""
    found = {}
    for ward in WARDS:
        for one in queries.ward_persons(ward):
            if one.mrn.startswith(hospital.tag):
                found.setdefault((ward, one.bed), set()).add((one.mrn, one.away.value))
    return found


class Days(RuleBasedStateMachine):
    """Whatever happens in the hospital, the ward lists show it after the message that told it."""

    by = "visit"

    def __init__(self):
        super().__init__()
        self.hospital = Hospital(f"h{next(_hospitals)}-", by=self.by)
        self.sent = 0

    @rule(data=st.data())
    def something_happens(self, data):
        verb, about = data.draw(st.sampled_from(self.hospital.choices()))
        getattr(self.hospital, verb)(*about)

    @invariant()
    def the_wards_agree(self):
        if self.sent < len(self.hospital.told):
            send(*self.hospital.told[self.sent :])
            self.sent = len(self.hospital.told)
        assert census(self.hospital) == self.hospital.census()


class DaysByAccount(Days):
    """A hospital that writes no visit numbers."""

    by = "account"


class DaysByAlternate(Days):
    """A hospital that writes alternate visit ids alone."""

    by = "alternate"


@pytest.mark.parametrize("days", [Days, DaysByAccount, DaysByAlternate])
def test_the_wards_show_whatever_happens_in_the_hospital(home, days):
    run_state_machine_as_test(days, settings=settings(RELAXED, max_examples=15, stateful_step_count=20))


def test_a_visit_that_went_by_its_account_and_came_back_by_its_number_is_back(home):
    """A45 to another patient, A44 of its account to a third, A45 to the first: no ring, for they come one after the other."""
    hospital = Hospital("r")
    first, second, third = hospital.people
    stay = hospital.admit(first, BEDS[0])
    hospital.move_visit(stay, second)
    hospital.transfer(stay, BEDS[2])
    hospital.move_account(stay, third)
    hospital.move_visit(stay, first)
    send(*hospital.told)
    assert census(hospital) == hospital.census() == {BEDS[2]: {(first, "")}}


@RELAXED
@given(data=st.data())
def test_messages_that_arrive_in_any_order_give_the_same_census(home, data):
    hospital = _a_day(data)
    shuffled = data.draw(st.permutations(hospital.told))
    rows_after(entries_of({"one/feeds": [(NOON, hl7(raw)) for raw in shuffled]}))
    assert census(hospital) == hospital.census()


@RELAXED
@given(data=st.data())
def test_messages_over_several_origins_and_batches_give_equal_tables(home, data):
    stories = {origin: [] for origin in ("north/feeds", "south/feeds", "west/feeds")}
    hospital = _a_day(data)
    for raw in hospital.told:
        stories[data.draw(st.sampled_from(sorted(stories)))].append((NOON, hl7(raw)))
    assert_converges(stories, data)
    assert census(hospital) == hospital.census()


def _a_day(data, most=14):
    hospital = Hospital("d", by=data.draw(st.sampled_from(("visit", "account", "alternate"))))
    for _ in range(data.draw(st.integers(1, most))):
        verb, about = data.draw(st.sampled_from(hospital.choices()))
        getattr(hospital, verb)(*about)
    return hospital
