"""$everything and $summary: all of a patient, and the International Patient Summary that never says "none" by itself."""

from xml.etree import ElementTree

import pytest

from stormlamp.kernel.moments import DAY
from stormlamp.mirror.models import MirrorItem, MirrorSnapshot
from stormlamp.mirror.rules.r4.shaping import NO_LONGER_TOLD
from stormlamp.mirror.rules.r4.summaries import ABSENT_OR_UNKNOWN
from tests.makers import NOON, after
from tests.mirror.door.house import ADA, CY, Reader, a_mirror, a_token, bundle, concept, merged, of_cy, weight
from tests.mirror.makers import adt, send

pytestmark = pytest.mark.django_db
DEMANDED = {"10160-0", "48765-2", "11450-4"}


@pytest.fixture
def reader(home) -> Reader:
    a_mirror()
    return Reader(a_token())


def resources(bundle_: dict) -> dict[str, dict]:
    return {one["fullUrl"]: one["resource"] for one in bundle_["entry"]}


def sections(document: dict) -> dict[str, dict]:
    """The sections of a summary by their LOINC code, each with its resources."""
    found = resources(document)
    base = document["entry"][0]["fullUrl"].partition("/Composition/")[0]
    composition = document["entry"][0]["resource"]
    return {
        one["code"]["coding"][0]["code"]: one | {"shown": [found[f"{base}/{each['reference']}"] for each in one["entry"]]}
        for one in composition["section"]
    }


def said(section: dict) -> list[str]:
    """What a section's resources are coded as, where IPS says that something is absent or unknown."""
    codes = [one.get("code") or one.get("medicationCodeableConcept") for one in section["shown"]]
    return [each["code"] for one in codes for each in one["coding"] if each.get("system") == ABSENT_OR_UNKNOWN]


# ------------------------------------------------------------------------------------------------------------- everything


def test_everything_is_the_patient_their_items_and_who_these_point_to(reader):
    told = reader.get(f"Patient/{CY}/$everything")
    modes = [(one["resource"]["resourceType"], one["search"]["mode"]) for one in told["entry"]]
    assert modes[0] == ("Patient", "match")
    assert sorted(kind for kind, mode in modes if mode == "match") == [
        "Condition", "Encounter", "Immunization", "Observation", "Observation", "Observation", "Patient", "Procedure",
    ]  # fmt: skip
    assert ("Practitioner", "include") in modes
    assert told["total"] == 8


def test_everything_has_the_stay_that_hl7_told_and_every_place_around_its_bed(reader):
    send(adt("A01", number="91", ward="3B", bed="7", control="C91", visit="V91"))
    (who,) = reader.found("Patient?identifier=91")
    told = reader.get(f"Patient/{who['id']}/$everything")
    there = {f"{one['resource']['resourceType']}/{one['resource']['id']}": one["resource"] for one in told["entry"]}

    (stay,) = (one for one in there.values() if one["resourceType"] == "Encounter")
    bed = there[stay["location"][0]["location"]["reference"]]
    room = there[bed["partOf"]["reference"]]
    assert (bed["name"], room["name"], there[room["partOf"]["reference"]]["name"]) == ("7", "1", "3B")


def test_everything_may_be_of_some_types_and_since(reader):
    told = reader.get(f"Patient/{CY}/$everything?_type=Observation,Condition")
    assert {one["resource"]["resourceType"] for one in told["entry"]} == {"Observation", "Condition"}
    send(bundle(weight("w8", "2026-03-01", 77)), fhir=True, interface="clinic", at=after(NOON, DAY))
    told = reader.get(f"Patient/{CY}/$everything?_since=2026-01-13T12:00:00Z")
    assert [one["resource"]["valueQuantity"]["value"] for one in told["entry"]] == [77]


def test_everything_of_a_merged_patient_is_everything_of_who_it_is_now(reader):
    merged()
    (now,) = reader.found("Patient?identifier=77")
    for asked in (ADA, now["id"]):
        found = [one["resource"] for one in reader.get(f"Patient/{asked}/$everything")["entry"]]
        assert found[0]["id"] == now["id"]
        assert "AllergyIntolerance" in {one["resourceType"] for one in found}


# ---------------------------------------------------------------------------------------------------------------- summary


def test_a_summary_is_a_document_with_composition_patient_and_author(reader):
    told = reader.get(f"Patient/{ADA}/$summary")
    kinds = [one["resource"]["resourceType"] for one in told["entry"]]
    assert (told["type"], kinds[:3]) == ("document", ["Composition", "Patient", "Device"])
    assert told["meta"]["profile"] == ["http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips"]
    composition, found = told["entry"][0]["resource"], resources(told)
    base = told["entry"][0]["fullUrl"].partition("/Composition/")[0]
    for pointing in (composition["subject"], composition["author"][0]):
        assert f"{base}/{pointing['reference']}" in found
    assert told["identifier"]["value"].startswith("urn:uuid:")
    assert sections(told).keys() >= DEMANDED
    assert len(found) == len(told["entry"])


def test_the_sections_show_what_the_mirror_knows_with_words_that_people_read(reader):
    told = sections(reader.get(f"Patient/{ADA}/$summary"))
    assert [one["code"]["coding"][0]["display"] for one in told["48765-2"]["shown"]] == ["Penicillin"]
    assert [one["resourceType"] for one in told["11450-4"]["shown"]] == ["Condition"]
    for one in told.values():
        words = "".join(ElementTree.fromstring(one["text"]["div"]).itertext())
        assert words.strip()
    assert "Penicillin" in told["48765-2"]["text"]["div"]
    (result,) = told["30954-2"]["shown"]
    assert result["valueQuantity"]["value"] == 6.1
    theirs = sections(reader.get(f"Patient/{CY}/$summary"))
    assert {"11369-6", "47519-4", "8716-3"} <= theirs.keys()
    assert [one["valueQuantity"]["value"] for one in theirs["8716-3"]["shown"]] == [79]


def test_a_class_of_which_nothing_was_told_says_that_nothing_is_known(reader):
    told = sections(reader.get(f"Patient/{CY}/$summary"))
    assert said(told["10160-0"]) == ["no-medication-info"]
    assert said(told["48765-2"]) == ["no-allergy-info"]
    assert "does not mean that there are none" in told["48765-2"]["text"]["div"]


def test_only_what_a_source_stated_is_called_none(reader):
    snomed = "http://snomed.info/sct"
    none = of_cy("AllergyIntolerance", "none", code=concept("716186003", snomed, "No known allergy"))
    send(bundle(none), fhir=True, interface="clinic")
    told = sections(reader.get(f"Patient/{CY}/$summary"))
    assert said(told["48765-2"]) == ["no-known-allergies"]
    assert said(told["10160-0"]) == ["no-medication-info"]


def test_what_was_taken_back_is_not_shown_and_is_not_called_none(reader):
    wrong = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "entered-in-error"}]}
    asthma = concept("195967001", "http://snomed.info/sct", "Asthma")
    send(bundle(of_cy("Condition", "k1", code=asthma, verificationStatus=wrong)), fhir=True, interface="clinic")
    told = sections(reader.get(f"Patient/{CY}/$summary"))
    assert said(told["11450-4"]) == ["no-problem-info"]
    assert "Asthma" not in told["11450-4"]["text"]["div"]


def test_a_summary_under_an_old_id_is_of_who_the_patient_is_now(reader):
    merged()
    (now,) = reader.found("Patient?identifier=77")
    assert reader.get(f"Patient/{ADA}/$summary")["entry"][1]["resource"]["id"] == now["id"]


def test_the_words_are_in_the_language_of_the_hospital(reader, settings):
    from dataclasses import replace

    settings.HOME = replace(settings.HOME, language="fr")
    told = reader.get(f"Patient/{ADA}/$summary", **{"Accept-Language": "nl"})
    assert told["language"] == "fr"
    assert "Allergies et intolérances" in {one["title"] for one in told["entry"][0]["resource"]["section"]}


def test_names_that_look_like_marks_stay_words(reader):
    send(adt(number="90", control="C90", visit="V90", more="AL1|1|DA|^<script>alert(1)</script>^L|SV\r"))
    (who,) = reader.found("Patient?identifier=90")
    told = sections(reader.get(f"Patient/{who['id']}/$summary"))
    assert "<script>" not in told["48765-2"]["text"]["div"]
    ElementTree.fromstring(told["48765-2"]["text"]["div"])


# ------------------------------------------------------------------------------------------------- what a newer list leaves out


def test_a_value_that_its_sources_newer_whole_list_leaves_out_is_kept_and_marked(reader):
    item = MirrorItem.objects.get(patient=ADA, type="AllergyIntolerance")
    listed = {"patient": ADA, "category": item.category, "scope": item.scope, "interface": item.interface, "keys": "other"}
    source = {"order": item.order + "z", "entry": "e", "message": "ADT^A31", "control_id": "c", "at": item.at}
    MirrorSnapshot.objects.create(id="s", **listed, **source)
    (found,) = reader.found(f"AllergyIntolerance?patient={ADA}")
    assert found["meta"]["tag"] == [NO_LONGER_TOLD]
    told = sections(reader.get(f"Patient/{ADA}/$summary"))["48765-2"]
    assert "left out of its source" in told["text"]["div"]
    MirrorSnapshot.objects.create(id="t", **listed | {"interface": "other", "keys": item.key}, **source)
    (found,) = reader.found(f"AllergyIntolerance?patient={ADA}")
    assert "tag" not in found["meta"]
