"""HL7 v2 to the picture of a patient."""

import csv
import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.mirror.mapping.events import told
from stormlamp.mirror.mapping.mapped import ItemKind, MovementKind
from stormlamp.mirror.mapping.v2 import not_mapped, to_bundle, understood
from stormlamp.mirror.wire import files, write
from stormlamp.mirror.wire.hl7 import Broken, Message
from tests.mirror.mapping_golden import ZONE, messages, written


def head(kind, control="1", sent="20260113120000"):
    return ("MSH", {3: "EHR", 4: "STLUC", 7: sent, 9: kind, 10: control, 11: "P", 12: "2.5.1"})


PID = ("PID", {3: [("4711", "", "", "STLUC", "MR")], 5: ("Peeters", "Anouk")})
A08 = ("ADT", "A08")
ORU = ("ORU", "R01")


def mapped(*segments):
    return told(Message(write.build(segments)), zone=ZONE)


def only(found, kind):
    items = [item for item in found.items if item.kind is kind]
    assert len(items) == 1
    return items[0]


@pytest.mark.parametrize("path", messages(), ids=lambda path: path.stem)
def test_the_golden_messages_map_as_they_did(path):
    assert written(path) == path.with_suffix(".json").read_text()


@pytest.mark.parametrize(
    ("event", "kind", "status"),
    [
        ("A01", MovementKind.ADMIT, "in-progress"),
        ("A02", MovementKind.TRANSFER, "in-progress"),
        ("A03", MovementKind.DISCHARGE, "finished"),
        ("A04", MovementKind.REGISTER, "in-progress"),
        ("A08", MovementKind.UPDATE, "in-progress"),
        ("A11", MovementKind.CANCEL_ADMIT, "cancelled"),
        ("A12", MovementKind.CANCEL_TRANSFER, "in-progress"),
        ("A13", MovementKind.CANCEL_DISCHARGE, "in-progress"),
    ],
)
def test_each_event_moves_the_patient_its_own_way(event, kind, status):
    found = mapped(head(("ADT", event)), ("EVN", {1: event, 2: "20260113053000"}), PID, ("PV1", {2: "I", 3: ("C3", "1")}))

    assert found.movement.kind is kind
    assert found.movement.at == 1_768_278_600_000_000
    assert found.encounter.status == status
    assert (found.encounter.place.ward, found.encounter.place.room) == ("C3", "1")


def test_the_record_number_is_preferred_and_every_number_is_kept():
    numbers = [("84", "", "", "BE", "NI"), ("4711", "", "", "STLUC", "MR"), ("X", "", "", "OLD", "PI")]
    found = mapped(head(A08), ("PID", {3: numbers}))

    assert (found.identity.authority, found.identity.number) == ("STLUC", "4711")
    assert [each.number for each in found.identity.numbers] == ["4711", "84", "X"]


def test_a_number_without_an_authority_belongs_to_the_sending_facility():
    assert mapped(head(A08), ("PID", {3: "77"})).identity.authority == "STLUC"
    universal = ("77", "", "", ("", "1.2.3", "ISO"))
    assert mapped(head(A08), ("PID", {3: [universal]})).identity.authority == "1.2.3"


@pytest.mark.parametrize(
    ("segments", "reason"),
    [
        ((head(("MFN", "M02")), PID), "message type MFN^M02 is not mapped yet"),
        ((head(("ADT", "A99")), PID), "message type ADT^A99 is not mapped yet"),
        ((head("ACK"), PID), "message type ACK is not mapped yet"),
        ((head(ORU),), "ORU^R01 without a PID segment"),
        ((head(ORU), ("PID", {5: "Doe"})), "ORU^R01 without a patient number (PID-3)"),
    ],
)
def test_what_is_not_understood_says_why(segments, reason):
    message = Message(write.build(segments))

    assert told(message, zone=ZONE).reason == reason
    assert understood(message) == reason


@pytest.mark.parametrize(
    ("substance", "none"),
    [
        (("716186003", "No known allergy", "SCT"), True),
        (("NKA", "", "L"), True),
        (("", "No Known Allergies"), True),
        (("409137002", "No known drug allergy", "SCT"), False),
        (("NKDA", "No known drug allergies", "L"), False),
        (("P", "Penicillin", "L"), False),
    ],
)
def test_only_a_statement_about_every_allergy_means_that_there_are_none(substance, none):
    found = mapped(head(A08), PID, ("AL1", {1: 1, 2: "DA", 3: substance}))

    assert (ItemKind.ALLERGY in found.stated_none) is none
    assert bool(found.items) is not none


def test_silence_about_allergies_states_nothing():
    assert mapped(head(A08), PID, ("AL1", {1: 1})).stated_none == frozenset()


def result(value="5.1", control="1", status="P"):
    obx = ("OBX", {1: 1, 2: "NM", 3: ("K", "Kalium", "L"), 5: value, 6: "mmol/L", 7: "3.5 - 5.1", 8: "H", 11: status})
    return mapped(head(ORU, control), PID, ("OBR", {2: "P1", 3: "F1", 4: ("EL", "Electrolytes")}), obx)


def test_a_corrected_result_keeps_the_key_of_the_first():
    first, second = only(result(), ItemKind.RESULT), only(result("6.1", "2", "C"), ItemKind.RESULT)

    assert first.key == second.key
    assert (second.text, second.value, second.unit, second.range) == ("6.1 mmol/L", "6.1", "mmol/L", "3.5 - 5.1")
    assert (second.flag, second.status) == ("H", "corrected")


def test_a_value_that_is_no_number_stays_readable():
    for value in ("zie brief", "1_000", "nan", "12,5", ">", "١٢"):
        item = only(result(value), ItemKind.RESULT)
        assert item.value == value
        assert item.resource["valueString"] == value


def test_digits_that_matter_are_kept_as_sent():
    assert only(result("98.00"), ItemKind.RESULT).text == "98.00 mmol/L"
    assert only(result("<15"), ItemKind.RESULT).resource["valueQuantity"]["comparator"] == "<"


def test_a_comment_under_a_result_is_a_note_on_it():
    obx = ("OBX", {2: "NM", 3: "K", 5: "5"})
    found = mapped(head(ORU), PID, ("OBR", {3: "F1", 4: "EL"}), obx, ("NTE", {3: "called"}), ("NTE", {3: "at 7"}))

    assert only(found, ItemKind.RESULT).resource["note"] == [{"text": "called\nat 7"}]


def test_two_values_of_one_code_have_different_keys():
    obx = ("OBX", {2: "ST", 3: "K", 5: "5"})
    found = mapped(head(ORU), PID, ("OBR", {3: "F1", 4: "EL"}), obx, obx)

    assert len({item.key for item in found.items if item.kind is ItemKind.RESULT}) == 2


def test_a_merge_names_who_stays_and_who_goes():
    found = mapped(head(("ADT", "A40")), PID, ("MRG", {1: [("T9", "", "", "STLUC", "MR")]}))

    assert [(merge.surviving.number, merge.prior.number) for merge in found.merges] == [("4711", "T9")]
    assert found.movement is None


def test_a_merge_of_a_number_with_itself_is_none():
    assert mapped(head(("ADT", "A40")), PID, ("MRG", {1: [("4711", "", "", "STLUC", "MR")]})).merges == ()


def test_a_birth_date_that_is_none_is_kept_as_text():
    patient = mapped(head(A08), ("PID", {3: "1", 7: "19841345"})).patient

    assert "birthDate" not in patient
    assert patient["_birthDate"]["extension"][0]["valueString"] == "19841345"


odd = st.text(st.sampled_from('A1^~&\\|"<- .zé'), max_size=14)
names = st.sampled_from(
    ["PID", "PD1", "PV1", "PV2", "NK1", "AL1", "IAM", "DG1", "IN1", "MRG", "ORC", "OBR", "OBX", "NTE", "RXO", "RXR"]
)
kinds = st.sampled_from(["NM", "SN", "CE", "TX", "FT", "ST", "ED", "RP", "DT", "TM", "DR", "ZZ", ""])
lines = st.lists(
    st.builds(lambda name, kind, fields: "|".join([name, "1", kind, *fields]), names, kinds, st.lists(odd, max_size=45)),
    max_size=12,
)
types = st.sampled_from(["ADT^A01", "ADT^A40", "ADT^A60", "ORU^R01", "ORM^O01"])


@given(types, lines)
def test_odd_content_never_stops_the_mapping(kind, body):
    text = f"MSH|^~\\&|A|B|||x||{kind}|1|P|2.5\rPID|||1\r" + "\r".join(body)
    message = Message(text.encode())
    found = told(message, zone=ZONE)

    assert found.understood
    keys = [(item.kind, item.key) for item in found.items]
    assert len(keys) == len(set(keys))
    assert json.dumps(to_bundle(message, zone=ZONE))


def test_the_shared_messages_of_the_mapped_types_are_understood(shared_data):
    seen = Counter()
    folder = shared_data / "hl7v2"
    for row in csv.DictReader((folder / "index.csv").read_text().splitlines()):
        for piece in files.split((folder / row["file"]).read_bytes()):
            seen[_verdict(piece.raw, row["class"])] += 1
    clean = seen["understood", "clean"], seen["not understood", "clean"]

    assert clean[0] / sum(clean) > 0.98
    assert seen["understood", "clean"] >= 1770
    assert seen["other type", "clean"] <= 360


def _verdict(raw, cleanness):
    try:
        message = Message(raw)
    except Broken:
        return "broken", cleanness
    if not_mapped(message):
        return "other type", cleanness
    found = told(message, zone=ZONE)
    assert not found.understood or found.identity.number
    return ("understood" if found.understood else "not understood"), cleanness


IGNORED = {"id", "fullUrl", "reference", "div", "lastUpdated", "recorded", "resourceType"} | {
    "extension",
    "modifierExtension",
}


def leaves(node, kind, path=""):
    """The leaves of a resource as (type, path, value), as shared/tools/score_pairs.py counts them."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key not in IGNORED:
                yield from leaves(value, kind, f"{path}.{key}")
    elif isinstance(node, list):
        for value in node:
            yield from leaves(value, kind, path)
    elif node not in (None, ""):
        yield kind, path, str(node).strip()


def bundle_leaves(bundle):
    found = [entry["resource"] for entry in bundle.get("entry", [])]
    return Counter(leaf for each in found for leaf in leaves(each, each["resourceType"]))


# Strict recall measured when this was written, less a point: ours may only grow.
FLOORS = {
    "microsoft": {"Patient": 0.60, "Encounter": 0.62, "Observation": 0.61},
    "reportstream": {"Patient": 0.88, "Encounter": 0.72, "Observation": 0.74, "DiagnosticReport": 0.86},
}


def test_the_expected_pairs_are_met_as_well_as_they_were(shared_data):
    expected, met = Counter(), Counter()
    for pair in json.loads((shared_data / "pairs" / "index.json").read_text()):
        if pair["direction"] != "hl72fhir":
            continue
        message = Message((shared_data / "pairs" / pair["hl7"]).read_bytes())
        if not_mapped(message):
            continue
        wanted = bundle_leaves(json.loads((shared_data / "pairs" / pair["fhir"]).read_text()))
        got = bundle_leaves(to_bundle(message, zone=ZONE))
        for (kind, path, value), count in wanted.items():
            expected[pair["source"], kind] += count
            met[pair["source"], kind] += min(count, got[kind, path, value])
    for source, floors in FLOORS.items():
        for kind, floor in floors.items():
            assert met[source, kind] / expected[source, kind] >= floor, (source, kind)
