"""What fuzzing found stays found: each input that once broke something is played again, and fresh accidents are tried."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormlamp.mirror import queries
from stormlamp.mirror.wire import files
from stormlamp.mirror.wire.hl7 import Broken, Message
from tests.fuzz.checks import check, check_file, check_hl7, check_time
from tests.fuzz.mutations import spoilt
from tests.mirror.makers import adt, merge, oru, send
from tests.mirror.wire_makers import ADT

GOLDEN = Path(__file__).parents[1] / "golden"
FOUND = sorted((GOLDEN / "fuzz").glob("*.bin"))
BUNDLE = (
    b'{"resourceType":"Bundle","type":"batch","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"1",'
    b'"identifier":[{"system":"urn:oid:1.2","value":"77"}],"name":[{"family":"Doe","given":["Jane"]}],"birthDate":"1951-03-12"}},'
    b'{"resource":{"resourceType":"Observation","id":"2","status":"final","subject":{"reference":"urn:uuid:1"},"code":{"coding":'
    b'[{"system":"http://loinc.org","code":"2823-3"}]},"effectiveDateTime":"2026-01-13","valueQuantity":{"value":5.9}}}]}'
)
OWN = [ADT, adt(), merge(), oru(), BUNDLE, *(path.read_bytes() for path in sorted((GOLDEN / "mapping").glob("*.hl7")))]


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_what_was_found_once_holds(path):
    check(path.read_bytes())


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(OWN), st.integers(0, 2**32))
def test_spoilt_messages_and_resources_are_read_or_refused(raw, seed):
    check(spoilt(raw, OWN, random.Random(seed)))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_is_kept_projected_and_counted(home, seed):
    rng = random.Random(seed)
    raws = list({spoilt(rng.choice(OWN), OWN, rng): None for _ in range(80)})
    for fhir in (False, True):
        some = [raw for raw in raws if files.looks_like_json(raw) is fhir]
        keys = send(*some, fhir=fhir)
        told = queries.parts_of(keys)

        assert set(told) == set(keys), "the projector set something aside"
        assert not [part for parts in told.values() for part in parts if part.reason.startswith("mapping failed")]
        assert [queries.verbatim(key) for key in keys] == some


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_after_a_header_are_read_or_refused(tail):
    check_hl7(b"MSH|^~\\&|||||||ADT^A08|1|P|2.5\rPID|1||77^^^HOSP\r" + tail)
    check_hl7(b"MSH" + tail)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30) | st.text("0123456789+-:.TZ ", max_size=26))
def test_any_text_is_a_time_or_none_alike_for_all_readers(text):
    check_time(text)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from([*OWN[:4], b"\r", b"\n", b"x|y", b"\x0b", b"\x1c\r", b"BTS|1\r", b"FHS|", b"MSH", b"MSH|", b" ", b"\0"])
    )
)
def test_every_byte_of_a_file_is_in_exactly_one_piece(chunks):
    check_file(b"".join(chunks))


def test_messages_joined_into_a_file_come_apart_again():
    pieces = list(files.split(b"".join(OWN[:4])))

    assert [piece.raw for piece in pieces] == OWN[:4]
    for piece in pieces:
        assert isinstance(Message(piece.raw), Message)


def test_the_fuzzer_finds_what_is_wrong(tmp_path):
    from tests.fuzz.__main__ import Findings

    def fragile(raw: bytes) -> None:
        if b"~" in raw:
            raise Broken("what it may not do")

    found = Findings(tmp_path, fragile)
    found.note(ADT)
    found.note(ADT)

    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"~"]
