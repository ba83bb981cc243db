"""What the ward staff do during an outage, as intentions: each is carried out later by a real act of the chart."""

import datetime as dt
from dataclasses import dataclass

from stormlamp.drills.rules.catalogue import Allergy, Medicine
from stormlamp.drills.rules.happenings import Reading
from stormlamp.drills.rules.people import Staff
from stormlamp.kernel.moments import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Somebody comes in. `person` names the newcomer in later deeds; a birth date only where one was told."""

    person: str
    family: str
    given: str
    sex: str
    birth_date: dt.date
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterUnknown:
    """Somebody without a name: an alias and an estimated age in years, never an invented birth date."""

    person: str
    alias: str
    sex: str
    estimated_age: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterNewborn:
    """A child of a patient who is here."""

    person: str
    mother: str
    family: str
    given: str
    sex: str
    born_at: Moment
    birth_order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Identify:
    """The unknown patient turns out to be somebody; a second member of staff confirms it."""

    patient: str
    family: str
    given: str
    birth_date: dt.date
    confirmed_by: Staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Admit:
    """Into a bed that is free."""

    patient: str
    ward: str
    bed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Into another bed that is free."""

    patient: str
    ward: str
    bed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Discharge:
    """Home."""

    patient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """A patient died."""

    patient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartVitals:
    """Vital signs as measured, by LOINC code."""

    patient: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveDose:
    """A dose that was given."""

    patient: str
    medicine: Medicine


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteNote:
    """A note in the language of its writer."""

    patient: str
    text: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAllergy:
    """An allergy that somebody told."""

    patient: str
    allergy: Allergy


@dataclass(frozen=True, slots=True, kw_only=True)
class StrikeOut:
    """An earlier deed, by its key, was a mistake; it stays readable."""

    key: str
    patient: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoOnPaper:
    """The ward writes on paper from here on."""

    ward: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComeOffPaper:
    """The ward's sheets are all entered; it writes in Stormlamp again."""

    ward: str
    since: Moment


Deed = (
    Register
    | RegisterUnknown
    | RegisterNewborn
    | Identify
    | Admit
    | Move
    | Discharge
    | Death
    | ChartVitals
    | GiveDose
    | WriteNote
    | NoteAllergy
    | StrikeOut
    | GoOnPaper
    | ComeOffPaper
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffDeed:
    """One intention: when, who in which role, on which ward. `key` is unique within a script.

    `patient` in a deed is a hospital number, or the `person` of somebody registered earlier in the script.
    """

    key: str
    at: Moment
    role: str
    by: Staff
    ward: str
    deed: Deed

    @property
    def kind(self) -> str:
        """The deed's name, as `GiveDose`."""
        return type(self.deed).__name__
