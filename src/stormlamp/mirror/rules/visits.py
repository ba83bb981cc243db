"""What a person's visits are after their movements: a pure fold over ADT events, whatever the order in which they arrived.

Two steps: `movements.standing` takes out what was cancelled, so that whatever was before is what is; what stands is folded here in
the order in which it happened.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.rules.movements import NOWHERE, Movement, Place, Step, standing

# Classes of visits without a bed, in R4's codes: ambulatory, planned, virtual, at home, in the field, and v2's recurring.
OUTPATIENT = frozenset(("AMB", "PRENC", "VR", "HH", "FLD", "R"))


class VisitStatus(StrEnum):
    """Where a visit stands. UNKNOWN: nothing but an update was ever heard of it."""

    UNKNOWN = "unknown"
    PLANNED = "planned"
    IN = "in"
    OUT = "out"
    CANCELLED = "cancelled"
    DELETED = "deleted"


class Away(StrEnum):
    """Why somebody who has a bed is not in it."""

    NOT = ""
    ON_LEAVE = "on-leave"
    ELSEWHERE = "elsewhere"


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A visit as it stands. `entry` is the movement that last changed it. Who is away keeps the bed, and is at `whereabouts`.

    `pending` is the step that is planned or under way (`pending-transfer`, `transit`, ...) and `aim` where to.
    """

    status: VisitStatus = VisitStatus.UNKNOWN
    place: Place = NOWHERE
    visit_class: str = ""
    admitted_at: Moment | None = None
    discharged_at: Moment | None = None
    entry: str = ""
    away: Away = Away.NOT
    whereabouts: Place = NOWHERE
    pending: str = ""
    aim: Place = NOWHERE

    @property
    def present(self) -> bool:
        """Whether the patient has a bed, as far as the source has told; an update alone counts when it names a place."""
        return self.status is VisitStatus.IN or (self.status is VisitStatus.UNKNOWN and bool(self.place))


Effect = Callable[[Visit, Movement], Visit]


def visit_after(movements: Iterable[Movement]) -> Visit:
    """One visit after its movements. Steps of no meaning here change nothing."""
    return visit_and_course(movements)[0]


def visit_and_course(movements: Iterable[Movement]) -> tuple[Visit, tuple[tuple[Moment, str], ...]]:
    """One visit after its movements, and when it came to which ward, the oldest first; no ward once the patient had left."""
    visit, course = Visit(), list[tuple[Moment, str]]()
    for told in standing(movements):
        visit = _after(visit, told)
        ward = visit.place.ward if visit.present else ""
        if ward != (course[-1][1] if course else ""):
            course.append((told.at, ward))
    return visit, tuple(course)


def _after(visit: Visit, told: Movement) -> Visit:
    visit = replace(visit, visit_class=told.visit_class or visit.visit_class, entry=told.entry or visit.entry)
    if told.cleared:
        visit = _cleared(visit, told.cleared)
    does = _DOES.get(told.step)
    return visit if does is None else does(visit, told)


def _cleared(visit: Visit, names: frozenset[str]) -> Visit:
    return replace(
        visit,
        place=NOWHERE if "place" in names else visit.place,
        admitted_at=None if "admitted" in names else visit.admitted_at,
        discharged_at=None if "discharged" in names else visit.discharged_at,
    )


def _admit(visit: Visit, told: Movement) -> Visit:
    before = visit.admitted_at if visit.status is VisitStatus.IN else None
    return Visit(
        status=VisitStatus.IN,
        place=told.place or visit.place,
        visit_class=visit.visit_class,
        admitted_at=told.admitted_at or before or told.at,
        entry=visit.entry,
    )


def _reclass(visit: Visit, told: Movement) -> Visit:
    """A06 and A07: the same visit goes on, in another class and perhaps another place."""
    place = told.place or visit.place
    admitted_at = told.admitted_at or visit.admitted_at or told.at
    return replace(visit, status=VisitStatus.IN, place=place, admitted_at=admitted_at, discharged_at=None)


def _transfer(visit: Visit, told: Movement) -> Visit:
    visit = _came(visit, told)
    planned = visit.pending in (Step.PENDING_TRANSFER, Step.TRANSIT)
    return replace(
        visit,
        place=told.place or visit.place,
        away=Away.NOT,
        whereabouts=NOWHERE,
        pending="" if planned else visit.pending,
        aim=NOWHERE if planned else visit.aim,
    )


def _discharge(visit: Visit, told: Movement) -> Visit:
    ended = told.discharged_at or told.at
    gone = replace(_dated(visit, told), status=VisitStatus.OUT, discharged_at=ended, away=Away.NOT, whereabouts=NOWHERE)
    return replace(gone, pending="", aim=NOWHERE)


def _reinstate(visit: Visit, told: Movement) -> Visit:
    """A13: the patient is in, whether or not the discharge was ever told."""
    place = told.place or visit.place
    return replace(_dated(visit, told), status=VisitStatus.IN, place=place, discharged_at=None)


def _void(visit: Visit, told: Movement) -> Visit:
    """A11 and the like: without what was cancelled there is no visit, unless something else of it stands."""
    if told.known and visit.status is not VisitStatus.UNKNOWN:
        return visit
    if told.step != Step.CANCEL_ADMIT and visit.status not in (VisitStatus.UNKNOWN, VisitStatus.PLANNED):
        return visit
    return replace(visit, status=VisitStatus.CANCELLED, pending="", aim=NOWHERE)


def _back(visit: Visit, told: Movement) -> Visit:
    """A12: where the patient was before; PV1-3 says it, unless it repeats the place that the cancelled transfer led to."""
    return replace(_came(visit, told), place=told.place or visit.place)


def _plan(visit: Visit, told: Movement) -> Visit:
    if visit.status is VisitStatus.IN:
        return visit
    status = VisitStatus.PLANNED if visit.status in (VisitStatus.UNKNOWN, VisitStatus.CANCELLED) else visit.status
    return replace(visit, status=status, place=told.place or visit.place, aim=told.aim or visit.aim)


def _pending(visit: Visit, told: Movement) -> Visit:
    return replace(_came(visit, told), pending=told.step, aim=told.aim)


def _not_pending(visit: Visit, told: Movement) -> Visit:
    cancelled = told.step.removeprefix("cancel-")
    return replace(visit, pending="", aim=NOWHERE) if visit.pending == cancelled and not told.known else visit


def _leave(visit: Visit, told: Movement) -> Visit:
    return replace(_came(visit, told), away=Away.ON_LEAVE, whereabouts=told.aim, place=visit.place or told.place)


def _return(visit: Visit, told: Movement) -> Visit:
    return replace(_came(visit, told), away=Away.NOT, whereabouts=NOWHERE, place=told.place or visit.place)


def _depart(visit: Visit, told: Movement) -> Visit:
    """A09 tells where somebody is, not which bed is theirs (3.3.9)."""
    visit = _came(visit, told)
    there = told.aim or (told.place if told.place != visit.place else NOWHERE)
    return replace(visit, away=Away.ELSEWHERE, whereabouts=there, place=visit.place or told.place)


def _transit(visit: Visit, told: Movement) -> Visit:
    """A09 with a pending place: on the way there."""
    visit = _came(visit, told)
    return replace(visit, away=Away.ELSEWHERE, whereabouts=NOWHERE, pending=told.step, aim=told.aim)


def _arrive(visit: Visit, told: Movement) -> Visit:
    """A10: at a temporary place, back in the own bed, or at the end of a way to another one: then it is a transfer (3.3.10)."""
    visit = _came(visit, told)
    if visit.pending == Step.TRANSIT:
        reached = told.place == visit.aim and not told.aim
        visit = replace(visit, pending="", aim=NOWHERE, place=told.place if reached else visit.place)
    there = told.aim or (told.place if told.place != visit.place else NOWHERE)
    if not there or not visit.place:
        return replace(visit, away=Away.NOT, whereabouts=NOWHERE, place=visit.place or told.place)
    return replace(visit, away=Away.ELSEWHERE, whereabouts=there)


def _uncancelled(away: Away) -> Effect:
    """What a cancellation says of somebody whose leave or way was never told."""

    def does(visit: Visit, told: Movement) -> Visit:
        return visit if told.known else replace(visit, away=away, whereabouts=NOWHERE)

    return does


def _update(visit: Visit, told: Movement) -> Visit:
    """An update with a discharge time closes a visit of which nothing else was heard."""
    dated = replace(_dated(visit, told), place=told.place or visit.place)
    if told.discharged_at is not None and visit.status is VisitStatus.UNKNOWN:
        return replace(dated, status=VisitStatus.OUT, discharged_at=told.discharged_at)
    return dated


def _delete(visit: Visit, told: Movement) -> Visit:
    return replace(visit, status=VisitStatus.DELETED, away=Away.NOT, whereabouts=NOWHERE, pending="", aim=NOWHERE)


def _came(visit: Visit, told: Movement) -> Visit:
    """A movement shows that the patient is in, unless the visit is over or was cancelled."""
    dated = _dated(visit, told)
    return replace(dated, status=VisitStatus.IN) if visit.status in (VisitStatus.UNKNOWN, VisitStatus.PLANNED) else dated


def _dated(visit: Visit, told: Movement) -> Visit:
    return replace(visit, admitted_at=told.admitted_at or visit.admitted_at)


_DOES: dict[str, Effect] = {
    Step.ADMIT: _admit,
    Step.REGISTER: _admit,
    Step.PREADMIT: _plan,
    Step.TRANSFER: _transfer,
    Step.SWAP: _transfer,
    Step.DISCHARGE: _discharge,
    Step.UPDATE: _update,
    Step.TO_INPATIENT: _reclass,
    Step.TO_OUTPATIENT: _reclass,
    Step.DEPART: _depart,
    Step.ARRIVE: _arrive,
    Step.TRANSIT: _transit,
    Step.PENDING_ADMIT: _plan,
    Step.PENDING_TRANSFER: _pending,
    Step.PENDING_DISCHARGE: _pending,
    Step.LEAVE: _leave,
    Step.RETURN: _return,
    Step.DELETE_VISIT: _delete,
    Step.DELETE_PERSON: _delete,
    Step.CANCEL_ADMIT: _void,
    Step.CANCEL_PREADMIT: _void,
    Step.CANCEL_PENDING_ADMIT: _void,
    Step.CANCEL_TRANSFER: _back,
    Step.CANCEL_DISCHARGE: _reinstate,
    Step.CANCEL_PENDING_TRANSFER: _not_pending,
    Step.CANCEL_PENDING_DISCHARGE: _not_pending,
    Step.CANCEL_LEAVE: _uncancelled(Away.NOT),
    Step.CANCEL_RETURN: _uncancelled(Away.ON_LEAVE),
    Step.CANCEL_DEPART: _uncancelled(Away.NOT),
    Step.CANCEL_ARRIVE: _uncancelled(Away.ELSEWHERE),
}
