"""Law 3 in the mirror: whatever the order in which origins arrive, the rows are the same."""

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stormlamp.kernel.moments import HOUR, SECOND
from stormlamp.mirror.facts import FhirReceived, HabitCounted
from tests.convergence import assert_converges
from tests.makers import NOON, after
from tests.mirror.makers import ZONE, adt, hl7, merge, oru

pytestmark = pytest.mark.django_db
RELAXED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

numbers = st.sampled_from(["77", "78", "79"])
times = st.integers(0, 5).map(lambda minute: f"2026011311{minute:02d}00")
controls = st.integers(1, 9).map(str)
movements = st.builds(
    adt,
    st.sampled_from(["A01", "A02", "A03", "A08", "A11", "A12", "A13", "A28"]),
    number=numbers,
    control=controls,
    sent=times,
    ward=st.sampled_from(["3B", "4A", ""]),
    name=st.sampled_from(["JANSSENS^Marie", "PEETERS^Jan", ""]),
    more=st.sampled_from(["", "AL1|1|DA|PEN^Penicillin\r", "AL1|1|DA|NKA^No known allergies\r", "DG1|1||I10^Hypertension\r"]),
)
results = st.builds(oru, st.sampled_from(["4.1", "5.9"]), number=numbers, control=controls, sent=times)
merges = st.builds(merge, survivor=numbers, prior=numbers, control=controls, sent=times)
broken = st.sampled_from([b"", b"junk", b"MSH|^~\\&|A|B|||2026||ZZZ^Z99|9|P|2.5\r", b"BTS|2\r"])
messages = st.one_of(movements, results, merges, broken).map(hl7)


def _fhir(number, kind, text):
    patient = {"resourceType": "Patient", "id": number, "identifier": [{"system": "HOSP", "value": number}]}
    about = {"resourceType": kind, "id": f"{kind}{number}", "code": {"text": text}}
    about |= {"subject": {"reference": f"Patient/{number}"}, "patient": {"reference": f"Patient/{number}"}}
    raw = orjson.dumps(patient if kind == "Patient" else about)
    return FhirReceived(interface="fhir", channel="file", raw=raw, received_at=NOON, digest="d", zone=ZONE)


resources = st.builds(
    _fhir, numbers, st.sampled_from(["Patient", "Condition", "AllergyIntolerance", "Claim"]), st.sampled_from(["Asthma", "Gout"])
)
habits = st.builds(
    lambda hour, count: HabitCounted(interface="adt", hour_start=after(NOON, -hour * HOUR), count=count),
    st.integers(1, 3),
    st.integers(0, 3),
)
told = st.lists(st.tuples(st.integers(0, 3).map(lambda s: after(NOON, s * SECOND)), messages | resources | habits), max_size=7)


@RELAXED
@given(stories=st.fixed_dictionaries({"north/feeds": told, "south/feeds": told, "west/feeds": told}), data=st.data())
def test_messages_of_several_origins_give_the_same_rows_in_any_order(home, stories, data):
    assert_converges(stories, data)


def test_the_harness_notices_a_projection_that_does_not_converge(home):
    from stormlamp.ledger import facts, insert_new
    from stormlamp.ledger.projector import projects
    from stormlamp.mirror.models import MirrorHabit

    @facts.fact("test.first-come")
    class FirstCome:
        """A fact whose projection lets the first one stay."""

        count: int

    @projects(FirstCome)
    def stay(batch):
        rows = [{"id": "x", "interface": "x", "hour_start": 0, "count": one.fact.count, "order": one.order} for one in batch]
        insert_new(MirrorHabit, rows)

    from tests.convergence import entries_of, rows_after

    north, south = entries_of({"north": [(NOON, FirstCome(count=1))], "south": [(NOON, FirstCome(count=2))]})
    assert rows_after([north, south]) != rows_after([south, north])
