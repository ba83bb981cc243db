"""Orders, results, specimens, medication, vaccinations and diets of HL7 v2, as charts and bundles have them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.mirror.mapping.mapped import ItemKind
from stormlamp.mirror.mapping.v2 import to_bundle, to_resources
from stormlamp.mirror.wire.hl7 import Message
from tests.mirror.mapping_golden import ZONE

PID = "PID|1||4711^^^STLUC^MR||Peeters^Anouk"


def message(kind, *lines):
    header = f"MSH|^~\\&|SYS|STLUC|||20260113060000+0100||{kind}|1|P|2.5.1"
    return Message("\r".join((header, PID, *lines)).encode() + b"\r")


def items(kind, *lines):
    return to_resources(message(kind, *lines), zone=ZONE).items


def only(found, kind):
    (item,) = [each for each in found if each.kind is kind]
    return item


def bundle(kind, *lines):
    entries = to_bundle(message(kind, *lines), zone=ZONE)["entry"]
    return [entry["resource"] for entry in entries]


def one(resources, kind):
    (found,) = [each for each in resources if each["resourceType"] == kind]
    return found


def result(line, kind=ItemKind.RESULT):
    return only(items("ORU^R01", "OBR|1|P1|F1|X^Panel^L", line), kind)


@pytest.mark.parametrize(
    ("type_", "raw", "name", "value", "words"),
    [
        ("NM", "5.10", "valueQuantity", {"value": 5.1}, "5.10"),
        ("SN", ">^100", "valueQuantity", {"value": 100, "comparator": ">"}, ">100"),
        ("NR", "3^7", "valueRange", {"low": {"value": 3}, "high": {"value": 7}}, "3 - 7"),
        ("CQ", "40&x^mL", "valueQuantity", {"value": 40, "unit": "mL"}, "40 mL"),
        (
            "MO",
            "12.50&EUR",
            "valueQuantity",
            {"value": 12.5, "unit": "EUR", "system": "urn:iso:std:iso:4217", "code": "EUR"},
            "12.50 EUR",
        ),
        ("TM", "073005", "valueTime", "07:30:05", "07:30:05"),
        ("DT", "20260112", "valueDateTime", "2026-01-12", "2026-01-12"),
        ("DR", "2025^2026", "valuePeriod", {"start": "2025", "end": "2026"}, "2025 - 2026"),
        ("CF", "A1^Eerste", "valueCodeableConcept", {"coding": [{"code": "A1", "display": "Eerste"}]}, "Eerste"),
        ("VR", "Een^Twee", "valueString", "Een-Twee", "Een-Twee"),
        ("PPN", "1^Claes^Bert", "valueString", "1 Claes Bert", "1 Claes Bert"),
        ("TM", "2580", "valueString", "2580", "2580"),
        ("DT", "gisteren", "valueString", "gisteren", "gisteren"),
    ],
)
def test_each_type_of_value_has_its_own_element_and_its_words(type_, raw, name, value, words):
    item = result(f"OBX|1|{type_}|A^Test^L||{raw}||||||F")

    assert item.resource[name] == value
    assert item.value == words


def test_a_ratio_and_a_range_keep_the_words_that_were_sent():
    ratio = result("OBX|1|SN|A^Titer^L||^1^:^128||||||F").resource["valueRatio"]
    between = result("OBX|1|SN|A^Telling^L||^2^-^5|/uL||||F").resource["valueRange"]

    assert (ratio["numerator"]["value"], ratio["denominator"]["value"]) == (1, 128)
    assert ratio["extension"][0]["valueString"] == "1 : 128"
    assert (between["low"]["value"], between["high"]["unit"]) == (2, "/uL")


def test_a_wave_is_sampled_data_that_admits_not_to_know_its_pace():
    wave = result("OBX|1|NA|A^Curve^L||1^2^3~4^5^6|mV||||F").resource["valueSampledData"]

    assert (wave["dimensions"], wave["data"], wave["origin"]) == (2, "1 4 2 5 3 6", {"value": 0, "unit": "mV"})
    assert wave["_period"]["extension"][0]["valueCode"] == "unknown"


def test_a_value_that_repeats_becomes_components_and_reads_in_one_line():
    item = result("OBX|1|NM|A^Getal^L||60~120|/min|50-100|||F")

    assert [part["valueQuantity"]["value"] for part in item.resource["component"]] == [60, 120]
    assert item.resource["component"][0]["referenceRange"][0]["high"]["value"] == 100
    assert item.text == "60, 120 /min"


@pytest.mark.parametrize(
    ("said", "low", "high"),
    [("3.5 - 5.1", 3.5, 5.1), ("-2-3", -2, 3), ("< 15", None, 15), (">=90", 90, None), ("negatief", None, None)],
)
def test_the_ends_of_a_reference_range_are_read_where_they_can_be(said, low, high):
    found = result(f"OBX|1|NM|A^Test^L||5|g/L|{said}||||F").resource["referenceRange"][0]

    assert found["text"] == said
    assert (found.get("low", {}).get("value"), found.get("high", {}).get("value")) == (low, high)


def test_why_a_value_is_not_there_is_said():
    assert result("OBX|1|NM|A^Test^L||||||||N").text == "not asked"
    cannot = result("OBX|1|NM|A^Test^L||||||||X").resource
    assert (cannot["status"], cannot["_status"]["extension"][0]["valueCodeableConcept"]["coding"][0]["code"]) == ("cancelled", "X")
    empty = result("OBX|1|ST|A^Test^L||||||||F").resource
    assert empty["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert "dataAbsentReason" not in result("OBX|1|ST|A^Test^L||||||||I").resource


def test_the_lines_of_one_text_are_one_note():
    found = items("ORU^R01", "OBR|1|P1|F1|X^Thorax^L", "OBX|1|TX|T^Verslag^L|1|Hart normaal.", "OBX|2|TX|T^Verslag^L|2|Geen vocht.")

    assert only(found, ItemKind.NOTE).text == "Hart normaal.\nGeen vocht."


def test_a_document_inside_a_result_is_a_document():
    item = result("OBX|1|ED|S^Brief^L||LIS^IM^JPEG^Hex^FFD8||||||F", ItemKind.NOTE)

    assert item.resource["content"][0]["attachment"] == {"contentType": "image/jpeg", "data": "/9g=", "title": "Brief"}


def test_who_did_it_with_what_and_where_is_told():
    lines = (
        "OBR|1|P1|F1|X^Panel^L",
        "OBX|1|NM|A^Test^L||5||||||F||||LAB1^Labo^L|N7^Maes^Els||EQ1^TOESTEL|||||Centraal labo|Straat 1^^Gent|D1^Claes^Bert",
        "PRT|1|AD||EQUIP^x^HL70912|||||C3^1^2|MON9",
    )
    found = to_resources(message("ORU^R01", *lines), zone=ZONE)
    named = {f"{each['resourceType']}/{each['id']}": each for each in found.directory}
    resource = only(found.items, ItemKind.RESULT).resource
    performers = [named[each["reference"]] for each in resource["performer"]]

    assert [each["resourceType"] for each in performers] == ["Organization", "PractitionerRole", "PractitionerRole"]
    assert [each["code"][0]["coding"][0]["code"] for each in performers[1:]] == ["responsibleObserver", "MDIR"]
    assert named[performers[2]["organization"]["reference"]]["address"][0]["city"] == "Gent"
    assert named[resource["device"]["reference"]]["identifier"][0]["value"] == "MON9"
    assert any(each["url"].endswith("event-location") for each in resource["extension"])


def test_a_comment_has_its_author_and_its_time():
    lines = ("OBR|1|P1|F1|X^Panel^L", "OBX|1|NM|A^Test^L||5||||||F", "NTE|1||hemolyse||N7^Maes^Els|20260113070000+0100")
    (note,) = only(items("ORU^R01", *lines), ItemKind.RESULT).resource["note"]

    assert (note["text"], note["time"], note["authorReference"]["display"]) == ("hemolyse", "2026-01-13T07:00:00+01:00", "Els Maes")


def test_a_report_holds_its_results_its_specimen_and_its_order_together():
    found = bundle("ORU^R01", "ORC|RE|P1|F1", "OBR|1|P1|F1|X^Panel^L", "OBX|1|NM|A^Test^L||5||||||F", "SPM|1|S1^||BLD^Bloed")
    report = one(found, "DiagnosticReport")
    places = {f"{each['resourceType']}/{each['id']}" for each in found}

    for name in ("result", "specimen", "basedOn"):
        assert {each["reference"] for each in report[name]} <= places
        assert report[name]


def test_what_was_observed_of_the_specimen_is_about_the_specimen():
    lines = ("OBR|1|P1|F1|X^Panel^L", "SPM|1|S1^||BLD^Bloed", "OBX|1|ST|A^Kleur^L||rood||||||F")
    found = items("ORU^R01", *lines)
    specimen, seen = only(found, ItemKind.SPECIMEN), only(found, ItemKind.RESULT)

    assert specimen.display == "Bloed"
    assert seen.resource["focus"][0]["reference"].startswith("Specimen/")


def test_where_specimens_come_first_the_orders_after_one_are_made_on_it():
    lines = ("SPM|1|S1^||UR^Urine", "OBX|1|ST|A^Kleur^L||geel||||||F", "OBR|1|P1|F1|B^Kweek^L", "ORC|RE|P1|F1||IP")
    found = bundle("OUL^R22", *lines, "OBX|1|ST|C^Kiem^L||E. coli||||||P", "SPM|2|S2^||BLD^Bloed")
    specimens = {
        each["identifier"][0]["value"]: each["id"] for each in found if each["resourceType"] == "Specimen" and "identifier" in each
    }
    seen = {each["code"]["coding"][0]["code"]: each for each in found if each["resourceType"] == "Observation"}
    report = one(found, "DiagnosticReport")

    assert set(specimens) == {"S1", "S2"}
    assert report["specimen"][0]["reference"] == f"Specimen/{specimens['S1']}"
    assert seen["A"]["focus"][0]["reference"] == f"Specimen/{specimens['S1']}"
    assert "focus" not in seen["C"]


@pytest.mark.parametrize(
    ("control", "order", "status"),
    [("NW", "", "active"), ("CA", "", "revoked"), ("NW", "CM", "completed"), ("HD", "", "on-hold"), ("SC", "DC", "revoked")],
)
def test_what_became_of_an_order_is_its_status(control, order, status):
    assert only(items("ORM^O01", f"ORC|{control}|P1|||{order}", "OBR|1|P1||X^Foto^L"), ItemKind.ORDER).status == status


def test_the_answer_to_an_order_changes_the_same_order():
    asked = only(items("OML^O21", "ORC|NW|P1", "OBR|1|P1||X^Panel^L"), ItemKind.ORDER)
    answered = only(items("ORL^O22", "MSA|AA|1", "ORC|UC|P1|||CA|||||||||||NS^geen staal", "OBR|1|P1||X^Panel^L"), ItemKind.ORDER)

    assert (asked.key, asked.status) == (answered.key, "active")
    assert (answered.status, answered.text) == ("revoked", "geen staal")


def test_an_order_says_why_and_how_urgent_it_is():
    lines = ("ORC|NW|P1", "TQ1|1||||||||S", "OBR|1|P1||X^CT^L" + "|" * 27 + "I26^Embolie?", "DG1|1||N17^Nierfalen^I10")
    found = items("OML^O21", *lines)
    order = only(found, ItemKind.ORDER)

    assert (order.text, order.flag, order.resource["priority"]) == ("Embolie?", "S", "stat")
    assert order.resource["reasonReference"][0]["display"] == "Nierfalen"
    assert only(found, ItemKind.PROBLEM).display == "Nierfalen"


def test_an_imaging_order_carries_the_numbers_of_the_archive():
    order = only(items("OMI^O23", "ORC|NW|P1", "OBR|1|P1||X^CT^L", "IPC|A1^RIS||1.2.3||CT|CTPA^Protocol"), ItemKind.ORDER)
    numbers = {(each.get("system"), each["value"]) for each in order.resource["identifier"]}

    assert {("urn:dicom:uid", "urn:oid:1.2.3"), (None, "A1")} <= numbers


def drug(*lines, kind="OMP^O09"):
    return only(items(kind, *lines), ItemKind.MEDICATION)


@pytest.mark.parametrize(
    ("pattern", "repeat"),
    [
        ("BID", {"frequency": 2, "period": 1, "periodUnit": "d"}),
        ("Q6H", {"frequency": 1, "period": 6, "periodUnit": "h"}),
        ("Q1J2", {"frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["tue"]}),
        ("5ID", {"frequency": 5, "period": 1, "periodUnit": "d"}),
        ("QHS", {"frequency": 1, "period": 1, "periodUnit": "d", "when": ["HS"]}),
        ("ONCE", {"count": 1}),
        ("naar keuze", None),
    ],
)
def test_how_often_is_said_so_that_the_next_dose_can_be_reckoned(pattern, repeat):
    new = drug("ORC|NW|P1", "TQ1|1||" + pattern, "RXO|X^Middel^L|1||g").resource["dosageInstruction"][0]["timing"]
    old = drug("ORC|NW|P1|||||^" + pattern, "RXO|X^Middel^L|1||g").resource["dosageInstruction"][0]["timing"]

    assert new.get("repeat") == repeat
    assert old.get("repeat") == repeat


def test_the_times_of_the_ward_and_the_end_of_the_cure_are_kept():
    line = "TQ1|1||BID|0800~2000||7^d|20260113080000+0100"
    repeat = drug("ORC|NW|P1", line, "RXO|X^Middel^L|1||g").resource["dosageInstruction"][0]["timing"]["repeat"]
    older = drug("ORC|NW|P1|||||^BID&0800,2000^D7", "RXO|X^Middel^L|1||g").resource["dosageInstruction"][0]["timing"]["repeat"]

    assert repeat["timeOfDay"] == older["timeOfDay"] == ["08:00:00", "20:00:00"]
    assert repeat["boundsPeriod"] == {"start": "2026-01-13T08:00:00+01:00", "end": "2026-01-20T08:00:00+01:00"}
    assert older["boundsDuration"]["value"] == 7


def test_an_end_beyond_all_calendars_is_left_out():
    repeat = drug("ORC|NW|P1", "TQ1|1|||||99999999999^d|20260113", "RXO|X^Middel^L|1||g").resource["dosageInstruction"][0][
        "timing"
    ]["repeat"]

    assert repeat == {"boundsPeriod": {"start": "2026-01-13"}}


def test_a_dose_that_changes_has_a_step_for_each_dose():
    doses = drug("ORC|NW|P1", "TQ1|1|2^mg|BID", "TQ1|2|1^mg|QD", "RXO|X^Middel^L").resource["dosageInstruction"]

    assert [(each["sequence"], each["doseAndRate"][0]["doseQuantity"]["value"]) for each in doses] == [(1, 2), (2, 1)]


def test_of_an_order_and_the_pharmacists_reading_of_it_a_chart_shows_the_latter():
    lines = ("ORC|NW|P1|F1", "RXO|X^Merk^L|1||g", "RXE||Y^Stofnaam^L|500||mg", "RXR|PO^oraal")
    requests = [each for each in bundle("RDE^O11", *lines) if each["resourceType"] == "MedicationRequest"]

    assert drug(*lines, kind="RDE^O11").text == "500 mg, oraal"
    assert [each["intent"] for each in requests] == ["original-order", "filler-order"]
    assert requests[1]["basedOn"][0]["reference"] == f"MedicationRequest/{requests[0]['id']}"


def test_a_dose_that_was_given_and_one_that_was_not_stand_side_by_side():
    given = "RXA|0|1|20260113080500+0100||X^Middel^L|875|mg||||N7^Maes^Els||||||||||CP"
    refused = "RXA|0|2|20260113200000+0100||X^Middel^L|0|mg|||||||||||R1^weigert||NA"
    found = [each for each in items("RAS^O17", "ORC|RE|P1", given, "RXR|PO^oraal", refused) if each.kind is ItemKind.MEDICATION]

    assert [(each.status, each.text) for each in found] == [("completed", "875 mg, oraal"), ("not-done", "weigert")]
    assert found[0].key != found[1].key


def test_a_struck_dose_takes_back_the_same_dose():
    given = "RXA|0|1|20260113080500+0100||X^Middel^L|875|mg"
    first, second = drug("ORC|RE|P1", given, kind="RAS^O17"), drug("ORC|RE|P1", given + "|" * 14 + "D", kind="RAS^O17")

    assert first.key == second.key
    assert second.status == "entered-in-error"


def test_a_dose_that_is_due_says_when():
    item = drug("ORC|RE|P1", "RXG|1|2|^^^20260113200000+0100|X^Middel^L|875||mg", kind="RGV^O15")

    assert item.status == "active"
    assert item.resource["dosageInstruction"][0]["timing"] == {"event": ["2026-01-13T20:00:00+01:00"]}


def test_a_vaccination_has_its_batch_and_its_place_and_a_refusal_its_reason():
    given = "RXA|0|1|20260112||207^Vaccin^CVX|0.3|mL||00^nieuw||||||L77|20270101|PFR^Pfizer^MVX|||CP|A"
    found = items(
        "VXU^V04",
        "ORC|RE||I1",
        given,
        "RXR|IM^im|LD^linker arm",
        "OBX|1|ST|O^Info^L||ja||||||F",
        "ORC|RE||I2",
        "RXA|0|1|20260112||140^Griep^CVX|999||||||||||||W^wil niet||RE",
    )
    first, second = [each for each in found if each.kind is ItemKind.IMMUNIZATION]

    assert (first.status, first.resource["lotNumber"], first.resource["primarySource"]) == ("completed", "L77", True)
    assert (second.status, second.text) == ("not-done", "wil niet")
    assert "doseQuantity" not in second.resource
    assert only(found, ItemKind.OTHER).resource["partOf"]


def test_a_diet_with_its_supplement_is_a_plan():
    item = only(items("ORM^O01", "ORC|NW|P1", "ODS|D||DIAB^Diabetes^L|zoutarm", "ODS|S||NUT^Bijvoeding^L"), ItemKind.PLAN)

    assert item.resource["oralDiet"]["instruction"] == "zoutarm"
    assert item.resource["supplement"][0]["type"]["coding"][0]["code"] == "NUT"


def test_results_of_several_patients_stay_with_their_own():
    one_, other = (
        "OBR|1|P1|F1|X^Panel^L\rOBX|1|NM|A^Test^L||5||||||F",
        "PID|1||4712^^^STLUC^MR\rOBR|1|P2|F2|X^Panel^L\rOBX|1|NM|A^Test^L||7||||||F",
    )
    found = to_resources(message("ORU^R01", one_, other), zone=ZONE)

    assert only(found.items, ItemKind.RESULT).value == "5"
    assert [only(each.items, ItemKind.RESULT).value for each in found.others] == ["7"]


def test_what_a_sender_repeats_is_the_same_again_and_nobody_changes_it():
    first = to_resources(message("ORU^R01", "PV1|1|I|C3^1^2", "OBR|1|P1|F1|X^Panel^L", "OBX|1|NM|A^T^L||5"), zone=ZONE)
    kept = repr(first)
    second = to_resources(message("ORU^R01", "PV1|1|I|C3^1^2", "OBR|1|P1|F1|X^Panel^L", "OBX|1|NM|A^T^L||5"), zone=ZONE)

    assert repr(second) == kept
    assert repr(first) == kept


odd = st.text(st.sampled_from('A1^~&\\|"<- .zé:'), max_size=14)
names = st.sampled_from(
    [
        *("ORC", "OBR", "OBX", "NTE", "TQ1", "SPM", "SAC", "PRT", "RXO", "RXE", "RXG", "RXD", "RXA", "RXR", "RXC", "RXV"),
        *("ODS", "ODT", "IPC", "CTI", "BLG", "DG1"),
    ]
)
types = st.sampled_from(
    ["NM", "SN", "NR", "NA", "CQ", "MO", "CP", "CWE", "TX", "ED", "RP", "DTM", "TM", "DR", "VR", "XPN", "ZZ", ""]
)
lines = st.lists(
    st.builds(lambda name, type_, fields: "|".join([name, "1", type_, *fields]), names, types, st.lists(odd, max_size=54)),
    max_size=14,
)
kinds = st.sampled_from(
    ["ORU^R01", "OUL^R22", "OML^O21", "OML^O33", "OMP^O09", "RDE^O11", "RDS^O13", "RAS^O17", "RGV^O15", "VXU^V04"]
)


@given(kinds, lines)
def test_odd_orders_never_stop_the_mapping(kind, body):
    read = message(kind, *body)
    found = to_resources(read, zone=ZONE)
    keys = [(item.kind, item.key) for item in found.items]

    assert found.understood
    assert len(keys) == len(set(keys))
    assert json.dumps(to_bundle(read, zone=ZONE))


def test_everybody_who_entered_verified_or_ordered_is_in_the_provenance():
    found = bundle(
        "OML^O21", "ORC|NW|P1|||||||20260113060000+0100|1^Een^An~2^Twee^Bo|3^Drie^Co|4^Vier^Do~5^Vijf^Ed", "OBR|1|P1||X^CT^L"
    )
    names = {
        f"{each['resourceType']}/{each['id']}": each["name"][0]["family"]
        for each in found
        if each["resourceType"] == "Practitioner"
    }
    (told,) = [
        each for each in found if each["resourceType"] == "Provenance" and "occurredDateTime" in each and len(each["agent"]) > 1
    ]
    agents = {(each["type"]["coding"][0]["code"], names[each["who"]["reference"]]) for each in told["agent"]}

    assert agents == {("enterer", "Een"), ("enterer", "Twee"), ("verifier", "Drie"), ("author", "Vier"), ("author", "Vijf")}
