"""A resource as it goes out: with an id, where it comes from, and what R4 demands of its type, without claiming what nobody told.

What R4 demands and the source did not say is given as unknown, in R4's own ways: the code `unknown` where the value set has one,
else the data-absent-reason extension.
"""

import base64
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from stormlamp.kernel.moments import Moment, to_datetime

Resource = dict[str, Any]
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
ABSENT = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
UNKNOWN_CONCEPT = {"coding": [{"system": f"{TERMINOLOGY}/data-absent-reason", "code": "unknown", "display": "Unknown"}]}
NOT_SAID = {"extension": [ABSENT]}
INTERFACE = "urn:stormlamp:interface:"
DEEPEST = 100
DOCUMENT = "urn:stormlamp:extension:document"
NO_LONGER_TOLD = {
    "system": "urn:stormlamp:tag",
    "code": "no-longer-told",
    "display": "left out of its source's newest list",
}
_REACHED_BY = frozenset({"name", "telecom", "address", "organization"})
_EVENT = "preparation in-progress not-done on-hold completed entered-in-error stopped unknown"
_REQUEST = "draft active on-hold revoked completed entered-in-error unknown"
_REPORT = "registered partial preliminary final amended corrected appended cancelled entered-in-error unknown"
_FINANCIAL = "active cancelled draft entered-in-error"
# The required value sets of `status` (R4), and what stands for one that is not in them, or not told.
_STATUS = {
    "Observation": ("registered preliminary final amended corrected cancelled entered-in-error unknown", "unknown"),
    "DiagnosticReport": (_REPORT, "unknown"),
    "ServiceRequest": (_REQUEST, "unknown"),
    "MedicationRequest": ("active on-hold cancelled completed entered-in-error stopped draft unknown", "unknown"),
    "MedicationStatement": ("active completed entered-in-error intended stopped on-hold unknown not-taken", "unknown"),
    "MedicationAdministration": ("in-progress not-done on-hold completed entered-in-error stopped unknown", "unknown"),
    "MedicationDispense": (
        "preparation in-progress cancelled on-hold completed entered-in-error stopped declined unknown",
        "unknown",
    ),
    "Procedure": (_EVENT, "unknown"),
    "Communication": (_EVENT, "unknown"),
    "Encounter": ("planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown", "unknown"),
    "DocumentReference": ("current superseded entered-in-error", "current"),
    "CarePlan": (_REQUEST, "unknown"),
    "NutritionOrder": (_REQUEST, "unknown"),
    "Account": ("active inactive entered-in-error on-hold unknown", "unknown"),
    "ChargeItem": ("planned billable not-billable aborted billed entered-in-error unknown", "unknown"),
    "FamilyMemberHistory": ("partial completed entered-in-error health-unknown", "partial"),
}
# The same where no code says "unknown": it stays away under the extension.
_NO_UNKNOWN = {
    "Immunization": "completed entered-in-error not-done",
    "Appointment": "proposed pending booked arrived fulfilled cancelled noshow entered-in-error checked-in waitlist",
    "Coverage": _FINANCIAL,
    "Claim": _FINANCIAL,
    "ExplanationOfBenefit": _FINANCIAL,
}
_MEDICATION = (("medicationCodeableConcept", "medicationReference"), "medicationCodeableConcept", UNKNOWN_CONCEPT)
_INTENT = (("intent",), "intent", "order")
_CODE = (("code",), "code", UNKNOWN_CONCEPT)
# (any of these elements, else this one, with this value) for each type.
_DEMANDED: dict[str, tuple[tuple[tuple[str, ...], str, Any], ...]] = {
    "Observation": (_CODE,),
    "DiagnosticReport": (_CODE,),
    "ServiceRequest": (_INTENT,),
    "NutritionOrder": (_INTENT, (("dateTime", "_dateTime"), "_dateTime", NOT_SAID)),
    "CarePlan": ((("intent",), "intent", "plan"),),
    "MedicationRequest": (_INTENT, _MEDICATION),
    "MedicationStatement": (_MEDICATION,),
    "MedicationDispense": (_MEDICATION,),
    "MedicationAdministration": (
        _MEDICATION,
        (("effectiveDateTime", "effectivePeriod", "_effectiveDateTime"), "effectivePeriod", NOT_SAID),
    ),
    "Immunization": (
        (("vaccineCode",), "vaccineCode", UNKNOWN_CONCEPT),
        (("occurrenceDateTime", "occurrenceString"), "occurrenceString", "unknown"),
    ),
    "Encounter": ((("class",), "class", {"system": f"{TERMINOLOGY}/data-absent-reason", "code": "unknown"}),),
    "DocumentReference": ((("content",), "content", [{"attachment": {"title": "no content was told"}}]),),
    "Coverage": ((("payor",), "payor", [{"display": "unknown"}]),),
    "ChargeItem": (_CODE,),
    "FamilyMemberHistory": ((("relationship",), "relationship", UNKNOWN_CONCEPT),),
    "Flag": (_CODE,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a resource came from, and when it reached the mirror."""

    entry: str
    interface: str
    received_at: Moment
    version: str

    @property
    def source(self) -> str:
        """The interface and the ledger entry, as the URI of `meta.source`."""
        return f"{INTERFACE}{quote(self.interface, safe='')}#{quote(self.entry, safe='')}"


def instant(at: Moment) -> str:
    """A FHIR instant, always to the microsecond: a reader who asks for what came after it (`gt`) misses nothing of that second."""
    return to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def headed(resource: Resource, *, id: str, origin: Origin, key: str = "") -> Resource:
    """A resource with its id, meta and, where nobody gave it a number, the key that its interface knows it by."""
    told = resource.get("meta")
    meta = {
        **(told if isinstance(told, Mapping) else {}),
        "versionId": origin.version,
        "lastUpdated": instant(origin.received_at),
        "source": origin.source,
    }
    kind = resource["resourceType"]
    found: Resource = {"resourceType": kind, "id": id, "meta": meta}
    found |= {name: value for name, value in resource.items() if name not in found}
    if key and not key.endswith(id) and kind not in _SINGLE_NUMBER and not found.get("identifier"):
        found["identifier"] = [{"system": INTERFACE + quote(origin.interface, safe=""), "value": key}]
    return found


_SEVERAL_SUBJECTS = frozenset({"Account"})
# Types whose identifier is one or none.
_SINGLE_NUMBER = frozenset({"Bundle", "Composition", "QuestionnaireResponse", "Provenance", "AuditEvent", "Binary", "List"})


def whole(resource: Resource, *, subject: str, subjects: tuple[str, ...]) -> Resource:
    """A resource with what R4 demands of its type; `subject` is the reference of the patient that it belongs to. Changes it."""
    kind = resource["resourceType"]
    for name in subjects:
        _point(resource, name, subject)
    if kind in _STATUS:
        known, otherwise = _STATUS[kind]
        if resource.get("status") not in known.split():
            resource["status"] = otherwise
    elif kind in _NO_UNKNOWN and resource.get("status") not in _NO_UNKNOWN[kind].split():
        resource.pop("status", None)
        resource["_status"] = NOT_SAID
    for elements, name, value in _DEMANDED.get(kind, ()):
        if not any(one in resource for one in elements):
            resource[name] = value
    if mend := _MENDS.get(kind):
        mend(resource)
    return resource


def _point(resource: Resource, name: str, subject: str) -> None:
    if "." not in name:
        told = resource.get(name)
        display = {"display": told["display"]} if isinstance(told, Mapping) and told.get("display") else {}
        found = {"reference": subject, **display}
        resource[name] = [found] if resource["resourceType"] in _SEVERAL_SUBJECTS else found
        return
    participants = resource.setdefault("participant", [])
    if not any(isinstance(one.get("actor"), Mapping) and one["actor"].get("reference") == subject for one in participants):
        participants.insert(0, {"actor": {"reference": subject}, "status": "needs-action"})
    for one in participants:
        if "status" not in one:
            one["_status"] = NOT_SAID


def _observation(resource: Resource) -> None:
    """obs-6, and the reason why there is no value."""
    valued = any(name.startswith("value") for name in resource)
    if valued:
        resource.pop("dataAbsentReason", None)
    elif not {"dataAbsentReason", "component", "hasMember"} & resource.keys():
        resource["dataAbsentReason"] = UNKNOWN_CONCEPT


def _allergy(resource: Resource) -> None:
    """ait-1 and ait-2: a clinical status exactly when it was not entered in error."""
    if _mistaken(resource):
        resource.pop("clinicalStatus", None)
    else:
        resource.setdefault("clinicalStatus", NOT_SAID)


def _condition(resource: Resource) -> None:
    """con-5: no clinical status when entered in error."""
    if _mistaken(resource):
        resource.pop("clinicalStatus", None)


def _administration(resource: Resource) -> None:
    """mad-1: a dosage has a dose or a rate; one without is a note."""
    dosage = resource.get("dosage")
    if isinstance(dosage, Mapping) and not {"dose", "rateRatio", "rateQuantity"} & dosage.keys():
        del resource["dosage"]
        if said := dosage.get("text"):
            resource["note"] = [*resource.get("note", ()), {"text": said}]


def _patient(resource: Resource) -> None:
    """pat-1: a contact that cannot be named or reached is none."""
    if contacts := [one for one in resource.pop("contact", ()) if _REACHED_BY & one.keys()]:
        resource["contact"] = contacts


def _document(resource: Resource) -> None:
    """Content that is said to be base64 and is none is a text."""
    for one in resource.get("content", ()):
        attachment = one.get("attachment", {})
        if "data" in attachment and not _is_base64(attachment["data"]):
            text = str(attachment["data"]).encode()
            attachment |= {"contentType": "text/plain; charset=utf-8", "data": base64.b64encode(text).decode()}


def _is_base64(data: Any) -> bool:
    try:
        base64.b64decode("".join(data.split()), validate=True)
    except (ValueError, AttributeError):
        return False
    return True


def _report(resource: Resource) -> None:
    """`result` leads to Observations alone; a text that came among the results is pointed to beside them."""
    results = resource.get("result", ())
    documents = [one for one in results if str(one.get("reference", "")).startswith("DocumentReference/")]
    if not documents:
        return
    resource["extension"] = [*resource.get("extension", ()), *({"url": DOCUMENT, "valueReference": one} for one in documents)]
    if rest := [one for one in results if one not in documents]:
        resource["result"] = rest
    else:
        del resource["result"]


def _mistaken(resource: Resource) -> bool:
    said = resource.get("verificationStatus")
    codings = said.get("coding", ()) if isinstance(said, Mapping) else ()
    return any(one.get("code") == "entered-in-error" for one in codings)


_MENDS: dict[str, Callable[[Resource], None]] = {
    "Observation": _observation,
    "AllergyIntolerance": _allergy,
    "Condition": _condition,
    "MedicationAdministration": _administration,
    "DiagnosticReport": _report,
    "DocumentReference": _document,
    "Patient": _patient,
}


def cleaned(value: Any, references: list[Resource], depth: int = 0) -> Any:
    """A value without what says nothing (R4 forbids empty elements), codes without stray spaces; its References are gathered.

    What lies deeper than any element of R4 is left out: it could not be written inside a Bundle.
    """
    if isinstance(value, dict | list) and depth > DEEPEST:
        return None
    if isinstance(value, dict):
        found = {name: one for name, each in value.items() if not _says_nothing(one := cleaned(each, references, depth + 1))}
        code = found.get("code")
        if isinstance(code, str) and " " in code:
            found["code"] = " ".join(code.split())
        system = found.get("system")
        if isinstance(system, str) and " " in system:  # a sender's OID that is none: no URI has a space
            found["system"] = system.replace(" ", "%20")
        if isinstance(found.get("reference"), str):
            references.append(found)
        return found
    if isinstance(value, list):
        return [one for each in value if not _says_nothing(one := cleaned(each, references, depth + 1))]
    return value.strip() if isinstance(value, str) and (value[:1].isspace() or value[-1:].isspace()) else value


def _says_nothing(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def target(reference: str) -> str:
    """`Type/id` of a reference into this store; empty for one inside its resource, to the web, or of another form."""
    if reference.startswith(("#", "http:", "https:")):
        return ""
    parts = reference.split("/_history/")[0].split("/")
    return reference.split("/_history/")[0] if len(parts) == 2 and all(parts) else ""


def pointed(references: list[Resource], *, known: Collection[str], survivors: Mapping[str, str]) -> None:
    """Make references lead to what is given here: merged patients to the one they are now, the unknown to a name only."""
    for one in references:
        text = one["reference"]
        if text.startswith(("#", "http:", "https:")):
            continue
        place = target(text)
        kind, _, number = place.partition("/")
        if kind == "Patient" and number in survivors:
            place = f"Patient/{survivors[number]}"
        if place in known:
            one["reference"] = place
            continue
        del one["reference"]
        if "identifier" not in one:
            one["identifier"] = {"value": text}


def no_longer_told(resource: Resource) -> Resource:
    """A resource that a newer whole list of its own source leaves out: kept, and marked, for nobody said that it is over."""
    meta = resource["meta"]
    return resource | {"meta": {**meta, "tag": [*meta.get("tag", ()), NO_LONGER_TOLD]}}


def trimmed(resource: Resource, elements: Collection[str]) -> Resource:
    """A resource with the asked elements and those that R4 demands, marked as a part (`_elements`, R4 3.1.1.5.9)."""
    kind = resource["resourceType"]
    demanded = {"resourceType", "id", "status", "code", "subject", "patient", *(name for _, name, _ in _DEMANDED.get(kind, ()))}
    found = {name: value for name, value in resource.items() if name.lstrip("_") in {*elements, *demanded}}
    tag = {"system": f"{TERMINOLOGY}/v3-ObservationValue", "code": "SUBSETTED", "display": "subsetted"}
    return found | {"meta": {**resource["meta"], "tag": [*resource["meta"].get("tag", ()), tag]}}
