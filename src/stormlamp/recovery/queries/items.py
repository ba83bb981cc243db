"""The items: everything that outages wrote, each in its one state, in the order in which it goes."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from stormlamp.charts import queries as charts
from stormlamp.charts.queries.people import canonicals
from stormlamp.charts.rules import Identification, Step
from stormlamp.incident import queries as incident
from stormlamp.incident.rules import SERVICE_OF_CLASS, OutageView
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.recovery.models import ItemStanding, Owed
from stormlamp.recovery.rules import DONE, IDENTIFICATION, STRIKE, Held, Item, ItemState, Schedule, Standing, held

_UNTOUCHED = Standing(state=ItemState.TO_DO)


def items(*, state: ItemState | None = None, record_class: str = "", patient: str = "", outage: str = "") -> tuple[Item, ...]:
    """Every item, or those of a state, a class, a patient, an outage; the eldest patient's first, each patient's in order."""
    return tuple(
        one
        for one in _scheduled().items
        if (state is None or one.standing.state == state)
        and record_class in ("", one.record_class)
        and patient in ("", one.patient)
        and outage in ("", one.outage)
    )


def plan(at: Moment) -> tuple[Item, ...]:
    """Every item in the order in which it goes, each with why it is held at a moment, if it is, and what it waits for."""
    schedule = _scheduled()
    states = {one.id: one.standing.state for one in schedule.items}
    outages = real_outages()
    return tuple(_planned(one, schedule, states, outages, at) for one in schedule.items)


def item(item_id: str) -> Item | None:
    """One item; None when there is none of that id."""
    return next((one for one in _every() if one.id == item_id), None)


def standing(item_id: str) -> Standing:
    """Where one item stands; an unknown one is to do."""
    return _standings([item_id]).get(item_id, (_UNTOUCHED, False))[0]


def real_outages() -> tuple[OutageView, ...]:
    """The outages that were no exercise."""
    return tuple(one for one in incident.all_outages() if not one.rehearsal)


def is_dark(item: Item, outages: Iterable[OutageView], at: Moment) -> bool:
    """Whether the service that an item belongs to is still away where it was written."""
    service = SERVICE_OF_CLASS[item.record_class]
    return any(one.holds(service, item.ward, at) for one in outages)


def identified() -> tuple[Identification, ...]:
    """The identifications that two people made, whether they stand or were undone since."""
    return tuple(one for one in charts.identifications() if one.confirmed)


def _planned(one: Item, schedule: Schedule, states: dict[str, ItemState], outages: tuple[OutageView, ...], at: Moment) -> Item:
    if one.standing.state in DONE:
        return one
    needed = tuple(need for need in schedule.needs(one) if states.get(need) not in DONE)
    why = held(one, needed, states, dark=is_dark(one, outages, at)) if one.standing.state == ItemState.TO_DO else None
    return replace(one, held=why, waits_for=needed if why == Held.EARLIER else ())


def _scheduled() -> Schedule:
    every = tuple(_every())
    patients = {PatientId(who) for one in every for who in (one.patient, one.mother, one.is_patient) if who}
    return Schedule(every, canonicals(patients) if patients else {})


def _every() -> Iterator[Item]:
    standings = _standings()
    for one in (*_written(), *_identifications()):
        now, struck = standings.get(one.id, (_UNTOUCHED, False))
        yield replace(one, standing=now, struck=struck)
        if now.corrects:
            again, _ = standings.get(one.id + STRIKE, (_UNTOUCHED, False))
            yield replace(one, id=one.id + STRIKE, correction=True, standing=again)


def _written() -> Iterator[Item]:
    real = [one.id for one in real_outages()]
    seen: set[str] = set()
    for row in Owed.objects.filter(outage__in=real).order_by("order", "pk"):
        if row.item not in seen:
            seen.add(row.item)
            yield Item(
                id=row.item,
                source=row.item,
                what=row.what,
                record_class=row.record_class,
                patient=PatientId(row.patient),
                ward=row.ward,
                outage=row.outage,
                occurred_at=Moment(row.occurred_at),
                written_at=Moment(row.written_at),
                author=row.author,
                author_name=row.author_name,
                order=row.order,
                mother=row.mother,
            )


def _identifications() -> Iterator[Item]:
    for one in identified():
        step = next(said for said in reversed(one.steps) if said.step == Step.CONFIRMED)
        yield Item(
            id=one.identification,
            source=one.identification,
            what=IDENTIFICATION,
            record_class="identity",
            patient=one.patient,
            ward="",
            outage="",
            occurred_at=step.at,
            written_at=step.at,
            author=step.author,
            author_name=step.author_name,
            order=step.order,
            is_patient=one.is_patient,
        )


def _standings(only: Collection[str] | None = None) -> dict[str, tuple[Standing, bool]]:
    rows = ItemStanding.objects.order_by("pk")
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    return {
        row.item: (
            Standing(
                state=ItemState(row.state),
                since_at=Moment(row.since_at) if row.since_at else None,
                reason=row.reason,
                by=row.by,
                attempts=row.attempts,
                cleared=row.cleared,
                round=row.round,
                corrects=row.corrects,
            ),
            row.struck,
        )
        for row in rows
    }
