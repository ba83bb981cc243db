"""OBX to Observation (OBX[Observation] and OBX[Observation-Component] of the guide)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading, recalled, remembered
from stormlamp.mirror.mapping.segments.spm import FILLER, PLACER
from stormlamp.mirror.mapping.table import Convert, Row, Table, equals, given
from stormlamp.mirror.mapping.tables.results import INTERPRETATIONS, VALUE_STATUS
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.mapping.tables.vitals import is_vital
from stormlamp.mirror.mapping.types.attachments import embedded, pointed
from stormlamp.mirror.mapping.types.codes import Said, codeable, said
from stormlamp.mirror.mapping.types.moments import date_time
from stormlamp.mirror.mapping.types.numbers import ei, typed
from stormlamp.mirror.mapping.types.performers import coded_organisation, device, located, role_of
from stormlamp.mirror.mapping.types.persons import practitioner, role
from stormlamp.mirror.mapping.types.quantities import Unit, number, unit_of
from stormlamp.mirror.mapping.types.values import NOTHING, TEXTS, Value, array, read
from stormlamp.mirror.wire.hl7 import Segment

_URL = "http://hl7.org/fhir/StructureDefinition/"
_ATTACHMENT = "https://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.valueAttachment"
_SPECIMENS = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.specimen"
_ABSENT = TERMINOLOGY + "data-absent-reason"
_DIRECTOR = {"system": TERMINOLOGY + "v2-0912", "code": "MDIR", "display": "Medical Director"}
_NOT_ASKED = {"coding": [{"system": _ABSENT, "code": "not-asked"}]}
_UNKNOWN = {"coding": [{"system": _ABSENT, "code": "unknown"}]}
_CANNOT = {
    "extension": [
        {"url": _URL + "alternate-codes", "valueCodeableConcept": {"coding": [{"system": TERMINOLOGY + "v2-0085", "code": "X"}]}}
    ]
}
_ENDS = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s*(?:-|–|to|\.\.)\s*(-?\d+(?:\.\d+)?)\s*$|^\s*(<=?|>=?|≤|≥)\s*(-?\d+(?:\.\d+)?)\s*$")
_DONE = frozenset(("final", "amended", "corrected"))
_PLAIN = 2
# The number of the line, its value, and when: all else is the same whenever a laboratory tells the same analyte.
_OF_ITS_OWN = (1, 5, 14)


def _status(_reading: Reading, segment: Segment, raw: str) -> str:
    return VALUE_STATUS.get(raw) or VALUE_STATUS.get(segment.parts(raw)[0].upper(), "unknown")


@remembered
def _sub_id(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """OG[Extension-Subidentifier]; a plain ST is its first part."""
    parts = segment.parts(raw, 4)
    inner: list[dict[str, Any]] = [{"url": "original-sub-identifier", "valueString": parts[0]}] if parts[0] else []
    for name, part in (("group", parts[1]), ("sequence", parts[2])):
        if (value := number(part)) is not None:
            inner.append({"url": name, "valueDecimal": value})
    if parts[3]:
        inner.append({"url": "identifier", "valueString": parts[3]})
    return {"url": _URL + "observation-v2-subid", "extension": inner} if inner else None


_ABNORMAL = codeable("InterpretationCodes")


@remembered
def _interpretation(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """Table 0078; small letters are taken for large ones."""
    parts = segment.parts(raw, 23)
    if parts[0] and not any(parts[1:]):
        return INTERPRETATIONS.get(parts[0].upper()) or {"coding": [{"code": parts[0]}], "text": parts[0]}
    found: dict[str, Any] | None = _ABNORMAL(reading, segment, raw)
    return found


def _extension(url: str, kind: str, convert: Convert) -> Convert:
    def converted(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
        value = convert(reading, segment, raw)
        return {"url": url, kind: value} if value else None

    return converted


def _of_table(table: str) -> Convert:
    """An ID as a code of a v2 table."""
    system = f"{TERMINOLOGY}v2-{table}"
    return remembered(lambda _reading, segment, raw: {"coding": [{"system": system, "code": segment.parts(raw)[0]}]})


@remembered
def _specimen(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """EIP as a reference to a specimen that this message may not tell of."""
    numbers = [each for convert in (PLACER, FILLER) if (each := convert(reading, segment, raw))]
    return {"type": "Specimen", "identifier": numbers[0]} if numbers else None


@lru_cache(maxsize=4096)
def reference_range(text: str, unit: Unit) -> list[dict[str, Any]]:
    """OBX-7: its words, and its ends where they can be read (`3.5 - 5.1`, `< 15`)."""
    found: dict[str, Any] = {"text": text}
    ends = _ENDS.match(text)
    if ends:
        low, high, mark, limit = ends.groups()
        if mark:
            low, high = (limit, None) if mark[0] in (">", "≥") else (None, limit)
        for name, end in (("low", low), ("high", high)):
            if end is not None and (value := number(end)) is not None:
                found[name] = {"value": value, **dict(unit)}
    return [found]


def _told_whole(reading: Reading, segment: Segment) -> bool:
    """A plain `1`, as nearly every result has, tells a chart nothing."""
    return reading.whole or len(segment.fields[4]) > _PLAIN


def _once(reading: Reading, segment: Segment) -> bool:
    return len(segment.reps(33)) == 1


def _several(reading: Reading, segment: Segment) -> bool:
    return len(segment.reps(33)) > 1


OBSERVATION = Table(
    "Observation",
    Row(3, "code", codeable()),
    Row(4, "extension[]", _sub_id, _told_whole),
    Row(8, "interpretation[]", _interpretation),
    Row(
        10,
        "extension[]",
        _extension(_URL + "observation-nature-of-abnormal-test", "valueCodeableConcept", codeable("NatureOfAbnormalTesting")),
    ),
    Row(11, "status", _status),
    Row(11, "_status", lambda _reading, _segment, _raw: _CANNOT, equals(11, "X")),
    Row(11, "dataAbsentReason", lambda _reading, _segment, _raw: _NOT_ASKED, equals(11, "N")),
    Row(14, "effectiveDateTime", date_time),
    Row(15, "performer[]", coded_organisation),
    Row(16, "performer[]", role("responsibleObserver")),
    Row(17, "method", codeable()),
    Row(18, "device", device),
    Row(19, "extension[]", _extension(_URL + "observation-analysis-date-time", "valueDateTime", date_time)),
    Row(20, "bodySite", codeable()),
    Row(21, "identifier[]", typed(ei, "FILL")),
    Row(29, "category[]", _of_table("0936")),
    Row(30, "extension[]", _extension(_URL + "observation-structure-type", "valueCodeableConcept", _of_table("0937"))),
    Row(33, "specimen", _specimen, _once),
    Row(33, "extension[]", _extension(_SPECIMENS, "valueReference", _specimen), _several),
)

# The laboratory (OBX-23, OBX-24), or its medical director (OBX-25) for it.
_DIRECTED = given(25)


def laboratory(found: Resource, reading: Reading, obx: Segment) -> None:
    """OBX-23, OBX-24 and OBX-25 as one performer."""
    where = located(reading, obx, 23, 24)
    if _DIRECTED(reading, obx):
        where = role_of(reading, practitioner(reading, obx, obx.reps(25)[0]), where, _DIRECTOR)
    if where:
        found.setdefault("performer", []).append(where)


class Analyte(NamedTuple):
    """What an OBX says apart from its value and when: as R4, and the words that a chart shows. Shared, never changed."""

    found: Resource
    said: Said | None
    quantity: Unit
    unit: str
    range: str
    flags: str
    vital: bool


def _analyte(reading: Reading, obx: Segment) -> Analyte:
    found = OBSERVATION.of(reading, obx)
    found.setdefault("status", "unknown")
    raw = obx.reps(3)
    told = said(reading, obx, raw[0]) if raw and raw[0] else None
    found.setdefault("code", told.concept if told else {"text": "unknown"})
    unit, ends = unit_of(obx, 6), obx.text(7)
    if ends:
        found["referenceRange"] = reference_range(ends, unit)
    if len(obx.fields) > 23:
        laboratory(found, reading, obx)
    flags = ",".join(flag for rep in obx.reps(8) if (flag := obx.parts(rep)[0]))
    vital = told is not None and is_vital(told.code, told.system, told.display)
    return Analyte(found, told, unit, obx.text(6, comp=2) or obx.text(6), ends, flags, vital)


_ANALYTE, _NUMBERED = recalled(_analyte, apart=_OF_ITS_OWN), recalled(_analyte, apart=(*_OF_ITS_OWN, 4))


def analyte(reading: Reading, obx: Segment) -> Analyte:
    """What an OBX says apart from OBX-1, OBX-5 and OBX-14; in a whole bundle everything."""
    if reading.whole:
        return _analyte(reading, obx)
    return (_NUMBERED if len(obx.field(4)) <= _PLAIN else _ANALYTE)(reading, obx)


def observation(reading: Reading, lines: list[Segment], known: Analyte) -> tuple[Resource, Value]:
    """The Observation of an OBX (of all lines of one text), and its value as a person reads it.

    Its elements are its own; what is in them is shared with other values of the analyte.
    """
    found = known.found.copy()
    value = _valued(found, reading, lines, known.quantity)
    for part in found.get("component", ()) if "referenceRange" in found else ():
        part["referenceRange"] = found["referenceRange"]
    if value is NOTHING and "dataAbsentReason" not in found and found["status"] in _DONE:
        found["dataAbsentReason"] = _UNKNOWN
    return found, value


def _valued(found: Resource, reading: Reading, lines: list[Segment], unit: Unit) -> Value:
    obx = lines[0]
    kind, raw = obx.field(2), obx.field(5)
    if kind in TEXTS:
        text = "\n".join(line.whole(5) for line in lines).strip()
        value = Value("valueString", text, text) if text else NOTHING
    elif not raw:
        return NOTHING
    elif kind == "NA":
        value = array(reading, obx, unit)
    elif kind == "ED" or kind == "RP":
        attachment = (embedded if kind == "ED" else pointed)(reading, obx, raw)
        found["extension"] = [*found.get("extension", ()), {"url": _ATTACHMENT, "valueAttachment": attachment}]
        return Value("", None, attachment.get("contentType", ""))
    elif obx.message.cuts[1] in raw:
        return _several_values(found, reading, obx, unit)
    else:
        value = read(kind, reading, obx, raw, unit)
    if value.name:
        found[value.name] = value.value
    return value


def _several_values(found: Resource, reading: Reading, obx: Segment, unit: Unit) -> Value:
    """A value that repeats: a component each, under the code of the whole."""
    values = [value for rep in obx.reps(5) if (value := read(obx.field(2), reading, obx, rep, unit)).name]
    if len(values) < 2:
        if values:
            found[values[0].name] = values[0].value
        return values[0] if values else NOTHING
    code = found.get("code")
    found["component"] = [{**({"code": code} if code else {}), value.name: value.value} for value in values]
    separator = "\n" if values[0].name == "valueString" else ", "
    return Value("component", found["component"], separator.join(value.words for value in values))
