"""Programme lists: who is treated today, what everybody eats, and what a transfusion needs to know."""

import datetime as dt
import json
import re
import zoneinfo

import orjson
import pytest
from django.urls import reverse

from stormlamp.charts import actions as charts
from stormlamp.charts.rules import Dose, FlagKind
from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import moment
from stormlamp.mirror import actions, queries
from stormlamp.mirror.rules import BloodFinding, Programme
from stormlamp.mirror.rules.programmes import blood_finding, course_of, programme_of
from stormlamp.mirror.wire import write
from stormlamp.mirror.wire.hl7 import Broken
from stormlamp.mirror.wire.sheets import read_sheet
from tests.charts.ward import NORA, an_outage
from tests.makers import NOON, actor
from tests.mirror.makers import adt, lies_at, send

ZONE = zoneinfo.ZoneInfo("Europe/Brussels")
DAY = dt.date(2026, 1, 13)
SPAN = {
    "day": DAY.isoformat(),
    "from_at": moment(dt.datetime(2026, 1, 13, tzinfo=ZONE)),
    "until_at": moment(dt.datetime(2026, 1, 14, tzinfo=ZONE)),
}


def booking(number, service, room, *, start="20260113103000", reason="", control="B1"):
    return write.build(
        [
            ("MSH", {3: "BOOK", 4: "HOSP", 7: "20260112090000", 9: ("SIU", "S12", "SIU_S12"), 10: control, 11: "P", 12: "2.5"}),
            ("SCH", {1: (control,), 7: ("", reason), 9: "60", 11: ("", "", "60", start), 25: "Booked"}),
            ("PID", {3: (number, "", "", "HOSP", "MR"), 5: ("Janssens", "Marie"), 7: "19510312"}),
            ("RGS", {1: 1}),
            ("AIS", {1: 1, 2: "A", 3: ("X", service, "L"), 4: start}),
            ("AIL", {1: 1, 2: "A", 3: (room,)}),
        ]
    )


def given_of_a_regimen(name, order, plan=None):
    """A booking that names a regimen, doses without a code, and an order and a plan of the same patient."""
    send(booking("4711", f"Chemotherapy {name} cycle 3/6", "Chair 4"))
    send(ras("4711", "OXA", "Oxaliplatin 5 mg/ml", "165", "20260106104000"))
    send(ras("4711", "PAR", "Paracetamol", "1000", "20260113040000", control="R2"))
    whose = {"subject": {"reference": "Patient?identifier=HOSP|4711"}, "status": "active"}
    told = [
        {"resourceType": "MedicationRequest", "id": "o", "medicationCodeableConcept": {"text": "Oxaliplatin"}, **whose, **order}
    ]
    told += [{"resourceType": "CarePlan", "id": "plan", "intent": "plan", **whose, **plan}] if plan else []
    send(orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in told]}), fhir=True)


def listed(nurse):
    answer = nurse.get(reverse("charts:programme", args=["chemotherapy"]), {"day": "2026-01-13"})
    return answer.content.decode().replace("\xa0", " ")


class TestWords:
    @pytest.mark.parametrize(
        ("words", "programme"),
        [
            (["Operatiekwartier 2"], Programme.THEATRE),
            (["Bloc opératoire"], Programme.THEATRE),
            (["Chimiothérapie"], Programme.CHEMOTHERAPY),
            (["Bestraling LINAC 1"], Programme.RADIOTHERAPY),
            (["Dialyse stoel 4"], Programme.DIALYSIS),
            (["Infuus dagkliniek"], Programme.INFUSION),
            (["Dermatology"], None),
            (["OP-Saal 4"], Programme.THEATRE),
            (["Perfusion de fer"], Programme.INFUSION),
            (["Pre-operative consultation"], None),
            (["Post-operatieve controle"], None),
            (["Myocardial perfusion scintigraphy"], None),
            (["Scintigraphie pulmonaire de perfusion"], None),
            (["IRM de perfusion"], None),
            (["IRM puis perfusion de fer"], Programme.INFUSION),
            (["IJzerinfusie"], Programme.INFUSION),
            (["Bestrahlung"], Programme.RADIOTHERAPY),
            (["Curiethérapie"], Programme.RADIOTHERAPY),
            (["Nierenersatztherapie"], Programme.DIALYSIS),
            (["Hemodiafiltratie"], Programme.DIALYSIS),
            (["Predialyse raadpleging"], None),
            (["Hôpital de jour oncologique"], Programme.CHEMOTHERAPY),
            (["Onco dagziekenhuis"], Programme.CHEMOTHERAPY),
            (["Quartier opératoire"], Programme.THEATRE),
            (["OP-Saal 2"], Programme.THEATRE),
            (["Césarienne programmée"], Programme.THEATRE),
            (["Keizersnede"], Programme.THEATRE),
            (["Dagchirurgie"], Programme.THEATRE),
            (["Raadpleging chirurgie"], None),
            (["Consultation de chirurgie"], None),
            (["Chirurgische Sprechstunde"], None),
            (["Surgical outpatient clinic"], None),
            (["Raadpleging", "Operatiekwartier"], Programme.THEATRE),
            (["Consultation", "Chemotherapy"], Programme.CHEMOTHERAPY),
        ],
    )
    def test_a_service_belongs_to_the_list_that_its_words_name(self, words, programme):
        assert programme_of(words) is programme

    def test_cycle_fraction_and_dose_are_read_out_of_the_words(self):
        assert course_of(["FOLFOX cycle 3 of 6", "oxaliplatin 85 mg/m2"]) == ("3/6", "", "85 mg/m2")
        assert course_of(["fractie 12/25 2 Gy"]) == ("", "12/25", "2 Gy")
        assert course_of(["Consultation"]) == ("", "", "")

    @pytest.mark.parametrize(
        ("words", "course"),
        [
            ("FOLFOX C3D1", ("3", "", "")),
            ("C4 J8", ("4", "", "")),
            ("3e kuur", ("3", "", "")),
            ("cure n° 3", ("3", "", "")),
            ("Cycle n°4/6", ("4/6", "", "")),
            ("3. Zyklus von 6", ("3/6", "", "")),
            ("Cyclus 3 dag 8", ("3", "", "")),
            ("cycle 21 days", ("", "", "")),
            ("6 cycles R-CHOP", ("", "", "")),
            ("5e fractie van 25", ("", "5/25", "")),
            ("Sitzung 3/12", ("", "3/12", "")),
            ("fr. 5/25", ("", "5/25", "")),
            ("Fraction 12 of 25 2Gy", ("", "12/25", "2Gy")),
            ("oxaliplatin 85 mg/m2, 5-FU 400 mg/m2, leucovorin 200 mg", ("", "", "85 mg/m2, 400 mg/m2, 200 mg")),
            ("400 mg/m2/d", ("", "", "400 mg/m2/d")),
            ("carboplatin AUC 5", ("", "", "AUC 5")),
            ("paclitaxel 1.000 mg", ("", "", "1.000 mg")),
            ("paclitaxel 1 000 mg", ("", "", "")),
            ("paclitaxel 1\u202f000 mg", ("", "", "")),
        ],
    )
    def test_a_course_is_read_as_people_write_it_and_what_is_in_doubt_is_left_to_the_words(self, words, course):
        assert course_of([words]) == course

    @pytest.mark.parametrize(
        ("words", "finding"),
        [
            ("HIV antistoffen", None),
            ("Antibody screen HIV", None),
            ("Hepatitis B antistoffen", None),
            ("Trombocyten (bloedplaatjes)", None),
            ("Irregulaire antistoffen", BloodFinding.ANTIBODIES),
            ("RAI", BloodFinding.ANTIBODIES),
            ("Indirecte Coombs", BloodFinding.ANTIBODIES),
            ("Groupe ABO", BloodFinding.GROUP),
            ("ABO-groep", BloodFinding.GROUP),
            ("Rhesusfaktor", BloodFinding.GROUP),
            ("Concentré érythrocytaire", BloodFinding.TRANSFUSION),
            ("Erythrozytenkonzentrat", BloodFinding.TRANSFUSION),
            ("Platelets transfused", BloodFinding.TRANSFUSION),
        ],
    )
    def test_only_what_a_transfusion_asks_about_is_about_blood(self, words, finding):
        assert blood_finding("", words) is finding

    def test_a_value_is_about_blood_by_its_code_and_else_by_its_name(self):
        assert blood_finding("http://loinc.org|882-1", "anything") is BloodFinding.GROUP
        assert blood_finding("", "Antistoffen screening") is BloodFinding.ANTIBODIES
        assert blood_finding("", "Transfusion of packed cells") is BloodFinding.TRANSFUSION
        assert blood_finding("", "Recherche d'agglutinines irrégulières") is BloodFinding.ANTIBODIES
        assert blood_finding("", "Antikörpersuchtest") is BloodFinding.ANTIBODIES
        assert blood_finding("", "Groupage ABO-Rhésus") is BloodFinding.GROUP
        assert blood_finding("", "Blood glucose") is None


class TestSheets:
    @pytest.mark.parametrize("mark", [";", ",", "\t"])
    def test_a_file_is_read_by_the_names_of_its_columns(self, mark):
        text = mark.join(("Behandeling", "Nummer", "Uur")) + "\r\n" + mark.join(("Dialyse", "4711", "07:30")) + "\r\n"

        [row] = read_sheet(text.encode())

        assert (row["number"], row["start"], row["what"], row["dose"]) == ("4711", "07:30", "Dialyse", "")

    def test_windows_letters_and_a_byte_order_mark_are_read(self):
        assert read_sheet("numéro;salle\n1;opéra\n".encode("cp1252"))[0]["place"] == "opéra"
        assert read_sheet("number;place\n1;opéra\n".encode("utf-8-sig"))[0]["place"] == "opéra"

    def test_unicode_text_of_a_spreadsheet_and_other_names_for_the_number_are_read(self):
        [row] = read_sheet("Numéro de dossier\tHeure\n4711\t07:30\n".encode("utf-16"))
        assert (row["number"], row["start"]) == ("4711", "07:30")
        with pytest.raises(Broken):
            read_sheet("number;x".encode("utf-16") + b"\0")

    def test_a_title_above_the_columns_is_passed_over(self):
        assert read_sheet(b"Dialyse, semaine 3;;\n\nNumero;Heure\n4711;07:30\n")[0]["start"] == "07:30"

    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            (b"", "sheet-without-number"),
            (b"name;time\nX;10:00\n", "sheet-without-number"),
            (b"number\0;x\n", "sheet-not-text"),
            (b"number\n" + b"1\n" * 6000, "sheet-too-large"),
            (b"number;" + b"x" * 5_000_000, "sheet-too-large"),
        ],
        ids=["empty", "no-number", "binary", "many", "large"],
    )
    def test_what_is_no_list_is_refused_with_its_reason(self, raw, reason):
        with pytest.raises(Broken) as told:
            read_sheet(raw)
        assert told.value.reason in (reason, "sheet-empty")


@pytest.mark.django_db(transaction=True)
class TestLists:
    def test_an_appointment_is_on_the_list_of_its_service(self, home):
        send(adt("A01", number="4711"))
        send(booking("4711", "Chemotherapy FOLFOX cycle 3/6", "Chair 4"))

        [slot] = queries.slots(Programme.CHEMOTHERAPY, **SPAN)

        assert slot.patient == queries.persons_by_mrn("4711")[0].patient
        assert (slot.cycle, slot.place) == ("3/6", "Chair 4")
        assert slot.starts_at == moment(dt.datetime(2026, 1, 13, 10, 30, tzinfo=ZONE))
        assert queries.slots(Programme.THEATRE, **SPAN) == ()
        assert queries.programme_counts(**SPAN)[Programme.CHEMOTHERAPY] == 1

    def test_a_type_of_appointment_in_the_hospitals_own_code_puts_it_on_its_list(self, home):
        raw = booking("4711", "Chair", "9").replace(b"||60|", b"|HD^H\xc3\xa9modialyse^LOCAL|60|")
        send(adt("A01", number="4711"), raw)

        [slot] = queries.slots(Programme.DIALYSIS, **SPAN)

        assert "Hémodialyse" in slot.what

    def test_a_file_brings_a_list_and_a_newer_one_replaces_it(self, home):
        send(adt("A01", number="4711"))
        lead = actor("shift-lead")
        first = b"number;start;place;what\n4711;07:30;Chair 1;Dialysis\n9999;08:00;Chair 2;Dialysis\n"
        told = {"programme": Programme.DIALYSIS, "day": DAY, "source": "chairs.csv"}
        actions.read_programme(lead, NOON, **told, raw=first)

        known, stranger = queries.slots(Programme.DIALYSIS, **SPAN)
        assert known.patient == queries.persons_by_mrn("4711")[0].patient
        assert (stranger.patient, stranger.number) == (None, "9999")

        actions.read_programme(lead, NOON + 1, **told, raw=b"number;start\n4711;09:00\n")
        [slot] = queries.slots(Programme.DIALYSIS, **SPAN)
        assert slot.starts_at == moment(dt.datetime(2026, 1, 13, 9, 0, tzinfo=ZONE))

    @pytest.mark.parametrize(
        "raw",
        [
            b"number;date;start\n1;13.01.2026;07:30\n2;15.01.2026;07:30\n",
            b"number;start\n1;13/01/2026 07:30\n2;15/01/2026 07:30\n",
            b"number;start\n1;2026-01-13T07:30\n2;2026-01-15T07:30\n",
        ],
    )
    def test_of_a_file_for_a_week_the_list_of_a_day_has_the_lines_of_that_day(self, home, raw):
        told = {"programme": Programme.DIALYSIS, "day": DAY, "source": "week.csv"}
        actions.read_programme(actor("shift-lead"), NOON, **told, raw=raw)

        assert [(slot.number, slot.fault) for slot in queries.slots(Programme.DIALYSIS, **SPAN)] == [("1", "")]

    def test_a_day_that_cannot_be_read_is_said(self, home):
        told = {"programme": Programme.DIALYSIS, "day": DAY, "source": "week.csv"}
        actions.read_programme(actor("shift-lead"), NOON, **told, raw=b"number;date;start\n1;Monday;07:30\n")

        assert [slot.fault for slot in queries.slots(Programme.DIALYSIS, **SPAN)] == ["day: Monday"]

    @pytest.mark.parametrize(
        ("name", "born", "fault"),
        [
            ("JANSSENS Marie", "12.03.1951", ""),
            ("Janssens-Smith, Marie", "", ""),
            ("SMITH Jane", "12.03.1951", "name: SMITH Jane"),
            ("JANSSENS Marie", "13.03.1951", "born: 13.03.1951"),
        ],
    )
    def test_a_line_that_tells_another_person_than_its_number_says_so(self, home, name, born, fault):
        send(adt("A01", number="4711"))
        told = {"programme": Programme.DIALYSIS, "day": DAY, "source": "chairs.csv"}
        raw = f"number;name;born;start\n4711;{name};{born};07:30\n".encode()
        actions.read_programme(actor("shift-lead"), NOON, **told, raw=raw)

        assert [slot.fault for slot in queries.slots(Programme.DIALYSIS, **SPAN)] == [fault]

    def test_a_line_that_cannot_be_read_is_kept_and_says_so(self, home):
        told = {"programme": Programme.THEATRE, "day": DAY, "source": "or.csv"}
        actions.read_programme(actor("shift-lead"), NOON, **told, raw=b"number;start;what\n1;soon;Hip\n;10:00;Knee\n")

        slots = queries.slots(Programme.THEATRE, **SPAN)

        assert sorted(slot.fault for slot in slots) == ["number", "start: soon"]
        assert {slot.what for slot in slots} == {"Hip", "Knee"}

    @pytest.mark.parametrize("said", ["8:30", "0830", "8h30", "8u30", "13.1.2026 08:30", "13/01/2026 8u30", "2026-01-13T08:30"])
    def test_a_time_is_read_as_departments_write_it(self, home, said):
        raw = f"number;start\n1;{said}\n".encode()
        actions.read_programme(actor("shift-lead"), NOON, programme=Programme.THEATRE, day=DAY, source="or.csv", raw=raw)

        [slot] = queries.slots(Programme.THEATRE, **SPAN)

        assert (slot.starts_at, slot.fault) == (moment(dt.datetime(2026, 1, 13, 8, 30, tzinfo=ZONE)), "")

    def test_a_file_that_is_no_list_is_refused_and_leaves_nothing(self, home):
        with pytest.raises(actions.SheetUnreadable):
            actions.read_programme(actor("shift-lead"), NOON, programme=Programme.THEATRE, day=DAY, source="x", raw=b"name\nX\n")
        assert queries.slots(Programme.THEATRE, **SPAN) == ()


def ras(number, code, drug, dose, at, control="R1"):
    return write.build(
        [
            ("MSH", {3: "PHARM", 4: "HOSP", 7: "20260113050000", 9: ("RAS", "O17"), 10: control, 11: "P", 12: "2.5"}),
            ("PID", {3: (number, "", "", "HOSP", "MR"), 5: ("Janssens", "Marie"), 7: "19510312"}),
            ("ORC", {1: "RE", 2: f"P{control}"}),
            ("RXA", {1: 0, 2: 1, 3: at, 5: (code, drug, "L"), 6: dose, 7: "mg", 20: "CP"}),
        ]
    )


def oru(number, code, name, value):
    return write.build(
        [
            ("MSH", {3: "LAB", 4: "HOSP", 7: "20260112090000", 9: ("ORU", "R01"), 10: f"{code}{value}", 11: "P", 12: "2.5"}),
            ("PID", {3: (number, "", "", "HOSP", "MR"), 5: ("Janssens", "Marie")}),
            ("OBR", {1: 1, 3: f"F{code}{value}", 4: (code, name, "LN"), 7: "20260112080000", 25: "F"}),
            ("OBX", {1: 1, 2: "ST", 3: (code, name, "LN"), 5: value, 11: "F", 14: "20260112080000"}),
        ]
    )


DIET = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {
            "resource": {
                "resourceType": "Patient",
                "id": "d1",
                "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": "D1"}],
                "name": [{"family": "Diet"}],
            }
        },
        {
            "resource": {
                "resourceType": "Encounter",
                "id": "e1",
                "status": "in-progress",
                "class": {"code": "IMP"},
                "subject": {"reference": "Patient/d1"},
                "location": lies_at("9Z", "1", "14"),
            }
        },
        {
            "resource": {
                "resourceType": "NutritionOrder",
                "id": "n1",
                "status": "active",
                "intent": "order",
                "patient": {"reference": "Patient/d1"},
                "dateTime": "2026-01-13T07:00:00+01:00",
                "foodPreferenceModifier": [{"text": "halal"}],
                "excludeFoodModifier": [{"text": "peanuts"}],
                "oralDiet": {
                    "type": [{"text": "Diabetic"}],
                    "texture": [{"modifier": {"text": "Pureed"}}],
                    "fluidConsistencyType": [{"text": "Nectar thick"}],
                    "instruction": "no straws",
                },
            }
        },
    ],
}


def told(bundle):
    return [json.dumps(entry["resource"]).encode() for entry in bundle["entry"]]


@pytest.mark.django_db(transaction=True)
class TestPages:
    @pytest.fixture
    def nurse(self, site):
        send(adt("A01", number="4711"))
        return site("ines")

    def test_the_lists_show_who_is_booked_and_link_to_the_chart(self, nurse):
        send(booking("4711", "Chemotherapy FOLFOX cycle 3/6", "Chair 4"))

        index = nurse.get(reverse("charts:programmes"), {"day": "2026-01-13"})
        page = nurse.get(reverse("charts:programme", args=["chemotherapy"]), {"day": "2026-01-13"})

        assert "Chemotherapy" in index.content.decode()
        text = page.content.decode()
        assert "Chair 4" in text
        assert "cycle 3/6" in text
        assert reverse("charts:chart", args=[queries.persons_by_mrn("4711")[0].patient]) in text

    def test_a_treatment_says_what_was_given_of_its_drugs_as_a_feed_or_a_person_here_told(self, nurse, site):
        send(booking("4711", "FOLFOX C4: oxaliplatin 85 mg/m2, leucovorin", "Chair 4", reason="Chemotherapy"))
        send(ras("4711", "OXA", "Oxaliplatin 5 mg/ml", "165", "20260106104000"))
        send(ras("4711", "PAR", "Paracetamol", "1000", "20260113040000", control="R2"))
        marie = queries.persons_by_mrn("4711")[0].patient
        url = reverse("charts:programme", args=["chemotherapy"])

        text = nurse.get(url, {"day": "2026-01-13"}).content.decode().replace("\xa0", " ")
        assert "last given Oxaliplatin 5 mg/ml 165 mg: Tue 6 Jan 10:40, told by adt" in text
        assert "last given Paracetamol" not in text
        assert "last given leucovorin" not in text

        an_outage()
        dose = Dose(drug="Leucovorin", value="400", unit="mg", route="intravenous")
        charts.chart_dose(NORA, NOON, entry=new_id(), patient=marie, given_at=NOON, dose=dose)
        text = nurse.get(url, {"day": "2026-01-13"}).content.decode()
        assert "last given Leucovorin 400 mg" in text
        assert text.index("last given Leucovorin") < text.index("last given Oxaliplatin")

        charts.set_flag(actor("shift-lead"), NOON, patient=marie, flag=FlagKind.VIP, reason="minister")
        assert "last given" not in site("nora").get(url, {"day": "2026-01-13"}).content.decode()

    @pytest.mark.parametrize(
        "orders",
        [
            ({"groupIdentifier": {"value": "mFOLFOX6"}},),
            ({"note": [{"text": "mFOLFOX6"}]},),
            ({"basedOn": [{"reference": "CarePlan/plan"}]}, {"title": "Chemotherapy mFOLFOX6"}),
            ({}, {"title": "mFOLFOX6", "activity": [{"reference": {"reference": "MedicationRequest/o"}}]}),
            ({}, {"title": "mFOLFOX6", "activity": [{"detail": {"productCodeableConcept": {"text": "Oxaliplatin"}}}]}),
        ],
    )
    def test_a_regimen_has_the_drugs_that_orders_and_plans_of_its_name_tell(self, nurse, orders):
        given_of_a_regimen("mFOLFOX6", *orders)
        text = listed(nurse)
        assert "last given Oxaliplatin 5 mg/ml 165 mg" in text
        assert "last given Paracetamol" not in text
        assert "cannot be told" not in text

    @pytest.mark.parametrize(
        "orders",
        [
            ({"groupIdentifier": {"value": "FOLFIRI"}},),
            ({"groupIdentifier": {"value": "Chemotherapy cycle 3"}},),
            ({"groupIdentifier": {"value": "mFOLFOX6"}, "status": "cancelled"},),
            ({}, {"title": "Chemotherapy plan", "activity": [{"reference": {"reference": "MedicationRequest/o"}}]}),
            ({},),
        ],
    )
    def test_a_regimen_of_which_nothing_tells_the_drugs_says_that_it_cannot_tell(self, nurse, orders):
        given_of_a_regimen("mFOLFOX6", *orders)
        text = listed(nurse)
        assert "last given" not in text
        assert "what was given of it cannot be told: the booking names no drug" in text

    def test_two_blood_groups_that_differ_are_a_contradiction(self, nurse):
        send(oru("4711", "882-1", "ABO and Rh group", "A pos"))
        send(oru("4711", "882-1", "ABO and Rh group", "O pos"))

        text = nurse.get(reverse("charts:blood", args=["3B"])).content.decode()

        assert "A pos" in text
        assert "O pos" in text
        assert "do not say the same" in text

    @pytest.mark.parametrize(("status", "shown"), [("active", True), ("revoked", False)])
    def test_blood_that_is_ordered_is_no_transfusion_given(self, nurse, status, shown):
        order = {
            "resourceType": "ServiceRequest",
            "id": "s1",
            "status": status,
            "intent": "order",
            "subject": {"reference": "Patient/d1"},
            "code": {"text": "Packed cells"},
        }
        send(*told(DIET), json.dumps(order).encode(), fhir=True)

        text = nurse.get(reverse("charts:blood", args=["9Z"])).content.decode()

        assert ("ordered: Packed cells" in text) is shown
        assert ("Packed cells" in text) is shown

    def test_a_ward_without_diets_says_that_none_was_received(self, nurse):
        assert "no diet received" in nurse.get(reverse("charts:diets", args=["3B"])).content.decode()

    def test_a_diet_says_how_soft_how_thick_and_what_must_not_be_eaten(self, nurse):
        send(*told(DIET), fhir=True)

        text = nurse.get(reverse("charts:diets", args=["9Z"])).content.decode()

        assert "Diabetic, Pureed, Nectar thick, halal, no straws, without peanuts" in text

    def test_every_diet_that_stands_is_told_for_a_second_may_forbid_what_the_first_allows(self, nurse):
        two = json.loads(json.dumps(DIET))
        second = json.loads(json.dumps(two["entry"][-1]))
        second["resource"] |= {"id": "second", "excludeFoodModifier": [{"text": "gluten"}]}
        two["entry"].append(second)
        send(*told(two), fhir=True)

        text = nurse.get(reverse("charts:diets", args=["9Z"])).content.decode()

        assert "without peanuts" in text
        assert "without gluten" in text

    def test_a_diet_order_that_is_over_is_no_diet(self, nurse):
        over = json.loads(json.dumps(DIET))
        over["entry"][-1]["resource"]["status"] = "completed"
        send(*told(over), fhir=True)

        text = nurse.get(reverse("charts:diets", args=["9Z"])).content.decode()

        assert "peanuts" not in text
        assert "no diet received" in text

    def test_a_file_is_brought_through_the_page(self, nurse):
        from django.core.files.uploadedfile import SimpleUploadedFile

        file = SimpleUploadedFile("or.csv", b"number;start;what\n4711;10:30;Hip replacement\n", "text/csv")
        told = {"programme": "theatre", "day": "13.01.2026", "file": file}

        answer = nurse.post(reverse("charts:bring"), told, follow=True)

        assert "Hip replacement" in answer.content.decode()
        assert len(queries.slots(Programme.THEATRE, **SPAN)) == 1

    def test_who_is_not_in_the_mirror_has_no_empty_cell_for_allergies(self, nurse):
        raw = b"number;start;what\n99999;10:30;Hip replacement\n"
        actions.read_programme(actor("shift-lead"), NOON, programme=Programme.THEATRE, day=DAY, source="or.csv", raw=raw)

        text = nurse.get(reverse("charts:programme", args=["theatre"]), {"day": "2026-01-13"}).content.decode()

        assert '<span class="absent">not in the mirror</span>' in text

    def test_what_is_masked_says_so_and_never_that_nothing_was_received(self, nurse, site):
        send(oru("4711", "882-1", "ABO and Rh group", "A pos"))
        patient = queries.persons_by_mrn("4711")[0].patient
        lead = actor("shift-lead")
        charts.set_flag(lead, NOON, patient=patient, flag=FlagKind.VIP, reason="minister")

        blood = site("nora").get(reverse("charts:blood", args=["3B"])).content.decode()
        diets = site("nora").get(reverse("charts:diets", args=["3B"])).content.decode()

        assert "A pos" not in blood
        assert blood.count("not shown: masked") == 3
        assert "never received" not in blood
        assert diets.count("not shown: masked") == 1

    def test_a_list_says_its_total_beside_its_heading(self, nurse):
        text = nurse.get(reverse("charts:blood", args=["3B"])).content.decode()

        assert re.search(r'<caption><span class="for-readers">[^<]+</span> <span class="table-total">1 in all', text)

    def test_a_list_that_does_not_exist_is_not_found(self, nurse):
        assert nurse.get(reverse("charts:programme", args=["astrology"])).status_code == 404

    def test_the_book_of_a_day_says_how_to_reach_and_what_to_prepare(self, nurse):
        send(
            adt("A08", number="4711", control="U1", sent="20260113120000").replace(
                b"||19510312|F", b"||19510312|F|||||+32 470 11 22 33||nl"
            )
        )
        send(booking("4711", "Dermatology", "Room 12", reason="Fasting from midnight"))
        appointment = {
            "resourceType": "Appointment",
            "id": "eyes",
            "status": "booked",
            "start": "2026-01-20T09:00:00+01:00",
            "serviceType": [{"text": "Ophthalmology"}],
            "patientInstruction": "Somebody must drive you home.",
            "participant": [{"actor": {"reference": "Patient/p"}, "status": "accepted"}],
        }
        patient = {
            "resourceType": "Patient",
            "id": "p",
            "identifier": [{"system": "urn:x", "value": "9"}],
            "name": [{"family": "Zoon"}],
        }
        entries = [{"resource": patient}, {"resource": appointment}]
        send(json.dumps({"resourceType": "Bundle", "type": "batch", "entry": entries}).encode(), fhir=True)

        today = nurse.get(reverse("charts:book"), {"day": "2026-01-13"}).content.decode()
        next_week = nurse.get(reverse("charts:book"), {"day": "2026-01-20"}).content.decode()

        for words in ("Dermatology", "Fasting from midnight", "+32 470 11 22 33", "Room 12"):
            assert words in today
        assert "Somebody must drive you home." in next_week
        assert "no phone received" in next_week
        assert re.search(r"20\.01\.2026</a></th><td class=\"num\">1<", today)

    def test_the_book_is_read_clinic_by_clinic(self, nurse):
        send(booking("4711", "Dermatology", "Room 12"), booking("4711", "Cardiology", "Room 3", control="B2"))

        text = nurse.get(reverse("charts:book"), {"day": "2026-01-13", "clinic": "Cardiology"}).content.decode()

        assert "Room 3" in text
        assert "Room 12" not in text
