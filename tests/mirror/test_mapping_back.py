"""R4 to HL7 v2, and there and back again."""

import json
import zoneinfo
from collections import Counter
from pathlib import Path

import hl7
import pytest

from stormlamp.mirror.mapping.to_v2 import to_messages
from stormlamp.mirror.mapping.v2 import to_bundle
from stormlamp.mirror.wire import files
from stormlamp.mirror.wire.hl7 import Broken, Message
from tests.mirror.mapping_golden import messages
from tests.mirror.wire_makers import ADT

ZONE = zoneinfo.ZoneInfo("Europe/Brussels")
ADA = {
    "resourceType": "Patient",
    "id": "ada",
    "identifier": [{"value": "77", "system": "urn:oid:1.2.3", "assigner": {"display": "HOSP"}}],
    "name": [{"family": "Byron | King", "given": ["Ada", "Augusta"], "use": "official"}],
    "gender": "female",
    "birthDate": "1815-12-10",
}


def bundle(*resources):
    return {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}


def sent(*resources):
    return [Message(piece.raw) for piece in files.split(to_messages(bundle(*resources)))]


def leaves(resource, path=""):
    if isinstance(resource, dict):
        return Counter(
            leaf
            for name, value in resource.items()
            if name not in ("id", "fullUrl")
            for leaf in leaves(value, f"{path}.{name}").elements()
        )
    if isinstance(resource, list):
        return sum((leaves(value, path) for value in resource), Counter())
    return Counter([(path, str(resource))])


def test_a_patient_becomes_an_update_of_a_person():
    [message] = sent(ADA)
    pid = message.first("PID")

    assert message.name == "ADT^A31"
    assert (pid.text(5), pid.text(5, comp=2), pid.text(7), pid.text(8)) == ("Byron | King", "Ada", "18151210", "F")
    assert pid.parts(pid.field(3))[0] == "77"
    assert pid.subparts(pid.field(3).split("^")[3]) == ["HOSP", "1.2.3", "ISO"]


def test_a_report_brings_its_order_its_values_and_its_specimen():
    order = {"resourceType": "ServiceRequest", "id": "o", "subject": {"reference": "Patient/ada"}, "code": {"text": "Potassium"}}
    value = {
        "resourceType": "Observation",
        "id": "k",
        "status": "final",
        "subject": {"reference": "Patient/ada"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3", "display": "Potassium"}]},
        "valueQuantity": {"value": 6.1, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"},
        "interpretation": [{"coding": [{"code": "HH"}]}],
    }
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "subject": {"reference": "Patient/ada"},
        "basedOn": [{"reference": "ServiceRequest/o"}],
        "result": [{"reference": "Observation/k"}],
        "code": {"text": "Electrolytes"},
    }
    specimen = {"resourceType": "Specimen", "id": "s", "subject": {"reference": "Patient/ada"}, "type": {"text": "Serum"}}
    [message] = [one for one in sent(ADA, order, report, value, specimen) if one.type == "ORU"]

    assert [segment.name for segment in message.segments] == ["MSH", "PID", "ORC", "OBR", "OBX", "SPM"]
    obx = message.first("OBX")
    assert (obx.text(2), obx.text(3), obx.text(5), obx.text(6), obx.text(8)) == ("NM", "2823-3", "6.1", "mmol/L", "HH")


def test_each_kind_of_content_goes_out_as_the_message_that_the_standard_has_for_it():
    about = {"reference": "Patient/ada"}
    drug = {"resourceType": "MedicationRequest", "id": "m", "subject": about, "medicationCodeableConcept": {"text": "Aspirin"}}
    shot = {"resourceType": "Immunization", "id": "i", "patient": about, "vaccineCode": {"text": "Tetanus"}, "status": "completed"}
    visit = {"resourceType": "Appointment", "id": "a", "status": "booked", "participant": [{"actor": about, "status": "accepted"}]}
    letter = {"resourceType": "DocumentReference", "id": "d", "status": "current", "subject": about, "type": {"text": "Letter"}}

    names = {message.name for message in sent(ADA, drug, shot, visit, letter)}

    assert names - {"ADT^A31"} == {"RDE^O11", "VXU^V04", "SIU^S12", "MDM^T02"}


def test_a_bundle_without_a_patient_is_refused():
    with pytest.raises(Broken, match="no Patient"):
        to_messages(bundle({"resourceType": "Observation"}))


@pytest.mark.parametrize("path", messages(), ids=lambda path: path.stem)
def test_what_went_to_r4_and_back_says_the_same_of_the_patient(path):
    first = to_bundle(Message(path.read_bytes()), zone=ZONE)
    there = to_messages(first)
    second = to_bundle(Message(next(piece.raw for piece in files.split(there))), zone=ZONE)

    patients = [
        one["resource"] for whole in (first, second) for one in whole["entry"] if one["resource"]["resourceType"] == "Patient"
    ]
    lost = leaves({**patients[0], "extension": [], "meta": {}}) - leaves(patients[-1])
    kept = ("identifier.value", "name.family", "name.given", "birthDate", "gender")
    assert not [leaf for leaf in lost if any(leaf[0].endswith(name) for name in kept)]


def test_every_expected_bundle_goes_out_as_messages_that_another_parser_reads(shared_data):
    index = json.loads((shared_data / "pairs" / "index.json").read_text())
    for pair in index:
        whole = json.loads((shared_data / "pairs" / pair["fhir"]).read_text())
        patient = next((one["resource"] for one in whole["entry"] if one["resource"]["resourceType"] == "Patient"), None)
        if patient is None:
            continue
        for piece in files.split(to_messages(whole)):
            read = hl7.parse(piece.raw.decode())
            assert str(read.segment("MSH")[9]), pair["name"]
            assert len(read.segments("PID")) == 1, pair["name"]


def test_two_files_of_one_name_do_not_overwrite_each_other(tmp_path, capfd):
    from stormlamp.__main__ import run

    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.hl7").write_bytes(ADT.replace(b"|C1|", f"|{folder}|".encode()))
    (tmp_path / "x.xml").write_bytes(b"<?xml version='1.0'?><Patient xmlns='http://hl7.org/fhir'/>")
    names = [str(tmp_path / one) for one in ("a/x.hl7", "b/x.hl7", "x.xml")]

    assert run(["map", *names, "--out", str(tmp_path / "out"), "--json"]) == 1
    told = json.loads(capfd.readouterr().out)
    assert list(told["written"]) == names[:1]
    assert told["refused"] == {
        names[1]: "x.json was written from another file already: map it into another folder",
        names[2]: "xml",
    }
    assert '"value": "a"' in (tmp_path / "out" / "x.json").read_text()
    assert run(["map", names[0], "--out", str(tmp_path / "out"), "--zone", "Mars/Base"]) == 2


def test_nothing_is_stored_by_mapping_files(tmp_path, capfd):
    from stormlamp.__main__ import run

    source = Path(messages()[0])
    assert run(["map", str(source), "--out", str(tmp_path)]) == 0
    made = tmp_path / f"{source.stem}.json"
    assert json.loads(made.read_text())["resourceType"] == "Bundle"
    assert run(["map", str(made), "--out", str(tmp_path / "back")]) == 0
    assert (tmp_path / "back" / f"{source.stem}.hl7").read_bytes().startswith(b"MSH|")
    (tmp_path / "odd.hl7").write_bytes(b"no message")
    assert run(["map", str(tmp_path / "odd.hl7"), "--out", str(tmp_path)]) == 1
    assert "odd.hl7" in capfd.readouterr().out
