"""The pages: what a nurse sees and writes, without scripts."""

import json

import pytest
from django.urls import reverse

from stormlamp.charts import actions, queries
from stormlamp.charts.rules import Admission, Allergy, Dose, EntryKind, FlagKind, Note, NoteKind, Severity, Vitals
from stormlamp.kernel.identifiers import new_id, patient_id
from stormlamp.kernel.moments import HOUR, MINUTE
from stormlamp.mirror import queries as mirror
from tests.charts.ward import BEN, JOZEF, LEAD, MARIE, MORNING, NORA, a_ward, an_outage, feed, head, pid, unknown_man
from tests.makers import NOON, after

pytestmark = pytest.mark.django_db


def text_of(answer):
    return answer.content.decode()


def told(form, **more):
    return {"occurred_at": "13.01.2026 12:00", form: new_id(), **more}


def entry(**more):
    return told("entry", **more)


@pytest.fixture
def dark(home):
    a_ward()
    return an_outage()


def page(route, *args):
    return reverse(f"charts:{route}", args=args)


class TestReading:
    def test_the_wards_and_the_beds_of_one(self, site, dark):
        assert "3B" in text_of(site("nora").get(page("wards")))
        shown = text_of(site("nora").get(page("ward", "3B")))
        assert shown.index("DE SMET Jozef") < shown.index("JANSSENS Marie")
        assert "Penicillin" in shown
        assert "allergies never received" in shown.lower()
        assert "JANSSENS Marie" in text_of(site("nora").get(page("ward", "3B") + "?as=cards"))

    def test_who_is_admitted_to_no_ward_stands_under_the_wards_until_somebody_places_them(self, site, dark):
        feed((head("ADT^A01^ADT_A01", MORNING), pid("4713", "Maes^Els"), "PV1|1|I|||||||||||||||||V4713"))
        els = patient_id("STLUC", "4713")
        shown = text_of(site("nora").get(page("wards")))
        assert shown.index("Admitted, ward not told") < shown.index("MAES Els")
        assert "in, ward not told" in text_of(site("nora").get(page("find"), {"q": "maes"}, follow=True))
        assert els in site("nora").get(page("wards")).content.decode()

    @pytest.mark.parametrize("asked", ["janssens", "4711", "STLUC:4711", "12.03.1951", "12", "3B"])
    def test_a_patient_is_found_by_what_one_knows(self, site, dark, asked):
        assert MARIE in site("nora").get(page("find"), {"q": asked}, follow=True).content.decode()

    def test_the_chart_says_allergies_first_and_where_each_value_comes_from(self, site, dark):
        shown = text_of(site("nora").get(page("chart", MARIE)))
        assert shown.index("Penicillin") < shown.index("Potassium")
        assert "5.9" in shown
        assert "4.6" in shown
        assert "lab" in shown

    def test_absence_is_said_and_never_reads_as_none(self, site, dark):
        shown = text_of(site("nora").get(page("chart", JOZEF)))
        assert "Allergies: never received" in shown
        assert "No allergies" not in shown

    def test_a_look_is_recorded(self, site, dark):
        from stormlamp.ledger.models import LedgerLook

        site("nora").get(page("chart", MARIE))
        assert [(one.actor, one.patient) for one in LedgerLook.objects.order_by("pk")] == [("nora", MARIE)]

    def test_nobody_reads_a_chart_without_the_right(self, site, dark):
        assert site("clara").get(page("chart", MARIE)).status_code == 403
        assert site("clara").get(page("ward", "3B")).status_code == 200

    def test_a_chart_of_nobody_is_not_found(self, site, dark):
        assert site("nora").get(page("chart", "nobody")).status_code == 404
        assert site("nora").get(page("strike", "nothing")).status_code == 404


FORMS = {
    "vitals": {"systolic_mmhg": "104", "diastolic_mmhg": "62", "temperature_c": "37,9", "consciousness": "A"},
    "dose": {"drug": "furosemide", "value": "40", "unit": "mg", "route": "oral", "given": "yes"},
    "note": {"kind": "nursing", "text": "slept well"},
    "allergy": {"substance": "latex", "severity": "severe", "certainty": "confirmed", "reaction": "rash"},
    "no-allergies": {"asked": "her daughter"},
    "move": {"ward": "3B", "bed": "14"},
    "discharge": {"to": "home"},
    "death": {"stated_by": "Dr Verhaegen"},
    "newborn": {"sex": "female", "birth_order": "1", "births": "1", "weight_g": "3100"},
}


class TestWriting:
    @pytest.mark.parametrize("route", FORMS)
    def test_each_form_shows_the_patient_twice_and_writes_an_entry(self, site, dark, route):
        shown = text_of(site("nora").get(page(route, MARIE)))
        assert shown.count("JANSSENS Marie") >= 2
        answer = site("nora").post(page(route, MARIE), entry(**FORMS[route]))
        assert answer.status_code == 302, text_of(answer)
        assert queries.entries_of_outage(dark)
        assert site("nora").get(page("chart", MARIE)).status_code == 200

    def test_a_decimal_comma_is_a_decimal_point(self, site, dark):
        site("nora").post(page("vitals", MARIE), entry(**FORMS["vitals"]))
        (written,) = queries.entries_of((MARIE,), EntryKind.VITALS)
        assert isinstance(written.body, Vitals)
        assert written.body.temperature_c == 37.9

    def test_an_odd_value_asks_why_and_then_is_recorded_with_its_mark(self, site, dark):
        odd = entry(**FORMS["vitals"] | {"temperature_c": "42.5"})
        shown = text_of(site("nora").post(page("vitals", MARIE), odd))
        assert "Temperature is unusual" in shown
        assert site("nora").post(page("vitals", MARIE), {**odd, "although": "measured twice"}).status_code == 302
        assert "measured twice" in text_of(site("nora").get(page("chart", MARIE)))

    def test_another_patients_wristband_stops_the_entry(self, site, dark):
        shown = text_of(site("nora").post(page("note", MARIE), entry(**FORMS["note"], wristband="4712")))
        assert "Stop and look who lies there" in shown
        assert site("nora").post(page("note", MARIE), entry(**FORMS["note"], wristband="4711")).status_code == 302

    def test_a_form_sent_twice_writes_once(self, site, dark):
        same = entry(**FORMS["note"])
        for _ in range(2):
            assert site("nora").post(page("note", MARIE), same).status_code == 302
        assert len(queries.entries_of((MARIE,))) == 1

    def test_a_taken_bed_is_refused_in_words(self, site, dark):
        shown = text_of(site("nora").post(page("move", MARIE), entry(ward="3B", bed="11")))
        assert "Somebody lies in bed 11" in shown

    def test_where_the_ehr_is_up_the_chart_offers_no_form(self, site, home):
        a_ward()
        shown = text_of(site("nora").get(page("chart", MARIE)))
        assert page("vitals", MARIE) not in shown
        assert "read-only here" in shown
        assert "Read-only here" in text_of(site("nora").get(page("vitals", MARIE)))

    def test_a_struck_entry_stays_on_the_page(self, site, dark):
        site("nora").post(page("note", MARIE), entry(**FORMS["note"]))
        (written,) = queries.entries_of((MARIE,))
        answer = site("ben").post(page("strike", written.id), {"once": new_id(), "reason": "wrong patient"})
        assert answer.status_code == 302
        shown = text_of(site("nora").get(page("chart", MARIE)))
        assert "<s>" in shown
        assert "slept well" in shown
        assert "wrong patient" in shown


class TestPeople:
    def test_somebody_unknown_is_registered_and_gets_a_number_for_the_wristband(self, site, dark):
        data = {"entry": new_id(), "sex": "male", "age_from": "40", "age_to": "60", "ward": "3B", "bed": "13"}
        answer = site("nora").post(page("register") + "?unknown=1", {**data, "occurred_at": "13.01.2026 12:00"}, follow=True)
        shown = text_of(answer)
        assert "Unknown man" in shown
        assert "about 40 to 60 years" in shown
        assert "P-" in shown

    def test_registering_shows_who_already_has_that_name(self, site, dark):
        data = {"entry": new_id(), "family": "Janssens", "given": "Marie", "sex": "female", "occurred_at": ""}
        assert "Is it one of these?" in text_of(site("nora").post(page("register"), data))

    def test_two_people_identify_and_each_can_undo(self, site, dark):
        unknown = unknown_man()
        data = {"identification": new_id(), "number": "4712", "reason": "his wife"}
        assert site("nora").post(page("identify", unknown.patient), data).status_code == 302
        assert "same person" not in text_of(site("nora").get(page("identify", unknown.patient)))
        assert "same person" in text_of(site("ben").get(page("identify", unknown.patient)))
        confirm = page("confirm", data["identification"])
        assert site("nora").post(confirm).status_code == 409
        assert site("ben").post(confirm).status_code == 302
        assert "Identified as" in text_of(site("nora").get(page("chart", JOZEF)))
        undone = site("nora").post(page("undo", data["identification"]), {"once": new_id(), "reason": "his brother"})
        assert undone.status_code == 302
        assert queries.canonical(unknown.patient) == unknown.patient

    def test_a_masked_name_needs_a_reason(self, site, dark):
        actions.set_flag(LEAD, NOON, patient=MARIE, flag=FlagKind.STAFF, reason="works here")
        for place in (page("ward", "3B"), page("find") + "?q=janssens"):
            shown = text_of(site("nora").get(place))
            assert "JANSSENS" not in shown
            assert "Name masked" in shown
        assert site("nora").get(page("chart", MARIE)).url == page("reveal", MARIE)
        assert site("nora").post(page("reveal", MARIE), {"once": new_id(), "reason": "I am her nurse"}).status_code == 302
        assert "JANSSENS Marie" in text_of(site("nora").get(page("chart", MARIE)))

    def test_a_masked_neighbour_stays_masked_on_the_chart_of_another(self, site, dark):
        actions.set_flag(LEAD, NOON, patient=JOZEF, flag=FlagKind.VIP, reason="minister")
        move = {"entry": new_id(), "patient": MARIE, "ward": "3B", "bed": "11", "moved_at": NOON, "although": "two in one bed"}
        actions.move_patient(NORA, NOON, **move)
        shown = text_of(site("nora").get(page("chart", MARIE)))
        assert "2 patients in bed 11" in shown
        assert "DE SMET" not in shown

    def test_marks_are_set_and_removed_by_those_who_may(self, site, dark):
        assert site("nora").get(page("flags", MARIE)).status_code == 403
        data = {"once": new_id(), "flag": "vip", "reason": "minister"}
        assert site("ines").post(page("flags", MARIE), data).status_code == 302
        assert "VIP" in text_of(site("ines").get(page("flags", MARIE)))
        assert site("ines").post(page("flags", MARIE), {**data, "once": new_id(), "remove": "1"}).status_code == 302


class TestPaper:
    def test_a_ward_on_paper_says_so_on_every_chart_until_its_sheets_are_settled(self, site, dark):
        nora, period = site("nora"), new_id()
        assert nora.post(page("papers"), {"period": period, "ward": "3B", "from_at": "13.01.2026 06:32"}).status_code == 302
        assert "Doses may have been given on paper since" in text_of(nora.get(page("chart", MARIE)))
        nora.post(page("paper-close", period), {"once": new_id(), "until_at": "13.01.2026 10:00"})
        assert "its sheets are not entered yet" in text_of(nora.get(page("chart", MARIE)))
        assert nora.post(page("paper-settle", period), {"entered": "1"}).status_code == 302
        assert "on paper" not in text_of(nora.get(page("chart", MARIE)))
        assert "Settled" in text_of(nora.get(page("papers")))


def written(home):
    """A day's writing on the ward."""
    actions.chart_vitals(
        NORA,
        NOON,
        entry=new_id(),
        patient=MARIE,
        measured_at=NOON,
        vitals=Vitals(systolic_mmhg=104, diastolic_mmhg=62, pulse_per_min=98),
    )
    note = Note(kind=NoteKind.NURSING, text="Less breathless.\nWeight down 1.2 kg.")
    actions.write_note(BEN, NOON, entry=new_id(), patient=MARIE, occurred_at=after(NOON, -20 * MINUTE), note=note)
    latex = Allergy(substance="latex", reaction="rash", severity=Severity.MILD)
    actions.record_allergy(NORA, NOON, entry=new_id(), patient=MARIE, occurred_at=NOON, allergy=latex)
    dose = Dose(drug="furosemide", value="40", unit="mg", route="oral")
    actions.chart_dose(NORA, NOON, entry=new_id(), patient=MARIE, given_at=after(NOON, -HOUR), dose=dose)
    actions.open_paper(NORA, NOON, period="p", ward="3B", from_at=MORNING)
    return unknown_man(to=Admission(ward="3B", bed="13"))


class TestPrinting:
    def test_a_ward_pack_is_one_press_in_four_languages(self, site, dark):
        written(dark)
        assert "Print pack" in text_of(site("nora").get(page("pack", "3B")))
        for language in ("en", "fr", "nl", "de"):
            answer = site("nora").post(page("pack", "3B"), {"language": language})
            assert answer["Content-Type"] == "application/pdf"
            assert answer.content.startswith(b"%PDF")

    def test_one_patients_sheet(self, site, dark):
        assert site("nora").get(page("sheet", MARIE)).content.startswith(b"%PDF")


def test_the_chart_as_fhir_is_a_collection_whose_references_hold(home):
    from stormlamp.charts.commands import _bundle

    a_ward()
    an_outage()
    written(home)
    found = queries.chart(MARIE, now=NOON)
    assert found is not None
    told = _bundle(found)
    assert json.loads(json.dumps(told)) == told
    urls = {one["fullUrl"] for one in told["entry"]}
    assert len(urls) == len(told["entry"])
    resources = [one["resource"] for one in told["entry"]]
    kinds = {one["resourceType"] for one in resources}
    assert kinds >= {"Patient", "Observation", "AllergyIntolerance", "MedicationAdministration", "DocumentReference"}
    for one in resources:
        for name in ("subject", "patient"):
            assert name not in one or one[name]["reference"] in urls
    marked = [one for one in resources if any(tag["code"] == "downtime" for tag in one.get("meta", {}).get("tag", ()))]
    assert {one["resourceType"] for one in marked} >= {"MedicationAdministration", "DocumentReference"}


class TestSources:
    def test_a_nurse_gets_from_a_value_to_the_message_as_it_came(self, site, dark):
        shown = text_of(site("nora").get(page("chart", MARIE)))
        potassium = mirror.section(MARIE, "result").items[0].source.entry
        assert page("source", MARIE, potassium) in shown
        told = text_of(site("nora").get(page("source", MARIE, potassium)))
        assert "OBX|1|NM|2823-3^Potassium^LN||5.9|mmol/L|3.5-5.1|H" in told
        assert "ORU^R01" in told
        person = mirror.person(MARIE)
        for entry in (person.source.entry, person.stay_entry):
            assert page("source", MARIE, entry) in shown
            assert "MSH|" in text_of(site("nora").get(page("source", MARIE, entry)))

    def test_every_class_of_value_leads_to_its_message(self, site, dark):
        shown = text_of(site("nora").get(page("chart", MARIE)))
        for kind in ("allergy", "result"):
            assert page("source", MARIE, mirror.section(MARIE, kind).items[0].source.entry) in shown

    def test_a_message_of_another_patient_is_not_shown(self, site, dark):
        entry = mirror.person(JOZEF).source.entry
        assert site("nora").get(page("source", MARIE, entry)).status_code == 404
        assert site("clara").get(page("source", JOZEF, entry)).status_code == 403
        assert site("nora").get(page("source", JOZEF, "nothing:1")).status_code == 404

    def test_neither_sheet_nor_message_of_a_masked_patient_opens_without_a_reason(self, site, dark):
        actions.set_flag(LEAD, NOON, patient=MARIE, flag=FlagKind.VIP, reason="minister")
        for address in (page("sheet", MARIE), page("source", MARIE, mirror.person(MARIE).source.entry)):
            answer = site("nora").get(address)
            assert (answer.status_code, answer.headers["Location"]) == (302, page("reveal", MARIE))


def test_the_state_of_an_order_is_said_in_the_readers_language(site, dark):
    order = ("ORC|NW|OR1", "OBR|1|OR1||XTHOR^Chest X-ray^L")
    feed((head("ORM^O01^ORM_O01", MORNING), pid(), "PV1|1|I|3B^3B-R12^12^STLUC", *order), at=MORNING)
    assert ">active<" in text_of(site("nora").get(page("chart", MARIE)))
    assert ">actief<" in text_of(site("nora", language="nl").get(page("chart", MARIE)))
