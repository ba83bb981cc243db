"""AL1 and IAM to AllergyIntolerance, and the statement that there are none."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from stormlamp.mirror.mapping.mapped import Item, Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.resources.clinical import allergy as flattened
from stormlamp.mirror.mapping.resources.reading import words
from stormlamp.mirror.mapping.table import Convert, Row, Table, always, differs, equals, given, missing, text
from stormlamp.mirror.mapping.tables.allergies import KINDS, NONE_CODES, NONE_TEXTS
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.mapping.types.codes import code, codeable
from stormlamp.mirror.mapping.types.moments import date_time
from stormlamp.mirror.mapping.types.numbers import ei
from stormlamp.mirror.mapping.types.persons import human_name, named
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import parse_dtm

_ACTIVE = {"coding": [{"system": TERMINOLOGY + "allergyintolerance-clinical", "code": "active", "display": "Active"}]}
# Table 0438 is about how sure it is; of its codes only `I` says that an allergy is over, and R4 allows no other in a status.
_INACTIVE = {"coding": [{"system": TERMINOLOGY + "allergyintolerance-clinical", "code": "inactive", "display": "Inactive"}]}
_MISTAKE = {"coding": [{"system": TERMINOLOGY + "allergyintolerance-verification", "code": "entered-in-error"}]}
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_UNTOLD = [{"extension": [{"url": _ABSENT, "valueCode": "unknown"}]}]


def alternate(vocabulary: str) -> Convert:
    """The code as it was sent, beside the one that R4 has for it."""
    convert = codeable(vocabulary)

    def converted(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
        said = convert(reading, segment, raw)
        return {"url": "http://hl7.org/fhir/StructureDefinition/alternate-codes", "valueCodeableConcept": said} if said else None

    return converted


def manifestation(_reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """ST[CodeableConcept]: what a reaction looked like, its words if it has any."""
    said, meant = segment.parts(raw, 2)[:2]
    return {"text": meant or said} if meant or said else None


_BOTH = (
    Row(2, "type", code("AllergyType")),
    Row(2, "category[]", code("AllergenType[AllergyIntoleranceCategory]")),
    Row(2, "_category[2].extension[]", alternate("AllergenType[AllergyIntoleranceOriginalCategory]")),
    Row(3, "code", codeable()),
    Row(4, "criticality", code("AllergySeverity[AllergyIntolerance.criticality]")),
    Row(4, "_criticality.extension[4]", alternate("AllergySeverity[AllergyIntolerance.criticality-original]")),
    Row(4, "reaction[1].severity", code("AllergySeverity[AllergyIntolerance.reaction.severity]")),
    Row(5, "reaction[1].manifestation[]", manifestation),
)

AL1 = Table("AllergyIntolerance", *_BOTH, Row(6, "onsetDateTime", date_time))

IAM = Table(
    "AllergyIntolerance",
    *_BOTH,
    Row(7, "identifier[]", ei),
    Row(11, "onsetDateTime", date_time),
    Row(12, "onsetString", text, missing(11)),
    Row(13, "recordedDate", date_time),
    Row(17, "clinicalStatus", codeable(), lambda reading, _segment: reading.whole),
    Row(17, "clinicalStatus", always(_INACTIVE), lambda reading, segment: not reading.whole and segment.text(17) == "I"),
)
_RECORDER = Table("Practitioner", Row(14, "name[]", human_name, missing(15)))
_TELLER = Table(
    "RelatedPerson",
    Row(14, "name[]", human_name, given(15)),
    Row(15, "relationship[]", codeable("Relationship"), differs(15, "SEL")),
)
_SELF = equals(15, "SEL")


def states_none(code: str, display: str) -> bool:
    """Whether an allergy code says that there are no allergies of any kind."""
    return code in NONE_CODES or display.strip().lower() in NONE_TEXTS


def allergy(reading: Reading, segment: Segment) -> Item | None:
    """The allergy of an AL1 or IAM segment; nothing when the segment names neither a substance nor a reaction."""
    found: Resource = {"resourceType": "AllergyIntolerance", "clinicalStatus": _ACTIVE, "patient": reading.subject}
    (AL1 if segment.name == "AL1" else IAM).of(reading, segment, found)
    reactions = [each for reaction in found.get("reaction", ()) for each in reaction.setdefault("manifestation", _UNTOLD)]
    if segment.name == "IAM":
        _reported(reading, segment, found)
    said = ", ".join(filter(None, (words(each) for each in reactions)))
    if "code" not in found and not said:
        return None
    item = flattened(found, reading.zone)
    display = item.display or KINDS.get(segment.text(2), said)
    key = f"{segment.text(3, comp=3) if item.code else ''}|{item.code or display.lower()}"
    at = parse_dtm(segment.text(6 if segment.name == "AL1" else 11), reading.zone).at
    return replace(item, key=key, display=display, text=said, flag=segment.text(4), effective_at=at)


def _reported(reading: Reading, iam: Segment, found: Resource) -> None:
    """Who reported it (IAM-14, IAM-15), a second code (IAM-27), and whether it is taken back (IAM-6)."""
    if iam.text(6) == "D":
        found["verificationStatus"] = _MISTAKE
        del found["clinicalStatus"]
    if second := codeable()(reading, iam, iam.field(27)) if iam.field(27) else None:
        first = found.get("code", {})
        found["code"] = {**second, **first, "coding": [*first.get("coding", ()), *second.get("coding", ())]}
    if (iam.field(14) or iam.field(15)) and _SELF(reading, iam):
        found["recorder"] = reading.subject
    elif iam.field(14) or iam.field(15):
        found["recorder"] = _recorder(reading, iam)


def _recorder(reading: Reading, iam: Segment) -> dict[str, str]:
    who = named(reading, iam, iam.reps(14)[0]) if iam.field(14) else iam.text(15, comp=2) or iam.text(15)
    if not iam.text(15):
        return reading.name(_RECORDER.of(reading, iam), reading.own, who, display=who)
    person = {**_TELLER.of(reading, iam), "patient": reading.subject}
    return {**reading.keep(person), "display": who} if reading.whole else {"type": "RelatedPerson", "display": who}
