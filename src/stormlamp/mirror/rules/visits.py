"""What a visit is after its movements: a pure fold over ADT events, whatever the order in which they arrived.

HL7 v2.5.1 3.3.1-3.3.13: A01 admit, A02 transfer, A03 discharge, A04 register, A05 pre-admit, A08 update, A11 cancel admit,
A12 cancel transfer, A13 cancel discharge.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from stormlamp.kernel.moments import Moment


class Step(StrEnum):
    """What an ADT event does to a visit."""

    ADMIT = "admit"
    REGISTER = "register"
    PREADMIT = "preadmit"
    TRANSFER = "transfer"
    DISCHARGE = "discharge"
    UPDATE = "update"
    CANCEL_ADMIT = "cancel-admit"
    CANCEL_TRANSFER = "cancel-transfer"
    CANCEL_DISCHARGE = "cancel-discharge"


class VisitStatus(StrEnum):
    """Where a visit stands. UNKNOWN: nothing but an update was ever heard of it."""

    UNKNOWN = "unknown"
    PLANNED = "planned"
    IN = "in"
    OUT = "out"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Place:
    """Ward, room and bed as the source names them."""

    ward: str = ""
    room: str = ""
    bed: str = ""

    def __bool__(self) -> bool:
        return bool(self.ward or self.room or self.bed)


NOWHERE = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One ADT event of one visit. `at` is when it happened, as told; `order` decides among equals."""

    step: str
    at: Moment
    order: str
    place: Place = NOWHERE
    visit_class: str = ""
    admitted_at: Moment | None = None
    discharged_at: Moment | None = None
    entry: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visit as it stands. `entry` is the movement that last changed it."""

    status: VisitStatus = VisitStatus.UNKNOWN
    place: Place = NOWHERE
    visit_class: str = ""
    admitted_at: Moment | None = None
    discharged_at: Moment | None = None
    entry: str = ""

    @property
    def present(self) -> bool:
        """Whether the patient lies in a bed, as far as the source has told; an update alone counts when it names a place."""
        return self.status is VisitStatus.IN or (self.status is VisitStatus.UNKNOWN and bool(self.place))


def visit_after(movements: Iterable[Movement]) -> Visit:
    """Fold movements, in the order of their own times, into the visit. Steps of no meaning here change nothing."""
    visit, left = Visit(), list[Place]()
    for movement in sorted(movements, key=lambda one: (one.at, one.order)):
        visit = _after(visit, movement, left)
    return visit


def _after(visit: Visit, told: Movement, left: list[Place]) -> Visit:
    """One step; `left` is the stack of places that transfers may be taken back to."""
    visit = replace(visit, visit_class=told.visit_class or visit.visit_class, entry=told.entry or visit.entry)
    match told.step:
        case Step.ADMIT | Step.REGISTER:
            left.clear()
            return replace(
                visit,
                status=VisitStatus.IN,
                place=told.place or visit.place,
                admitted_at=told.admitted_at or (visit.admitted_at if visit.status is VisitStatus.IN else None) or told.at,
                discharged_at=None,
            )
        case Step.TRANSFER:
            left.append(visit.place)
            return replace(_arrived(visit, told), place=told.place or visit.place)
        case Step.DISCHARGE:
            return replace(_dated(visit, told), status=VisitStatus.OUT, discharged_at=told.discharged_at or told.at)
        case Step.CANCEL_ADMIT:
            return replace(visit, status=VisitStatus.CANCELLED)
        case Step.CANCEL_TRANSFER:
            return replace(_arrived(visit, told), place=_taken_back(visit, told, left))
        case Step.CANCEL_DISCHARGE:
            place = told.place or visit.place
            return replace(_dated(visit, told), status=VisitStatus.IN, place=place, discharged_at=None)
        case Step.PREADMIT:
            status = VisitStatus.PLANNED if visit.status is VisitStatus.UNKNOWN else visit.status
            return replace(visit, status=status, place=told.place or visit.place)
        case Step.UPDATE:
            return replace(_updated(visit, told), place=told.place or visit.place)
        case _:
            return visit


def _taken_back(visit: Visit, told: Movement, left: list[Place]) -> Place:
    """A12: where the patient lay before. PV1-3 says it, unless it repeats the place that the cancelled transfer led to."""
    before = left.pop() if left else NOWHERE
    if told.place and told.place != visit.place:
        return told.place
    return before or visit.place


def _arrived(visit: Visit, told: Movement) -> Visit:
    """A transfer shows that the patient is in, unless the visit is over or was cancelled."""
    dated = _dated(visit, told)
    return replace(dated, status=VisitStatus.IN) if visit.status in (VisitStatus.UNKNOWN, VisitStatus.PLANNED) else dated


def _updated(visit: Visit, told: Movement) -> Visit:
    """An update with a discharge time closes a visit of which nothing else was heard."""
    dated = _dated(visit, told)
    if told.discharged_at is not None and visit.status is VisitStatus.UNKNOWN:
        return replace(dated, status=VisitStatus.OUT, discharged_at=told.discharged_at)
    return dated


def _dated(visit: Visit, told: Movement) -> Visit:
    return replace(visit, admitted_at=told.admitted_at or visit.admitted_at)
