"""An item and everything its message needs: how the EHR knows the patient, where they lay, and under which stay."""

from dataclasses import replace

from django.conf import settings

from stormlamp.charts import queries as charts
from stormlamp.charts.queries.people import Who, who
from stormlamp.charts.rules import AUTHORITY, Admission, ChartEntry, Discharge, EntryKind, Move, Newborn, Registration
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Trouble
from stormlamp.mirror.rules import OpenStay, Person
from stormlamp.recovery import queries
from stormlamp.recovery.mapping import APPLICATION, Bed, Letter, Subject
from stormlamp.recovery.rules import Item, control_id
from stormlamp.shell.words import hospital_zone


def letter_of(item: Item, at: Moment, found: Who | None = None) -> Letter:
    """Everything that the message of an item needs; Trouble when its patient is not known here (yet).

    `found` is the item's patient, where the caller knows them already.
    """
    found = found or who(item.patient, now=at)
    entry = charts.entry(item.source)
    strike = queries.strike(item.source) if item.correction else None
    if entry is not None and isinstance(entry.body, Registration | Newborn):
        subject = registered(entry)
    else:
        subject = known(who(PatientId(item.is_patient), now=at) if item.is_patient else found)
    return Letter(
        item=item,
        entry=entry,
        subject=subject,
        facility=settings.HOME.authority,
        zone=hospital_zone(),
        bed=_bed(item, entry, found) if entry is not None else Bed(),
        prior=_prior(item, at) if item.is_patient else None,
        mother=known(who(PatientId(item.mother), now=at)) if item.mother else None,
        struck_at=strike.at if strike else None,
        struck_by=strike.by if strike else "",
        reason=strike.why if strike else "",
    )


def known(found: Who | None) -> Subject:
    """A patient under the number that the EHR knows: the real one once there is one, else the downtime number."""
    if found is None:
        raise Trouble("a patient of the hand-back is not known here yet", hint="wait for the other nodes' entries", retry=True)
    if found.person is not None:
        number, authority, kind = found.person.mrn, found.person.authority, "MR"
    else:
        number, authority, kind = found.downtime_numbers[0], AUTHORITY, "PI"
    return Subject(
        number=number,
        authority=authority,
        type=kind,
        family=found.family or ("NEWBORN" if _nameless_child(found) else ""),
        given=found.given,
        alias=found.alias,
        birth_date=found.birth_date or "",
        sex=found.sex,
        language=found.language,
    )


def registered(entry: ChartEntry) -> Subject:
    """Somebody as registered here, whoever they turned out to be since."""
    body = entry.body
    assert isinstance(body, Registration | Newborn)
    told = body if isinstance(body, Registration) else None
    return Subject(
        number=body.downtime_number,
        authority=AUTHORITY,
        type="PI",
        family=told.family if told else "NEWBORN",
        given=told.given if told else "",
        alias=told.alias if told else "",
        birth_date=body.birth_date or "",
        sex=str(body.sex),
        language=told.language if told else "",
    )


def _prior(item: Item, at: Moment) -> Subject:
    """Who an identification merges away: as registered here, else as the EHR had them."""
    entries = charts.entries_of([item.patient], EntryKind.REGISTRATION, EntryKind.NEWBORN)
    if entries:
        return registered(next((one for one in entries if one.struck is None), entries[0]))
    return known(who(item.patient, now=at))


def _bed(item: Item, entry: ChartEntry, head: Who | None) -> Bed:
    """Where the patient lay when it happened: as written here, else as the EHR last said, else the ward it was written on."""
    stays = charts.entries_of(head.members if head else (item.patient,), EntryKind.ADMISSION, EntryKind.MOVE)
    before = [one for one in stays if one.struck is None and one.occurred_at <= item.occurred_at]
    admitted = [one for one in before if one.kind == EntryKind.ADMISSION]
    opened = item.source if entry.kind == EntryKind.ADMISSION else admitted[-1].id if admitted else ""
    told = _meant(entry, item, head.person) if head and head.person else None
    stay = Bed(visit=told.visit if told else "")
    if opened:
        opening = entry if entry.kind == EntryKind.ADMISSION else admitted[-1]
        number = opening.body.visit if isinstance(opening.body, Admission) else ""
        stay = Bed(visit=number or control_id(f"{opened}/stay"), visit_authority=APPLICATION)
    if before:
        body = before[-1].body
        assert isinstance(body, Admission | Move)
        return replace(stay, ward=body.ward, room=body.room, bed=body.bed)
    if told is not None and told.ward:
        return replace(stay, ward=told.ward, room=told.room, bed=told.bed)
    return replace(stay, ward=item.ward)


def _meant(entry: ChartEntry, item: Item, person: Person) -> OpenStay:
    """Of several open stays the one that the entry is of: of the bed that was left, else of the ward where it was written."""
    left = (entry.body.from_ward, entry.body.from_bed) if isinstance(entry.body, Move | Discharge) else None
    of_bed = next((one for one in person.open_stays if (one.ward, one.bed) == left), None)
    return of_bed or next((one for one in person.open_stays if one.ward == item.ward), person)


def _nameless_child(found: Who) -> bool:
    return found.is_newborn and not found.family
