"""Facts of charts to rows. A strike is a row of its own: whichever arrives first, entry or strike, the tables end the same."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, cast

import msgspec

from stormlamp.charts import facts
from stormlamp.charts.models import Confirmed, Flagging, IdentityStep, PaperStepRow, Registered, Reveal, StayRow, Struck, Written
from stormlamp.charts.rules import Body, Newborn, Registration, Step
from stormlamp.charts.rules.bodies import KIND_OF, STAY_KINDS, TYPE_OF, EntryKind
from stormlamp.charts.rules.papers import PaperStep
from stormlamp.charts.rules.stays import Event, stay_after
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import Entry, insert_new, projects, recompute
from stormlamp.mirror.rules.names import spellings
from stormlamp.numbers.rules import counter_in

Stays = facts.PatientAdmitted | facts.PatientMoved | facts.PatientDischarged | facts.DeathRecorded
Clinical = facts.VitalsCharted | facts.NoteWritten | facts.AllergyRecorded | facts.NoAllergiesKnown | facts.DoseCharted
Registrations = facts.PatientRegistered | facts.NewbornRegistered
Identities = facts.IdentificationProposed | facts.PatientIdentified | facts.IdentificationUndone
Papers = facts.PaperPeriodOpened | facts.PaperPeriodClosed | facts.PaperSheetsEntered | facts.PaperSheetsDeclaredLost


@projects(facts.VitalsCharted, facts.NoteWritten, facts.AllergyRecorded, facts.NoAllergiesKnown, facts.DoseCharted)
def clinical(entries: Sequence[Entry[Clinical]]) -> None:
    """What was measured, said and given."""
    _insert_written(entries)


@projects(facts.PatientAdmitted, facts.PatientMoved, facts.PatientDischarged, facts.DeathRecorded)
def movements(entries: Sequence[Entry[Stays]]) -> None:
    """Where people went; their stays are reckoned again."""
    _insert_written(entries)
    _recompute_stays({entry.fact.patient for entry in entries})


@projects(facts.PatientRegistered, facts.NewbornRegistered)
def registrations(entries: Sequence[Entry[Registrations]]) -> None:
    """People registered here, and what they are found by."""
    _insert_written(entries)
    insert_new(Registered, [_registered_row(entry) for entry in entries])


@projects(facts.EntryStruck)
def strikes(entries: Sequence[Entry[facts.EntryStruck]]) -> None:
    """Strikes; a struck movement changes a stay."""
    insert_new(Struck, [_remark_row(entry, entry.fact.struck) for entry in entries])
    struck = Written.objects.filter(id__in={entry.fact.struck for entry in entries}, what__in=STAY_KINDS)
    _recompute_stays(set(struck.order_by("pk").values_list("patient", flat=True)))


@projects(facts.EntryConfirmed)
def confirmations(entries: Sequence[Entry[facts.EntryConfirmed]]) -> None:
    """Confirmations; queries say what they settle."""
    insert_new(
        Confirmed,
        [{**_remark_row(entry, entry.fact.confirmed), "beside": json.dumps(entry.fact.beside)} for entry in entries],
    )


@projects(facts.IdentificationProposed, facts.PatientIdentified, facts.IdentificationUndone)
def identities(entries: Sequence[Entry[Identities]]) -> None:
    """Steps of identifications; queries say which stand."""
    steps = {
        facts.IdentificationProposed: Step.PROPOSED,
        facts.PatientIdentified: Step.CONFIRMED,
        facts.IdentificationUndone: Step.UNDONE,
    }
    insert_new(
        IdentityStep,
        [
            {
                "entry": entry.key,
                "identification": entry.fact.identification,
                "step": steps[type(entry.fact)],
                "patient": entry.fact.patient,
                "is_patient": entry.fact.is_patient,
                "author": entry.actor,
                "author_name": entry.actor_name,
                "at": entry.at,
                "reason": entry.fact.reason,
                "order": entry.order,
            }
            for entry in entries
        ],
    )


@projects(facts.FlagSet, facts.FlagRemoved)
def flags(entries: Sequence[Entry[facts.FlagSet | facts.FlagRemoved]]) -> None:
    """Flags set and removed; the latest of each kind counts."""
    insert_new(
        Flagging,
        [
            {
                "entry": entry.key,
                "patient": entry.fact.patient,
                "flag": entry.fact.flag,
                "set": isinstance(entry.fact, facts.FlagSet),
                "author_name": entry.actor_name,
                "reason": entry.fact.reason,
                "at": entry.at,
                "order": entry.order,
            }
            for entry in entries
        ],
    )


@projects(facts.NameRevealed)
def reveals(entries: Sequence[Entry[facts.NameRevealed]]) -> None:
    """Reasons given to see a masked name."""
    rows = [
        {"entry": one.key, "patient": one.fact.patient, "account": one.actor, "at": one.at, "reason": one.fact.reason}
        for one in entries
    ]
    insert_new(Reveal, rows)


@projects(facts.PaperPeriodOpened, facts.PaperPeriodClosed, facts.PaperSheetsEntered, facts.PaperSheetsDeclaredLost)
def papers(entries: Sequence[Entry[Papers]]) -> None:
    """A ward's time on paper, step by step."""
    insert_new(PaperStepRow, [_paper_row(entry) for entry in entries])


def _insert_written(entries: Sequence[Entry[Clinical]] | Sequence[Entry[Stays]] | Sequence[Entry[Registrations]]) -> None:
    insert_new(Written, [_written_row(entry) for entry in cast("Sequence[Entry[Clinical]]", entries)])


def _written_row(entry: Entry[Clinical]) -> dict[str, Any]:
    told = entry.fact
    return {
        "entry": entry.key,
        "id": told.entry,
        "patient": told.patient,
        "what": KIND_OF[type(told.body)],
        "body": msgspec.json.encode(told.body).decode(),
        "occurred_at": told.occurred_at,
        "written_at": entry.at,
        "author": entry.actor,
        "author_name": entry.actor_name,
        "node": entry.node,
        "ward": told.ward,
        "outage": told.outage,
        "doubts": json.dumps(told.doubts),
        "although": told.although,
        "order": entry.order,
    }


def _remark_row(entry: Entry[facts.EntryStruck] | Entry[facts.EntryConfirmed], about: str) -> dict[str, Any]:
    return {
        "entry": entry.key,
        "id": about,
        "patient": entry.fact.patient,
        "reason": entry.fact.reason,
        "author": entry.actor,
        "author_name": entry.actor_name,
        "at": entry.at,
        "order": entry.order,
    }


def _registered_row(entry: Entry[Registrations]) -> dict[str, Any]:
    body = entry.fact.body
    known = body if isinstance(body, Registration) else Registration(downtime_number=body.downtime_number)
    return {
        "entry": entry.key,
        "patient": entry.fact.patient,
        "number": body.downtime_number,
        "node": entry.node,
        "counter": counter_in(body.downtime_number),
        "words": spellings(f"{known.family} {known.given} {known.alias}"),
        "alias": known.alias,
        "birth_date": known.birth_date or "",
        "mother": body.mother if isinstance(body, Newborn) else "",
        "order": entry.order,
    }


def _paper_row(entry: Entry[Papers]) -> dict[str, Any]:
    told = entry.fact
    if isinstance(told, facts.PaperPeriodOpened):
        step, about, words = PaperStep.OPENED, told.from_at, told.reason
    elif isinstance(told, facts.PaperPeriodClosed):
        step, about, words = PaperStep.CLOSED, told.until_at, ""
    elif isinstance(told, facts.PaperSheetsEntered):
        step, about, words = PaperStep.ENTERED, entry.at, told.note
    else:
        step, about, words = PaperStep.LOST, entry.at, told.reason
    return {
        "entry": entry.key,
        "period": told.period,
        "step": step,
        "ward": told.ward,
        "about_at": about,
        "author_name": entry.actor_name,
        "at": entry.at,
        "words": words,
        "order": entry.order,
    }


def _recompute_stays(patients: Collection[str]) -> None:
    """A strike counts by the id that it strikes, whichever patient it names; one id is one movement of each patient."""
    rows = list(Written.objects.filter(patient__in=patients, what__in=STAY_KINDS).order_by("order", "pk"))
    struck = set(Struck.objects.filter(id__in={row.id for row in rows}).order_by("pk").values_list("id", flat=True))
    events: dict[str, list[Event]] = defaultdict(list)
    seen: set[tuple[str, str]] = set()
    for row in rows:
        if row.id not in struck and (row.patient, row.id) not in seen:
            seen.add((row.patient, row.id))
            body: Body = msgspec.json.decode(row.body, type=TYPE_OF[EntryKind(row.what)])
            events[row.patient].append(Event(body, Moment(row.occurred_at), row.order))
    recompute(StayRow, column="patient", subjects=patients, rows=list(_stay_rows(events)))


def _stay_rows(events: dict[str, list[Event]]) -> Iterable[dict[str, Any]]:
    for patient, told in events.items():
        stay = stay_after(told)
        if stay is not None:
            yield {
                "patient": patient,
                "state": stay.state,
                "ward": stay.ward,
                "room": stay.room,
                "bed": stay.bed,
                "since_at": stay.since_at,
                "died_at": stay.died_at,
                "order": stay.order,
            }
