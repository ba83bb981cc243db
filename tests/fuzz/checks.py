"""What must hold for any bytes at all. Each check raises AssertionError, or whatever the code under it should never have raised."""

import datetime as dt
import json
import re
from zoneinfo import ZoneInfo

import orjson

from stormlamp.kernel.moments import parse_iso, to_datetime
from stormlamp.mirror.mapping import events
from stormlamp.mirror.mapping.r4 import from_fhir
from stormlamp.mirror.mapping.resources.references import References
from stormlamp.mirror.mapping.v2 import to_bundle, to_resources, understood
from stormlamp.mirror.wire import charsets, fhir, files, mllp, times
from stormlamp.mirror.wire.hl7 import Broken, Message, Segment

ZONE = ZoneInfo("Europe/Brussels")
AT = parse_iso("2026-11-22T04:00:00Z")
BLANK = " \t\r\n\x0b\x1c\ufeff\0"
_BLANKS = re.compile(f"[{BLANK}]")
_BLANK_BYTES = files.BLANK + charsets.BOM


def check_hl7(raw: bytes) -> None:
    """A message is read, or Broken says why; nothing of it is lost, and mapping it does not fail."""
    try:
        message = Message(raw)
    except Broken as fault:
        _check_fault(fault, raw)
        return
    assert message.raw is raw
    _check_text(message)
    _check_segments(message)
    _check_answer(message)
    understood(message)
    orjson.dumps(to_bundle(message, zone=times.sender_zone(message.sent_at, ZONE)))
    events.told(message, zone=ZONE)
    mapped = to_resources(message, zone=ZONE)
    for resource in (mapped.patient, *(item.resource for item in mapped.items), *mapped.directory):
        orjson.dumps(resource)


def _check_fault(fault: Broken, raw: bytes) -> None:
    assert fault.reason
    assert 0 <= fault.offset <= max(len(raw), 4)


def _check_text(message: Message) -> None:
    """What was read in a charset without switches gives back every byte in that charset."""
    if b"\x1b" in message.raw or charsets.wide(message.raw) or "delimiters repaired" in message.flags:
        return
    again = message.source.encode(message.charset)
    assert again == message.raw.replace(b"\0", b"").lstrip(_BLANK_BYTES), "bytes were lost in decoding"


def _check_segments(message: Message) -> None:
    whole = "".join(segment.source for segment in message.segments)
    assert _BLANKS.sub("", whole) == _BLANKS.sub("", message.source), "text was lost in splitting"
    assert message.segments[0].name == "MSH"
    for segment in message.segments[:200]:
        _check_segment(segment)


def _check_segment(segment: Segment) -> None:
    for number in range(min(len(segment.fields) + 1, 60)):
        said = segment.text(number)
        segment.text(number, 1, 2, 2)
        segment.whole(number)
        segment.null(number)
        for rep in segment.reps(number)[:20]:
            for part in segment.parts(rep, 3)[:20]:
                assert isinstance(part, str)
                segment.subparts(part)
        check_time(said)


def check_time(text: str) -> None:
    """A text is a time, or none; the ways to read it agree."""
    at, precision = times.parse_dtm(text, ZONE)
    assert (at is None) == (precision is times.Precision.NONE)
    if at is not None:
        assert to_datetime(at, ZONE).year >= 1000
    assert bool(times.fhir_datetime(text, ZONE)) == (at is not None)
    assert times.fhir_datetime(text, ZONE).startswith(times.fhir_date(text, ZONE))
    times.sender_zone(text, dt.UTC)


def _check_answer(message: Message) -> None:
    answer = mllp.read_ack(mllp.acknowledge(message, "AE", "not stored | ~ \\ é", at=AT))
    assert answer.code == "AE"
    mllp.answers_wanted(message, good=True)


def check_file(raw: bytes) -> None:
    """Every byte of a file is in exactly one piece, but for the blanks between pieces."""
    at, blank = 0, files.NO_TEXT if charsets.wide(raw) else _BLANK_BYTES
    for piece in files.split(raw):
        assert piece.raw, "an empty piece"
        assert piece.offset >= at, "two pieces have one byte"
        assert not raw[at : piece.offset].strip(blank), "a byte between two pieces was lost"
        assert raw[piece.offset : piece.offset + len(piece.raw)] == piece.raw, "a piece is not what the file has there"
        at = piece.offset + len(piece.raw)
    assert not raw[at:].strip(blank), "bytes after the last piece were lost"


def check_stream(raw: bytes) -> None:
    """Frames do not depend on how the bytes arrive."""
    whole, torn = mllp.Framer(), mllp.Framer()
    step = 1 + len(raw) // 7
    found = [frame for at in range(0, len(raw), step) for frame in torn.feed(raw[at : at + step])]
    assert found == whole.feed(raw)
    assert (torn.waiting, torn.skipped, torn.idle()) == (whole.waiting, whole.skipped, whole.idle())


def check_fhir(raw: bytes) -> None:
    """FHIR comes apart into pieces, and each is mapped, or a reason says why not."""
    names = References("fuzz")
    read = []
    if (found := fhir.alone(raw)) is not None:
        (piece,) = fhir.split(raw)
        assert found == (piece, fhir.decode(piece.raw))
    for piece in fhir.split(raw):
        assert piece.raw or piece.reason
        if piece.reason:
            continue
        try:
            resource = fhir.decode(piece.raw)
        except Broken as fault:
            _check_fault(fault, raw)
            continue
        names.learn(resource, piece.full_url)
        read.append((resource, piece.full_url))
    for resource, full_url in read:
        mapped = from_fhir(resource, names=names, zone=ZONE, full_url=full_url)
        for one in (mapped.patient, *(item.resource for item in mapped.items), *mapped.directory):
            json.dumps(one, allow_nan=False)  # integers of any length, as they were written


def check(raw: bytes) -> None:
    """Everything, as what it looks like."""
    if files.looks_like_json(raw):
        check_fhir(raw)
    else:
        check_hl7(raw)
    check_file(raw)
    check_stream(raw)
