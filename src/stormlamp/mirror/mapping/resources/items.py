"""Which resource becomes which item of a chart: one row per R4 type that belongs to a patient."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeAlias

from stormlamp.mirror.mapping.mapped import Item, ItemKind, Resource
from stormlamp.mirror.mapping.resources import care, clinical, drugs, findings, others

Reader: TypeAlias = Callable[..., Item]

READERS: dict[str, Reader] = {
    "AllergyIntolerance": clinical.allergy,
    "Condition": clinical.problem,
    "MedicationRequest": drugs.medication,
    "MedicationStatement": drugs.medication,
    "MedicationAdministration": drugs.medication,
    "MedicationDispense": drugs.medication,
    "Immunization": drugs.immunization,
    "ServiceRequest": clinical.order,
    "DeviceRequest": clinical.order,
    "SupplyRequest": clinical.order,
    "VisionPrescription": clinical.order,
    "Observation": findings.observation,
    "DiagnosticReport": findings.report,
    "ImagingStudy": findings.imaging,
    "MolecularSequence": others.of(ItemKind.REPORT),
    "DocumentReference": findings.document,
    "DocumentManifest": findings.document,
    "Composition": findings.document,
    "Media": findings.document,
    "ClinicalImpression": others.of(ItemKind.NOTE),
    "Encounter": care.encounter,
    "EpisodeOfCare": care.encounter,
    "Appointment": care.appointment,
    "AppointmentResponse": care.appointment,
    "Procedure": care.procedure,
    "Specimen": care.specimen,
    "CarePlan": care.plan,
    "CareTeam": care.plan,
    "RequestGroup": care.plan,
    "ImmunizationRecommendation": care.plan,
    "Goal": care.goal,
    "NutritionOrder": care.diet,
    "RelatedPerson": others.contact,
    "Coverage": others.coverage,
    "Claim": others.finance,
    "ClaimResponse": others.finance,
    "ExplanationOfBenefit": others.finance,
    "Account": others.finance,
    "ChargeItem": others.finance,
    "Invoice": others.finance,
    "Contract": others.finance,
    "CoverageEligibilityRequest": others.finance,
    "CoverageEligibilityResponse": others.finance,
    "EnrollmentRequest": others.finance,
    "EnrollmentResponse": others.finance,
}
# What has no class of its own is still kept, shown by type, and given out again.
_ANY = (
    *("AdverseEvent", "AuditEvent", "Basic", "Binary", "BodyStructure", "Communication", "CommunicationRequest", "Consent"),
    *("DetectedIssue", "Device", "DeviceUseStatement", "FamilyMemberHistory", "Flag", "Group", "GuidanceResponse"),
    *("ImmunizationEvaluation", "List", "MeasureReport", "Person", "Provenance", "QuestionnaireResponse", "ResearchSubject"),
    *("RiskAssessment", "Schedule", "SupplyDelivery", "Task"),
)
READERS |= dict.fromkeys(_ANY, others.any_resource)


def item(resource: Resource, *, zone: dt.tzinfo, key: str = "") -> Item | None:
    """Any R4 resource about a patient as an item; None for one that is not about a patient (Patient, Practitioner, Location, ...).

    `key` is for a caller who has a better one than the resource's own id. Never raises, however odd the resource is.
    """
    reader = READERS.get(resource.get("resourceType", ""))
    return reader(resource, zone, key) if reader else None
