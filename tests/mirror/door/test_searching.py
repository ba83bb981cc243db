"""Searching over FHIR: each common parameter finds what fits and nothing else; pages, totals, sorting, includes."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.kernel.identifiers import patient_id
from stormlamp.mirror.queries.r4 import items
from stormlamp.mirror.rules.r4.catalogue import TYPES
from stormlamp.mirror.rules.r4.dates import Span, asked, span_of
from stormlamp.mirror.rules.r4.searching import Unreadable, page_text, read_page, read_search
from tests.makers import NOON, after
from tests.mirror.door.house import ADA, CY, Reader, a_mirror, a_token, bundle, link, of_cy, weight
from tests.mirror.makers import adt, merge, oru, send

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Brussels")


@pytest.fixture
def reader(home) -> Reader:
    a_mirror()
    return Reader(a_token())


def weights(reader: Reader, query: str) -> list[float]:
    return [one["valueQuantity"]["value"] for one in reader.found(f"Observation?patient={CY}&{query}")]


# ----------------------------------------------------------------------------------------------------------------- patients


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ("name=mul", {"Müller"}),
        ("name=mueller", {"Müller"}),
        ("family=JANS", {"JANSSENS"}),
        ("family=de%20smet", {"DE SMET"}),
        ("family=smet", {"DE SMET"}),
        ("given=mar", {"JANSSENS"}),
        ("family=mar", set()),
        ("family:exact=Janssens", set()),
        ("family:exact=JANSSENS", {"JANSSENS"}),
        ("family:contains=sse", {"JANSSENS"}),
        ("name=janssens,müller", {"JANSSENS", "Müller"}),
        ("identifier=77", {"JANSSENS"}),
        ("identifier=HOSP|77", {"JANSSENS"}),
        ("identifier=urn:oid:1.2.3|C7", {"Müller"}),
        ("identifier=urn:oid:1.2.3|c7", {"Müller"}),
        ("identifier=urn:oid:9|C7", set()),
        ("identifier=77,C7", {"JANSSENS", "Müller"}),
        ("identifier=|77", {"JANSSENS"}),
        ("identifier=|C7", set()),
        ("identifier=urn:oid:1.2.3|", {"Müller"}),
        ("identifier=HOSP|", {"JANSSENS", "DE SMET"}),
        ("identifier=urn:oid:9|", set()),
        ("identifier=urn:oid:9|,|77", {"JANSSENS"}),
        ("identifier:not=urn:oid:1.2.3|", {"JANSSENS", "DE SMET"}),
        ("identifier:missing=true", set()),
        ("identifier:missing=false", {"JANSSENS", "DE SMET", "Müller"}),
        ("birthdate:missing=true", set()),
        ("family:missing=false&gender=male", {"Müller"}),
        ("gender=http://hl7.org/fhir/administrative-gender|male", {"Müller"}),
        ("gender=http://hl7.org/fhir/administrative-gender|", {"JANSSENS", "DE SMET", "Müller"}),
        ("gender=urn:other|male", set()),
        ("gender=|male", set()),
        (f"_id={CY},,nobody", {"Müller"}),
        ("identifier=", {"JANSSENS", "DE SMET", "Müller"}),
        ("birthdate=1980-02-29", {"Müller"}),
        ("birthdate=1980", {"Müller"}),
        ("birthdate=1980-02-28", set()),
        ("birthdate=ge1980-02-29", {"Müller"}),
        ("birthdate=gt1980-02-29", set()),
        ("birthdate=lt1980", {"JANSSENS", "DE SMET"}),
        ("birthdate=ge1951&birthdate=lt1952", {"JANSSENS", "DE SMET"}),
        ("gender=male", {"Müller"}),
        ("gender:not=male", {"JANSSENS", "DE SMET"}),
        (f"_id={ADA},{CY}", {"JANSSENS", "Müller"}),
        (f"_id={ADA}&gender=male", set()),
        ("_lastUpdated=ge2026-01-13", {"JANSSENS", "DE SMET", "Müller"}),
        ("_lastUpdated=lt2026-01-13", set()),
        ("deceased=false", {"JANSSENS", "DE SMET", "Müller"}),
        ("deceased=true", set()),
        ("", {"JANSSENS", "DE SMET", "Müller"}),
        ("name=nobody", set()),
    ],
)
def test_patients_are_found(reader, query, who):
    assert {one["name"][0]["family"] for one in reader.found(f"Patient?{query}")} == who


# -------------------------------------------------------------------------------------------------------------------- items


@pytest.mark.parametrize("code", ["29463-7", "http://loinc.org|29463-7", "http://loinc.org|", "none"])
@pytest.mark.parametrize("sort", ["", "&_sort=-date", "&_sort=_id"])
def test_a_frequent_code_is_found_like_a_rare_one(reader, monkeypatch, code, sort):
    rare = reader.found(f"Observation?code={code}{sort}")
    assert bool(rare) is (code != "none")
    monkeypatch.setattr(items, "FREQUENT", 1)
    assert reader.found(f"Observation?code={code}{sort}") == rare


@pytest.mark.parametrize(
    ("told", "dead"),
    [
        ({}, False),
        ({"deceasedBoolean": False}, False),
        ({"deceasedBoolean": True}, True),
        ({"deceasedDateTime": "2026-01-12"}, True),
    ],
)
def test_who_has_a_day_of_death_is_deceased_and_who_has_nothing_told_is_not(told, dead):
    zone = ZoneInfo("Europe/Brussels")
    for said in ("true", "false"):
        search = read_search(TYPES["Patient"], [("deceased", said)], zone)
        assert search.fits({"resourceType": "Patient", **told}, zone) is (dead is (said == "true"))


@pytest.mark.parametrize(
    ("query", "kilos"),
    [
        ("", [80, 81.5, 79]),
        ("code=29463-7", [80, 81.5, 79]),
        ("code=http://loinc.org|29463-7", [80, 81.5, 79]),
        ("code=urn:local|WT", [80, 81.5, 79]),
        ("code=WT", [80, 81.5, 79]),
        ("code=http://loinc.org|", [80, 81.5, 79]),
        ("code=urn:other|29463-7", []),
        ("code=|29463-7", []),
        ("code=XX,WT", [80, 81.5, 79]),
        ("code=urn:local|", [80, 81.5, 79]),
        ("code=|WT", []),
        ("code=none", []),
        ("status=http://hl7.org/fhir/observation-status|final", [80, 81.5, 79]),
        ("status=urn:other|final", []),
        ("encounter:missing=true", [80, 79]),
        ("encounter:missing=false", [81.5]),
        ("performer:Practitioner=nobody", []),
        ("code:not=WT", []),
        ("category=vital-signs", [80, 81.5, 79]),
        ("category=laboratory", []),
        ("status=final", [80, 81.5, 79]),
        ("status=preliminary", []),
        ("date=2026-01-12", [81.5]),
        ("date=2026-01", [80, 81.5]),
        ("date=2026", [80, 81.5, 79]),
        ("date=gt2026-01-12", [79]),
        ("date=ge2026-01-12", [81.5, 79]),
        ("date=lt2026-01-12", [80]),
        ("date=le2026-01-12", [80, 81.5]),
        ("date=2026-01-12T10:00:00%2B01:00", [81.5]),
        ("date=2026-01-12T10:00:00+01:00", [81.5]),
        ("date=2026-01-12T09:00:00Z", [81.5]),
        ("date=ge2026-01-10&date=lt2026-01-12", [80]),
        ("_lastUpdated=gt2027", []),
        ("_lastUpdated=2026-01-13", [80, 81.5, 79]),
        ("_sort=date", [80, 81.5, 79]),
        ("_sort=-date", [79, 81.5, 80]),
        ("_sort=date&_count=1", [80]),
        ("value-concept=x", []),
    ],
)
def test_observations_are_found(reader, query, kilos):
    found = weights(reader, query)
    assert (found if "_sort" in query else sorted(found)) == (kilos if "_sort" in query else sorted(kilos))


@pytest.mark.parametrize(
    ("query", "size"),
    [
        (f"Condition?subject=Patient/{CY}", 1),
        (f"Condition?subject:Patient={CY}", 1),
        (f"Condition?patient=http://testserver/fhir/Patient/{CY}", 1),
        (f"Condition?patient={CY},{ADA}", 2),
        ("Condition?patient.identifier=urn:oid:1.2.3|C7", 1),
        ("Condition?patient.identifier=nobody", 0),
        ("Condition?patient=nobody", 0),
        ("Condition?code=195967001", 1),
        ("Condition?code=http://snomed.info/sct|195967001", 1),
        ("Condition?onset-date=2001", 1),
        ("Condition?onset-date=sa2001", 0),
        ("Condition", 2),
        ("Procedure?date=1999-05-05", 1),
        ("Procedure?date=ge2000", 0),
        ("Immunization?vaccine-code=207", 1),
        ("Immunization?date=2021", 1),
        (f"Encounter?patient={CY}&date=2026-01-13", 0),
        (f"Encounter?patient={CY}&date=2026", 1),
        (f"Encounter?patient={CY}&date=ge2026-01-13", 1),
        (f"Encounter?patient={CY}&class=IMP", 1),
        (f"Encounter?patient={CY}&status=finished", 1),
        (f"AllergyIntolerance?patient={ADA}&clinical-status=active", 1),
        (f"AllergyIntolerance?patient={ADA}&criticality=high", 1),
        ("Practitioner?name=who", 1),
        ("Practitioner?family=doctor", 0),
        ("Practitioner?name=nobody", 0),
        (f"Patient/{CY}/Observation", 3),
        (f"Patient/{CY}/Observation?date=2026-01-12", 1),
    ],
)
def test_what_is_asked_for_is_found(reader, query, size):
    assert len(reader.found(query)) == size


def test_an_encounter_finds_what_happened_in_it(reader):
    (stay,) = reader.found(f"Encounter?patient={CY}")
    assert weights(reader, f"encounter={stay['id']}") == weights(reader, f"encounter=Encounter/{stay['id']}") == [81.5]
    assert weights(reader, "encounter=Encounter/other") == []


def test_two_who_both_lie_in_a_bed_and_are_merged_have_two_stays_each_in_its_own_bed(home):
    send(adt(), adt(number="78", control="C2", sent="20260113110100", ward="4A", bed="1", visit="V2"), merge())
    stays = Reader(a_token()).found(f"Encounter?patient={patient_id('HOSP', '78')}&status=in-progress")
    beds = sorted(one["location"][0]["location"]["display"] for one in stays)
    assert ([one["subject"]["reference"] for one in stays], beds) == (
        [f"Patient/{patient_id('HOSP', '78')}"] * 2,
        ["3B / 1 / 12", "4A / 1 / 1"],
    )


def test_without_a_patient_only_first_codings_are_searched_and_the_answer_says_so(reader):
    bundle_ = reader.get("Observation?code=WT")
    assert [one["search"]["mode"] for one in bundle_["entry"]] == ["outcome"]
    assert "first coding" in bundle_["entry"][0]["resource"]["issue"][0]["diagnostics"]
    assert len(reader.found("Observation?code=http://loinc.org|29463-7")) == 3
    assert len(reader.found("Observation?code=29463-7")) == 3


# -------------------------------------------------------------------------------------------------- pages, totals, includes


@pytest.mark.parametrize(
    "place",
    ["Patient", "Observation", "Observation?_sort=date", "Observation?_sort=-date", "Observation?_sort=-_lastUpdated",
     "Observation?_sort=_id", f"Observation?patient={CY}&status=final", "Encounter", f"Patient/{CY}/$everything"],
)  # fmt: skip
def test_pages_give_everything_once_in_one_order(reader, place):
    send(oru("4.1", control="R3", number="80"), adt(number="81", control="C81", visit="V81"))
    send(bundle(weight("w0", "", 70)), fhir=True, interface="clinic")
    whole = [one["id"] for one in reader.found(place)]
    paged, at = [], f"{place}{'&' if '?' in place else '?'}_count=2"
    while at:
        page = reader.get(at)
        found = [one["resource"]["id"] for one in page.get("entry", ()) if one["search"]["mode"] == "match"]
        assert 1 <= len(found) <= 2 + ("$" in place)
        paged, at = paged + found, link(page, "next")
    assert paged == whole
    assert len(set(whole)) == len(whole) >= 3


def test_what_arrives_while_somebody_turns_pages_neither_doubles_nor_hides_anything(reader):
    page = reader.get(f"Observation?patient={CY}&_sort=date&_count=2")
    send(bundle(weight("w4", "2026-01-11", 80.5)), fhir=True, interface="clinic")
    rest = reader.get(link(page, "next"))
    assert [one["resource"]["valueQuantity"]["value"] for one in page["entry"] + rest["entry"]] == [80, 81.5, 79]


def test_a_count_is_given_when_asked_for_or_cheap(reader):
    assert "total" not in reader.get("Observation")
    assert reader.get("Observation?_total=accurate&_count=1")["total"] == 4
    assert reader.get(f"Observation?patient={CY}&_count=1")["total"] == 3
    assert "total" not in reader.get(f"Observation?patient={CY}&_total=none")
    for query in ("_summary=count", "_count=0"):
        counted = reader.get(f"Observation?patient={CY}&date=2026-01&{query}")
        assert (counted["total"], "entry" in counted) == (2, False)
    assert reader.get("Patient?_summary=count")["total"] == 3
    assert reader.get("Practitioner?_summary=count")["total"] == 1


def test_included_are_who_and_where(reader):
    followed = "&".join(f"_include=Observation:{name}" for name in ("subject", "encounter", "performer"))
    told = reader.get(f"Observation?patient={CY}&{followed}")
    beside = {one["resource"]["resourceType"]: one["search"]["mode"] for one in told["entry"] if one["search"]["mode"] != "match"}
    assert beside == {"Patient": "include", "Encounter": "include", "Practitioner": "include"}


def test_who_asks_for_what_came_after_the_last_one_misses_nothing_and_gets_nothing_twice(reader):
    newest = reader.found(f"Observation?patient={CY}&_sort=-_lastUpdated")[0]["meta"]["lastUpdated"]
    assert reader.found(f"Observation?_lastUpdated=gt{newest}") == []
    send(bundle(weight("w7", "2026-01-11", 80.5)), fhir=True, interface="clinic", at=after(NOON, 1))
    (found,) = reader.found(f"Observation?_lastUpdated=gt{newest}")
    assert found["valueQuantity"]["value"] == 80.5


def test_what_is_not_understood_is_left_out_and_seen_in_the_self_link_or_refused(reader):
    asked_for = f"Observation?patient={CY}&colour=red&date=2026-01-12"
    told = reader.get(asked_for)
    assert len(told["entry"]) == 1
    assert "colour" not in link(told, "self")
    assert "date=2026-01-12" in link(told, "self")
    refused = reader.ask(asked_for, Prefer="handling=strict")
    assert (refused.status_code, refused.json()["issue"][0]["code"]) == (400, "not-supported")
    assert reader.ask(f"Observation?patient={CY}", Prefer="handling=strict").status_code == 200


@pytest.mark.parametrize("handling", ["strict", "lenient"])
@pytest.mark.parametrize(
    "query",
    [
        *("Patient?gender:exact=male", "Patient?family:not=x", "Patient?_id:not=x", "Patient?_id:exact=x"),
        *("Patient?_lastUpdated:missing=true", "Patient?birthdate:exact=1980", "Patient?gender:missing=perhaps"),
        *("Observation?code:in=urn:x", "Observation?code:text=x", "Observation?code:above=x", "Observation?code=|"),
        *("Observation?patient:Group=x", "Observation?patient:identifier=x", "Observation?performer:identifier=x|y"),
    ],
)
def test_a_modifier_that_a_parameter_does_not_have_is_refused_however_lenient(reader, query, handling):
    refused = reader.ask(query, Prefer=f"handling={handling}")
    assert (refused.status_code, refused.json()["resourceType"]) == (400, "OperationOutcome")
    assert refused.json()["issue"][0]["code"] in ("not-supported", "value")


@pytest.mark.parametrize(
    "query", ["Observation?patient.name=x", "Encounter?location.name=3B", "Patient?_has:Observation:patient:code=1"]
)
def test_a_chain_that_is_not_followed_is_refused_for_the_answer_would_be_about_everybody(reader, query):
    refused = reader.ask(query)
    assert (refused.status_code, refused.json()["issue"][0]["code"]) == (400, "not-supported")


def test_a_number_is_looked_for_under_its_own_system(reader):
    both = [{"system": "urn:a", "value": "1"}, {"system": "urn:b", "value": "2"}, {"value": "3"}]
    send(
        bundle({"resourceType": "Patient", "id": "d", "identifier": both, "name": [{"family": "Two"}]}),
        fhir=True,
        interface="clinic",
    )
    for query, size in (
        ("urn:a|1", 1),
        ("urn:b|2", 1),
        ("urn:b|1", 0),
        ("urn:a|2", 0),
        ("|1", 0),
        ("|3", 1),
        ("3", 1),
        ("urn:a|", 1),
    ):
        assert len(reader.found(f"Patient?identifier={query}")) == size, query


def test_a_text_without_a_code_has_no_code(reader):
    send(bundle(of_cy("Procedure", "p2", status="completed", code={"text": "None"})), fhir=True, interface="clinic")
    assert reader.found(f"Procedure?patient={CY}&code=none") == []


def test_the_number_that_an_item_goes_out_with_finds_it(reader):
    (allergy,) = reader.found(f"AllergyIntolerance?patient={ADA}")
    (own,) = allergy["identifier"]
    value = own["value"].replace("|", "\\|")
    assert [one["id"] for one in reader.found(f"AllergyIntolerance?identifier={own['system']}|{value}")] == [allergy["id"]]
    assert reader.found(f"AllergyIntolerance?identifier=|{value}") == []


def test_parameters_may_come_in_a_form(reader):
    answer = reader.client.post("/fhir/Patient/_search", {"identifier": "77", "_format": "json"}, headers=reader.headers)
    assert [one["resource"]["id"] for one in answer.json()["entry"]] == [ADA]
    assert reader.ask("Patient/_search").status_code in (404, 405)


def test_only_the_elements_that_are_asked_for_are_given_and_marked_as_a_part(reader):
    (found,) = reader.found(f"Patient?_id={ADA}&_elements=birthDate")
    assert found.keys() == {"resourceType", "id", "meta", "birthDate"}
    assert found["meta"]["tag"][0]["code"] == "SUBSETTED"


def test_an_escaped_comma_is_part_of_the_value(reader):
    assert reader.found("Patient?family=janssens\\,m%C3%BCller") == []


# -------------------------------------------------------------------------------------------------------------------- rules


@given(st.datetimes(min_value=datetime(1000, 1, 1)), st.sampled_from([4, 7, 10, 16, 19]))  # noqa: DTZ001 - given a zone below
def test_a_date_lies_in_every_wider_one(at, length):
    text = at.isoformat()
    exact, wide = span_of(text[:19] + "Z", ZONE), span_of(text[:length] + ("Z" if length > 10 else ""), ZONE)
    assert exact is not None
    if wide is not None and length > 10:
        assert wide.low <= exact.low < exact.high <= wide.high


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**12), st.integers(-(10**15), 10**15), st.integers(1, 10**12))
def test_prefixes_agree_with_each_other(low, length, other, wide):
    told = Span(low, low + length)
    answers = {}
    for prefix in ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"):
        found = asked(f"{prefix}2026", ZONE)
        assert found is not None
        answers[prefix] = type(found)(prefix, Span(other, other + wide)).fits(told)
    assert answers["eq"] is not answers["ne"]
    assert answers["ge"] == (answers["gt"] or answers["eq"])
    assert answers["le"] == (answers["lt"] or answers["eq"])
    assert not (answers["sa"] and answers["eb"])
    assert answers["ap"] is not (answers["sa"] or answers["eb"])


@given(st.one_of(st.integers(), st.none(), st.text()), st.text())
def test_a_link_to_a_page_reads_as_it_was_written(value, key):
    assert read_page(page_text([value, key])) == (value, key)


@given(st.text().filter(lambda text: not text.startswith("W")))
def test_a_link_that_was_not_given_here_is_refused_and_never_fails(text):
    with pytest.raises(Unreadable):
        read_page(text)


def test_every_type_is_read_from_the_table_with_its_patient():
    assert TYPES["Observation"].subjects == ("subject",)
    assert TYPES["Coverage"].params["patient"].paths == ("beneficiary",)
    assert TYPES["Practitioner"].subjects == ()
    assert all(name[0].isupper() for name in TYPES)
