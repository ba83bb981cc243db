"""What a ward pack holds: frozen values whose words, times and ages are already chosen by the room that prints.

Paper decides only where things stand on the page. A text that is empty is left out; a list that is empty prints the
words of its `Standing`, so that absence is said and never looks like "none".
"""

from dataclasses import dataclass
from enum import StrEnum

from stormlamp.kernel.moments import Moment


class Language(StrEnum):
    """The languages in which paper knows its fixed labels."""

    ENGLISH = "en"
    FRENCH = "fr"
    DUTCH = "nl"
    GERMAN = "de"


class BandKind(StrEnum):
    """How the band looks; its words come from the caller and are the same as on screen."""

    NORMAL = "normal"
    OUTAGE = "outage"
    REHEARSAL = "rehearsal"
    STALE = "stale"


class Trust(StrEnum):
    """How far what stands in a section may be relied upon."""

    CURRENT = "current"
    OLD = "old"
    NONE_STATED = "none-stated"
    NEVER = "never"


class DoseState(StrEnum):
    """What a box of the medication grid says."""

    DUE = "due"
    GIVEN = "given"
    OMITTED = "omitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFrame:
    """What every page of a pack repeats. `pack` is the short id in the page codes: letters, digits, `-`, at most 24."""

    kind: BandKind
    band: str
    hospital: str
    ward: str
    printed_at: str
    printed_moment: Moment
    as_of: str
    checkpoint: str
    language: Language
    pack: str
    printed_by: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Source and age of a section in words: "lab feed · received until 04:10 · 5 h old", "never received"."""

    words: str
    trust: Trust = Trust.CURRENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a sheet is about. `code` is the content of the wristband's barcode; empty prints none."""

    bed: str
    name: str
    sex: str
    birth: str
    age: str
    mrn: str
    code: str = ""
    downtime_number: str = ""
    admitted: str = ""
    team: str = ""
    diagnosis: str = ""
    spoken_language: str = ""
    contact: str = ""
    weight: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allergy:
    """One allergy or intolerance. `here` on any row: it was written on this system during the outage."""

    substance: str
    reaction: str = ""
    severity: str = ""
    source: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing to know before touching the patient: falls, isolation, no resuscitation."""

    text: str
    source: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One diagnosis or problem."""

    text: str
    since: str = ""
    source: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """One box of the medication grid: `column` counts from 0; `words` is a time, or the time and initials."""

    column: int
    state: DoseState
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Medication:
    """One drug as ordered. `doses` fill the grid of a medication sheet and stay empty in a summary."""

    drug: str
    dose: str
    route: str
    frequency: str = ""
    last_given: str = ""
    next_due: str = ""
    note: str = ""
    source: str = ""
    as_needed: bool = False
    here: bool = False
    doses: tuple[Dose, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vital:
    """One vital sign: its last value, and `trend` as earlier values in words ("98 · 110 · 118")."""

    name: str
    value: str
    unit: str = ""
    flag: str = ""
    trend: str = ""
    at: str = ""
    source: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One laboratory result with its flag as the source gave it ("H", "LL"), reference range and earlier values."""

    name: str
    value: str
    unit: str = ""
    flag: str = ""
    reference: str = ""
    trend: str = ""
    at: str = ""
    source: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One open order: what, its state, when it is due."""

    text: str
    status: str = ""
    due: str = ""
    source: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One note; its text may be long and may have line breaks."""

    title: str
    text: str
    at: str = ""
    author: str = ""
    source: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Allergies:
    """The allergy list with its standing."""

    standing: Standing
    rows: tuple[Allergy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """The alerts with their standing."""

    standing: Standing
    rows: tuple[Alert, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problems:
    """The problem list with its standing."""

    standing: Standing
    rows: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Medications:
    """The medication list with its standing."""

    standing: Standing
    rows: tuple[Medication, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """The last vital signs with their standing."""

    standing: Standing
    rows: tuple[Vital, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The results with their standing."""

    standing: Standing
    rows: tuple[Result, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """The open orders with their standing."""

    standing: Standing
    rows: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """The notes with their standing."""

    standing: Standing
    rows: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CensusRow:
    """One bed. An empty `name` prints a free line to write on. `allergies` is a short list or the words of absence."""

    bed: str
    name: str = ""
    sex: str = ""
    birth: str = ""
    age: str = ""
    mrn: str = ""
    alerts: str = ""
    allergies: str = ""
    diagnosis: str = ""
    team: str = ""
    notes: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """Who lies where on the ward; `spare_rows` are lines for people who arrive later. `of` names it where several are printed."""

    standing: Standing
    of: str = ""
    rows: tuple[CensusRow, ...] = ()
    notices: tuple[str, ...] = ()
    spare_rows: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverRow:
    """One patient for the next shift: `now` is how things stand, `next` what is due."""

    bed: str
    name: str
    sex: str = ""
    birth: str = ""
    age: str = ""
    mrn: str = ""
    alerts: str = ""
    allergies: str = ""
    diagnosis: str = ""
    now: str = ""
    next: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverSheet:
    """A row per patient beside `lines` handwriting lines of 8 mm."""

    standing: Standing
    rows: tuple[HandoverRow, ...] = ()
    notices: tuple[str, ...] = ()
    lines: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientSummary:
    """What is known of one patient; alerts and allergies first."""

    identity: Identity
    allergies: Allergies
    alerts: Alerts
    problems: Problems
    medications: Medications
    vitals: Vitals
    results: Results
    orders: Orders
    notes: Notes
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GridDay:
    """A day above the hours of a medication grid, and how many columns it spans."""

    words: str
    columns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationSheet:
    """Drugs against hours, with empty boxes to sign by hand.

    `columns` are the hour labels of the grid (24 for a day); `now_column` is the hour of printing. `spare_rows` are
    lines for drugs ordered on paper. Raises ValueError for a dose outside the grid and for days that do not span it.
    """

    identity: Identity
    allergies: Allergies
    medications: Medications
    columns: tuple[str, ...]
    days: tuple[GridDay, ...] = ()
    now_column: int | None = None
    notices: tuple[str, ...] = ()
    spare_rows: int = 2

    def __post_init__(self) -> None:
        """Refuse what would silently fall off the grid."""
        if self.days and sum(day.columns for day in self.days) != len(self.columns):
            raise ValueError("the days do not span the hours of the grid")
        for drug in self.medications.rows:
            if any(not 0 <= dose.column < len(self.columns) for dose in drug.doses):
                raise ValueError(f"a dose of {drug.drug!r} stands outside the grid")


@dataclass(frozen=True, slots=True, kw_only=True)
class WardPack:
    """Everything one press prints for a ward; leave parts out to print less. `house` are the censuses of the whole house."""

    frame: PageFrame
    census: Census | None = None
    house: tuple[Census, ...] = ()
    handover: HandoverSheet | None = None
    summaries: tuple[PatientSummary, ...] = ()
    medications: tuple[MedicationSheet, ...] = ()
