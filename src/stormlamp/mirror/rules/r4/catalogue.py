"""The types that the FHIR door gives, and the parameters by which each is searched (FHIR R4 search parameters, their elements)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Ask(StrEnum):
    """The kinds of search parameters, as the CapabilityStatement names them."""

    TOKEN = "token"  # noqa: S105 - a kind of parameter
    DATE = "date"
    REFERENCE = "reference"
    STRING = "string"


@dataclass(frozen=True, slots=True)
class Param:
    """A search parameter and the elements that it looks at; `effective[x]` is every element that begins so."""

    name: str
    kind: Ask
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Type:
    """A type of resource. `subjects` are the elements that name its patient; none for what belongs to no patient.

    `loose`: its element names other things too, and is left as it was told.
    """

    name: str
    subjects: tuple[str, ...] = ()
    loose: bool = False
    params: Mapping[str, Param] = field(default_factory=dict, hash=False)

    @property
    def includes(self) -> tuple[str, ...]:
        """What `_include` may follow."""
        return tuple(f"{self.name}:{one.name}" for one in self.params.values() if one.kind is Ask.REFERENCE)


_KINDS = {"t": Ask.TOKEN, "d": Ask.DATE, "r": Ask.REFERENCE, "s": Ask.STRING}
# Name, element of the patient (`-`: none; `~`: other things too), parameters: `name=kind:element,element`; `=kind` alone where the
# element is named alike.
_TABLE = """
Patient              -              identifier=t gender=t birthdate=d:birthDate name=s family=s:name.family given=s:name.given \
                                    active=t deceased=t:deceased[x] death-date=d:deceasedDateTime language=t:communication.language
Encounter            subject        identifier=t status=t class=t type=t date=d:period location=r:location.location \
                                    participant=r:participant.individual service-provider=r:serviceProvider
AllergyIntolerance   patient        identifier=t code=t:code,reaction.substance category=t clinical-status=t:clinicalStatus \
                                    verification-status=t:verificationStatus criticality=t type=t date=d:recordedDate \
                                    onset=d:onset[x],reaction.onset recorder=r asserter=r
Condition            subject        identifier=t code=t category=t clinical-status=t:clinicalStatus severity=t \
                                    verification-status=t:verificationStatus onset-date=d:onsetDateTime,onsetPeriod \
                                    abatement-date=d:abatementDateTime,abatementPeriod recorded-date=d:recordedDate encounter=r \
                                    asserter=r
MedicationRequest    subject        identifier=t code=t:medicationCodeableConcept category=t status=t intent=t priority=t \
                                    authoredon=d:authoredOn date=d:dosageInstruction.timing.event encounter=r requester=r \
                                    medication=r:medicationReference
MedicationStatement  subject        identifier=t code=t:medicationCodeableConcept category=t status=t effective=d:effective[x] \
                                    context=r medication=r:medicationReference
MedicationAdministration subject    identifier=t code=t:medicationCodeableConcept status=t effective-time=d:effective[x] \
                                    context=r performer=r:performer.actor request=r medication=r:medicationReference
MedicationDispense   subject        identifier=t code=t:medicationCodeableConcept type=t status=t whenhandedover=d:whenHandedOver \
                                    whenprepared=d:whenPrepared context=r performer=r:performer.actor \
                                    prescription=r:authorizingPrescription medication=r:medicationReference
ServiceRequest       subject        identifier=t code=t category=t status=t intent=t priority=t authored=d:authoredOn \
                                    occurrence=d:occurrence[x] encounter=r requester=r performer=r specimen=r
Observation          subject        identifier=t code=t combo-code=t:code,component.code category=t status=t date=d:effective[x] \
                                    value-concept=t:valueCodeableConcept encounter=r performer=r specimen=r based-on=r:basedOn
DiagnosticReport     subject        identifier=t code=t category=t status=t date=d:effective[x] issued=d encounter=r performer=r \
                                    result=r specimen=r based-on=r:basedOn
DocumentReference    subject        identifier=t:masterIdentifier,identifier type=t category=t status=t date=d \
                                    period=d:context.period encounter=r:context.encounter author=r
RelatedPerson        patient        identifier=t relationship=t name=s active=t
Coverage             beneficiary    identifier=t type=t status=t payor=r
Appointment          participant.actor identifier=t status=t service-type=t:serviceType specialty=t \
                                    appointment-type=t:appointmentType date=d:start actor=r:participant.actor
Procedure            subject        identifier=t code=t category=t status=t date=d:performed[x] encounter=r \
                                    performer=r:performer.actor
Immunization         patient        identifier=t vaccine-code=t:vaccineCode status=t date=d:occurrence[x] lot-number=s:lotNumber \
                                    performer=r:performer.actor
Specimen             subject        identifier=t:identifier,accessionIdentifier type=t status=t collected=d:collection.collected[x]
CarePlan             subject        identifier=t category=t status=t intent=t date=d:period encounter=r care-team=r:careTeam
CareTeam             subject        identifier=t category=t status=t date=d:period encounter=r participant=r:participant.member
Goal                 subject        identifier=t category=t lifecycle-status=t:lifecycleStatus start-date=d:startDate
Flag                 subject        identifier=t code=t category=t status=t date=d:period encounter=r
FamilyMemberHistory  patient        identifier=t relationship=t status=t date=d
NutritionOrder       patient        identifier=t status=t datetime=d:dateTime encounter=r oraldiet=t:oralDiet.type
ImagingStudy         subject        identifier=t status=t modality=t started=d encounter=r
Media                subject        identifier=t type=t status=t created=d:created[x] encounter=r
Communication        subject        identifier=t category=t status=t sent=d encounter=r
Consent              patient        identifier=t category=t scope=t status=t date=d:dateTime
ClinicalImpression   subject        identifier=t status=t date=d encounter=r
QuestionnaireResponse subject       identifier=t status=t authored=d encounter=r
DeviceUseStatement   subject        identifier=t status=t device=r
Account              subject        identifier=t type=t status=t period=d:servicePeriod
ChargeItem           subject        identifier=t code=t status=t occurrence=d:occurrence[x] entered-date=d:enteredDate \
                                    context=r account=r
Claim                patient        identifier=t use=t status=t created=d encounter=r:item.encounter
ExplanationOfBenefit patient        identifier=t status=t created=d
Composition          subject        identifier=t type=t status=t date=d encounter=r
EpisodeOfCare        patient        identifier=t type=t status=t date=d:period
RiskAssessment       subject        identifier=t status=t date=d:occurrence[x] encounter=r
DetectedIssue        patient        identifier=t code=t status=t
Task                 for            identifier=t code=t status=t intent=t authored-on=d:authoredOn encounter=r owner=r
Basic                subject        identifier=t code=t created=d
AdverseEvent         subject        identifier=t category=t event=t actuality=t date=d
BodyStructure        patient        identifier=t location=t
ClaimResponse        patient        identifier=t use=t status=t created=d outcome=t
CommunicationRequest subject        identifier=t category=t status=t priority=t authored=d:authoredOn encounter=r
CoverageEligibilityRequest patient  identifier=t status=t created=d
CoverageEligibilityResponse patient identifier=t status=t created=d
DeviceRequest        subject        identifier=t code=t:codeCodeableConcept status=t intent=t authored-on=d:authoredOn encounter=r
DocumentManifest     subject        identifier=t:masterIdentifier,identifier type=t status=t created=d
GuidanceResponse     subject        identifier=t
ImmunizationEvaluation patient      identifier=t status=t date=d
ImmunizationRecommendation patient  identifier=t date=d
Invoice              subject        identifier=t type=t status=t date=d
List                 subject        identifier=t code=t status=t date=d encounter=r
MeasureReport        subject        identifier=t status=t date=d period=d
MolecularSequence    patient        identifier=t type=t
Provenance           ~target        recorded=d when=d:occurred[x] agent=r:agent.who
RequestGroup         subject        identifier=t code=t status=t intent=t priority=t authored=d:authoredOn encounter=r
ResearchSubject      individual     identifier=t status=t date=d:period
SupplyDelivery       patient        identifier=t status=t
SupplyRequest        ~deliverTo     identifier=t category=t status=t date=d:authoredOn
VisionPrescription   patient        identifier=t status=t datewritten=d:dateWritten encounter=r
Practitioner         -              identifier=t name=s family=s:name.family given=s:name.given active=t
PractitionerRole     -              identifier=t practitioner=r organization=r role=t:code specialty=t
Organization         -              identifier=t name=s:name,alias type=t active=t partof=r:partOf
Location             -              identifier=t name=s:name,alias type=t status=t organization=r:managingOrganization \
                                    partof=r:partOf
HealthcareService    -              identifier=t name=s organization=r:providedBy
Device               -              identifier=t type=t status=t device-name=s:deviceName.name,type.text
Medication           -              identifier=t code=t status=t
"""


def _read(table: str) -> Iterator[Type]:
    for line in table.strip().replace("\\\n", " ").splitlines():
        name, subject, *said = line.split()
        loose, subject = subject.startswith("~"), subject.removeprefix("~")
        subjects = () if subject == "-" else (subject,)
        params = {one.name: one for one in (_param(each) for each in said)}
        if subjects:
            params["patient"] = Param("patient", Ask.REFERENCE, subjects)
            if subject == "subject":
                params["subject"] = Param("subject", Ask.REFERENCE, subjects)
        yield Type(name, subjects, loose, dict(sorted(params.items())))


def _param(text: str) -> Param:
    name, _, rest = text.partition("=")
    kind, _, paths = rest.partition(":")
    return Param(name, _KINDS[kind], tuple(paths.split(",")) if paths else (name,))


TYPES: dict[str, Type] = {one.name: one for one in _read(_TABLE)}
DIRECTORY = frozenset(name for name, one in TYPES.items() if not one.subjects and name != "Patient")
CLINICAL = tuple(name for name, one in TYPES.items() if one.subjects)
RESULT_PARAMS = ("_count", "_elements", "_format", "_include", "_page", "_pretty", "_sort", "_summary", "_total")

# The systems that elements of type code imply, which a token search may name (R4 3.1.1.4.10): of the elements that the feeds tell.
_HL7, _CODES, _TERMS = "http://hl7.org/fhir/", "http://hl7.org/fhir/CodeSystem/", "http://terminology.hl7.org/CodeSystem/"
IMPLIED = {
    "Patient.gender": f"{_HL7}administrative-gender",
    "Encounter.status": f"{_HL7}encounter-status",
    "AllergyIntolerance.category": f"{_HL7}allergy-intolerance-category",
    "AllergyIntolerance.criticality": f"{_HL7}allergy-intolerance-criticality",
    "AllergyIntolerance.type": f"{_HL7}allergy-intolerance-type",
    "MedicationRequest.status": f"{_CODES}medicationrequest-status",
    "MedicationRequest.intent": f"{_CODES}medicationrequest-intent",
    "MedicationRequest.priority": f"{_HL7}request-priority",
    "MedicationStatement.status": f"{_CODES}medication-statement-status",
    "MedicationAdministration.status": f"{_TERMS}medication-admin-status",
    "MedicationDispense.status": f"{_TERMS}medicationdispense-status",
    "ServiceRequest.status": f"{_HL7}request-status",
    "ServiceRequest.intent": f"{_HL7}request-intent",
    "ServiceRequest.priority": f"{_HL7}request-priority",
    "Observation.status": f"{_HL7}observation-status",
    "DiagnosticReport.status": f"{_HL7}diagnostic-report-status",
    "DocumentReference.status": f"{_HL7}document-reference-status",
    "Coverage.status": f"{_HL7}fm-status",
    "Appointment.status": f"{_HL7}appointmentstatus",
    "Procedure.status": f"{_HL7}event-status",
    "Immunization.status": f"{_HL7}event-status",
    "Specimen.status": f"{_HL7}specimen-status",
    "CarePlan.status": f"{_HL7}request-status",
    "CareTeam.status": f"{_HL7}care-team-status",
    "Goal.lifecycleStatus": f"{_HL7}goal-status",
    "NutritionOrder.status": f"{_HL7}request-status",
    "Composition.status": f"{_HL7}composition-status",
    "EpisodeOfCare.status": f"{_HL7}episode-of-care-status",
    "Location.status": f"{_HL7}location-status",
}
