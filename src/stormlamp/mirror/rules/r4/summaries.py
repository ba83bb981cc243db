"""The International Patient Summary (HL7 FHIR IPS 2.0, and 1.1) of what the mirror knows: its sections, and what an empty one says.

Nothing is called absent that no source stated: a class that was never heard of says "no information", in the codes of IPS.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.rules.pictures import Absence, Item
from stormlamp.mirror.rules.r4.shaping import ABSENT, NOT_SAID, TERMINOLOGY, instant

Resource = dict[str, Any]
LOINC = "http://loinc.org"
IPS = "http://hl7.org/fhir/uv/ips"
ABSENT_OR_UNKNOWN = f"{IPS}/CodeSystem/absent-unknown-uv-ips"
MOST = 100
_TAKEN_BACK = frozenset({"entered-in-error", "refuted", "cancelled"})
NO_NAME = {"_text": NOT_SAID}


@dataclass(frozen=True, slots=True)
class Chapter:
    """A section: the class of items, its LOINC code, whether IPS demands it, and whether only the newest of each code is shown."""

    kind: str
    code: str
    display: str
    demanded: bool = False
    newest_only: bool = False


CHAPTERS = (
    Chapter("medication", "10160-0", "History of Medication use Narrative", demanded=True),
    Chapter("allergy", "48765-2", "Allergies and adverse reactions Document", demanded=True),
    Chapter("problem", "11450-4", "Problem list - Reported", demanded=True),
    Chapter("immunization", "11369-6", "History of Immunization Narrative"),
    Chapter("procedure", "47519-4", "History of Procedures Document"),
    Chapter("result", "30954-2", "Relevant diagnostic tests/laboratory data Narrative", newest_only=True),
    Chapter("vital", "8716-3", "Vital signs", newest_only=True),
)
# What stands in a demanded section without items: the codes of IPS for "stated that there are none" and "nothing is known".
_CODES = {
    "medication": ("no-known-medications", "no-medication-info"),
    "allergy": ("no-known-allergies", "no-allergy-info"),
    "problem": ("no-known-problems", "no-problem-info"),
}


def shown(items: Iterable[Item], chapter: Chapter) -> tuple[Item, ...]:
    """The items of a section, newest first: none that was taken back, and where it says so the newest of each code.

    An order not to give something is no medication (MedicationRequest-uv-ips: doNotPerform is false).
    """
    kept: dict[str, Item] = {}
    for number, one in enumerate(items):
        if one.status not in _TAKEN_BACK and one.resource.get("doNotPerform") is not True:
            kept.setdefault((one.code or one.display) if chapter.newest_only else str(number), one)
    return tuple(kept.values())[:MOST]


def stated(absence: Absence) -> bool:
    """Whether a source itself stated that there are none."""
    return absence is Absence.STATED_NONE


def stand_in(kind: str, absence: Absence, *, patient: str, words: str) -> Resource:
    """The resource that says, in a demanded section without items, what is known of their absence."""
    none, unknown = _CODES[kind]
    code = {"coding": [{"system": ABSENT_OR_UNKNOWN, "code": none if stated(absence) else unknown}], "text": words}
    subject = {"reference": f"Patient/{patient}"}
    head = {"id": f"{kind}-{none if stated(absence) else unknown}"}
    if kind == "allergy":
        status = {"coding": [{"system": f"{TERMINOLOGY}/allergyintolerance-clinical", "code": "active"}]}
        return {"resourceType": "AllergyIntolerance", **head, "clinicalStatus": status, "code": code, "patient": subject}
    if kind == "problem":
        status = {"coding": [{"system": f"{TERMINOLOGY}/condition-clinical", "code": "active"}]}
        return {"resourceType": "Condition", **head, "clinicalStatus": status, "code": code, "subject": subject}
    return {
        "resourceType": "MedicationStatement",
        **head,
        "status": "active" if stated(absence) else "unknown",
        "medicationCodeableConcept": code,
        "subject": subject,
        "effectivePeriod": {"extension": [ABSENT]},
    }


def section(chapter: Chapter, *, title: str, rows: Sequence[Sequence[str]], words: str, entries: Iterable[Resource]) -> Resource:
    """A section with its narrative: a table of rows, or the words of an empty one."""
    return {
        "title": title,
        "code": {"coding": [{"system": LOINC, "code": chapter.code, "display": chapter.display}]},
        "text": {"status": "generated", "div": narrative(rows, words)},
        "entry": [{"reference": f"{one['resourceType']}/{one['id']}"} for one in entries],
    }


def narrative(rows: Sequence[Sequence[str]], words: str) -> str:
    """XHTML that people read: first the headings, then a row per item; or the words alone."""
    if len(rows) < 2:
        return f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{escape(words)}</p></div>'
    head = "".join(f"<th>{escape(cell)}</th>" for cell in rows[0])
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows[1:])
    foot = f"<p>{escape(words)}</p>" if words else ""
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{table}{foot}</div>'


def document(
    *, number: str, at: Moment, base: str, patient: Resource, device: Resource, title: str, language: str,
    sections: Sequence[Resource], resources: Iterable[Resource],
) -> Resource:  # fmt: skip
    """The document: Composition first, then the patient, the author, and everything that a section shows."""
    composition: Resource = {
        "resourceType": "Composition",
        "id": f"summary-{patient['id']}",
        "meta": {"profile": [f"{IPS}/StructureDefinition/Composition-uv-ips"]},
        "language": language,
        "status": "final",
        "type": {"coding": [{"system": LOINC, "code": "60591-5", "display": "Patient summary Document"}]},
        "subject": {"reference": f"Patient/{patient['id']}"},
        "date": instant(at),
        "author": [{"reference": f"Device/{device['id']}"}],
        "title": title,
        "confidentiality": "R" if _restricted(patient) else "N",
        "section": list(sections),
    }
    whole = [composition, patient, device, *resources]
    return {
        "resourceType": "Bundle",
        "id": number,
        "meta": {"lastUpdated": instant(at), "profile": [f"{IPS}/StructureDefinition/Bundle-uv-ips"]},
        "language": language,
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{number}"},
        "type": "document",
        "timestamp": instant(at),
        "entry": [{"fullUrl": f"{base}/{one['resourceType']}/{one['id']}", "resource": one} for one in whole],
    }


def named(patient: Mapping[str, Any]) -> Resource:
    """A Patient with what IPS demands: a name and a birth date, or that they are unknown."""
    found = dict(patient)
    if not any({"family", "given", "text", "_family", "_given", "_text"} & one.keys() for one in found.get("name", ())):
        found["name"] = [NO_NAME]
    if "birthDate" not in found and "_birthDate" not in found:
        found["_birthDate"] = {"extension": [ABSENT]}
    return found


# What IPS 2.0 demands of each type (profiles `*-uv-ips`), and how it is said to be unknown where nobody told it.
_ASKED: dict[str, tuple[tuple[str, str, Any], ...]] = {
    "AllergyIntolerance": (("code", "code", NOT_SAID),),
    "Condition": (("code", "code", NOT_SAID),),
    "MedicationStatement": (("effective[x]", "effectivePeriod", NOT_SAID),),
    "Immunization": (("occurrence[x]", "_occurrenceDateTime", NOT_SAID), ("vaccineCode", "vaccineCode", NOT_SAID)),
    "Procedure": (("performed[x]", "_performedDateTime", NOT_SAID), ("code", "code", NOT_SAID)),
    "Practitioner": (("name", "name", [NO_NAME]),),
    "Organization": (("name", "_name", NOT_SAID),),
    "Specimen": (("type", "type", NOT_SAID),),
    "Medication": (("code", "code", NOT_SAID),),
    "DiagnosticReport": (("effective[x]", "_effectiveDateTime", NOT_SAID),),
}
_RESULT = (("effective[x]", "_effectiveDateTime", NOT_SAID), ("performer", "performer", [NOT_SAID]))
_VITAL = (("effective[x]", "_effectiveDateTime", NOT_SAID),)
_CATEGORY = f"{TERMINOLOGY}/observation-category"


def completed(resource: Mapping[str, Any]) -> Resource:
    """A resource with what its profile of IPS demands; what nobody told is said to be unknown.

    A vital sign of a month or year alone becomes the period of it, which says the same (vs-1: a moment is of a day at least).
    """
    found = dict(resource)
    kinds = {
        each.get("code")
        for one in found.get("category", ())
        if isinstance(one, Mapping)
        for each in one.get("coding", ())
        if each.get("system") == _CATEGORY
    }
    asked = _ASKED.get(found["resourceType"], ())
    if found["resourceType"] == "Observation":
        asked = _VITAL if "vital-signs" in kinds else _RESULT if kinds & {"laboratory", "imaging"} else ()
        at = found.get("effectiveDateTime", "")
        if "vital-signs" in kinds and 0 < len(at) < len("2026-01-13"):
            found["effectivePeriod"] = {"start": at, "end": at}
            del found["effectiveDateTime"]
    for element, name, value in asked:
        if not any(key.lstrip("_").startswith(element[:-3]) if element.endswith("[x]") else key == element for key in found):
            found[name] = value
    return found


def closed(resources: Sequence[Resource], base: str) -> list[Resource]:
    """Resources whose references lead nowhere outside of them: such a one names what it means by its address instead.

    A document holds what it leads to (R4 2.36.4, 3.3.1); what is left out of a summary, as is the encounter of a result, is named.
    """
    there = {f"{one['resourceType']}/{one['id']}" for one in resources}
    return [_closed(one, there, base) for one in resources]


def _closed(value: Any, there: Collection[str], base: str) -> Any:
    if isinstance(value, list):
        return [_closed(one, there, base) for one in value]
    if not isinstance(value, dict):
        return value
    told = value.get("reference")
    if not isinstance(told, str) or told.startswith("#") or told in there:
        return {name: _closed(one, there, base) for name, one in value.items()}
    kept = {name: one for name, one in value.items() if name != "reference"}
    address = told if ":" in told else f"{base}/{told}"
    return {"identifier": {"system": "urn:ietf:rfc:3986", "value": address}} | kept


def _restricted(patient: Mapping[str, Any]) -> bool:
    return any(one.get("code") == "R" for one in patient["meta"].get("security", ()))
