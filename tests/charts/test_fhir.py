"""`chart --fhir` is valid R4 by another project's reading: of our own people, and of people whom nobody here made."""

import orjson
import pytest

from stormlamp.charts import actions, queries
from stormlamp.charts.commands import _bundle
from stormlamp.charts.rules import Admission, Allergy, Consciousness, Dose, Leaving, Severity, Sex, Vitals
from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import HOUR
from stormlamp.mirror.actions import feed_paths
from stormlamp.mirror.mapping.mapped import fhir_id
from tests.charts.r4 import faults
from tests.charts.test_pages import written
from tests.charts.ward import BEN, JOZEF, MARIE, NORA, a_ward, admitted, an_outage
from tests.makers import NOON, after
from tests.mirror.makers import adt, oru, send

pytestmark = pytest.mark.django_db
MOST = 60


def bundles():
    """The Bundles of everybody, or of the first sixty."""
    charts = (queries.chart(one.patient, now=NOON) for one in queries.everybody(now=NOON)[:MOST])
    return [_bundle(one) for one in charts if one is not None]


def resources(bundle, kind):
    return [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == kind]


def everything_is_valid():
    told = bundles()
    assert told
    assert sorted({fault for one in told for fault in faults(one)}) == []


def given(by, dose, patient=MARIE):
    return actions.chart_dose(by, NOON, entry=new_id(), patient=patient, given_at=NOON, dose=dose).entry


def test_all_that_can_be_written_here_is_valid(home):
    a_ward()
    an_outage()
    written(home)
    told = {"patient": MARIE, "occurred_at": NOON}
    actions.strike_entry(BEN, NOON, entry=given(NORA, Dose(drug="morphine", value="2", unit="mg")), reason="wrong patient")
    actions.confirm_entry(BEN, NOON, entry=given(NORA, Dose(drug="insulin", value="1/2", route="sc")), reason="asked")
    given(BEN, Dose(drug="paracetamol", given=False, omitted_because="asleep"))
    latex = Allergy(substance="latex", code="http://snomed.info/sct|111088007", reaction="rash", severity=Severity.SEVERE)
    entry = actions.record_allergy(NORA, NOON, entry=new_id(), allergy=latex, **told).entry
    actions.strike_entry(BEN, NOON, entry=entry, reason="was for bed 11")
    actions.record_no_allergies(NORA, NOON, entry=new_id(), patient=JOZEF, occurred_at=NOON, asked="his son")
    signs = Vitals(temperature_c=37.5, consciousness=Consciousness.CONFUSED, pain_of_10=3)
    actions.chart_vitals(NORA, NOON, entry=new_id(), patient=JOZEF, measured_at=NOON, vitals=signs)
    actions.register_newborn(NORA, NOON, entry=new_id(), mother=MARIE, born_at=NOON, sex=Sex.FEMALE, weight_g=3100)
    known = {"family": "Maes", "birth_date": "1990-01-01", "sex": Sex.OTHER, "to": Admission(ward="3B")}
    actions.register_patient(NORA, NOON, entry=new_id(), occurred_at=NOON, **known)
    actions.record_death(NORA, NOON, entry=new_id(), patient=JOZEF, died_at=NOON, stated_by="Dr Verhaegen")
    actions.discharge_patient(NORA, after(NOON, HOUR), entry=new_id(), patient=JOZEF, to=Leaving.OTHER, left_at=NOON)
    everything_is_valid()


def test_messages_of_our_own_are_valid(home):
    send(adt(), adt("A08", number="", name=""), adt(name="^", number="79", born="1951"), oru(), oru("pos", flag="A", control="R2"))
    admitted(
        more=("AL1|1|DA|7980^Penicillin^RXNORM|SV|anaphylaxis", "DG1|1||I50.9^Heart failure^I10|||A", "NK1|1|Janssens^Jan|SPO")
    )
    everything_is_valid()


@pytest.mark.parametrize("where", ["fhir/synthea", "hl7v2/simhospital", "hl7v2/hl7v2-fhir-converter", "hl7v2/phdi"])
def test_people_whom_nobody_here_made_are_valid(home, shared_data, where):
    files = sorted(path for path in (shared_data / where).rglob("*") if path.is_file())
    feed_paths(files[:4] if "synthea" in where else files[:MOST], interface="files", at=NOON)
    everything_is_valid()


def test_what_points_to_nothing_in_the_bundle_keeps_its_name_and_leads_nowhere(home):
    a_patient = b'{"resourceType": "Patient", "id": "p", "identifier": [{"system": "urn:oid:1.2.3", "value": "88"}],'
    a_patient += b' "generalPractitioner": [{"reference": "Practitioner/7"}], "contact": [{"gender": "male"}]}'
    a_value = (
        b'{"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "Hb"}, "valueString": "12",'
        b' "category": [{"coding": [{"code": "laboratory"}]}], "subject": {"reference": "Patient/p"},'
        b' "performer": [{"reference": "Practitioner/7", "display": "Dr Who"}], "derivedFrom": [{"reference": "Observation/o"}]}'
    )
    raw = b'{"resourceType": "Bundle", "type": "collection", "entry": [{"resource": %b}, {"resource": %b}]}' % (a_patient, a_value)
    send(raw, fhir=True)
    (bundle,) = bundles()
    (who,), (value,) = resources(bundle, "Patient"), resources(bundle, "Observation")
    lost = {"value": f"Practitioner/{fhir_id('adt', 'Practitioner', 'Practitioner/7')}"}
    assert who["generalPractitioner"] == [{"identifier": lost}]
    assert value["performer"] == [{"display": "Dr Who", "identifier": lost}]
    assert value["derivedFrom"] == [{"reference": f"urn:uuid:{value['id']}"}]
    assert faults(bundle) == []


def _pointing(value):
    """Every reference of a value that leads somewhere."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        value = list(value.values())
    for one in value if isinstance(value, list) else ():
        yield from _pointing(one)


STAY = {
    "resourceType": "Encounter",
    "id": "e",
    "status": "in-progress",
    "class": {"code": "IMP"},
    "subject": {"reference": "Patient/p"},
    "location": [{"location": {"reference": "Location/b"}}],
}
WHO = {"resourceType": "Patient", "id": "p", "identifier": [{"system": "urn:oid:1.2.3", "value": "88"}]}
BED = {"resourceType": "Location", "id": "b", "name": "12", "partOf": {"reference": "Location/w"}}
WARD = {"resourceType": "Location", "id": "w", "name": "3B"}


@pytest.mark.parametrize("by", ["hl7", "fhir"])
def test_the_stay_that_a_feed_told_is_there_with_its_places_and_all_that_points_leads_somewhere(home, by):
    if by == "hl7":
        a_ward()
    else:
        send(*(orjson.dumps(one) for one in (WHO, STAY, BED, WARD)), fhir=True)
    for bundle in bundles():
        there = {one["fullUrl"] for one in bundle["entry"]}
        stays = resources(bundle, "Encounter")
        assert stays
        assert {one["subject"]["reference"] for one in stays} == {bundle["entry"][0]["fullUrl"]}
        assert {reference for reference in _pointing(bundle["entry"]) if reference not in there} == set()
        assert "3B" in {one["name"] for one in resources(bundle, "Location")}, "the ward that the bed is part of"
        assert len(there) == len(bundle["entry"])
        assert faults(bundle) == []


def test_a_value_leads_to_the_order_and_the_stay_that_it_is_of(home):
    a_ward()
    marie = next(one for one in bundles() if len(resources(one, "Observation")) == 3)
    orders = {f"urn:uuid:{one['id']}" for one in resources(marie, "ServiceRequest")}
    stays = {f"urn:uuid:{one['id']}" for one in resources(marie, "Encounter")}

    assert {one["encounter"]["reference"] for one in resources(marie, "Observation")} <= stays
    assert len(orders) == 2
    assert {one["encounter"]["reference"] for one in resources(marie, "ServiceRequest")} <= stays


def test_the_check_itself_finds_what_is_wrong(home):
    a_ward()
    bundle = next(one for one in bundles() if resources(one, "AllergyIntolerance"))
    (allergy,) = resources(bundle, "AllergyIntolerance")
    for name, wrong in (
        ("recordedDate", "yesterday"),
        ("clinicalStatus", None),
        ("type", "dislike"),
        ("colour", "red"),
        ("id", "a b"),
    ):
        kept = dict(allergy)
        allergy.pop(name, None) if wrong is None else allergy.update({name: wrong})
        assert faults(bundle), name
        allergy.clear()
        allergy.update(kept)
    allergy["recorder"] = {"reference": "Practitioner/7"}
    assert faults(bundle) == ["AllergyIntolerance: the reference 'Practitioner/7' dangles"]
