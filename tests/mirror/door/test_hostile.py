"""Whatever somebody asks, the door answers with a resource and never fails."""

import json
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stormlamp.mirror.rules.r4.catalogue import RESULT_PARAMS, TYPES
from tests.mirror.door.house import ADA, CY, Reader, a_mirror, a_token

pytestmark = pytest.mark.django_db
NAMES = sorted({name for one in TYPES.values() for name in one.params} | {*RESULT_PARAMS, "_id", "_lastUpdated", "_since", "_type"})
ODD = [
    "", "|", ",", "\\", "\\,", "a|b|c", "ge", "ge2026-99-99", "9999-12-31", "0000", "-1", "1e9", "٣", "\x00", "%", "_", "'", "*",
    "Patient/", "/", "../..", "urn:oid:1|", "true", "\U0001f600", "Patient/" + CY, "2026-01-12T24:00", "x" * 3000,
]  # fmt: skip


def spelled(name: str) -> list[str]:
    """A parameter as somebody may write it."""
    return [name, f"{name}:not", f"{name}:exact", f"{name}:x", f"-{name}"]


asked = st.lists(
    st.tuples(
        st.sampled_from([word for name in NAMES for word in spelled(name)]),
        st.one_of(st.sampled_from(ODD), st.text(max_size=20)),
    ),
    max_size=4,
)
places = st.one_of(
    st.sampled_from(sorted(TYPES)),
    st.sampled_from([f"Patient/{ADA}/$everything", f"Patient/{CY}/$summary", f"Patient/{ADA}/Observation", "metadata"]),
    st.text(max_size=12).map(lambda text: f"Observation/{quote(text, safe='')}"),
    st.text(max_size=12).map(lambda text: quote(text, safe="")),
)


@pytest.fixture
def reader(home) -> Reader:
    a_mirror()
    reader = Reader(a_token())
    reader.client.raise_request_exception = True
    return reader


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=places, query=asked, strict=st.booleans())
def test_every_question_has_an_answer(reader, place, query, strict):
    answer = reader.ask(f"{place}?{urlencode(query)}", **({"Prefer": "handling=strict"} if strict else {}))
    assert answer.status_code in (200, 400, 404, 406), (place, query)
    assert json.loads(answer.content)["resourceType"] in {"Bundle", "OperationOutcome", "CapabilityStatement", *TYPES}


@pytest.mark.parametrize("token", ["", " ", "\x00", "x" * 100_000, "stormlamp_é", "' OR 1=1 --"])
def test_an_odd_token_is_a_wrong_token(home, client, token):
    answer = client.get("/fhir/Patient", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in (401, 429)
