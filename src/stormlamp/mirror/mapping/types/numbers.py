"""CX, EI, EIP and HD: numbers, and who assigns them."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.reading import Reading, remembered
from stormlamp.mirror.mapping.table import Convert
from stormlamp.mirror.mapping.tables.guide import codes
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY, V2_0203, authority_uri, uri
from stormlamp.mirror.mapping.types.moments import between
from stormlamp.mirror.wire.hl7 import Segment

URI_SYSTEM = "urn:ietf:rfc:3986"
V2_0301 = TERMINOLOGY + "v2-0301"
_TYPES = codes("IdentifierType")
_PRACTITIONER_NUMBERS = codes("PractitionerIDNumberType")
# The code system's own displays, where they are not the guide's words for the code.
_DISPLAYS = {
    "ISO": "An International Standards Organization Object Identifier (OID), in accordance with ISO/IEC 8824. Formatted as decimal "
    "digits separated by periods; recommended limit of 64 characters",
    "HCD": "The CEN Healthcare Coding Scheme Designator",
    "DNS": "An Internet host name, in accordance with RFC 1035; or an IP address. Either in ASCII or as integers, with periods "
    "between components (“dotted” notation).",
    "GUID": "The DCE Universal Unique Identifier, in accordance with RFC 4122. Recommended format is 32 hexadecimal digits "
    "separated by hyphens, in the digit grouping 8-4-4-4-12",
    "CLIP": "Clinical laboratory Improvement Program. Allows for the ability to designate organization identifier as a “CLIP” "
    "assigned number (for labs). Used by US Department of Defense.",
}
_UNIVERSAL = {
    code: {**known.coding, "display": _DISPLAYS.get(code, known.display)} for code, known in codes("UniversalIDType").items()
}
_EXTENSION = "http://hl7.org/fhir/StructureDefinition/"


def hd(segment: Segment, raw: str, component: int = 0) -> tuple[str, str, str]:
    """An HD, whole or inside a component (numbered from 1): its namespace, its universal id and the kind of that."""
    marks = segment.marks
    if component:
        pieces = raw.split(marks.component) if marks.component else [raw]
        subs = segment.subparts(pieces[component - 1]) if component <= len(pieces) else []
    else:
        subs = segment.parts(raw)
    subs = [*subs, "", "", ""]
    return subs[0].strip(), subs[1].strip(), subs[2].strip()


def universal(number: str, kind: str) -> dict[str, Any]:
    """HD.2 and HD.3 as an identifier; one that is a URI says so by its system."""
    uri = authority_uri(number, kind)
    found: dict[str, Any] = {"value": uri or number}
    if uri:
        found["system"] = URI_SYSTEM
    if kind:
        found["type"] = {"coding": [_UNIVERSAL.get(kind) or {"system": V2_0301, "code": kind}]}
    return found


def assigner(reading: Reading, namespace: str, number: str, kind: str) -> dict[str, str] | None:
    """HD[Organization] as a reference; the organisation is named in the directory."""
    if not namespace and not number:
        return None
    identifiers = ([{"value": namespace}] if namespace else []) + ([universal(number, kind)] if number else [])
    organisation = {"resourceType": "Organization", "identifier": identifiers}
    return reading.name(organisation, namespace, number, kind, display=namespace or number)


def identifier_type(said: str) -> dict[str, Any]:
    """The type of a number, table 0203."""
    known = _TYPES.get(said)
    return {"coding": [known.coding if known else {"system": V2_0203, "code": said}]}


@remembered
def hd_organisation(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """HD[Organization]."""
    return assigner(reading, *hd(segment, raw))


@remembered
def hd_uri(_reading: Reading, segment: Segment, raw: str) -> str:
    """HD[uri]: the universal id as a URI, else the namespace."""
    namespace, number, kind = hd(segment, raw)
    return authority_uri(number, kind) or number or namespace


def _extension(name: str, value: str) -> dict[str, str]:
    return {"url": _EXTENSION + name, "valueString": value}


@remembered
def cx(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """CX[Identifier]."""
    parts = segment.parts(raw, 10)
    if not parts[0].strip():
        return None
    found: dict[str, Any] = {"value": parts[0].strip()}
    checks = (("identifier-checkDigit", parts[1]), ("namingsystem-checkDigit", parts[2]))
    if extensions := [_extension(name, value) for name, value in checks if value]:
        found["extension"] = extensions
    namespace, number, kind = hd(segment, raw, 4)
    if uri := authority_uri(number, kind):
        found["system"] = uri
    if who := assigner(reading, namespace, number, kind):
        found["assigner"] = who
    if parts[4]:
        found["type"] = identifier_type(parts[4])
    if parts[6] or parts[7]:
        found["period"] = between(reading, parts[6], parts[7])
    return found


def typed(convert: Convert, said: str, words: str = "") -> Convert:
    """A number whose type the row gives."""
    kind = {"coding": [{"system": V2_0203, "code": said}], **({"text": words} if words else {})}

    def converted(reading: Reading, segment: Segment, raw: str) -> Any:
        found = convert(reading, segment, raw)
        return {**found, "type": kind} if found else None

    return converted


def ei(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """EI[Identifier-Extension]: the number, its system when it is a URI, and who assigns it."""
    parts = segment.parts(raw, 4)
    return _entity(reading, parts[0], parts[1], parts[2], parts[3])


def _entity(reading: Reading, number: str, namespace: str, universal_id: str, kind: str) -> dict[str, Any] | None:
    if not number:
        return None
    found: dict[str, Any] = {"value": number}
    if uri := authority_uri(universal_id, kind):
        found["system"] = uri
    if who := assigner(reading, namespace, universal_id, kind):
        found["assigner"] = who
    return found


def eip(component: int) -> Convert:
    """EIP[Identifier]: the placer's number (1) or the filler's (2)."""
    said = {1: "PLAC", 2: "FILL"}[component]

    def convert(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
        marks = segment.marks
        pieces = raw.split(marks.component) if marks.component else [raw]
        if component > len(pieces):
            return None
        subs = [*segment.subparts(pieces[component - 1]), "", "", "", ""]
        found = _entity(reading, *subs[:4])
        return {**found, "type": identifier_type(said)} if found else None

    return convert


def dln(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """DLN[Identifier]: a driver's licence."""
    parts = segment.parts(raw, 3)
    if not parts[0]:
        return None
    found: dict[str, Any] = {"value": parts[0], "type": {"coding": [{"system": V2_0203, "code": "DL"}]}}
    if parts[1]:
        found["assigner"] = {"display": parts[1]}
    if until := between(reading, "", parts[2]):
        found["period"] = until
    return found


def pln(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """PLN[Identifier]: a number of a practitioner, with its kind."""
    parts = segment.parts(raw, 4)
    if not parts[0]:
        return None
    found: dict[str, Any] = {"value": parts[0]}
    if parts[1]:
        known = _PRACTITIONER_NUMBERS.get(parts[1])
        found["type"] = {"coding": [known.coding if known else {"code": parts[1]}]}
    if until := between(reading, "", parts[3]):
        found["period"] = until
    return found


def cwe_number(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """CWE[Identifier]: a code taken as a number, with its coding system where it has a URI."""
    parts = segment.parts(raw, 3)
    if not parts[0]:
        return None
    return {"value": parts[0], **({"system": uri(parts[2])} if parts[2] else {})}


def plain(_reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """ST[Identifier], and a code taken as a number."""
    value = segment.parts(raw)[0].strip()
    return {"value": value} if value else None
