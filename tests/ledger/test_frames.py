"""What is on the disk stays readable for ever: with the dictionary it was written with, or with none."""

import hashlib

import pytest
import zstandard
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.kernel.identifiers import PatientId
from stormlamp.ledger import entries, facts, frames, rebuilding
from stormlamp.ledger.entries import ACTS, FEEDS, Draft
from stormlamp.ledger.verifying import verify
from tests.makers import NOON

# The digest of every dictionary that was ever shipped. A change here makes old homes unreadable: add a line, never edit one.
DIGESTS = {
    40001: "1931a920dfe0c00e187717f6479fc89c154b01251dec8e655cc695a4013eab2b",
    40002: "9c22b0de303e610db258f53f6c03e462f04f29e5d4ce54df5a4e736f024b3a0f",
}


def a_draft(number):
    told = facts.Looked(look="test", patient=PatientId(f"patient-{number}"))
    return Draft(fact=told, actor="nora", actor_name="Nora", act="test", at=NOON)


@pytest.mark.parametrize("number", sorted(DIGESTS))
def test_a_shipped_dictionary_never_changes(number):
    assert hashlib.sha256(frames._dictionary(number).as_bytes()).hexdigest() == DIGESTS[number]
    assert frames._dictionary(number).dict_id() == number


def test_every_dictionary_that_is_used_is_held_to_that():
    assert set(frames.SHIPPED) == {0, *DIGESTS}
    assert frames.NEWEST in DIGESTS


@given(st.binary(max_size=4000))
def test_any_payload_comes_back(payload):
    frame = frames.squeezed(payload)
    assert zstandard.get_frame_parameters(frame).dict_id == frames.NEWEST
    assert frames.stretched(frame) == payload


def test_the_frames_of_earlier_versions_come_back():
    assert frames.stretched(zstandard.ZstdCompressor(level=1).compress(b"told before")) == b"told before"


def test_a_frame_of_an_unknown_dictionary_is_damage_and_no_crash():
    other = zstandard.train_dictionary(1024, [bytes([n, n ^ 7]) * 40 + str(n).encode() for n in range(200)], dict_id=40099)
    frame = zstandard.ZstdCompressor(dict_data=other).compress(b"told by nobody of ours")
    with pytest.raises(zstandard.ZstdError, match="40099"):
        frames.stretched(frame)
    assert entries.payload_in(frame) is facts.DAMAGED


@pytest.mark.parametrize("frame", [b"", b"x", b"\x28\xb5\x2f\xfd", b"\x28\xb5\x2f\xfd\x20"])
def test_what_is_no_frame_is_an_error_of_the_frame(frame):
    with pytest.raises(zstandard.ZstdError):
        frames.stretched(frame)


@pytest.mark.django_db
def test_a_home_with_frames_of_both_kinds_verifies_and_rebuilds(home):
    entries.append(FEEDS, [a_draft(number) for number in range(4)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequence, payload FROM ledger_entry WHERE sequence IN (1, 3)")
        for sequence, frame in cursor.fetchall():
            older = zstandard.ZstdCompressor(level=1).compress(frames.stretched(bytes(frame)))
            cursor.execute("UPDATE ledger_entry SET payload = %s WHERE sequence = %s", [older, sequence])
    entries.append(ACTS, [a_draft(9)])
    assert verify().ok
    assert rebuilding.rebuild() == 5
    assert rebuilding.differences() == []
    assert [one.fact.patient for one in entries.read(entries.origin_of(FEEDS), after=0, limit=9)] == [
        f"patient-{number}" for number in range(4)
    ]
