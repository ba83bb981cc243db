"""Telling R4 (and R4B where it equals R4) from STU3 and R5, which name the same things differently: misread, they would mislead."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.resources.reading import text, thing

STU3, R5 = "STU3", "R5"
_CORE = "http://hl7.org/fhir/"
_LONGEST = 300

# Types that another release has and R4 does not.
_TYPES = dict.fromkeys(
    (
        *("BodySite", "DataElement", "DeviceComponent", "EligibilityRequest", "EligibilityResponse", "ExpansionProfile"),
        *("ImagingManifest", "ProcedureRequest", "ProcessRequest", "ProcessResponse", "ReferralRequest", "Sequence"),
        *("ServiceDefinition", "Conformance", "DiagnosticOrder", "MedicationOrder", "DeviceUseRequest"),
    ),
    STU3,
) | dict.fromkeys(
    (
        *("ActorDefinition", "ArtifactAssessment", "BiologicallyDerivedProductDispense", "ConditionDefinition"),
        *("DeviceAssociation", "DeviceDispense", "DeviceUsage", "EncounterHistory", "FormularyItem", "GenomicStudy"),
        *("ImagingSelection", "InventoryItem", "InventoryReport", "NutritionIntake", "Permission", "RequestOrchestration"),
        *("Requirements", "TestPlan", "Transport"),
    ),
    R5,
)
# Elements that R4 does not have. Source: "R3 diff" and "R4 diff" of each resource page of R4 and R5.
_OLD: dict[str, frozenset[str]] = {
    "AllergyIntolerance": frozenset(("assertedDate",)),
    "Appointment": frozenset(("incomingReferral", "indication")),
    "CarePlan": frozenset(("context", "definition")),
    "Condition": frozenset(("context", "assertedDate")),
    "Coverage": frozenset(("grouping",)),
    "DiagnosticReport": frozenset(("context", "codedDiagnosis", "image")),
    "DocumentReference": frozenset(("indexed", "class")),
    "Immunization": frozenset(("notGiven", "date", "explanation")),
    "MedicationAdministration": frozenset(("prescription", "notGiven", "reasonNotGiven")),
    "MedicationDispense": frozenset(("notDone",)),
    "MedicationRequest": frozenset(("context", "definition")),
    "MedicationStatement": frozenset(("taken",)),
    "Observation": frozenset(("related", "context", "comment")),
    "Patient": frozenset(("animal",)),
    "Procedure": frozenset(("notDone", "context", "definition")),
}
_NEW: dict[str, frozenset[str]] = {
    "Appointment": frozenset(("subject", "recurrenceTemplate")),
    "Condition": frozenset(("participant",)),
    "Coverage": frozenset(("insurer", "paymentBy")),
    "DocumentReference": frozenset(("modality", "bodySite", "attester")),
    "Encounter": frozenset(("actualPeriod", "plannedStartDate", "admission", "virtualService")),
    "Immunization": frozenset(("informationSource", "basedOn")),
    "MedicationDispense": frozenset(("recorded",)),
    "MedicationStatement": frozenset(("adherence",)),
    "Observation": frozenset(("triggeredBy", "bodyStructure")),
    "Procedure": frozenset(("occurrenceDateTime", "occurrencePeriod", "recorded")),
    "ServiceRequest": frozenset(("bodyStructure",)),
}
_NONE = frozenset[str]()
# STU3 writes these as a code, R4 as a CodeableConcept; R5 writes these as lists or concepts, R4 as one object or a code.
_WAS_TEXT = ("clinicalStatus", "verificationStatus")
_REFERABLE = ("medication", "reason", "code", "addresses", "serviceType", "product")
_RARE = frozenset(_REFERABLE) - {"code"}
# Of a resource that has none of these names no more than its code need be looked at.
_ODD = {kind: _RARE | _OLD.get(kind, _NONE) | _NEW.get(kind, _NONE) for kind in (*_OLD, *_NEW)}


def foreign(resource: Resource, kind: str) -> str:
    """Why a resource of a type is not R4: which release it is, and by what that was told; nothing when it may be R4."""
    if release := _TYPES.get(kind):
        return _reason(release, f"R4 has no {kind}")
    if ("meta" in resource or "fhirVersion" in resource) and (reason := _stated(resource)):
        return reason
    odd = not resource.keys().isdisjoint(_ODD.get(kind, _RARE))
    if odd and (reason := _other_names(resource, kind)):
        return reason
    shaped = _SHAPED.get(kind)
    if shaped is not None and (reason := shaped(resource)):
        return reason
    # Nearly every resource has a code, and few have anything else that R5 may write in its own way.
    return _referred(resource, kind) if odd or ("code" in resource and _codeable_reference(resource["code"])) else ""


def _other_names(resource: Resource, kind: str) -> str:
    for release, table in ((STU3, _OLD), (R5, _NEW)):
        if found := table.get(kind, _NONE) & resource.keys():
            return _reason(release, f"{kind}.{min(found)}")
    return ""


def _statuses(resource: Resource) -> str:
    told = any(isinstance(resource.get(name), str) for name in _WAS_TEXT)
    return _reason(STU3, f"{resource['resourceType']}.clinicalStatus is a code") if told else ""


def _allergy(resource: Resource) -> str:
    told = _reason(R5, "AllergyIntolerance.type is a concept") if isinstance(resource.get("type"), dict) else ""
    return _statuses(resource) or told


def _encounter(resource: Resource) -> str:
    return _reason(R5, "Encounter.class is a list") if isinstance(resource.get("class"), list) else ""


def _document(resource: Resource) -> str:
    return _reason(R5, "DocumentReference.context is a list") if isinstance(resource.get("context"), list) else ""


# By shapes: of which type what looks different.
_SHAPED = {"AllergyIntolerance": _allergy, "Condition": _statuses, "Encounter": _encounter, "DocumentReference": _document}


def _referred(resource: Resource, kind: str) -> str:
    told = next((name for name in _REFERABLE if name in resource and _codeable_reference(resource[name])), "")
    return _reason(R5, f"{kind}.{told} is a CodeableReference") if told else ""


def _codeable_reference(found: Any) -> bool:
    one = found[0] if isinstance(found, list) and found else found
    return isinstance(one, dict) and (isinstance(one.get("concept"), dict) or isinstance(one.get("reference"), dict))


def _stated(resource: Resource) -> str:
    """What the resource says of its own release: `fhirVersion`, or a core profile with a version."""
    if "fhirVersion" in resource and (said := text(resource, "fhirVersion")) and not said.startswith("4."):
        return f"FHIR {said}, not R4: fhirVersion"
    profiles = thing(resource, "meta").get("profile")
    if profiles is None:
        return ""
    for profile in profiles if isinstance(profiles, list) else ():
        if isinstance(profile, str) and len(profile) < _LONGEST and (version := _other_version(profile)):
            return f"FHIR {version}, not R4: meta.profile"
    return ""


@lru_cache(maxsize=1024)
def _other_version(profile: str) -> str:
    """The version that a core profile names, if it is not R4's."""
    if not profile.startswith(_CORE):
        return ""
    version = profile.partition("|")[2] or profile.removeprefix(_CORE).partition("/")[0]
    return version if version[:1].isdigit() and not version.startswith("4.") else ""


def _reason(release: str, told_by: str) -> str:
    return f"FHIR {release}, not R4: {told_by}"
