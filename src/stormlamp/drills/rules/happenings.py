"""What happens in the hospital, as frozen values: who, where, when and what."""

from dataclasses import dataclass
from enum import StrEnum

from stormlamp.drills.rules.catalogue import Allergy, Coded, Medicine
from stormlamp.drills.rules.people import Person, Staff
from stormlamp.drills.rules.rhythm import Interface
from stormlamp.kernel.moments import Moment


class Kind(StrEnum):
    """HL7 trigger events of ADT, and the orders, results and doses beside them."""

    ADMITTED = "A01"
    TRANSFERRED = "A02"
    DISCHARGED = "A03"
    REGISTERED = "A04"
    UPDATED = "A08"
    ADMISSION_CANCELLED = "A11"
    TRANSFER_CANCELLED = "A12"
    DISCHARGE_CANCELLED = "A13"
    MERGED = "A40"
    ORDERED = "order"
    MEDICATION_ORDERED = "medication-order"
    RESULTED = "result"
    OBSERVED = "vitals"
    REPORTED = "report"
    NOTED = "note"
    GIVEN = "dose"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Visit:
    """A stay as the hospital knows it at one moment. `place` is a bed label, or the ward's code while waiting.

    `patient_class` is of HL7 table 0004. `allergies_stated` with no allergies means "none known"; neither means never asked.
    """

    number: str
    person: Person
    patient_class: str
    ward: str
    place: str
    attending: Staff
    admitted_at: Moment
    was_at: str = ""
    discharged_at: Moment | None = None
    outcome: str = ""
    allergies: tuple[Allergy, ...] = ()
    allergies_stated: bool = False
    diagnoses: tuple[Coded, ...] = ()

    @property
    def bed(self) -> str:
        """The bed; empty while waiting."""
        return self.place if "-" in self.place else ""


@dataclass(frozen=True, slots=True)
class Order:
    """An examination asked for; `control` of HL7 table 0119 (NW new, CA cancelled)."""

    number: str
    test: Coded
    control: str
    by: Staff
    section: str


@dataclass(frozen=True, slots=True)
class MedicationOrder:
    """A medicine ordered (NW) or stopped (DC)."""

    number: str
    medicine: Medicine
    control: str
    by: Staff
    from_at: Moment


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured value as sent, with its range and flag (HL7 table 0078)."""

    code: str
    display: str
    value: str
    unit: str
    range: str
    flag: str


@dataclass(frozen=True, slots=True)
class Readings:
    """Values measured together, against an order or (vital signs) none."""

    order: str
    test: Coded
    taken_at: Moment
    by: Staff
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """A note, report or culture: lines of text."""

    order: str
    test: Coded
    written_at: Moment
    by: Staff
    lines: tuple[str, ...]
    section: str


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose that was given."""

    order: str
    medicine: Medicine
    by: Staff
    given_at: Moment


Detail = Order | MedicationOrder | Readings | Words | Dose | Person | None


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that the hospital tells the world; for a merge the detail is the person whose number ends."""

    at: Moment
    interface: Interface
    kind: Kind
    visit: Visit
    detail: Detail = None
