"""What an entry of the chart says, one value per kind; units stand in the names."""

from dataclasses import dataclass
from enum import StrEnum

from stormlamp.kernel.identifiers import PatientId

# Who assigns the numbers of people registered here.
AUTHORITY = "STORMLAMP"


class EntryKind(StrEnum):
    """What was written."""

    REGISTRATION = "registration"
    NEWBORN = "newborn"
    ADMISSION = "admission"
    MOVE = "move"
    DISCHARGE = "discharge"
    DEATH = "death"
    VITALS = "vitals"
    NOTE = "note"
    ALLERGY = "allergy"
    NO_KNOWN_ALLERGIES = "no-known-allergies"
    DOSE = "dose"


class Sex(StrEnum):
    """Administrative sex, as FHIR R4 spells it."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Consciousness(StrEnum):
    """ACVPU (Royal College of Physicians, NEWS2, 2017)."""

    ALERT = "A"
    CONFUSED = "C"
    VOICE = "V"
    PAIN = "P"
    UNRESPONSIVE = "U"


class NoteKind(StrEnum):
    """What a note is about."""

    PROGRESS = "progress"
    NURSING = "nursing"
    HANDOVER = "handover"
    PROCEDURE = "procedure"
    OTHER = "other"


class Severity(StrEnum):
    """How bad a reaction was, as FHIR R4 AllergyIntolerance.reaction.severity spells it."""

    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    UNKNOWN = "unknown"


class Certainty(StrEnum):
    """How sure an allergy is, as FHIR R4 AllergyIntolerance.verificationStatus spells it."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"


class Leaving(StrEnum):
    """Where somebody went at discharge."""

    HOME = "home"
    OTHER_HOSPITAL = "other-hospital"
    CARE_HOME = "care-home"
    AGAINST_ADVICE = "against-advice"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A person registered here. Unknown: an alias and perhaps an age in years from-to; never a birth date."""

    downtime_number: str
    family: str = ""
    given: str = ""
    birth_date: str | None = None
    sex: Sex = Sex.UNKNOWN
    alias: str = ""
    age_from: int | None = None
    age_to: int | None = None
    language: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newborn:
    """A child born here: of which mother, as which of `births`. The entry's time is the birth, `birth_date` its day here."""

    downtime_number: str
    birth_date: str
    mother: PatientId
    birth_order: int = 1
    births: int = 1
    sex: Sex = Sex.UNKNOWN
    weight_g: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Into a bed; an empty bed is a place in the ward without one. `visit` is the number of the stay."""

    ward: str
    room: str = ""
    bed: str = ""
    reason: str = ""
    visit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """From one bed into another."""

    ward: str
    room: str = ""
    bed: str = ""
    from_ward: str = ""
    from_bed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discharge:
    """Out of the hospital."""

    to: Leaving
    note: str = ""
    from_ward: str = ""
    from_bed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """Somebody died; the entry's time is the time of death."""

    stated_by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """Signs measured at one moment; what was not measured is None."""

    temperature_c: float | None = None
    pulse_per_min: int | None = None
    breathing_per_min: int | None = None
    systolic_mmhg: int | None = None
    diastolic_mmhg: int | None = None
    spo2_percent: int | None = None
    oxygen_l_per_min: float | None = None
    consciousness: Consciousness | None = None
    pain_of_10: int | None = None
    glucose_mg_per_dl: int | None = None
    weight_kg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Free words; the language they are in, where it was said."""

    kind: NoteKind
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allergy:
    """An allergy or intolerance. `code` is `system|code` where it was chosen from a list."""

    substance: str
    code: str = ""
    reaction: str = ""
    severity: Severity = Severity.UNKNOWN
    certainty: Certainty = Certainty.UNCONFIRMED


@dataclass(frozen=True, slots=True, kw_only=True)
class NoKnownAllergies:
    """Somebody was asked and knows of none."""

    asked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """A dose given, or omitted with the reason. `medication` is the mirror's key of the order it answers, if any."""

    drug: str
    value: str = ""
    unit: str = ""
    route: str = ""
    given: bool = True
    omitted_because: str = ""
    medication: str = ""


Body = Registration | Newborn | Admission | Move | Discharge | Death | Vitals | Note | Allergy | NoKnownAllergies | Dose

KIND_OF: dict[type, EntryKind] = {
    Registration: EntryKind.REGISTRATION,
    Newborn: EntryKind.NEWBORN,
    Admission: EntryKind.ADMISSION,
    Move: EntryKind.MOVE,
    Discharge: EntryKind.DISCHARGE,
    Death: EntryKind.DEATH,
    Vitals: EntryKind.VITALS,
    Note: EntryKind.NOTE,
    Allergy: EntryKind.ALLERGY,
    NoKnownAllergies: EntryKind.NO_KNOWN_ALLERGIES,
    Dose: EntryKind.DOSE,
}
TYPE_OF: dict[EntryKind, type] = {kind: cls for cls, kind in KIND_OF.items()}

# The class of the record that a kind belongs to: whether it may be written here is decided per class.
CLASS_OF: dict[EntryKind, str] = {
    EntryKind.REGISTRATION: "identity",
    EntryKind.NEWBORN: "identity",
    EntryKind.ADMISSION: "stay",
    EntryKind.MOVE: "stay",
    EntryKind.DISCHARGE: "stay",
    EntryKind.DEATH: "stay",
    EntryKind.VITALS: "vitals",
    EntryKind.NOTE: "note",
    EntryKind.ALLERGY: "allergy",
    EntryKind.NO_KNOWN_ALLERGIES: "allergy",
    EntryKind.DOSE: "dose",
}
STAY_KINDS = frozenset(kind for kind, name in CLASS_OF.items() if name == "stay")
