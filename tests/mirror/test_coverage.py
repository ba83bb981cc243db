"""The proof of the mapping against the guide is itself proven: it finds what is there and misses what is not."""

import datetime as dt

from stormlamp.mirror.mapping import coverage
from stormlamp.mirror.mapping.coverage.maps import lines
from stormlamp.mirror.mapping.coverage.paths import Places, steps
from stormlamp.mirror.mapping.coverage.proof import unmet
from stormlamp.mirror.mapping.coverage.samples import samples
from stormlamp.mirror.mapping.v2 import to_bundle
from stormlamp.mirror.wire.hl7 import Message

WANTED = 0.95


def line(table, field, path):
    return next(one for one in lines() if (one.table, one.field, one.path) == (table, field, path))


def test_the_guide_maps_398_source_fields():
    assert len({one.name for one in lines()}) == 398


def test_almost_all_fields_that_the_guide_maps_surface_where_it_says():
    found = coverage.prove()

    assert found.fields == 398
    assert found.covered + len(found.missing) == found.fields
    assert found.share >= WANTED, found.missing
    assert all(found.missing.values())


def test_a_path_follows_references_to_other_resources():
    assert steps("performer[2](PractitionerRole[1].organization(Organization.address))") == [
        "performer",
        ">PractitionerRole",
        "organization",
        ">Organization",
        "address",
    ]
    role = {"resourceType": "PractitionerRole", "id": "r", "organization": {"reference": "Organization/o"}}
    place = {"resourceType": "Organization", "id": "o", "address": [{"city": "Ghent"}]}
    value = {"resourceType": "Observation", "id": "v", "performer": [{"reference": "PractitionerRole/r"}]}
    places = Places({"resourceType": "Bundle", "entry": [{"resource": one} for one in (role, place, value)]})

    [found] = places.at("Observation", "performer[2](PractitionerRole[1].organization(Organization.address))")

    assert places.says(found, ["Ghent"])
    assert not places.says(found, ["Bruges"])


def test_a_value_in_another_place_is_not_taken_for_the_right_one():
    said = line("PID[Patient]", 7, "birthDate")
    [sample] = samples(said, 3)
    bundle = to_bundle(Message(sample.message), zone=dt.UTC)
    patient = next(entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Patient")
    patient["name"].append({"text": patient.pop("birthDate"), "period": patient.pop("_birthDate", {})})
    places = Places(bundle)

    assert unmet(said, 3) == ""
    assert not any(places.says(node, sample.wanted) for node in places.at("Patient", said.path))


def test_a_code_is_tried_with_several_of_its_table():
    assert {sample.wanted for sample in samples(line("PID[Patient]", 8, "gender"), 1)} >= {("female",), ("other",)}
