"""MSH, MSA and SFT to MessageHeader, Bundle, Provenance and Device: what stands around a message, made only for a whole bundle."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading, remembered
from stormlamp.mirror.mapping.table import Row, Table, always, both, component, given, missing, text
from stormlamp.mirror.mapping.tables.guide import codes
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY, authority_uri
from stormlamp.mirror.mapping.types import numbers
from stormlamp.mirror.mapping.types.codes import codings
from stormlamp.mirror.mapping.types.moments import date_time, instant
from stormlamp.mirror.mapping.types.numbers import hd_organisation, universal
from stormlamp.mirror.mapping.types.persons import organisation
from stormlamp.mirror.wire.hl7 import Segment

_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_UNKNOWN = {"extension": [{"url": _ABSENT, "valueCode": "unknown"}]}
_PARTICIPANT = TERMINOLOGY + "provenance-participant-type"
_URI_TYPES = frozenset(("ISO", "UUID", "GUID", "DNS", "URI", "URL"))
_TRANSFORMATION = "http://hl7.org/fhir/uv/v2mappings/CodeSystem/provenance-activity-type-v2-to-fhir"
# Acknowledgement codes (table 0008) as R4's response-code.
_ANSWERS = {
    **dict.fromkeys(("AA", "CA"), "ok"),
    **dict.fromkeys(("AE", "CE"), "transient-error"),
    **dict.fromkeys(("AR", "CR"), "fatal-error"),
}


def part(kind: str) -> dict[str, Any]:
    """The type of an agent in a Provenance."""
    return {"coding": [{"system": _PARTICIPANT, "code": kind}]}


@remembered
def device(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """HD[Device] as a reference."""
    namespace, number, kind = numbers.hd(segment, raw)
    if not namespace and not number:
        return None
    identifiers = ([{"value": namespace}] if namespace else []) + ([universal(number, kind)] if number else [])
    found: Resource = {"resourceType": "Device", "identifier": identifiers}
    return reading.name(found, namespace, number, kind, display=namespace or number)


def endpoint(_reading: Reading, segment: Segment, raw: str) -> str:
    """HD[MessageHeader.source-endpoint]: the universal id as a URI; nothing when it is none."""
    _, number, kind = numbers.hd(segment, raw)
    return authority_uri(number, kind)


def _source_name(_reading: Reading, segment: Segment, raw: str) -> str:
    """HD[MessageHeader.source-endpoint]: the name of a sender that has no URI."""
    namespace, number, kind = numbers.hd(segment, raw)
    return "" if authority_uri(number, kind) else f"{namespace} - {kind}:{number}" if number else namespace


def event(_reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """MSG[Coding]."""
    parts = segment.parts(raw, 3)
    code = parts[1] or parts[0]
    return {"system": TERMINOLOGY + "v2-0003", "code": code, "display": "^".join(part for part in parts if part)} if code else None


def _tag(number: int, system: str) -> Any:
    def convert(_reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
        code = segment.parts(raw, number)[number - 1]
        return {"system": TERMINOLOGY + system, "code": code} if code else None

    return convert


def _label(vocabulary: str) -> Any:
    table = codes(vocabulary)

    def convert(_reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
        found = codings(segment.parts(raw, 23), table)
        return found[0] if found else None

    return convert


_LANGUAGES = codes("PrincipalLanguageOfMessage")


def _language(_reading: Reading, segment: Segment, raw: str) -> str:
    """CWE[code] of a language, as BCP 47 has it."""
    said = segment.parts(raw)[0].strip()
    known = _LANGUAGES.get(said)
    return known.code if known else said


HEADER = Table(
    "MessageHeader",
    Row(3, "source.name", text),
    Row(3, "source.software", component(2)),
    Row(3, "source.endpoint", endpoint, missing(24)),
    Row(4, "sender", hd_organisation),
    Row(5, "destination[1].target", device),
    Row(5, "destination[1].name", text),
    Row(5, "destination[1].endpoint", endpoint, missing(25)),
    Row(6, "destination[1].receiver", hd_organisation, missing(23)),
    Row(8, "meta.security[8].display", text),
    Row(9, "eventCoding", event),
    Row(11, "meta.tag[]", _tag(1, "v2-0103")),
    Row(11, "meta.tag[]", _tag(2, "v2-0207")),
    Row(19, "language", _language),
    Row(22, "responsible", organisation),
    Row(23, "destination[1].receiver", organisation),
    Row(24, "source.endpoint", endpoint),
    Row(24, "source.name", _source_name),
    Row(25, "destination[1].name", text),
    Row(25, "destination[1].endpoint", endpoint),
    Row(26, "meta.security[]", _label("ConfidentialityClassification")),
    Row(27, "meta.security[]", _label("SecurityLabelHandlingInstructions")),
)

ANSWER = Table(
    "MessageHeader",
    Row(1, "response.code", lambda _reading, segment, raw: _ANSWERS.get(segment.parts(raw)[0], "")),
    Row(2, "response.identifier", text),
)

SOFTWARE_OF_HEADER = Table("MessageHeader", Row(2, "source.version", text), Row(3, "source.software", text))

SOFTWARE = Table(
    "Device",
    Row(1, "manufacturer", text),
    Row(2, "version[1].value", text),
    Row(3, "deviceName[1].name", text),
    Row(3, "deviceName[1].type", always("manufacturer-name")),
    Row(4, "modelNumber", text),
    Row(5, "note[1].text", text),
    Row(
        6, "version[1].extension[1].url", always("http://hl7.org/fhir/5.0/StructureDefinition/extension-Device.version.installDate")
    ),
    Row(6, "version[1].extension[1].valueDateTime", date_time),
)

SOURCE = Table(
    "Provenance",
    Row(3, "entity[3].role", always("source"), both(given(3), given(24))),
    Row(3, "entity[3].what", device, both(given(3), given(24))),
    Row(4, "agent[4].type", always(part("author")), missing(22)),
    Row(4, "agent[4].who", hd_organisation, missing(22)),
    Row(7, "occurredDateTime", date_time),
    Row(7, "recorded", instant),
    Row(22, "agent[22].type", always(part("author"))),
    Row(22, "agent[22].who", organisation),
)


def software(reading: Reading, sft: Segment) -> Resource:
    """The Device of an SFT segment."""
    found = SOFTWARE.of(reading, sft)
    for version in found.get("version", ()):
        if "value" not in version:
            version["_value"] = _UNKNOWN
    return found


def header(reading: Reading, msh: Segment, software: list[Segment], msa: Segment | None) -> Resource:
    """The MessageHeader of a message."""
    found = HEADER.of(reading, msh)
    for sft in software[-1:]:
        SOFTWARE_OF_HEADER.of(reading, sft, found)
    if msa is not None:
        ANSWER.of(reading, msa, found)
        if len(found.get("response", ())) == 1:
            del found["response"]
    if "endpoint" not in found.setdefault("source", {}):
        found["source"]["_endpoint"] = _UNKNOWN
    for destination in found.get("destination", ()):
        if "endpoint" not in destination:
            destination["_endpoint"] = _UNKNOWN
    return found


def whereabouts(reading: Reading, msh: Segment, found: Resource) -> None:
    """MSH-17 is the country of the sender and of the receiver, and each is part of the organisation that answers for it."""
    country = msh.text(17)
    receiver = found["destination"][0].get("receiver") if msh.field(23) and "destination" in found else None
    for field, above in ((4, found.get("responsible")), (6, receiver)):
        reference = hd_organisation(reading, msh, msh.field(field)) if msh.field(field) else None
        if reference is None and country and field == 4:
            found["sender"] = reading.name(
                {"resourceType": "Organization", "address": [{"country": country}]}, reading.own, country
            )
        if reference is None:
            continue
        here = dict(reading.named[reference["reference"]])
        if country:
            here["address"] = [{"country": country}]
        if above and above["reference"] != reference["reference"]:
            here["partOf"] = {"reference": above["reference"]}
        reading.named[reference["reference"]] = here


def provenance(reading: Reading, msh: Segment, original: dict[str, str]) -> Resource:
    """From where and whom a message came (Provenance-Source)."""
    found = SOURCE.of(reading, msh)
    found.setdefault("recorded", reading.recorded)
    found["activity"] = {"coding": [{"display": f"message - {_named(reading)}"}, event(reading, msh, msh.field(9))]}
    found["entity"] = [*found.get("entity", ()), {"role": "source", "what": original}]
    return signed(reading, found)


def signed(reading: Reading, found: Resource) -> Resource:
    """A Provenance whose agents are all named, for R4 has none without; where nobody is, it is the sender."""
    nobody = {"who": {"display": reading.own or "unknown"}}
    agents = [{**nobody, **each} for each in found.get("agent", ()) if each.keys() & {"who", "onBehalfOf"}]
    found["agent"] = agents or [{"type": part("author"), **nobody}]
    return found


def _policy(reading: Reading) -> str:
    """The guide's own name of the map that was followed, where it has one for this kind of message."""
    structure = reading.message.structure or f"{reading.message.type}_{reading.message.trigger}"
    return (
        f"http://hl7.org/fhir/uv/v2mappings/message-{structure.lower().replace('_', '-')}-to-bundle" if structure in _MAPPED else ""
    )


def transformation(reading: Reading, original: dict[str, str]) -> Resource:
    """That it was rewritten, and by what (Provenance-Transformation)."""
    maker = reading.name({"resourceType": "Device", "deviceName": [{"name": "Stormlamp", "type": "model-name"}]}, "stormlamp")
    return {
        "resourceType": "Provenance",
        "recorded": reading.recorded,
        **({"policy": [policy]} if (policy := _policy(reading)) else {}),
        "activity": {"coding": [{"system": _TRANSFORMATION, "code": "v2-fhir-transformation"}]},
        "agent": [{"type": part("assembler"), "who": maker}],
        "entity": [{"role": "source", "what": original}],
    }


def original(message_bytes: bytes) -> Resource:
    """The message itself, as the document that all was taken from."""
    attachment = {"contentType": "x-application/hl7-v2+er7", "data": base64.b64encode(message_bytes).decode("ascii")}
    return {"resourceType": "DocumentReference", "status": "current", "content": [{"attachment": attachment}]}


def envelope(reading: Reading) -> Resource:
    """What MSH says of the Bundle."""
    msh = reading.message.header
    found: Resource = {"type": "message"}
    if number := msh.text(10):
        found["identifier"] = {"system": "urn:stormlamp:messages-of:" + quote(reading.own, safe=""), "value": number}
    if sent := instant(reading, msh, msh.field(7)):
        found["timestamp"] = sent
    return found


_MAPPED = frozenset(
    (
        *("ADT_A01", "ADT_A02", "ADT_A05", "ADT_A06", "ADT_A09", "ADT_A11", "ADT_A17", "MDM_T02", "OML_O21", "ORM_O01"),
        *("ORU_R01", "SIU_S12", "VXU_V04"),
    )
)


def _named(reading: Reading) -> str:
    parts = (reading.message.type, reading.message.trigger, reading.message.structure)
    return "^".join(part for part in parts if part)
