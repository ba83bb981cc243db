"""What the EHR tells of places, lists and other records, in words on the pages."""

import orjson
import pytest
from django.urls import reverse

from stormlamp.charts import actions
from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import MINUTE
from tests.charts.ward import MARIE, MORNING, NORA, a_ward, admitted, an_outage, feed, head, pid, stamp
from tests.makers import NOON, after
from tests.mirror.makers import send

pytestmark = pytest.mark.django_db
LATER = after(MORNING, 30 * MINUTE)
VISIT = "PV1|1|I|3B^3B-R12^12^STLUC||||||||{aim}||||||||V4711"


def text_of(answer):
    return answer.content.decode()


def page(site, route, *args, **how):
    return text_of(site("nora", **how).get(reverse(f"charts:{route}", args=args)))


def event(trigger, *segments, at=LATER, who=None):
    feed((head(f"ADT^{trigger}", at), f"EVN|{trigger}|{stamp(at)}", who or pid(), *segments), at=at)


def test_who_is_on_leave_or_elsewhere_is_marked_on_the_ward(home, site):
    a_ward()
    event("A21", VISIT.format(aim=""))
    assert "on leave" in page(site, "ward", "3B")
    event("A22", VISIT.format(aim=""), at=after(LATER, MINUTE))
    event("A09", VISIT.format(aim="XRAY"), at=after(LATER, 2 * MINUTE))
    shown = page(site, "ward", "3B")
    assert "now at XRAY" in shown
    assert "on leave" not in shown
    assert "nu in XRAY" in page(site, "ward", "3B", language="nl")


def test_the_same_bed_of_two_rooms_is_told_with_its_room_and_is_no_conflict(home, site):
    an_outage()
    for number, room in (("1", "312"), ("2", "313")):
        event("A01", f"PV1|1|I|3B^{room}^1^STLUC||||||||||||||||V{number}", who=pid(number, f"Peeters^P{number}"))
    shown = page(site, "ward", "3B")
    assert "312-1" in shown
    assert "313-1" in shown
    assert "patients in bed" not in shown

    event("A01", "PV1|1|I|3B^313^1^STLUC||||||||||||||||V3", who=pid("3", "Peeters^P3"))
    assert "2 patients in bed 313-1" in page(site, "ward", "3B")


def test_what_was_written_here_of_a_place_silences_what_the_feed_told_before(home, site):
    a_ward()
    event("A21", VISIT.format(aim=""))
    an_outage()
    actions.move_patient(NORA, NOON, entry=new_id(), patient=MARIE, ward="3B", bed="14", moved_at=NOON)
    assert "on leave" not in page(site, "ward", "3B")


def test_an_allergy_that_the_ehr_no_longer_lists_stays_on_the_chart_and_says_so(home, site):
    a_ward()
    event("A08", VISIT.format(aim=""), "AL1|1|MA|111088007^Latex^SCT|MO|rash")
    assert "no longer told since" in page(site, "chart", MARIE)
    shown = page(site, "ward", "3B")
    assert "Penicillin (no longer told)" in shown
    assert "Latex" in shown


def test_one_allergy_of_two_systems_is_shown_once_with_both(home, site):
    a_ward()
    line = (head("ADT^A08", LATER), f"EVN|A08|{stamp(LATER)}", pid(), "AL1|1|DA|7980^Penicillin^RXNORM|SV|anaphylaxis")
    feed(line, at=LATER, interface="pharmacy")
    shown = page(site, "chart", MARIE)
    assert "also told by ehr" in shown


def test_a_record_that_the_ehr_links_is_named_on_the_chart(home, site):
    a_ward()
    admitted("4713", "Janssens^Lotte", "20260112", bed="12b")
    event("A24", pid("4713", "Janssens^Lotte", "20260112"))
    assert "linked with the record STLUC:4713" in page(site, "chart", MARIE)


def test_a_bed_that_is_being_cleaned_is_told_below_the_ward(home, site):
    a_ward()
    told = (head("ADT^A20", LATER), f"EVN|A20|{stamp(LATER)}")
    feed((*told, "NPU|3B^3B-R15^15|H"), at=LATER)
    assert "Bed 15: being cleaned (ehr," in page(site, "ward", "3B")
    feed((*told, "NPU|3B^3B-R15^15|U"), at=after(LATER, MINUTE))
    assert "Bed 15" not in page(site, "ward", "3B")


def test_a_record_or_a_stay_that_the_ehr_deleted_is_marked_and_stays(home, site):
    a_ward()
    number = [{"system": "STLUC", "value": "4711"}]
    record = {"resourceType": "Patient", "id": "1", "identifier": number, "name": [{"family": "Janssens", "given": ["Marie"]}]}
    stay = {
        "resourceType": "Encounter",
        "id": "e",
        "status": "in-progress",
        "class": {"code": "IMP"},
        "subject": {"reference": "Patient/1"},
    }
    stay |= {"identifier": [{"value": "V4711"}], "location": [{"location": {"display": "3B / R12 / 12"}}]}
    _fhir(LATER, record, stay)
    assert "deleted in the EHR" not in page(site, "ward", "3B")

    _fhir(after(LATER, MINUTE), deleted="Encounter/e")
    assert "stay deleted in the EHR" in page(site, "ward", "3B")
    assert "verblijf gewist in het EPD" in page(site, "ward", "3B", language="nl")
    assert "stay deleted in the EHR" in page(site, "chart", MARIE)

    _fhir(after(LATER, 2 * MINUTE), deleted="Patient/1")
    assert "record deleted in the EHR" in page(site, "ward", "3B")
    assert "The EHR deleted this record" in page(site, "chart", MARIE)


def _fhir(at, *resources, deleted=""):
    entries = [{"request": {"method": "DELETE", "url": deleted}}] if deleted else [{"resource": one} for one in resources]
    send(orjson.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}), fhir=True, interface="fhir", at=at)
