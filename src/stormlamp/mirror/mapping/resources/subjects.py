"""Whom a resource is about, and which resources are about nobody: people, places, devices and definitions."""

from __future__ import annotations

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.resources.reading import thing, things

# Where a type names its patient, when it is neither `subject` nor `patient`. A step further is written with a point.
# Source: R4 CompartmentDefinition/patient.
_PATHS: dict[str, tuple[str, ...]] = {
    "Appointment": ("participant.actor",),
    "AppointmentResponse": ("actor",),
    "AuditEvent": ("entity.what", "agent.who"),
    "Binary": ("securityContext",),
    "Coverage": ("beneficiary", "subscriber"),
    "EnrollmentRequest": ("candidate",),
    "Person": ("link.target",),
    "Provenance": ("target",),
    "ResearchSubject": ("individual",),
    "Schedule": ("actor",),
    "SupplyRequest": ("deliverTo", "requester"),
    "Task": ("for", "focus"),
}
_USUAL = ("subject", "patient")

# What is of the whole house, or of one patient where it says so.
BOTH = frozenset(("AuditEvent", "Basic", "Binary", "Device", "Group", "List", "MeasureReport", "Provenance", "Schedule"))
DIRECTORY = BOTH | frozenset(
    (
        *("Practitioner", "PractitionerRole", "Organization", "OrganizationAffiliation", "Location", "HealthcareService"),
        *("Endpoint", "Slot", "DeviceDefinition", "DeviceMetric", "Medication", "MedicationKnowledge", "Substance"),
        *("BiologicallyDerivedProduct", "InsurancePlan", "CatalogEntry", "VerificationResult", "Subscription"),
        *("ActivityDefinition", "CapabilityStatement", "ChargeItemDefinition", "CodeSystem", "CompartmentDefinition"),
        *("ConceptMap", "EffectEvidenceSynthesis", "EventDefinition", "Evidence", "EvidenceVariable", "ExampleScenario"),
        *("GraphDefinition", "ImplementationGuide", "Library", "Linkage", "Measure", "MessageDefinition", "NamingSystem"),
        *("ObservationDefinition", "OperationDefinition", "PaymentNotice", "PaymentReconciliation", "PlanDefinition"),
        *("Questionnaire", "ResearchDefinition", "ResearchElementDefinition", "ResearchStudy", "RiskEvidenceSynthesis"),
        *("SearchParameter", "SpecimenDefinition", "StructureDefinition", "StructureMap", "TerminologyCapabilities"),
        *("TestReport", "TestScript", "ValueSet"),
    )
)
# What a server says about its own answers: kept in the ledger, and nothing for a chart.
ENVELOPES = frozenset(("MessageHeader", "Parameters", "OperationOutcome", "Bundle"))


def subjects(resource: Resource, kind: str) -> list[Resource]:
    """The references by which a resource of a type may name its patient, the likeliest first."""
    if named := _PATHS.get(kind):
        return [each for path in (*named, *_USUAL) for each in _at(resource, path)]
    if "patient" not in resource:
        return things(resource, "subject")
    return [*things(resource, "subject"), *things(resource, "patient")]


def _at(resource: Resource, path: str) -> list[Resource]:
    first, _, rest = path.partition(".")
    found = things(resource, first)
    return [thing(each, rest) for each in found] if rest else found
