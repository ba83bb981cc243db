"""Order, dependence and contradiction as pure statements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import HOUR, MINUTE, Moment
from stormlamp.recovery.rules import Held, Item, ItemState, Schedule, contradiction, held
from stormlamp.recovery.rules.conflicts import EhrAllergy, EhrDose, EhrPicture, EhrStay, Ours
from tests.makers import NOON, after

WHATS = ["registration", "identification", "admission", "move", "vitals", "dose", "note", "death", "discharge"]
P, Q, M = PatientId("p"), PatientId("q"), PatientId("m")


def an_item(key, what, minutes=0, patient=P, **more):
    at = after(NOON, minutes * MINUTE)
    return Item(
        id=key, source=key, what=what, record_class="stay", patient=patient, ward="3B", outage="o", occurred_at=at, written_at=at,
        author="a", author_name="A", order=f"{minutes:04}{key}", **more,
    )  # fmt: skip


items = st.lists(
    st.builds(
        lambda what, minutes, patient, number: (what, minutes, patient, number),
        st.sampled_from(WHATS),
        st.integers(0, 200),
        st.sampled_from([P, Q]),
        st.integers(0, 10**6),
    ),
    max_size=25,
    unique_by=lambda one: one[3],
).map(lambda told: [an_item(f"{what}-{number}", what, minutes, patient) for what, minutes, patient, number in told])


@given(items, st.randoms())
def test_the_order_is_whole_and_does_not_depend_on_the_order_of_arrival(told, chance):
    mixed = list(told)
    chance.shuffle(mixed)
    one, other = Schedule(told, {}), Schedule(mixed, {})
    assert one.items == other.items
    assert sorted(item.id for item in one.items) == sorted(item.id for item in told)


@given(items)
def test_nothing_waits_for_itself_nor_in_a_ring(told):
    schedule = Schedule(told, {Q: P})
    needs = {item.id: schedule.needs(item) for item in schedule.items}
    done: set[str] = set()
    while ready := {key for key, wanted in needs.items() if key not in done and set(wanted) <= done}:
        done |= ready
    assert done == set(needs)


@given(items)
def test_what_somebody_is_and_where_they_lie_goes_before_what_was_done(told):
    schedule = Schedule(told, {})
    place = {item.id: number for number, item in enumerate(schedule.items)}
    for item in schedule.items:
        assert all(place[one] < place[item.id] for one in schedule.needs(item)), item.id


def test_a_child_waits_for_its_mother_and_everybody_for_the_registration_of_who_they_are():
    mother, child = an_item("m", "registration", 5, M), an_item("c", "newborn", 1, P, mother=M)
    merge = an_item("i", "identification", 9, Q, is_patient=P)
    told = [an_item("v", "vitals", 2, Q), merge, child, mother]
    schedule = Schedule(told, {Q: P})
    assert schedule.needs(child) == ("m",)
    assert schedule.needs(merge) == ("c",)
    assert set(schedule.needs(told[0])) == {"i", "c"}


def test_a_ring_of_identifications_ends():
    told = [an_item("i", "identification", 1, P, is_patient=Q), an_item("j", "identification", 2, Q, is_patient=P)]
    note = an_item("n", "note", 3, P)
    assert set(Schedule([*told, note], {}).needs(note)) == {"i", "j"}


@pytest.mark.parametrize(
    ("states", "dark", "why"),
    [
        ({"r": ItemState.ACCEPTED}, False, None),
        ({"r": ItemState.BY_HAND}, False, None),
        ({"r": ItemState.SENT}, False, Held.EARLIER),
        ({"r": ItemState.REJECTED}, False, Held.EARLIER),
        ({"r": ItemState.CONFLICT}, False, Held.EARLIER),
        ({"r": ItemState.TO_DO}, False, Held.EARLIER),
        ({"r": ItemState.ACCEPTED}, True, Held.DARK),
    ],
)
def test_an_item_is_held_until_what_it_needs_is_settled_and_its_service_is_back(states, dark, why):
    assert held(an_item("v", "vitals"), ("r",), states, dark=dark) == why


def says(what, minutes=0, **more):
    return Ours(what=what, occurred_at=after(NOON, minutes * MINUTE), **more)


def reason(ours, **theirs):
    found = contradiction(ours, EhrPicture(**theirs))
    return found.reason if found else None


@pytest.mark.parametrize(
    ("minutes", "drug", "expected"),
    [(0, "furosemide", "same-dose"), (30, "Furosemide 40 mg tablet", "same-dose"), (31, "furosemide", None), (0, "digoxin", None)],
)
def test_a_dose_of_the_same_drug_within_half_an_hour_contradicts(minutes, drug, expected):
    theirs = EhrDose(drug=drug, at=after(NOON, minutes * MINUTE))
    assert reason(says("dose", drug="Furosemide"), doses=(theirs,)) == expected
    assert reason(says("dose", drug="Furosemide", given=False), doses=(theirs,)) is None
    assert reason(says("dose", drug="Furosemide", echoes=frozenset({theirs.at})), doses=(theirs,)) is None


@pytest.mark.parametrize(
    ("severity", "new", "expected"),
    [("severe", True, "allergy-differs"), ("moderate", True, None), ("unknown", True, None), ("severe", False, None)],
)
def test_the_same_allergy_contradicts_where_it_differs_and_is_news(severity, new, expected):
    ours = says("allergy", substance="Penicillin", severity="moderate")
    assert reason(ours, allergies=(EhrAllergy(substance="penicillin", severity=severity, new=new),)) == expected


def test_none_known_and_an_allergy_contradict_either_way_round():
    assert reason(says("no-known-allergies"), allergies=(EhrAllergy(substance="Latex", new=False),)) == "allergy-known"
    assert reason(says("allergy", substance="Latex"), none_stated="e:1") == "none-stated"
    assert reason(says("no-known-allergies"), none_stated="e:1") is None


@pytest.mark.parametrize(
    ("what", "minutes", "expected"),
    [("vitals", 10, "dead"), ("vitals", -10, None), ("death", 5, None), ("death", 90, "dead"), ("discharge", 60, None)],
)
def test_what_was_done_after_a_death_in_the_ehr_contradicts(what, minutes, expected):
    assert reason(says(what, minutes), died_at=NOON) == expected


@pytest.mark.parametrize(("what", "minutes", "expected"), [("dose", 10, "discharged"), ("note", 10, None), ("discharge", 10, None)])
def test_what_was_done_after_a_discharge_in_the_ehr_contradicts(what, minutes, expected):
    assert reason(says(what, minutes, drug="x"), stay=EhrStay(over_at=NOON)) == expected


def test_a_bed_that_nobody_here_wrote_contradicts_and_a_bed_on_the_way_does_not():
    ours = says("move", ward="3B", bed="14", places=frozenset({("3B", "12"), ("3B", "14")}))
    assert reason(ours, stay=EhrStay(ward="3b", bed="12")) is None
    assert reason(ours, stay=EhrStay(ward="3B", bed="20")) == "other-bed"
    assert reason(says("vitals"), stay=EhrStay(ward="3B", bed="20")) is None


@given(st.integers(0, HOUR), st.sampled_from(WHATS))
def test_an_ehr_that_told_nothing_contradicts_nothing(shift, what):
    assert reason(says(what, shift // MINUTE, drug="x", substance="y", ward="3B")) is None
    assert Moment(shift) >= 0
