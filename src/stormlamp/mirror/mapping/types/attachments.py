"""ED and RP: documents inside a message, and pointers to them."""

from __future__ import annotations

from base64 import b64encode
from binascii import Error, unhexlify
from typing import Any

from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.wire.hl7 import Segment

_MEDIA = {"AP": "application", "IM": "image", "AU": "audio", "TEXT": "text", "TX": "text", "FT": "text", "SD": "application"}
# RFC 2046 knows these under another name.
_SUBTYPES = {"OCTET-STREAM": "octet-stream", "JPG": "jpeg", "RTF": "rtf", "HL7CDALEVELONE": "xml"}
_ALTERNATE = "https://hl7.org/fhir/StructureDefinition/alternate-codes"
_WHOLE = {"PDF": "application/pdf", "XML": "application/xml", "JSON": "application/json", "RTF": "application/rtf"} | {
    "TEXT": "text/plain",
    "TX": "text/plain",
    "FT": "text/plain",
}


def media_type(main: str, sub: str) -> str:
    """The MIME type of ED.2 and ED.3 (tables 0191 and 0291)."""
    if not sub:
        return _WHOLE.get(main.upper(), f"{_MEDIA[main.upper()]}/*" if main.upper() in _MEDIA else "application/octet-stream")
    if "/" in sub:
        return sub.lower()
    return f"{_MEDIA.get(main.upper(), main.lower() or 'application')}/{_SUBTYPES.get(sub.upper(), sub.lower())}"


def embedded(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any]:
    """ED[Attachment]: its bytes as base64, however they were encoded."""
    pieces = [*(raw.split(segment.marks.component) if segment.marks.component else [raw]), "", "", "", "", ""][:5]
    main, sub, encoding = (segment.plain(piece) for piece in pieces[1:4])
    found: dict[str, Any] = {"contentType": media_type(main, sub)}
    if main and not sub:
        found["extension"] = [
            {"url": _ALTERNATE, "valueCodeableConcept": {"coding": [{"system": TERMINOLOGY + "v2-0834", "code": main}]}}
        ]
    if data := base64(segment, pieces[4], encoding):
        found["data"] = data
    return found


def base64(segment: Segment, raw: str, encoding: str) -> str:
    """ED.5 as base64; bytes that are not what ED.4 says are taken as text."""
    if encoding.lower() == "base64":
        return segment.plain(raw).replace("\n", "").replace("\r", "").replace(" ", "")
    text = segment.plain(raw)
    if encoding.lower() == "hex":
        try:
            return b64encode(unhexlify(text.strip())).decode()
        except (Error, ValueError):
            pass
    return b64encode(text.encode()).decode()


def pointed(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any]:
    """RP[Attachment]."""
    pointer, _, main, sub = segment.parts(raw, 4)[:4]
    found = {"contentType": media_type(main, sub)} if main or sub else {}
    return {**found, **({"url": pointer} if pointer else {})}


def text_of(segment: Segment, raw: str) -> str:
    """What a person can read of an ED: nothing unless it is plain text."""
    pieces = raw.split(segment.marks.component) if segment.marks.component else []
    return segment.plain(pieces[4]) if len(pieces) > 4 and segment.plain(pieces[3]).upper() == "A" else ""
