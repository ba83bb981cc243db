"""What comes inside of a resource or beside it: a contained Patient, the Binary of a document, a reference to itself."""

import base64

import orjson
import pytest

from stormlamp.mirror import queries
from stormlamp.mirror.mapping.resources.references import own_id
from stormlamp.mirror.models import MirrorDirectory, MirrorMessage
from stormlamp.mirror.presenters.quarantine import reason_in_words
from stormlamp.mirror.wire.documents import readable
from stormlamp.mirror.wire.fhir import Piece, alone, split
from tests.mirror.test_fhir_feed import ADA, PATIENT, about, bundle, feed, problems, reasons, stored

pytestmark = pytest.mark.django_db
INSIDE = {"resourceType": "Patient", "id": "p", "name": [{"family": "Ada"}], "birthDate": "1951-03-12", "gender": "female"}
NUMBER = [{"system": "HOSP", "value": "77"}]


def of_inside(*, own="c", subject="#p", **more):
    return about(own=own, subject=subject, contained=[{**INSIDE, **more}])


@pytest.mark.parametrize("told", [of_inside(identifier=NUMBER), of_inside(identifier=[{"value": "5"}, *NUMBER])])
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_patient_inside_of_a_resource_is_on_the_chart_by_name_and_number(home, told, wrapped):
    feed(bundle(told) if wrapped else told)
    person = queries.person(ADA)

    assert (person.family, person.birth_date, person.sex, person.number) == ("Ada", "1951-03-12", "female", "HOSP:77")
    assert [(one.authority, one.number) for one in person.identifiers] == [("HOSP", "77")]
    assert problems() == ["Asthma"]
    assert queries.patient_resource(ADA)["id"] == ADA


def test_a_patient_inside_keeps_numbers_as_numbers_and_points_into_this_store(home):
    place = {"url": "http://hl7.org/fhir/StructureDefinition/geolocation", "valueDecimal": 50.85}
    feed(of_inside(identifier=NUMBER, extension=[place], managingOrganization={"reference": "Organization/o"}))
    told = queries.patient_resource(ADA)

    assert told["extension"][0]["valueDecimal"] == 50.85
    assert told["managingOrganization"]["reference"] == f"Organization/{own_id('ehr', 'Organization', 'o')}"


@pytest.mark.parametrize("numbers", [[], [{"value": "77"}]])
def test_a_patient_inside_without_a_number_of_an_authority_is_left_to_a_person(home, numbers):
    feed(of_inside(identifier=numbers))
    (one,) = queries.quarantine()

    assert one.reason == "Condition of a Patient inside of it who has no number of an authority"
    assert reason_in_words(one.reason) == "Condition carries its patient inside, without a number that says whose it is"
    assert queries.quarantine_count() == 1
    assert b'"Ada"' in queries.verbatim(one.entry)


def test_a_reference_to_nothing_inside_is_left_to_a_person(home):
    feed(of_inside(identifier=NUMBER, id="q"))

    assert reasons() == ["Condition of a patient that is not known: #p"]


TEXT = base64.b64encode(b"Take rest.").decode()
BINARY = {"resourceType": "Binary", "id": "b", "contentType": "text/plain", "data": TEXT}


def letter(url, **more):
    content = [{"attachment": {"contentType": "text/plain", "title": "Letter", "url": url}}]
    said = {"resourceType": "DocumentReference", "id": "d", "status": "current", "subject": {"reference": "Patient/1"}}
    return {**said, "description": "Discharge letter", "content": content, **more}


def words():
    (note,) = queries.section(ADA, "note").items
    return [section.html for section in readable(queries.with_contents(ADA, note)).sections]


BESIDE = [
    ({"fullUrl": "urn:uuid:7", "resource": BINARY}, "urn:uuid:7"),
    ({"fullUrl": "urn:uuid:7", "resource": BINARY | {"id": None}}, "urn:uuid:7"),
    ({"fullUrl": "http://ehr/fhir/Binary/b", "resource": BINARY}, "http://ehr/fhir/Binary/b"),
    ({"resource": BINARY}, "Binary/b"),
    ({"resource": BINARY}, "http://ehr/fhir/Binary/b"),
    ({"resource": BINARY | {"securityContext": {"reference": "Patient/1"}}}, "Binary/b"),
]


@pytest.mark.parametrize(("entry", "url"), BESIDE)
def test_a_document_is_read_from_the_binary_that_comes_with_it(home, entry, url):
    feed(bundle(PATIENT, letter(url), entry))

    assert words() == ["<p>Take rest.</p>"]
    assert reasons() == []


@pytest.mark.parametrize("first", [True, False])
def test_a_document_is_read_from_a_binary_that_comes_alone(home, first):
    told = [BINARY, letter("Binary/b")]
    feed(PATIENT, *(told if first else reversed(told)))

    assert words() == ["<p>Take rest.</p>"]


def test_a_binary_of_another_interface_or_patient_fills_nothing(home):
    feed(PATIENT, letter("Binary/b"), BINARY | {"securityContext": {"reference": "Patient/2"}})
    feed(BINARY, interface="lab")

    assert words() == []


def test_an_address_elsewhere_stays(home):
    feed(bundle(PATIENT, letter("http://archive/fhir/Binary/9"), BINARY))

    assert stored("DocumentReference", "d")["content"][0]["attachment"]["url"] == "http://archive/fhir/Binary/9"


def test_a_binary_is_kept_and_counted(home):
    feed(bundle(BINARY, {**BINARY, "id": None}))
    parts = orjson.loads(bytes(MirrorMessage.objects.get().parts))

    assert parts == [
        ["Binary", "not_understood", "Binary without an id", 1],
        ["Binary", "understood", "", 1],
    ]
    assert orjson.loads(bytes(MirrorDirectory.objects.get(type="Binary").resource))["data"] == TEXT


def test_what_a_line_says_of_itself_holds_for_that_line_only(home):
    """References are remembered from line to line; `urn:uuid:` of a line's own id is the line itself, and a stranger in others."""
    itself = {"reference": "urn:uuid:a"}
    lines = [about(own="b", encounter=itself), about(own="a", encounter=itself), about(own="d", encounter=itself)]
    feed(PATIENT, *lines)
    strange = stored("Condition", "b")["encounter"]

    assert stored("Condition", "a")["encounter"] == {"reference": f"Condition/{own_id('ehr', 'Condition', 'a')}"}
    assert strange == stored("Condition", "d")["encounter"]
    assert strange != stored("Condition", "a")["encounter"]


ALONE = [
    (b' {"resourceType":"Condition","id":"c","meta":{"versionId":"2","lastUpdated":"2026-01-01T00:00:00Z"}} ', True),
    (b'{"id":"c","resourceType":"Condition"}', True),
    (b'{"resourceType":"Condition","id":7.5}', False),
    (b'{"resourceType":"Condition","id":"7.5"}', False),
    (b'{"resourceType":1.5,"id":"c"}', False),
    (b'{"resourceType":"Condition","id":"c","meta":{"versionId":1.5}}', False),
    (b'{"resourceType":"Bundle","entry":[]}', False),
    (b'{"resourceType":"Condition","id":"c","x":1e999}', False),
    (b'{"resourceType":"Condition","id":"c","x":' + b"9" * 400 + b"}", False),
    (b'{"resourceType":"Condition","id":"c","x":' + b"[" * 260 + b"]" * 260 + b"}", False),
    (b'{"resourceType":"Condition","id":"c"}\n{"resourceType":"Condition","id":"d"}', False),
    (b'{"resourceType":"Condition","id":"c","x":"' + b"a" * 100_000 + b'"}', False),
]


@pytest.mark.parametrize(("raw", "quickly"), ALONE)
def test_a_resource_that_is_read_at_once_is_the_piece_that_splitting_gives(raw, quickly):
    found = alone(raw)

    assert (found is not None) == quickly
    if found is not None:
        (piece,) = split(raw)
        assert found[0] == piece
        assert isinstance(piece, Piece)
