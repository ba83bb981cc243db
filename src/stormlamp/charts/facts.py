"""What happened to charts: one fact per thing that happened."""

from dataclasses import dataclass

from stormlamp.charts.rules import (
    Admission,
    Allergy,
    Death,
    Discharge,
    Dose,
    FlagKind,
    Move,
    Newborn,
    NoKnownAllergies,
    Note,
    Registration,
    Vitals,
)
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What every entry of a chart carries. `entry` is the id that the form made; `occurred_at` is when it happened.

    `ward` and `outage` say where and under which outage it was written; `doubts` and `although` what looked odd and why it is so.
    """

    entry: str
    patient: PatientId
    occurred_at: Moment
    ward: str
    outage: str
    doubts: tuple[str, ...] = ()
    although: str = ""


@fact("charts.patient-registered", version=1)
class PatientRegistered(Written):
    """Somebody who has no number here got one."""

    body: Registration


@fact("charts.newborn-registered", version=1)
class NewbornRegistered(Written):
    """A child was born."""

    mother: PatientId
    body: Newborn


@fact("charts.patient-admitted", version=1)
class PatientAdmitted(Written):
    """Somebody came into the hospital."""

    body: Admission


@fact("charts.patient-moved", version=1)
class PatientMoved(Written):
    """Somebody lies in another bed."""

    body: Move


@fact("charts.patient-discharged", version=1)
class PatientDischarged(Written):
    """Somebody left the hospital."""

    body: Discharge


@fact("charts.death-recorded", version=1)
class DeathRecorded(Written):
    """Somebody died."""

    body: Death


@fact("charts.vitals-charted", version=1)
class VitalsCharted(Written):
    """Vital signs were measured."""

    body: Vitals


@fact("charts.note-written", version=1)
class NoteWritten(Written):
    """Somebody wrote a note."""

    body: Note


@fact("charts.allergy-recorded", version=1)
class AllergyRecorded(Written):
    """An allergy or intolerance became known."""

    body: Allergy


@fact("charts.no-allergies-known", version=1)
class NoAllergiesKnown(Written):
    """Somebody was asked for allergies and knows of none."""

    body: NoKnownAllergies


@fact("charts.dose-charted", version=1)
class DoseCharted(Written):
    """A dose was given, or omitted with a reason."""

    body: Dose


@fact("charts.entry-struck", version=1)
class EntryStruck:
    """An entry was struck out; it stays readable. `struck` is the entry's id."""

    struck: str
    patient: PatientId
    reason: str


@fact("charts.entry-confirmed", version=1)
class EntryConfirmed:
    """An entry is right although others contradict it. `confirmed` is its id, `beside` the ids of what contradicted it then."""

    confirmed: str
    patient: PatientId
    reason: str
    beside: tuple[str, ...] = ()


@fact("charts.identification-proposed", version=1)
class IdentificationProposed:
    """Somebody says that `patient` is `is_patient`; a second person has yet to."""

    identification: str
    patient: PatientId
    is_patient: PatientId
    reason: str


@fact("charts.patient-identified", version=1)
class PatientIdentified:
    """A second person confirmed it: the two are one patient."""

    identification: str
    patient: PatientId
    is_patient: PatientId
    reason: str = ""


@fact("charts.identification-undone", version=1)
class IdentificationUndone:
    """The two are two patients after all; what was written stays with whom it was written for."""

    identification: str
    patient: PatientId
    is_patient: PatientId
    reason: str


@fact("charts.flag-set", version=1)
class FlagSet:
    """A patient's name is masked in lists from now on."""

    patient: PatientId
    flag: FlagKind
    reason: str


@fact("charts.flag-removed", version=1)
class FlagRemoved:
    """A patient's name is shown again."""

    patient: PatientId
    flag: FlagKind
    reason: str


@fact("charts.name-revealed", version=1)
class NameRevealed:
    """Somebody gave a reason to see a masked name."""

    patient: PatientId
    reason: str


@fact("charts.paper-period-opened", version=1)
class PaperPeriodOpened:
    """A ward writes on paper from a moment on."""

    period: str
    ward: str
    from_at: Moment
    reason: str = ""


@fact("charts.paper-period-closed", version=1)
class PaperPeriodClosed:
    """A ward no longer writes on paper; its sheets wait to be entered."""

    period: str
    ward: str
    until_at: Moment


@fact("charts.paper-sheets-entered", version=1)
class PaperSheetsEntered:
    """Every sheet of a period has been entered."""

    period: str
    ward: str
    note: str = ""


@fact("charts.paper-sheets-declared-lost", version=1)
class PaperSheetsDeclaredLost:
    """The sheets of a period will not be found; why, and what was done instead."""

    period: str
    ward: str
    reason: str
