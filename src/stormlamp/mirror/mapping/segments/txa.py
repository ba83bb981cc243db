"""TXA, with the OBX and NTE under it, to DocumentReference (the TXA, OBX and NTE maps of the guide)."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from stormlamp.mirror.mapping.mapped import Item, Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.resources.findings import document as flattened
from stormlamp.mirror.mapping.segments.msh import part, signed
from stormlamp.mirror.mapping.table import Row, Table, always, text
from stormlamp.mirror.mapping.tables.documents import AVAILABLE, BY_EVENT, DOC_STATUS
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.mapping.types.attachments import embedded, pointed, text_of
from stormlamp.mirror.mapping.types.codes import codeable, words
from stormlamp.mirror.mapping.types.moments import date_time, instant
from stormlamp.mirror.mapping.types.numbers import ei, plain
from stormlamp.mirror.mapping.types.persons import practitioner
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import parse_dtm

TEXTS = frozenset(("TX", "FT", "ST"))
_ALTERNATE = "http://hl7.org/fhir/StructureDefinition/alternate-codes"
_FORMATTED, _PLAIN = "text/hl7v2", "application/text"


def _date(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """TXA-6 as precise as it was written, for `date` takes a whole instant only."""
    when = date_time(reading, segment, raw)
    return {"url": "http://hl7.org/fhir/6.0/StructureDefinition/extension-date", "valueDateTime": when} if when else None


def _held_back(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    said = segment.parts(raw)[0]
    if said in ("", "AV"):
        return None
    return {"url": _ALTERNATE, "valueCodeableConcept": {"coding": [{"system": TERMINOLOGY + "v2-0273", "code": said}]}}


DOCUMENT = Table(
    "DocumentReference",
    Row(2, "type", codeable()),
    Row(4, "context.period.start", date_time),
    Row(6, "date", instant),
    Row(6, "extension[]", _date),
    Row(9, "author[]", practitioner),
    Row(10, "authenticator", practitioner),
    Row(12, "masterIdentifier", ei),
    Row(16, "identifier[]", plain),
    Row(17, "docStatus", lambda _reading, segment, raw: DOC_STATUS.get(segment.parts(raw)[0], "")),
    Row(18, "securityLabel[]", codeable("DocumentConfidentialityStatus")),
    Row(19, "status", lambda _reading, segment, raw: AVAILABLE.get(segment.parts(raw)[0], "")),
    Row(19, "_status.extension[]", _held_back),
    Row(25, "description", text),
)

# TXA[Provenance]: who typed it, and when.
TRANSCRIBED = Table(
    "Provenance",
    Row(8, "recorded", instant),
    Row(11, "agent[11].type", always(part("enterer"))),
    Row(11, "agent[11].who", practitioner),
)


@dataclass(slots=True)
class Document:
    """A TXA with what stands under it, in order."""

    txa: Segment
    under: list[Segment] = field(default_factory=list)


def document(reading: Reading, read: Document) -> Item:
    """The document of a TXA segment, with its text where a person can read it."""
    txa = read.txa
    status = BY_EVENT.get(reading.message.trigger, "current")
    found: Resource = {"resourceType": "DocumentReference", "status": status, "subject": reading.subject}
    DOCUMENT.of(reading, txa, found)
    contents, said = _contents(reading, read)
    kind = txa.text(3)
    head = {"contentType": kind} if kind else {}
    found["content"] = contents or [{"attachment": dict(head)}]
    if kind:
        first = found["content"][0]["attachment"]
        first.setdefault("contentType", kind)
        first.setdefault("extension", [{"url": _ALTERNATE, "valueCodeableConcept": {"coding": [{"code": kind}]}}])
    if created := date_time(reading, txa, txa.field(6)) or date_time(reading, txa, txa.field(7)):
        found["content"][0]["attachment"]["creation"] = created
    if asked := [reading.refer("ServiceRequest", each.kind, each.key) for each in reading.items if _is_order(each)]:
        found.setdefault("context", {})["related"] = asked
    if reading.encounter:
        found.setdefault("context", {})["encounter"] = [reading.encounter]
    item = flattened(found, reading.zone)
    at = parse_dtm(txa.text(4) or txa.text(6), reading.zone).at or reading.sent_at
    key = txa.text(12) or txa.text(14) or f"{item.code}|{txa.text(4)}"
    return replace(item, key=key, text=said or item.text, effective_at=at)


def provenance(reading: Reading, read: Document, place: dict[str, str]) -> Resource | None:
    """Who typed a document; nothing when nobody is said to have done so."""
    if not read.txa.field(11):
        return None
    start: Resource = {"resourceType": "Provenance", "target": [place], "recorded": reading.recorded}
    return signed(reading, TRANSCRIBED.of(reading, read.txa, start))


def _is_order(each: Item) -> bool:
    return bool(each.resource["resourceType"] == "ServiceRequest")


def _contents(reading: Reading, read: Document) -> tuple[list[Resource], str]:
    """The attachments under a TXA, lines of one text together, and what a person can read of them."""
    found: list[Resource] = []
    said: list[str] = []
    lines: list[str] = []
    kind = ""
    for segment in read.under:
        type_of = segment.field(2) if segment.name == "OBX" else "NTE"
        if lines and type_of != kind:
            found.append(_written(lines, kind))
            lines = []
        kind = type_of
        if segment.name == "NTE":
            lines += _noted(segment)
        elif kind in ("ED", "RP"):
            raw = segment.field(5)
            attachment = embedded(reading, segment, raw) if kind == "ED" else pointed(reading, segment, raw)
            title = words(reading, segment, segment.field(3))
            found.append({"attachment": {**attachment, **({"title": title} if title else {})}})
            said.append(text_of(segment, raw) if kind == "ED" else title)
        else:
            lines.append(_line(reading, segment))
        said += lines[-1:] if kind not in ("ED", "RP") else []
    if lines:
        found.append(_written(lines, kind))
    return found, "\n".join(filter(None, said))


def _noted(nte: Segment) -> list[str]:
    """NTE-3 as it reads, and NTE-9: its words, and its code."""
    found = [nte.whole(3)] if nte.field(3) else []
    if nte.field(9):
        parts = nte.parts(nte.field(9), 9)
        found.append(parts[8] + "\n" + "-".join(parts[:3]))
    return found


def _line(reading: Reading, obx: Segment) -> str:
    """A line of text as it is, any other value after its name."""
    if obx.field(2) in TEXTS:
        return obx.whole(5)
    value = " ".join(filter(None, (words(reading, obx, obx.field(5)), obx.text(6))))
    return f"{words(reading, obx, obx.field(3))}: {value}"


def _written(lines: list[str], kind: str) -> Resource:
    data = b64encode("\n".join(lines).encode()).decode("ascii")
    return {"attachment": {"contentType": _PLAIN if kind == "TX" else _FORMATTED, "data": data}}
