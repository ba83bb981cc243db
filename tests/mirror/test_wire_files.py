"""Files of messages and of resources."""

import json
import tracemalloc
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.mirror.wire import fhir, files, mllp
from stormlamp.mirror.wire.files import PieceKind
from stormlamp.mirror.wire.hl7 import Broken, Message
from tests.mirror.wire_makers import ADT

OTHER = ADT.replace(b"|C1|", b"|C2|")


def kinds(raw):
    return [(piece.kind.value, piece.raw) for piece in files.split(raw)]


def test_a_lone_message_comes_out_byte_for_byte():
    for raw in (ADT, ADT + b"\r\n\r\n", b"\xef\xbb\xbf" + ADT, ADT.replace(b"\r", b"\r\n")):
        assert kinds(raw) == [("message", raw)]


@pytest.mark.parametrize("gap", [b"", b"\r", b"\r\r\n", b"\x1c\r\x0b"])
def test_several_messages_in_a_file_come_out_in_order(gap):
    assert kinds(ADT + gap + OTHER) == [("message", ADT), ("message", OTHER)]


def test_a_capture_with_its_marks_gives_the_messages():
    assert kinds(mllp.frame(ADT) + mllp.frame(OTHER) + b"\n") == [("message", ADT), ("message", OTHER)]


def test_a_batch_gives_its_messages_and_its_envelope_and_says_when_the_count_is_wrong():
    raw = b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + ADT + OTHER + b"BTS|3\rFTS|1\r"
    pieces = list(files.split(raw))

    assert [piece.kind for piece in pieces] == [PieceKind.ENVELOPE] * 2 + [PieceKind.MESSAGE] * 2 + [PieceKind.ENVELOPE] * 2
    assert [piece.note for piece in pieces if piece.note] == ["batch says 3 messages, 2 came"]
    right = raw.replace(b"BTS|3", b"BTS|2")
    assert not [piece.note for piece in files.split(right) if piece.note]
    assert [piece.note for piece in files.split(right.replace(b"FTS|1", b"FTS|2")) if piece.note] == ["file says 2 batches, 1 came"]


def test_what_is_no_message_comes_out_as_stray():
    assert kinds(b"hello\r" + ADT) == [("stray", b"hello"), ("message", ADT)]
    assert kinds(b"nothing of the kind") == [("stray", b"nothing of the kind")]
    assert kinds(b"\r\n  ") == []


@pytest.mark.parametrize("after", [b"", b"\x0b" + OTHER + b"\x1c\r"])
def test_a_frame_that_breaks_off_within_a_value_is_no_message_for_14_2_would_be_read_as_1(after):
    cut = b"\x0b" + OTHER.rstrip(b"\r")[:-3]
    told = list(files.split(b"\x0b" + ADT + b"\x1c\r" + cut + after))

    assert [piece.raw for piece in told] == [ADT, cut, *([OTHER] if after else [])]
    assert told[1].offset == len(ADT) + 3
    with pytest.raises(Broken, match="unfinished-frame"):
        Message(told[1].raw)


def test_a_lone_message_without_marks_may_end_without_a_line_end():
    assert kinds(ADT.rstrip(b"\r")) == [("message", ADT.rstrip(b"\r"))]


@given(st.lists(st.sampled_from([ADT, OTHER, b"\r", b"\n", b"x|y", b"\x0b", b"\x1c\r", b"BTS|1\r", b"MSH", b" ", ADT[:-3]])))
def test_no_byte_of_a_file_is_lost(chunks):
    raw = b"".join(chunks)
    at = 0
    for piece in files.split(raw):
        assert piece.raw in raw[piece.offset : piece.offset + len(piece.raw) + 8]
        assert piece.offset >= at
        assert not raw[at : piece.offset].strip(b" \t\r\n\0\x0b\x1c")
        at = piece.offset + len(piece.raw)
    assert not raw[at:].strip(b" \t\r\n\0\x0b\x1c")


class Slow:
    """A file that gives a few bytes at a time, and says how many were asked for."""

    def __init__(self, raw, step):
        self.raw, self.step, self.at = raw, step, 0

    def read(self, size):
        start, self.at = self.at, self.at + min(size, self.step)
        return self.raw[start : self.at]


@given(
    st.lists(
        st.sampled_from(
            [ADT, ADT[:-3], OTHER, b"\r", b"\n", b"x|y", b"\x0b", b"\x1c\r", b"BHS|a\r", b"BTS|1\r", b"MSH", b"  ", b"\xef\xbb\xbf"]
        )
    ),
    st.integers(1, 300),
)
def test_a_file_gives_the_same_pieces_however_its_bytes_arrive(chunks, step):
    raw = b"".join(chunks)

    assert list(files.split_file(Slow(raw, step))) == list(files.split(raw))


def test_a_message_over_the_limit_is_counted_and_its_head_kept_and_the_next_one_is_whole():
    large = b"OBX|1|ED|||" + b"QUJD" * 1_000_000 + b"\r"
    raw = ADT + OTHER + large + ADT + b"BTS|3\r"
    before, oversized, after, end = files.split_file(Slow(raw, 10_000), limit=1_000_000)

    assert (before.raw, after.raw, after.offset) == (ADT, ADT, len(ADT + OTHER + large))
    assert (oversized.kind, oversized.raw, oversized.offset) == (PieceKind.OVERSIZED, (OTHER + large)[: files.HEAD], len(ADT))
    assert (oversized.size, oversized.digest) == (len(OTHER + large), sha256(OTHER + large).hexdigest())
    assert (end.kind, end.note) == (PieceKind.ENVELOPE, "")


def test_rubbish_without_end_is_counted_as_one_piece():
    (piece,) = files.split_file(Slow(b"A" * 5_000_000, 100_000), limit=1_000_000)

    assert (piece.kind, piece.size, len(piece.raw)) == (PieceKind.OVERSIZED, 5_000_000, files.HEAD)


def test_a_large_file_is_read_with_little_memory():
    class Endless:
        left = 60_000

        def read(self, size):
            self.left -= size // 1024
            return (ADT * (1 + size // len(ADT)))[:size] if self.left > 0 else b""

    tracemalloc.start()
    count = sum(1 for _ in files.split_file(Endless()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count > 100_000
    assert peak < 8_000_000


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_messages_of_two_or_four_bytes_a_letter_come_apart_too(charset):
    names = ADT.decode().replace("JANE", "山田"), OTHER.decode().replace("JANE", "Zoë")
    raw = "".join(names).encode(charset)
    pieces = list(files.split(raw))

    assert b"".join(piece.raw for piece in pieces) == raw[pieces[0].offset :]
    assert [Message(piece.raw).first("PID").text(5, comp=2) for piece in pieces] == ["山田", "Zoë"]
    assert kinds(names[0].encode(charset)) == [("message", names[0].encode(charset))]


def resources(raw):
    return [(piece.type, piece.id, bool(piece.reason)) for piece in fhir.split(raw)]


PATIENT = b'{"resourceType": "Patient", "id": "p1", "name": [{"family": "Doe"}]}'


def test_a_resource_a_bundle_and_ndjson_give_resources():
    bundle = b'{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:1","resource":' + PATIENT + b"}]}"

    assert resources(PATIENT) == [("Patient", "p1", False)]
    assert resources(bundle) == [("Patient", "p1", False)]
    assert next(fhir.split(bundle)).full_url == "urn:uuid:1"
    assert next(fhir.split(bundle)).raw == PATIENT
    assert resources(PATIENT + b"\n" + PATIENT + b"\r\n\n") == [("Patient", "p1", False)] * 2


def test_broken_pieces_come_out_with_their_reason():
    assert resources(b"{not json") == [("", "", True)]
    assert resources(b"[1,2]") == [("", "", True)]
    assert resources(b'{"a": 1}') == [("", "", True)]
    assert resources(PATIENT + b'\n{"resourceType":\n' + PATIENT) == [
        ("Patient", "p1", False),
        ("", "", True),
        ("Patient", "p1", False),
    ]
    assert resources(b'{"resourceType":"Bundle","entry":[{"request":{}},7,{"resource":7}]}') == [("", "", True)] * 3
    assert resources(b'{"resourceType":"Bundle","entry":7}') == [("Bundle", "", True)]
    assert resources(b'{"resourceType":"Patient","id":"\xff"}')[0][2]


def test_deep_nesting_is_a_reason_and_not_a_crash():
    assert resources(b'{"a":' * 100_000)[0][2]
    assert resources(b'{"resourceType":"Patient","a":' + b"[" * 100_000 + b"]" * 100_000 + b"}")[0][2]


def test_a_piece_is_decoded_or_broken():
    assert fhir.decode(PATIENT)["id"] == "p1"
    for raw in (b"[1]", b"{", b'{"a": "\\ud800"}', b'{"a": "\xff"}'):
        with pytest.raises(Broken):
            fhir.decode(raw)


@given(st.binary(max_size=200))
def test_any_bytes_split_into_pieces(raw):
    assert all(piece.raw for piece in fhir.split(raw))
    assert all(piece.raw for piece in files.split(raw))


def test_every_shared_bundle_splits_into_as_many_resources_as_it_has(shared_data):
    for path in sorted((shared_data / "fhir").rglob("*.json"))[:10]:
        raw = path.read_bytes()
        pieces = list(fhir.split(raw))
        assert len(pieces) == len(json.loads(raw)["entry"])
        assert not [piece for piece in pieces if piece.reason]
