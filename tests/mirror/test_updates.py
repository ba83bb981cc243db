"""What a message deletes or replaces, whose word is the latest, and when two sources speak of one thing."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.kernel.moments import HOUR, MINUTE, parse_iso
from stormlamp.ledger import rebuilding
from stormlamp.mirror import queries
from stormlamp.mirror.mapping import updates
from stormlamp.mirror.mapping.mapped import ItemKind
from stormlamp.mirror.models import MirrorItem
from stormlamp.mirror.rules import Absence, Item, Source
from stormlamp.mirror.rules.sameness import joined
from stormlamp.mirror.wire.hl7 import Message
from tests.makers import NOON, after
from tests.mirror.makers import ADA, adt, oru, send

pytestmark = pytest.mark.django_db
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
PENICILLIN, LATEX = "AL1|1|DA|7980^Penicillin^RXNORM|SV|rash\r", "AL1|2|MA|111088007^Latex^SCT|MO\r"


def told(minute, *segments, trigger="A08", number="77", processing="P", visit="V1"):
    """An ADT message, `minute` minutes after 11:00 in Brussels, with a PID of one's own where one is given."""
    sent = f"2026011311{minute:02d}00"
    own = any(one.startswith("PID") for one in segments)
    lines = ["" if own else f"PID|1||{number}^^^HOSP^MR||JANSSENS^Marie||19510312|F", f"PV1|1|I|3B^1^12||||||||||||||||{visit}"]
    found = [one.strip() for one in (*(one for one in segments if own and one.startswith("PID")), *lines) if one]
    found += [one.strip() for one in segments if not one.startswith("PID")]
    head = f"MSH|^~\\&|EHR|HOSP|DT|HOSP|{sent}||ADT^{trigger}|{trigger}{minute}|{processing}|2.5\rEVN|{trigger}|{sent}\r"
    return (head + "\r".join(found) + "\r").encode()


def pid(**fields):
    """A PID segment with fields by number."""
    found = ["PID", "1", "", "77^^^HOSP^MR"] + [""] * 30
    for name, value in fields.items():
        found[int(name[1:])] = value
    return "|".join(found).rstrip("|")


def standing(kind):
    """What the chart says of a class: {display: still told}."""
    return {item.display: item.untold is None for item in queries.section(ADA, kind).items}


def allergies():
    """What it says of allergies."""
    return standing("allergy")


# ---------------------------------------------------------------------------------------------- null and empty


def test_null_deletes_what_was_told_before_and_empty_leaves_it(home):
    send(told(1, pid(f5="JANSSENS^Marie", f7="19510312", f8="F", f11="Kerkstraat 1^^Gent", f13="091^PRN^PH", f14="092^WPN^PH")))
    send(told(2, pid(f5="JANSSENS^Marie")))
    whole = queries.patient_resource(ADA)
    assert (whole["birthDate"], whole["gender"], len(whole["telecom"])) == ("1951-03-12", "female", 2)
    send(told(3, pid(f7='""', f11='""', f13='""')))
    rest = queries.patient_resource(ADA)
    assert not {"birthDate", "address"} & set(rest)
    assert [one["value"] for one in rest["telecom"]] == ["092"]
    assert queries.person(ADA).birth_date is None
    assert (rest["gender"], queries.person(ADA).family) == ("female", "JANSSENS")


def test_a_null_that_is_older_than_a_value_does_not_delete_it(home):
    send(told(3, pid(f7="19510312")), told(2, pid(f7='""')))
    assert queries.person(ADA).birth_date == "1951-03-12"


def test_a_death_that_was_a_mistake_is_taken_back(home):
    send(told(1, pid(f29="20260113", f30="Y")))
    assert queries.person(ADA).deceased_at is not None
    send(told(2, pid(f29='""', f30="N")))
    person, whole = queries.person(ADA), queries.patient_resource(ADA)
    assert (person.deceased_at, "deceased" in person.flags, "deceasedDateTime" in whole) == (None, False, False)


def test_a_protection_that_is_deleted_masks_no_longer(home):
    send(told(1, "PD1||||||||||||Y"))
    assert "confidential" in queries.person(ADA).flags
    send(told(2, 'PD1||||||||||||""'))
    assert "confidential" not in queries.person(ADA).flags


@given(st.sampled_from(["A01", "A08", "A31", "A03"]), st.lists(st.sampled_from(["", '""', "X", "77^^^HOSP"]), max_size=35))
def test_reading_what_is_deleted_never_fails_and_needs_a_null(trigger, fields):
    line = "|".join(("PID", *fields))
    message = Message(f"MSH|^~\\&|A|B|||2026||ADT^{trigger}|1|P|2.5\r{line}\rAL1|{'|'.join(fields)}\r".encode())
    found = updates.nulls(message)
    assert not found or '""' in fields
    assert updates.snapshots(message, whole=True) <= {ItemKind.ALLERGY}
    assert updates.snapshots(message, whole=False) == frozenset()


# ---------------------------------------------------------------------------------------------- lists as a whole


def test_what_the_newer_list_of_the_same_sender_leaves_out_is_no_longer_told_and_not_lost(home):
    send(told(1, PENICILLIN, LATEX))
    send(told(2, LATEX))
    assert allergies() == {"Penicillin": False, "Latex": True}
    gone = next(one for one in queries.section(ADA, "allergy").items if one.untold)
    assert (gone.untold.at, gone.untold.control_id) == (parse_iso("2026-01-13T10:02:00Z"), "A082")
    send(told(3, PENICILLIN, LATEX))
    assert allergies() == {"Penicillin": True, "Latex": True}
    assert rebuilding.differences() == []


def test_an_older_list_that_comes_late_takes_nothing_away(home):
    send(told(2, PENICILLIN, LATEX), told(1, LATEX))
    assert allergies() == {"Penicillin": True, "Latex": True}


def test_a_message_without_the_class_or_of_an_event_that_carries_no_record_takes_nothing_away(home):
    send(told(1, PENICILLIN, LATEX), told(2), told(3, LATEX, trigger="A02"), told(4, "AL1|1", trigger="A31"))
    assert allergies() == {"Penicillin": True, "Latex": True}


def test_the_list_of_another_interface_takes_nothing_away(home):
    send(told(1, PENICILLIN), interface="adt")
    send(told(2, LATEX), interface="clinical")
    assert allergies() == {"Penicillin": True, "Latex": True}


def test_what_another_interface_still_tells_stands_and_names_it(home):
    send(told(1, PENICILLIN), interface="clinical")
    send(told(2, PENICILLIN), interface="adt")
    send(told(3, LATEX), interface="adt")
    (kept,) = [one for one in queries.section(ADA, "allergy").items if one.display == "Penicillin"]
    assert kept.untold is None
    assert [one.interface for one in kept.also] == ["clinical"]


def test_a_list_that_is_deleted_is_no_longer_told(home):
    send(told(1, PENICILLIN, LATEX), told(2, 'AL1|1||""'))
    assert allergies() == {"Penicillin": False, "Latex": False}
    assert queries.section(ADA, "allergy").absence is Absence.RECEIVED


def test_none_stated_after_an_allergy_says_both(home):
    send(told(1, PENICILLIN), told(2, "AL1|1|DA|NKA^No known allergies"))
    section = queries.section(ADA, "allergy")
    assert section.absence is Absence.STATED_NONE
    assert allergies() == {"Penicillin": False}


def test_diagnoses_of_another_visit_are_not_replaced(home):
    send(told(1, "DG1|1||I10^Hypertension^I10"), told(2, "DG1|1||J45^Asthma^I10", visit="V2"))
    assert {one.display: one.untold is None for one in queries.section(ADA, "problem").items} == {
        "Hypertension": True,
        "Asthma": True,
    }
    send(told(3, "DG1|1||E11^Diabetes^I10"))
    told_now = {one.display: one.untold is None for one in queries.section(ADA, "problem").items}
    assert told_now == {"Hypertension": False, "Asthma": True, "Diabetes": True}


def test_contacts_are_replaced_by_a_newer_list(home):
    send(told(1, "NK1|1|JANSSENS^Jan|SPO|||091"), told(2, "NK1|1|JANSSENS^Els|CHD|||092"))
    assert {one.untold is None for one in queries.section(ADA, "contact").items} == {True, False}


# ---------------------------------------------------------------------------------------------- lines with an action


def test_an_action_code_speaks_of_one_line_only(home):
    send(told(1, PENICILLIN, LATEX), told(2, "IAM|1|MA|111088007^Latex^SCT|MO||D", trigger="A60"))
    items = {one.display: (one.status, one.untold is None) for one in queries.section(ADA, "allergy").items}
    assert items["Penicillin"] == ("active", True)
    assert items["Latex"] == ("entered-in-error", True)
    send(told(3, "IAM|1|MA|111088007^Latex^SCT|MO||A", trigger="A60"))
    assert {one.status for one in queries.section(ADA, "allergy").items} == {"active"}


def test_a_diagnosis_with_an_action_code_replaces_no_list(home):
    coded = "DG1|1||J45^Asthma^I10" + "|" * 18 + "A"
    assert updates.snapshots(Message(told(1, coded)), whole=True) == frozenset()
    assert updates.snapshots(Message(told(1, coded.removesuffix("A"))), whole=True) == {ItemKind.PROBLEM}


def test_a_procedure_and_an_insurance_are_deleted_by_their_action_codes(home):
    procedure, insurance = "PR1|1||80146002^Appendectomy^SCT||20260112", "IN1|1|PLAN^Plan|77|Mutuality"
    send(told(1, procedure, insurance))
    struck = procedure + "|" * 15 + "D", insurance + "|" * 51 + "D"
    send(told(2, *struck))
    found = {row.type: row.status for row in MirrorItem.objects.filter(type__in=["Procedure", "Coverage"]).order_by("id")}
    assert found == {"Procedure": "entered-in-error", "Coverage": "entered-in-error"}


@pytest.mark.parametrize(("code", "status"), [("D", "entered-in-error"), ("W", "entered-in-error"), ("X", "cancelled")])
def test_a_result_that_is_deleted_or_wrong_says_so_and_its_old_value_does_not_stand(home, code, status):
    send(oru())
    send(oru("", control="R2", sent="20260113110600").replace(b"|F|||2026", b"|" + code.encode() + b"|||2026"))
    (item,) = queries.section(ADA, "result").items
    assert (item.status, item.value) == (status, "")


# ---------------------------------------------------------------------------------------------- whose word is the latest


def test_the_senders_time_says_what_is_newest_and_not_the_arrival(home):
    send(oru("4.2", control="R2", sent="20260113110600"), adt(name="NEW^Name", control="C2", sent="20260113110600"))
    send(oru("5.9", control="R1"), adt(name="OLD^Name", control="C1"), at=after(NOON, MINUTE))
    assert queries.section(ADA, "result").items[0].value == "4.2"
    assert queries.person(ADA).family == "NEW"


def test_of_two_messages_of_one_second_the_one_that_arrived_later_is_newer(home):
    send(adt(name="FIRST^N"), adt(name="SECOND^N", control="C2"))
    assert queries.person(ADA).family == "SECOND"


def test_a_clock_that_runs_ahead_wins_for_five_minutes_at_most(home):
    send(adt(name="AHEAD^N", sent="20300101000000"))
    send(adt(name="LATER^N", control="C2", sent="20260113130100"), at=after(NOON, 2 * MINUTE))
    assert queries.person(ADA).family == "LATER"


def test_a_time_of_the_day_only_is_not_taken_for_midnight(home):
    send(adt(name="EXACT^N"))
    send(adt(name="DAY^N", control="C2", sent="20260113"), at=after(NOON, HOUR))
    assert queries.person(ADA).family == "DAY"


def test_a_message_without_a_time_was_told_when_it_was_recorded(home):
    raw = adt(name="RECORDED^N", control="C2", sent="20260113110300").replace(b"|HOSP|20260113110300||", b"|HOSP|||")
    send(adt(name="NEWER^N", sent="20260113110500"), raw)
    assert queries.person(ADA).family == "NEWER"


# ---------------------------------------------------------------------------------------------- test messages


@pytest.mark.parametrize("mark", ["T", "D", "T^A"])
def test_a_test_message_is_kept_and_counted_and_changes_no_chart(home, mark):
    send(told(1, PENICILLIN))
    (key,) = send(told(2, LATEX, pid(f5="TEST^Patient"), processing=mark))
    message = queries.message(key)
    assert (message.state, message.flags, message.patient) == ("understood", ("test message",), "")
    assert (allergies(), queries.person(ADA).family) == ({"Penicillin": True}, "JANSSENS")
    assert queries.practice_messages() == 1


# ---------------------------------------------------------------------------------------------- one thing, two sources


def fhir(*, system=RXNORM, code="7980", **more):
    """A Patient with Ada's number and her allergy, as a Bundle."""
    ada = {"resourceType": "Patient", "id": "a", "identifier": [{"system": "HOSP", "value": "77"}]}
    coded = {"coding": [{"system": system, "code": code, "display": "Penicillin V"}]}
    about = {"resourceType": "AllergyIntolerance", "id": "x", "code": coded, "patient": {"reference": "Patient/a"}}
    return orjson.dumps(
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": ada}, {"resource": about | more}]},
    )


def test_an_allergy_from_hl7_and_from_fhir_is_shown_once_with_both_sources(home):
    send(told(1, PENICILLIN), interface="adt")
    send(fhir(), interface="portal", fhir=True)
    (one,) = queries.section(ADA, "allergy").items
    assert {one.source.interface, *(source.interface for source in one.also)} == {"adt", "portal"}


def test_an_allergy_that_two_sources_tell_in_two_ways_is_shown_twice(home):
    send(told(1, PENICILLIN), interface="adt")
    send(fhir(reaction=[{"manifestation": [{"text": "Anaphylaxis"}]}]), interface="portal", fhir=True)
    assert {one.otherwise[0].interface for one in queries.section(ADA, "allergy").items} == {"adt", "portal"}


def item(interface, key, *, minute=0, system=RXNORM, code="7980", kind="allergy", **more):
    """A value as a section holds it."""
    source = Source(entry=key, interface=interface, message="m", control_id="c", at=after(NOON, minute * MINUTE))
    resource = {"code": {"coding": [{"system": system, "code": code}]}} | more
    return Item(key=key, kind=kind, display="Penicillin", code=f"{system}|{code}", source=source, resource=resource)


def test_the_same_code_of_a_known_system_from_two_sources_is_one_thing():
    (one,) = joined([item("adt", "a"), item("portal", "b", minute=1)])
    assert (one.key, [source.interface for source in one.also]) == ("b", ["adt"])


@pytest.mark.parametrize(
    "other",
    [
        item("portal", "b", system="urn:stormlamp:coding-system:L"),
        item("portal", "b", system=""),
        item("portal", "b", code="7981"),
        item("adt", "b"),
    ],
)
def test_what_is_not_certainly_the_same_stays_apart_without_a_word(other):
    found = joined([item("adt", "a", system=other.resource["code"]["coding"][0]["system"]), other])
    assert [(one.also, one.otherwise) for one in found] == [((), ()), ((), ())]


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ({"criticality": "high"}, {"criticality": "low"}),
        ({"reaction": [{"manifestation": [{"text": "Rash"}]}]}, {"reaction": [{"manifestation": [{"text": "Anaphylaxis"}]}]}),
        (
            {"clinicalStatus": {"coding": [{"code": "active"}]}},
            {"clinicalStatus": {"coding": [{"code": "resolved"}]}},
        ),
    ],
)
def test_one_thing_told_in_two_ways_stands_side_by_side_and_each_names_the_other(here, there):
    one, other = joined([item("adt", "a", **here), item("portal", "b", **there)])
    assert [source.interface for source in one.otherwise] == ["portal"]
    assert [source.interface for source in other.otherwise] == ["adt"]


def test_two_orders_of_one_drug_are_two_unless_they_share_a_number():
    same = {"identifier": [{"system": "urn:oid:9", "value": "O1"}]}
    assert len(joined([item("adt", "a", kind="medication"), item("portal", "b", kind="medication")])) == 2
    assert len(joined([item("adt", "a", kind="medication", **same), item("portal", "b", kind="medication", **same)])) == 1


def test_where_one_source_has_it_twice_nothing_is_certain():
    assert len(joined([item("adt", "a"), item("adt", "b"), item("portal", "c")])) == 3


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from(["7980", "7981", ""])), max_size=6), st.randoms())
def test_joining_loses_no_source_and_does_not_depend_on_the_order(pairs, dice):
    items = [item(interface, f"k{number}", minute=number, code=code) for number, (interface, code) in enumerate(pairs)]
    shuffled = list(items)
    dice.shuffle(shuffled)
    found, again = joined(items), joined(shuffled)
    assert {(one.key, frozenset(one.also)) for one in found} == {(one.key, frozenset(one.also)) for one in again}
    assert {one.source for one in items} == {source for one in found for source in (one.source, *one.also)}
