"""What the EHR tells of places, lists and other records, in words on the pages."""

from zoneinfo import ZoneInfo

import orjson
import pytest
import typer
from django.urls import reverse
from typer.testing import CliRunner

from stormlamp.charts import actions
from stormlamp.charts.commands import census
from stormlamp.charts.presenters import pages, papers
from stormlamp.charts.queries import pictures
from stormlamp.charts.rules import Dose
from stormlamp.kernel.identifiers import new_id, patient_id
from stormlamp.kernel.moments import HOUR, MINUTE, iso, to_datetime
from tests.charts.ward import MARIE, MORNING, NORA, a_ward, admitted, an_outage, feed, head, pid, stamp
from tests.makers import NOON, after
from tests.mirror.makers import lies_at, send
from tests.paper.reading import words_of

pytestmark = pytest.mark.django_db
LATER = after(MORNING, 30 * MINUTE)
VISIT = "PV1|1|I|3B^3B-R12^12^STLUC||||||||{aim}||||||||V4711"


def text_of(answer):
    return answer.content.decode()


def page(site, route, *args, **how):
    return text_of(site("nora", **how).get(reverse(f"charts:{route}", args=args)))


MARIE_1 = {
    "resourceType": "Patient",
    "id": "1",
    "identifier": [{"system": "STLUC", "value": "4711"}],
    "name": [{"family": "Janssens"}],
}


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
    stay |= {"identifier": [{"value": "V4711"}], "location": lies_at("3B", "R12", "12")}
    _fhir(LATER, record, stay)
    assert "deleted in the EHR" not in page(site, "ward", "3B")

    _fhir(after(LATER, MINUTE), deleted="Encounter/e")
    assert "stay deleted in the EHR" in page(site, "ward", "3B")
    assert "verblijf gewist in het EPD" in page(site, "ward", "3B", language="nl")
    assert "stay deleted in the EHR" in page(site, "chart", MARIE)

    _fhir(after(LATER, 2 * MINUTE), deleted="Patient/1")
    assert "record deleted in the EHR" in page(site, "ward", "3B")
    assert "The EHR deleted this record" in page(site, "chart", MARIE)


def who_is_nowhere():
    """Maes, in a bed that only words name."""
    record = {
        "resourceType": "Patient",
        "id": "2",
        "identifier": [{"system": "STLUC", "value": "4720"}],
        "name": [{"family": "Maes"}],
    }
    stay = {
        "resourceType": "Encounter",
        "id": "f",
        "status": "in-progress",
        "class": {"code": "IMP"},
        "subject": {"reference": "Patient/2"},
    }
    _fhir(LATER, record, stay | {"location": [{"location": {"display": "Bed 7"}}]})


@pytest.mark.parametrize(("language", "words"), [("en", "in, ward not told: Bed 7"), ("de", "Station nicht gemeldet: Bed 7")])
def test_a_place_in_words_alone_stands_with_the_patient_and_on_no_wards_list(home, site, language, words):
    a_ward()
    who_is_nowhere()

    shown = page(site, "wards", language=language)
    assert shown.index("MAES") < shown.index("Bed 7")
    assert words in page(site, "chart", patient_id("STLUC", "4720"), language=language)
    assert "MAES" not in page(site, "ward", "3B", language=language)


@pytest.mark.parametrize(
    ("language", "group", "words"),
    [
        ("en", "Admitted, ward not told", "Place, as told: Bed 7"),
        ("fr", "Hospitalisés, unité non communiquée", "Lieu, tel que communiqué : Bed 7"),
        ("nl", "Opgenomen, afdeling niet gemeld", "Plaats, zoals gemeld: Bed 7"),
        ("de", "Aufgenommen, Station nicht gemeldet", "Ort, wie gemeldet: Bed 7"),
    ],
)
def test_the_printed_census_of_the_house_has_every_ward_and_who_is_on_none(home, site, tmp_path, language, group, words):
    a_ward()
    admitted("4715", "Aerts^Nele", ward="4A", bed="2")
    who_is_nowhere()

    sheets = words_of(site("nora", language=language).get(reverse("charts:census")).content)
    assert [("DE SMET" in one, "AERTS" in one, "MAES" in one) for one in sheets] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]
    last = " ".join(sheets[-1].split())
    assert group in last
    assert words in last
    assert "JANSSENS Marie" not in last


def test_the_command_prints_the_census_of_the_house_or_of_one_ward(home, tmp_path):
    a_ward()
    admitted("4715", "Aerts^Nele", ward="4A", bed="2")
    who_is_nowhere()
    assert ["MAES" in one for one in printed(tmp_path)] == [False, False, True]
    assert ["AERTS" in one for one in printed(tmp_path, "--ward", "4a")] == [True]


def test_the_printed_census_of_an_empty_house_says_so(home, tmp_path):
    (sheet,) = printed(tmp_path)
    assert "no patient data received" in sheet


def printed(folder, *options):
    app = typer.Typer()
    app.command()(census)
    assert CliRunner().invoke(app, [*options, "--pdf", str(folder / "census.pdf")]).exit_code == 0
    return words_of((folder / "census.pdf").read_bytes())


def order(number="m1", drug="Paracetamol", **repeat):
    told = {
        "resourceType": "MedicationRequest",
        "id": number,
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/1"},
    }
    return told | {"medicationCodeableConcept": {"text": drug}, "dosageInstruction": [{"timing": {"repeat": repeat}}]}


def giving(at, number="a1", drug="Paracetamol", **more):
    told = {"resourceType": "MedicationAdministration", "id": number, "status": "completed", "subject": {"reference": "Patient/1"}}
    return told | {"medicationCodeableConcept": {"text": drug}, "effectiveDateTime": iso(at), **more}


def hour(at):
    """A moment as the page writes it, in the hospital's zone."""
    return f"{to_datetime(at, ZoneInfo('Europe/Brussels')):%H:%M}"


def drugs_on(site, **how):
    shown = page(site, "chart", MARIE, **how)
    return shown[shown.index('id="medication"') : shown.index('id="results"')]


def test_a_drug_says_when_it_is_due_next_and_what_was_due_and_nobody_charted(home, site):
    a_ward()
    soon, late, early = after(NOON, 2 * HOUR), after(NOON, -HOUR), after(NOON, -5 * HOUR)
    _fhir(MORNING, MARIE_1, order(timeOfDay=[hour(soon), hour(late), hour(early)]), order("m2", "Warfarin", frequency=1))
    shown = drugs_on(site)
    assert f"<strong>{hour(soon)}</strong>" in shown
    assert f"{hour(late)}, not charted" in shown
    assert hour(early) not in shown.replace(f"at {hour(soon)}, {hour(late)}, {hour(early)}", "")
    assert "no time told" in shown
    assert f"{hour(late)}, niet genoteerd" in drugs_on(site, language="nl")

    an_outage()
    dose = Dose(drug="Paracetamol", value="1", unit="g", route="oral")
    actions.chart_dose(NORA, NOON, entry=new_id(), patient=MARIE, given_at=NOON, dose=dose)
    assert "not charted" not in drugs_on(site).replace("not charted here", "")


def test_a_dose_that_a_feed_told_is_the_last_given_and_no_drug_that_was_stopped(home, site):
    a_ward()
    _fhir(MORNING, MARIE_1, order(timeOfDay=[hour(after(NOON, -HOUR))]), giving(after(NOON, -HOUR)), giving(MORNING, "a0"))
    shown = drugs_on(site)
    assert f"last given {hour(after(NOON, -HOUR))}" in shown
    assert "stopped drug" not in shown
    assert ", not charted" not in shown
    assert shown.count("Paracetamol</th>") == 1


def test_a_dose_that_no_order_asked_for_is_shown_with_when_it_was_given(home, site):
    a_ward()
    _fhir(MORNING, MARIE_1, giving(MORNING, drug="Adrenaline"), giving(MORNING, "a2", drug="Refused", status="not-done"))
    shown = drugs_on(site)
    assert "Adrenaline" in shown
    assert f"last given {hour(MORNING)}" in shown
    assert "Refused" not in shown


def test_the_print_tells_what_is_due_next(home, site):
    a_ward()
    _fhir(MORNING, MARIE_1, order(timeOfDay=[hour(after(NOON, 2 * HOUR)), hour(after(NOON, -HOUR))]))
    told = papers.summary(pictures.chart(MARIE, now=NOON))
    (row,) = told.medications.rows
    assert row.next_due == f"{hour(after(NOON, -HOUR))} · {hour(after(NOON, 2 * HOUR))}"


def _fhir(at, *resources, deleted=""):
    entries = [{"request": {"method": "DELETE", "url": deleted}}] if deleted else [{"resource": one} for one in resources]
    send(orjson.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}), fhir=True, interface="fhir", at=at)


VISIT_OF_MARIE = "PV1|1|I|3B^3B-R12^12^STLUC||||||||||||||||V4711"


def told(kind, *segments, at, interface="lab"):
    feed((head(kind, at), pid(), VISIT_OF_MARIE, *segments), at=at, interface=interface)


def result(value, state, *, at, measured, flag="", order="F1"):
    code = "2823-3^Potassium^LN"
    told(
        "ORU^R01^ORU_R01",
        f"OBR|1||{order}|CHEM^Chemistry^L",
        f"OBX|1|NM|{code}||{value}|mmol/L|3.5-5.1|{flag}|||{state}|||{stamp(measured)}",
        at=at,
    )


def line_of(title, kind):
    found = pictures.chart(MARIE, reader=NORA, now=NOON)
    shown = pages.chart_page(found, NORA).sections[kind].lines
    return [one for one in shown if one.title == title]


@pytest.mark.parametrize("state", ["W", "X"])
def test_a_result_that_was_withdrawn_does_not_hide_the_one_that_holds(home, state):
    admitted()
    result("6.9", "F", at=MORNING, measured=MORNING, flag="HH")
    result("3.9", "F", at=after(MORNING, HOUR), measured=LATER, order="F2")
    result("3.9", state, at=after(MORNING, 2 * HOUR), measured=LATER, flag="LL", order="F2")

    holds, withdrawn = line_of("Potassium", "result")
    assert (holds.text, holds.flag, holds.status, holds.trend) == ("6.9", "HH", "", "")
    assert (withdrawn.text, withdrawn.flag) == ("3.9", "")
    assert withdrawn.status in ("entered in error: do not use", "cancelled")


def test_a_vital_sign_that_was_withdrawn_is_not_shown(home):
    admitted()
    for state, minutes in (("F", 0), ("W", 5)):
        pulse = f"OBX|1|NM|8867-4^Heart rate^LN||240|/min|||||{state}|||{stamp(MORNING)}"
        told("ORU^R01^ORU_R01", "OBR|1||V1|VITAL^Vital signs^L", pulse, at=after(MORNING, minutes * MINUTE))

    assert pages.chart_page(pictures.chart(MARIE, reader=NORA, now=NOON), NORA).sections["vital"].lines == ()


def test_a_document_that_was_cancelled_is_not_among_the_notes(home):
    admitted()
    body = "OBX|1|TX|1^Body||The wrong patient||||||F"
    for trigger, at in (("T02", MORNING), ("T11", after(MORNING, HOUR))):
        told(
            f"MDM^{trigger}^MDM_{trigger}", "TXA|1|DS^Discharge|TX|20260113||||||||DOC1|||||AU", *[body][: trigger == "T02"], at=at
        )

    page_ = pages.chart_page(pictures.chart(MARIE, reader=NORA, now=NOON), NORA)
    assert (page_.sections["note"].lines, page_.sections["note"].over) == ((), 1)


AMOXICILLIN = "4053^Amoxicillin^RXNORM"


def given(number, state, *, at, order="RE", more=()):
    dose = f"RXA|0|1|{stamp(at)}|{stamp(at)}|{AMOXICILLIN}|500|MG|||||||||||||{state}"
    told("RAS^O17^RAS_O17", f"ORC|{order}|{number}", *more, dose, "RXR|PO^Oral", at=at, interface="pharmacy")


def test_a_dose_that_was_given_neither_ends_its_order_nor_takes_its_times(home):
    admitted()
    told(
        "RDE^O11^RDE_O11",
        "ORC|NW|O5",
        f"RXE|1^Q8H^^{stamp(MORNING)}^^R|{AMOXICILLIN}|500||MG|CAP",
        "RXR|PO^Oral",
        at=MORNING,
        interface="pharmacy",
    )
    given("O5", "CP", at=LATER, more=(f"RXO|{AMOXICILLIN}|500||MG",))

    [drug] = line_of("Amoxicillin", "medication")
    assert "Q8H" in drug.text
    assert (drug.status, drug.more[:10]) == ("active", "last given")


def test_what_was_handed_out_does_not_end_the_order(home):
    admitted()
    again = (f"RXE|1^Q8H^^{stamp(MORNING)}^^R|{AMOXICILLIN}|500||MG|CAP", f"RXD|1|{AMOXICILLIN}|{stamp(LATER)}|10|CAP||RX1")
    told("RDS^O13^RDS_O13", "ORC|RE|O5", *again, at=LATER, interface="pharmacy")
    assert [(one.status, "Q8H" in one.text) for one in line_of("Amoxicillin", "medication")] == [("active", True)]
    told("RDS^O13^RDS_O13", "ORC|RE|O5|||CM", *again, at=after(LATER, MINUTE), interface="pharmacy")
    assert line_of("Amoxicillin", "medication") == []


def test_a_dose_that_was_refused_does_not_hide_the_one_that_was_given(home):
    admitted()
    given("O77", "CP", at=MORNING)
    given("O78", "RE", at=LATER)

    [drug] = line_of("Amoxicillin", "medication")
    assert "last given" in drug.more
