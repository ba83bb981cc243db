"""DG1 to Condition, and to what it is in the stay (DG1[Condition], DG1[Encounter], DG1[EpisodeOfCare] of the guide)."""

from __future__ import annotations

from msgspec.structs import replace

from stormlamp.mirror.mapping.mapped import Item, Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.resources.clinical import problem as flattened
from stormlamp.mirror.mapping.segments.pid import extension
from stormlamp.mirror.mapping.table import Row, Table, always, equals, text
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.mapping.types.codes import codeable
from stormlamp.mirror.mapping.types.moments import date_time
from stormlamp.mirror.mapping.types.numbers import ei
from stormlamp.mirror.mapping.types.persons import practitioner
from stormlamp.mirror.wire.hl7 import Segment

_CATEGORY = [
    {
        "coding": [
            {
                "system": TERMINOLOGY + "condition-category",
                "code": "encounter-diagnosis",
                "display": "Encounter Diagnosis",
            }
        ]
    }
]
_MISTAKE = {"coding": [{"system": TERMINOLOGY + "condition-ver-status", "code": "entered-in-error"}]}


def whole_number(_reading: Reading, segment: Segment, raw: str) -> int | None:
    """NM[positiveInt]."""
    said = segment.parts(raw)[0]
    return int(said[:9]) if said.isascii() and said.isdigit() and int(said[:9]) > 0 else None


def _cause(reading: Reading, segment: Segment, raw: str) -> dict[str, object] | None:
    """EI[Condition]: the diagnosis that this one comes of, by its number."""
    number = ei(reading, segment, raw)
    url = "http://hl7.org/fhir/StructureDefinition/condition-dueTo"
    return {"url": url, "valueReference": {"type": "Condition", "identifier": number}} if number else None


CONDITION = Table(
    "Condition",
    Row(3, "code", codeable()),
    Row(5, "onsetDateTime", date_time),
    Row(16, "asserter", practitioner),
    Row(19, "recordedDate", date_time),
    Row(19, "extension[]", extension("condition-assertedDate", "valueDateTime", date_time)),
    Row(20, "identifier[]", ei),
    Row(21, "verificationStatus", always(_MISTAKE), equals(21, "D")),
    Row(22, "extension[]", _cause),
)
OF_STAY = Table("", Row(6, "use", codeable("DiagnosisType")), Row(15, "rank", whole_number))
OF_EPISODE = Table("", Row(6, "role", codeable("DiagnosisType")), Row(15, "rank", whole_number))
_WORDS = Table("", Row(4, "text", text))


def problem(reading: Reading, dg1: Segment) -> Item | None:
    """The diagnosis of a DG1 segment; nothing when it names none."""
    found: Resource = {"resourceType": "Condition", "category": _CATEGORY, "subject": reading.subject}
    CONDITION.of(reading, dg1, found)
    code = {**found.get("code", {}), **_WORDS.of(reading, dg1)}
    if not code:
        return None
    found["code"] = code
    item = flattened(found, reading.zone)
    number = dg1.text(20)
    key = number or f"{dg1.text(3, comp=3) if item.code else ''}|{item.code or item.display.lower()}"
    return replace(item, key=key, status="entered-in-error" if dg1.text(21) == "D" else "active", flag=dg1.text(6))
