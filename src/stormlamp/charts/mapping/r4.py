"""A chart as a FHIR R4 Bundle of type collection: what the feeds told, as they told it, and what was written here, marked.

Sources: FHIR R4 (4.0.1) Bundle, Patient, Observation (vital-signs profile), AllergyIntolerance, MedicationAdministration,
DocumentReference, Encounter.
"""

import base64
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from stormlamp.charts.rules import (
    Admission,
    Allergy,
    ChartEntry,
    Death,
    Discharge,
    Dose,
    EntryKind,
    Move,
    Newborn,
    NoKnownAllergies,
    Note,
    Registration,
    Vitals,
)
from stormlamp.charts.rules.bodies import AUTHORITY, STAY_KINDS
from stormlamp.charts.rules.signs import SIGNS
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment, iso

Resource = dict[str, Any]
DOWNTIME: Resource = {"system": "urn:stormlamp:tag", "code": "downtime", "display": "written during a downtime"}
STRUCK: Resource = {"system": "urn:stormlamp:tag", "code": "struck-out", "display": "struck out"}
_LOINC, _SNOMED, _UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_REACHED_BY = frozenset({"name", "telecom", "address", "organization"})  # pat-1: a contact with none of them is none
_ENTRIES = uuid.UUID("8d1f4b55-7f0e-5b7c-8a0e-5a1b8d3f6e21")


def bundle(
    patient: PatientId,
    person: Mapping[str, Any],
    told: Iterable[tuple[str, Mapping[str, Any]]],
    entries: Sequence[ChartEntry],
    *,
    at: Moment,
) -> Resource:
    """The Bundle of a patient: `person` is the Patient that the feeds told (may be empty), `told` keys and resources of items."""
    held = tuple(told)
    places = {name: _url(key) for key, resource in held for name in _names(resource)}
    who = _patient(patient, _pointed(person, places), entries)
    resources = [who, *(_told(key, resource, patient, places) for key, resource in held)]
    for entry in entries:
        resources += _written(entry, patient)
    if (encounter := _encounter(entries, patient)) is not None:
        resources.append(encounter)
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": iso(at),
        "entry": [{"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource} for resource in resources],
    }


def _patient(patient: PatientId, person: Mapping[str, Any], entries: Sequence[ChartEntry]) -> Resource:
    who: Resource = {**person, "resourceType": "Patient", "id": patient}
    if "contact" in who:
        who["contact"] = [one for one in who["contact"] if _REACHED_BY & one.keys()]
        who = {name: value for name, value in who.items() if value}
    for entry in entries:
        body = entry.body
        if entry.struck is not None:
            continue
        if isinstance(body, Registration | Newborn):
            number = {"system": f"urn:stormlamp:{AUTHORITY.lower()}", "value": body.downtime_number}
            who["identifier"] = [*who.get("identifier", []), number]
            who.setdefault("gender", str(body.sex))
            who.setdefault("meta", {"tag": [DOWNTIME]})
        if isinstance(body, Registration):
            if body.family or body.given:
                given = {"given": [body.given]} if body.given else {}
                who.setdefault("name", [{"use": "official", "family": body.family, **given}])
            elif body.alias:
                who.setdefault("name", [{"use": "temp", "text": body.alias}])
            if body.birth_date:
                who.setdefault("birthDate", body.birth_date)
        if isinstance(body, Newborn):
            who.setdefault("birthDate", body.birth_date)
            who["multipleBirthInteger"] = body.birth_order
        if isinstance(body, Death):
            who.pop("deceasedBoolean", None)
            who["deceasedDateTime"] = iso(entry.occurred_at)
    return who


def _told(key: str, resource: Mapping[str, Any], patient: PatientId, places: Mapping[str, str]) -> Resource:
    """A feed's resource, pointing to this Bundle's Patient and to what else is in it."""
    found: Resource = {name: _pointed(value, places) for name, value in resource.items()}
    found["id"] = _id(key)
    for name in ("subject", "patient"):
        if name in found:
            found[name] = _reference(patient)
    return found


def _names(resource: Mapping[str, Any]) -> Iterator[str]:
    """By what other resources of its feed point to a resource."""
    if told := resource.get("id"):
        yield from (f"urn:uuid:{told}", f"{resource['resourceType']}/{told}")


def _pointed(value: Any, places: Mapping[str, str]) -> Any:
    """A value whose references lead into the Bundle or to the web, or only name what they meant; codes have no stray spaces."""
    if isinstance(value, list):
        return [_pointed(one, places) for one in value]
    if not isinstance(value, dict):
        return value
    found = {name: _pointed(one, places) for name, one in value.items()}
    if isinstance(code := found.get("code"), str):  # FHIR R4 2.24, code: no space at either end, none doubled
        found["code"] = " ".join(code.split())
    told = found.get("reference")
    if not isinstance(told, str) or told.startswith(("#", "http://", "https://")):
        return found
    if told in places:
        return {**found, "reference": places[told]}
    del found["reference"]
    return found if "identifier" in found else {**found, "identifier": {"value": told}}


def _written(entry: ChartEntry, patient: PatientId) -> Iterator[Resource]:
    body = entry.body
    if isinstance(body, Vitals):
        yield from _observations(entry, body, patient)
    elif isinstance(body, Allergy | NoKnownAllergies):
        yield _allergy(entry, body, patient)
    elif isinstance(body, Dose):
        yield _administration(entry, body, patient)
    elif isinstance(body, Note):
        yield _document(entry, body, patient)


def _observations(entry: ChartEntry, vitals: Vitals, patient: PatientId) -> Iterator[Resource]:
    for sign in SIGNS:
        value = getattr(vitals, sign.field)
        if value is None:
            continue
        shown: Resource = (
            {"valueString": str(value)}
            if sign.field == "consciousness"
            else {"valueQuantity": {"value": value, "unit": sign.unit, "system": _UCUM, "code": sign.ucum}}
        )
        yield {
            "resourceType": "Observation",
            **_head(entry, sign.field),
            "status": "entered-in-error" if entry.struck else "final",
            "category": [{"coding": [{"system": f"{_TERMINOLOGY}/observation-category", "code": "vital-signs"}]}],
            "code": {"coding": [{"system": _LOINC, "code": sign.loinc}]},
            "subject": _reference(patient),
            "effectiveDateTime": iso(entry.occurred_at),
            "issued": iso(entry.written_at),
            "performer": [{"display": entry.author_name}],
            **shown,
        }


def _allergy(entry: ChartEntry, body: Allergy | NoKnownAllergies, patient: PatientId) -> Resource:
    found: Resource = {
        "resourceType": "AllergyIntolerance",
        **_head(entry),
        "patient": _reference(patient),
        "recordedDate": iso(entry.written_at),
        "recorder": {"display": entry.author_name},
    }
    certainty = "entered-in-error" if entry.struck else "unconfirmed"
    if isinstance(body, NoKnownAllergies):
        found["code"] = {"coding": [{"system": _SNOMED, "code": "716186003", "display": "No known allergy"}]}
        found["note"] = [{"text": f"asked: {body.asked}"}]
    else:
        certainty = certainty if entry.struck else str(body.certainty)
        found["code"] = {"text": body.substance, **_coding(body.code)}
        if body.reaction:
            severity = {} if body.severity == "unknown" else {"severity": str(body.severity)}
            found["reaction"] = [{"manifestation": [{"text": body.reaction}], **severity}]
    if not entry.struck:
        found["clinicalStatus"] = {"coding": [{"system": f"{_TERMINOLOGY}/allergyintolerance-clinical", "code": "active"}]}
    system = f"{_TERMINOLOGY}/allergyintolerance-verification"
    found["verificationStatus"] = {"coding": [{"system": system, "code": certainty}]}
    return found


def _administration(entry: ChartEntry, dose: Dose, patient: PatientId) -> Resource:
    found: Resource = {
        "resourceType": "MedicationAdministration",
        **_head(entry),
        "status": "entered-in-error" if entry.struck else "completed" if dose.given else "not-done",
        "medicationCodeableConcept": {"text": dose.drug},
        "subject": _reference(patient),
        "effectiveDateTime": iso(entry.occurred_at),
        "performer": [{"actor": {"display": entry.author_name}}],
    }
    if not dose.given:
        found["statusReason"] = [{"text": dose.omitted_because}]
    said = " ".join(part for part in (dose.value, dose.unit, dose.route) if part)
    if _is_number(dose.value):
        amount = {"value": float(dose.value), **({"unit": dose.unit} if dose.unit else {})}
        found["dosage"] = {"text": said, **({"route": {"text": dose.route}} if dose.route else {}), "dose": amount}
    elif said:  # mad-1: a dosage without a number for its dose is none
        found["note"] = [{"text": said}]
    return found


def _document(entry: ChartEntry, note: Note, patient: PatientId) -> Resource:
    content: Resource = {"contentType": "text/plain; charset=utf-8", "data": base64.b64encode(note.text.encode()).decode()}
    if note.language:
        content["language"] = note.language
    return {
        "resourceType": "DocumentReference",
        **_head(entry),
        "status": "entered-in-error" if entry.struck else "current",
        "type": {"text": str(note.kind)},
        "subject": _reference(patient),
        "date": iso(entry.written_at),
        "author": [{"display": entry.author_name}],
        "content": [{"attachment": content}],
        "context": {"period": {"start": iso(entry.occurred_at)}},
    }


def _encounter(entries: Sequence[ChartEntry], patient: PatientId) -> Resource | None:
    """The stay that was written here, place by place."""
    moves = [one for one in entries if one.kind in STAY_KINDS and one.kind != EntryKind.DEATH and one.struck is None]
    places = [one for one in moves if isinstance(one.body, Admission | Move)]
    if not moves:
        return None
    left = next((one for one in reversed(moves) if isinstance(one.body, Discharge)), None)
    over = left is not None and moves[-1] is left
    ends = [one.occurred_at for one in moves[1:]] + [None]
    locations = [_location(one, ends[moves.index(one)]) for one in places]
    period = {"start": iso(moves[0].occurred_at), **({"end": iso(left.occurred_at)} if left and over else {})}
    return {
        "resourceType": "Encounter",
        "id": _id(f"stay:{patient}"),
        "meta": {"tag": [DOWNTIME]},
        "status": "finished" if over else "in-progress",
        "class": {"system": f"{_TERMINOLOGY}/v3-ActCode", "code": "IMP"},
        "subject": _reference(patient),
        "period": period,
        **({"location": locations} if locations else {}),
    }


def _location(entry: ChartEntry, until: Moment | None) -> Resource:
    assert isinstance(entry.body, Admission | Move)
    name = " ".join(part for part in (entry.body.ward, entry.body.room, entry.body.bed) if part)
    period = {"start": iso(entry.occurred_at), **({"end": iso(until)} if until is not None else {})}
    return {"location": {"display": name}, "period": period}


def _head(entry: ChartEntry, part: str = "") -> Resource:
    tags = [DOWNTIME, STRUCK] if entry.struck else [DOWNTIME]
    return {"id": _id(f"{entry.id}/{part}" if part else entry.id), "meta": {"tag": tags}}


def _id(key: str) -> str:
    return str(uuid.uuid5(_ENTRIES, key))


def _url(key: str) -> str:
    return f"urn:uuid:{_id(key)}"


def _reference(patient: PatientId) -> Resource:
    return {"reference": f"urn:uuid:{patient}"}


def _coding(code: str) -> Resource:
    system, mark, value = code.rpartition("|")
    return {"coding": [{**({"system": system} if mark else {}), "code": value}]} if value else {}


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()
