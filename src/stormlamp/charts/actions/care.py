"""Acts of care: vital signs, notes, allergies, doses; and striking out or confirming what was written."""

from stormlamp.charts.actions.refusals import AlreadyStruck, Impossible, NoSuchEntry, NothingSaid, ReasonMissing
from stormlamp.charts.actions.writing import header
from stormlamp.charts.facts import (
    AllergyRecorded,
    DoseCharted,
    EntryConfirmed,
    EntryStruck,
    NoAllergiesKnown,
    NoteWritten,
    VitalsCharted,
)
from stormlamp.charts.queries import entries, people, unsettled
from stormlamp.charts.rules import Allergy, ChartEntry, Dose, NoKnownAllergies, Note, Vitals
from stormlamp.charts.rules.doubts import POSSIBLE, vitals_doubts
from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import act


@act("charts.chart_vitals", needs="charts.write")
def chart_vitals(
    by: Actor, at: Moment, *, entry: str, patient: PatientId, measured_at: Moment, vitals: Vitals, although: str = ""
) -> VitalsCharted:
    """Chart what was measured; raises NothingSaid, Impossible, Doubtful, ReadOnlyHere, NoSuchPatient."""
    told = {name: getattr(vitals, name) for name in POSSIBLE}
    if all(value is None for value in told.values()) and vitals.consciousness is None:
        raise NothingSaid()
    wrong = tuple(name for name, (low, high) in POSSIBLE.items() if (value := told[name]) is not None and not low <= value <= high)
    if wrong:
        raise Impossible(values=wrong)
    shared = header(
        "vitals",
        at=at,
        entry=entry,
        patient=patient,
        occurred_at=measured_at,
        although=although,
        doubts=vitals_doubts(vitals),
    )
    return VitalsCharted(**shared, body=vitals)


@act("charts.write_note", needs="charts.write")
def write_note(
    by: Actor, at: Moment, *, entry: str, patient: PatientId, occurred_at: Moment, note: Note, although: str = ""
) -> NoteWritten:
    """Write a note; two people who write at once both keep their words. Raises NothingSaid and what every entry may."""
    if not note.text.strip():
        raise NothingSaid()
    shared = header("note", at=at, entry=entry, patient=patient, occurred_at=occurred_at, although=although)
    return NoteWritten(**shared, body=note)


@act("charts.record_allergy", needs="charts.write")
def record_allergy(
    by: Actor, at: Moment, *, entry: str, patient: PatientId, occurred_at: Moment, allergy: Allergy, although: str = ""
) -> AllergyRecorded:
    """Record an allergy; raises NothingSaid without a substance, and what every entry may."""
    if not allergy.substance.strip():
        raise NothingSaid()
    shared = header("allergy", at=at, entry=entry, patient=patient, occurred_at=occurred_at, although=although)
    return AllergyRecorded(**shared, body=allergy)


@act("charts.record_no_allergies", needs="charts.write")
def record_no_allergies(
    by: Actor, at: Moment, *, entry: str, patient: PatientId, occurred_at: Moment, asked: str, although: str = ""
) -> NoAllergiesKnown:
    """Record that somebody was asked for allergies and knows of none: `asked` says who. Raises NothingSaid."""
    if not asked.strip():
        raise NothingSaid()
    shared = header("allergy", at=at, entry=entry, patient=patient, occurred_at=occurred_at, although=although)
    return NoAllergiesKnown(**shared, body=NoKnownAllergies(asked=asked.strip()))


@act("charts.chart_dose", needs="charts.write")
def chart_dose(
    by: Actor, at: Moment, *, entry: str, patient: PatientId, given_at: Moment, dose: Dose, although: str = ""
) -> DoseCharted:
    """Chart a dose as given, or omitted with its reason. What was given is recorded, whatever anybody thinks of it.

    Raises NothingSaid without a drug, ReasonMissing for an omission without one, and what every entry may.
    """
    if not dose.drug.strip():
        raise NothingSaid()
    if not dose.given and not dose.omitted_because.strip():
        raise ReasonMissing()
    shared = header("dose", at=at, entry=entry, patient=patient, occurred_at=given_at, although=although)
    return DoseCharted(**shared, body=dose)


@act("charts.strike_entry", needs="charts.write")
def strike_entry(by: Actor, at: Moment, *, entry: str, reason: str) -> EntryStruck:
    """Strike an entry out: it stays readable, and who struck it and why. Raises NoSuchEntry, AlreadyStruck, ReasonMissing."""
    found = _standing(entry, at)
    if not reason.strip():
        raise ReasonMissing()
    return EntryStruck(struck=entry, patient=found.patient, reason=reason.strip())


@act("charts.confirm_entry", needs="charts.write")
def confirm_entry(by: Actor, at: Moment, *, entry: str, reason: str) -> EntryConfirmed:
    """Say that an entry is right although others contradict it now: both are so. Its author may say so too.

    What contradicts it later, or is not known here yet, is a new contradiction. Raises NoSuchEntry, AlreadyStruck, ReasonMissing.
    """
    found = _standing(entry, at)
    if not reason.strip():
        raise ReasonMissing()
    beside = unsettled.rivals_of(found)
    return EntryConfirmed(confirmed=entry, patient=found.patient, reason=reason.strip(), beside=beside)


def _standing(entry: str, at: Moment) -> ChartEntry:
    found = entries.entry(entry)
    if found is None or people.who(found.patient, now=at) is None:
        raise NoSuchEntry(entry=entry)
    if found.struck is not None:
        raise AlreadyStruck(by=found.struck.author_name, at=found.struck.at)
    return found
