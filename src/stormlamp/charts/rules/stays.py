"""Where a patient lies after what was written, and beds that hold two."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from stormlamp.charts.rules.bodies import Admission, Body, Death, Discharge, Move
from stormlamp.kernel.moments import Moment


class StayState(StrEnum):
    """Whether somebody is in the hospital."""

    IN = "in"
    OUT = "out"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Event:
    """A movement: what, when, and its place among rivals."""

    body: Body
    occurred_at: Moment
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Where a patient lies and since when. DEAD keeps the bed until a discharge."""

    state: StayState
    ward: str
    room: str
    bed: str
    since_at: Moment
    order: str
    died_at: Moment | None = None

    @property
    def occupies(self) -> bool:
        """Whether somebody takes a place, alive or dead."""
        return self.state != StayState.OUT


def stay_after(events: Iterable[Event]) -> Stay | None:
    """The stay that movements lead to, in order of when they happened; None without any."""
    stay: Stay | None = None
    for event in sorted(events, key=lambda one: (one.occurred_at, one.order)):
        stay = _next(stay, event)
    return stay


def _next(stay: Stay | None, event: Event) -> Stay:
    body, at = event.body, event.occurred_at
    before = stay or Stay(state=StayState.OUT, ward="", room="", bed="", since_at=at, order=event.order)
    if isinstance(body, Admission | Move):
        state = StayState.DEAD if before.died_at is not None else StayState.IN
        return replace(before, state=state, ward=body.ward, room=body.room, bed=body.bed, since_at=at, order=event.order)
    if isinstance(body, Discharge):
        return replace(before, state=StayState.OUT, ward="", room="", bed="", since_at=at, order=event.order)
    if isinstance(body, Death):
        return replace(before, state=StayState.DEAD, since_at=at, order=event.order, died_at=at)
    return before


def spot(ward: str, room: str, bed: str) -> str:
    """A bed in one word. Where a feed counts beds by room (PL-2, PL-3), `1` is a bed of every room, and means nothing without it.

    >>> spot("3B", "312", "1"), spot("3B", "R12", "12"), spot("3B", "312", "312A"), spot("3B", "B06", "3B-12")
    ('312-1', '12', '312A', '3B-12')
    """
    if not (room and bed):
        return bed or room
    before = room.removesuffix(bed)
    named_after = room.endswith(bed) and not before[-1:].isdigit() if bed.isdigit() else room == bed
    return bed if named_after or bed.startswith(room) or (ward and bed.startswith(ward)) else f"{room}-{bed}"


def beds_shared(places: Iterable[tuple[str, str, str, str]]) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Beds that hold more than one patient, as (ward, spot), from (ward, room, bed, patient); no bed is nobody's conflict.

    The same bed of two rooms is two beds; where a room was not told, it may be any of them.
    """
    there: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for ward, room, bed, patient in places:
        if bed:
            there[ward, bed][room].add(patient)
    found: dict[tuple[str, str], set[str]] = {}
    for (ward, bed), rooms in there.items():
        anywhere = rooms.get("", set())
        for room, patients in rooms.items():
            if room or len(rooms) == 1:
                found[ward, spot(ward, room, bed)] = patients | anywhere
    return {place: tuple(sorted(patients)) for place, patients in sorted(found.items()) if len(patients) > 1}
