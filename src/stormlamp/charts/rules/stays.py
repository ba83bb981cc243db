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


def beds_shared(places: Iterable[tuple[str, str, str]]) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Beds that hold more than one patient, from (ward, bed, patient); no bed is nobody's conflict."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for ward, bed, patient in places:
        if bed:
            found[ward, bed].add(patient)
    return {place: tuple(sorted(patients)) for place, patients in sorted(found.items()) if len(patients) > 1}
