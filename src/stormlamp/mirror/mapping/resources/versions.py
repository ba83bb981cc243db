"""Telling R4 (and R4B where it equals R4) from STU3 and R5, which name the same things differently: misread, they would mislead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.resources.reading import text, thing, things

STU3, R5 = "FHIR STU3", "FHIR R5"

# Types that another release has and R4 does not.
_TYPES = dict.fromkeys(
    (
        *("BodySite", "DataElement", "DeviceComponent", "EligibilityRequest", "EligibilityResponse", "ExpansionProfile"),
        *("ImagingManifest", "ProcedureRequest", "ProcessRequest", "ProcessResponse", "ReferralRequest", "Sequence"),
        *("ServiceDefinition", "Conformance", "DiagnosticOrder", "MedicationOrder", "DeviceUseRequest", "ImagingObjectSelection"),
    ),
    STU3,
) | dict.fromkeys(
    (
        *("ActorDefinition", "ArtifactAssessment", "BiologicallyDerivedProductDispense", "ConditionDefinition"),
        *("DeviceAssociation", "DeviceDispense", "DeviceUsage", "EncounterHistory", "FormularyItem", "GenomicStudy"),
        *("ImagingSelection", "InventoryItem", "InventoryReport", "NutritionIntake", "Permission", "RequestOrchestration"),
        *("Requirements", "SubstanceNucleicAcid", "TestPlan", "Transport"),
    ),
    R5,
)
# Elements that only another release has, or has in that shape. "*": of every type.
_TELLS: dict[str, tuple[tuple[str, str, Callable[[Any], bool]], ...]] = {}
_THERE: Callable[[Any], bool] = lambda found: found is not None  # noqa: E731 (a table of shapes)


def _is_text(found: Any) -> bool:
    return isinstance(found, str)


def _is_object(found: Any) -> bool:
    return isinstance(found, dict)


def _is_list(found: Any) -> bool:
    return isinstance(found, list)


def _is_reference(found: Any) -> bool:
    """A Reference of its own, where R4 has an object with parts."""
    return isinstance(found, dict) and "reference" in found


def _is_codeable_reference(found: Any) -> bool:
    """R5's CodeableReference: `concept` or a `reference` that is an object."""
    one = found[0] if isinstance(found, list) and found else found
    return isinstance(one, dict) and (isinstance(one.get("concept"), dict) or isinstance(one.get("reference"), dict))


_TELLS |= {
    "AllergyIntolerance": (
        ("clinicalStatus", STU3, _is_text),
        ("verificationStatus", STU3, _is_text),
        ("assertedDate", STU3, _THERE),
        ("type", R5, _is_object),
    ),
    "Appointment": (("incomingReferral", STU3, _THERE), ("indication", STU3, _THERE), ("subject", R5, _THERE)),
    "CarePlan": (("context", STU3, _THERE), ("definition", STU3, _THERE)),
    "Condition": (("clinicalStatus", STU3, _is_text), ("verificationStatus", STU3, _is_text), ("context", STU3, _THERE))
    + (("assertedDate", STU3, _THERE), ("asserter", R5, _is_list), ("participant", R5, _THERE)),
    "Consent": (("consentingParty", STU3, _THERE), ("decision", R5, _THERE)),
    "Coverage": (("grouping", STU3, _THERE), ("insurer", R5, _THERE), ("kind", R5, _THERE)),
    "DiagnosticReport": (("context", STU3, _THERE), ("codedDiagnosis", STU3, _THERE), ("image", STU3, _THERE)),
    "DocumentReference": (
        ("indexed", STU3, _THERE),
        ("class", STU3, _THERE),
        ("context", R5, _is_list),
        ("modality", R5, _THERE),
        ("bodySite", R5, _THERE),
    ),
    "Encounter": (("reason", STU3, _is_stu3_reason := lambda found: not _is_codeable_reference(found) and not _has_value(found)),)
    + (("class", R5, _is_list), ("actualPeriod", R5, _THERE), ("admission", R5, _THERE), ("reason", R5, _THERE)),
    "Goal": (("status", STU3, _THERE),),
    "Immunization": (("notGiven", STU3, _THERE), ("date", STU3, _THERE), ("explanation", STU3, _THERE)),
    "MedicationAdministration": (("prescription", STU3, _THERE), ("occurenceDateTime", R5, _THERE), ("occurencePeriod", R5, _THERE)),
    "MedicationDispense": (("notDone", STU3, _THERE), ("recorded", R5, _THERE)),
    "MedicationRequest": (("context", STU3, _THERE), ("definition", STU3, _THERE), ("requester", STU3, lambda found: "agent" in found)),
    "MedicationStatement": (("taken", STU3, _THERE), ("adherence", R5, _THERE)),
    "Observation": (
        ("related", STU3, _THERE),
        ("context", STU3, _THERE),
        ("comment", STU3, _THERE),
        ("interpretation", STU3, _is_object),
        ("triggeredBy", R5, _THERE),
        ("bodyStructure", R5, _THERE),
    ),
    "Patient": (("animal", STU3, _THERE),),
    "Procedure": (("notDone", STU3, _THERE), ("context", STU3, _THERE), ("occurrenceDateTime", R5, _THERE), ("occurrencePeriod", R5, _THERE)),
    "ServiceRequest": (("bodyStructure", R5, _THERE),),
    "Task": (("for", STU3, lambda _found: False),),
    "Specimen": (("combined", R5, _THERE),),
}
