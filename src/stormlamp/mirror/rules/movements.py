"""ADT events of one person: which visit each belongs to, and which of them stand once cancellations are taken into account.

HL7 v2.5.1 chapter 3; the events are rows of `mapping.tables.encounters.ADT`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from stormlamp.kernel.moments import Moment


class Step(StrEnum):
    """What an ADT event does to a visit."""

    ADMIT = "admit"
    REGISTER = "register"
    PREADMIT = "preadmit"
    TRANSFER = "transfer"
    DISCHARGE = "discharge"
    UPDATE = "update"
    TO_INPATIENT = "to-inpatient"
    TO_OUTPATIENT = "to-outpatient"
    SWAP = "swap"
    DEPART = "depart"
    ARRIVE = "arrive"
    TRANSIT = "transit"
    PENDING_ADMIT = "pending-admit"
    PENDING_TRANSFER = "pending-transfer"
    PENDING_DISCHARGE = "pending-discharge"
    LEAVE = "leave"
    RETURN = "return"
    DELETE_VISIT = "delete-visit"
    DELETE_PERSON = "delete-person"
    CANCEL_ADMIT = "cancel-admit"
    CANCEL_TRANSFER = "cancel-transfer"
    CANCEL_DISCHARGE = "cancel-discharge"
    CANCEL_DEPART = "cancel-depart"
    CANCEL_ARRIVE = "cancel-arrive"
    CANCEL_PENDING_ADMIT = "cancel-pending-admit"
    CANCEL_PENDING_TRANSFER = "cancel-pending-transfer"
    CANCEL_PENDING_DISCHARGE = "cancel-pending-discharge"
    CANCEL_PREADMIT = "cancel-preadmit"
    CANCEL_LEAVE = "cancel-leave"
    CANCEL_RETURN = "cancel-return"


# What a cancellation takes back: steps of the first group if any stands, else of the next.
CANCELS: dict[str, tuple[frozenset[str], ...]] = {
    Step.CANCEL_ADMIT: (frozenset((Step.ADMIT, Step.TO_INPATIENT)), frozenset((Step.REGISTER,))),
    Step.CANCEL_TRANSFER: (frozenset((Step.TRANSFER, Step.SWAP)),),
    Step.CANCEL_DISCHARGE: (frozenset((Step.DISCHARGE,)),),
    Step.CANCEL_DEPART: (frozenset((Step.DEPART, Step.TRANSIT)),),
    Step.CANCEL_ARRIVE: (frozenset((Step.ARRIVE,)),),
    Step.CANCEL_PENDING_ADMIT: (frozenset((Step.PENDING_ADMIT,)),),
    Step.CANCEL_PENDING_TRANSFER: (frozenset((Step.PENDING_TRANSFER,)),),
    Step.CANCEL_PENDING_DISCHARGE: (frozenset((Step.PENDING_DISCHARGE,)),),
    Step.CANCEL_PREADMIT: (frozenset((Step.PREADMIT,)),),
    Step.CANCEL_LEAVE: (frozenset((Step.LEAVE,)),),
    Step.CANCEL_RETURN: (frozenset((Step.RETURN,)),),
}


# How the account of a movement begins that an Encounter told: it names the resource, and is no account.
ENCOUNTER = "Encounter/"


@dataclass(frozen=True, slots=True)
class Place:
    """Ward, room and bed as the source names them."""

    ward: str = ""
    room: str = ""
    bed: str = ""

    def __bool__(self) -> bool:
        return bool(self.ward or self.room or self.bed)

    @property
    def text(self) -> str:
        """Ward, room and bed in one line."""
        return " / ".join(part for part in (self.ward, self.room, self.bed) if part)


NOWHERE = Place()


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """One ADT event of one visit. `at` is when it happened, as told; `order` sorts by when it was told.

    `aim` is a pending or temporary place, `cleared` what is deleted (`place`, `admitted`, `discharged`), `undoes_at` the time at
    which that had happened which is cancelled. `patient` is whom the sender meant, before any merge. `known` says of a cancellation
    whether what it cancels was told, `recorded_at` when it was made itself.
    """

    step: str
    at: Moment
    order: str
    place: Place = NOWHERE
    visit_class: str = ""
    admitted_at: Moment | None = None
    discharged_at: Moment | None = None
    entry: str = ""
    visit: str = ""
    account: str = ""
    patient: str = ""
    aim: Place = NOWHERE
    cleared: frozenset[str] = frozenset()
    undoes_at: Moment | None = None
    known: bool = False
    recorded_at: Moment | None = None


PLANS = frozenset((Step.PREADMIT, Step.PENDING_ADMIT, Step.CANCEL_PREADMIT, Step.CANCEL_PENDING_ADMIT))
_ENTRIES = frozenset((Step.ADMIT, Step.REGISTER))
BEGINS = _ENTRIES | PLANS
_COMING = _ENTRIES | {Step.CANCEL_DISCHARGE, Step.TO_INPATIENT, Step.TO_OUTPATIENT}
_GOING = frozenset((Step.DISCHARGE, Step.DELETE_VISIT, Step.CANCEL_ADMIT))
_MOVES = _ENTRIES | {Step.TRANSFER, Step.SWAP, Step.TO_INPATIENT, Step.TO_OUTPATIENT}
# Told twice, these are two: the second corrects the first, and neither does harm.
_TWICE = frozenset((Step.ADMIT, Step.REGISTER, Step.PREADMIT, Step.UPDATE))


class _Course:
    """One visit while movements are shared out among visits."""

    __slots__ = ("account", "movements", "numbered", "patients", "state")

    def __init__(self) -> None:
        self.movements: list[Movement] = []
        self.patients: set[str] = set()
        self.numbered = False
        self.state = ""
        self.account = ""  # the one that it was last told with

    def add(self, told: Movement) -> None:
        """One more movement, in the order in which they happened."""
        self.movements.append(told)
        self.patients.add(told.patient)
        self.numbered = self.numbered or bool(told.visit)
        self.account = told.account or self.account
        if told.step in _GOING or told.step == Step.DELETE_PERSON:
            self.state = "over"
        elif told.step in _COMING or (told.step not in PLANS and self.state != "over"):
            self.state = "open"
        elif not self.state:
            self.state = "planned"


def given_back(movements: list[Movement], parted: Mapping[tuple[str, str], str], heads: Mapping[str, str]) -> list[Movement]:
    """Movements that were told under the number that survived a merge, of the patient whose visit it is, once that is undone.

    `parted` says since when two are two again, `heads` who each is now. A visit is whose it was when it began; a number under which
    both began one is two visits.
    """
    if not parted:
        return movements
    until: dict[tuple[str, str], str] = {}
    for (prior, other), order in parted.items():
        pair = heads[prior], heads[other]
        until[pair] = max(order, until.get(pair, ""))
    began: dict[str, set[str]] = {}
    for one in movements:
        if one.step in BEGINS and (one.visit or one.account):
            began.setdefault(one.visit or one.account, set()).add(one.patient)
    return [_meant(one, began.get(one.visit or one.account, set()), until, heads) for one in movements]


def _meant(told: Movement, began: Set[str], until: Mapping[tuple[str, str], str], heads: Mapping[str, str]) -> Movement:
    if told.patient in began:
        return told
    others = sorted(one for one in began if told.order < until.get((heads[one], heads[told.patient]), ""))
    return replace(told, patient=others[0]) if others and heads[others[0]] != heads[told.patient] else told


def by_visit(movements: Iterable[Movement], known: Collection[str] = ()) -> dict[str, list[Movement]]:
    """One person's movements by visit. What came without a number is of the visit that was open then.

    The key of a visit that never had a number is its account, or empty. `known` are accounts of visits, which may be under another
    patient still: what is told on one of them is of no visit of another account.
    """
    found: dict[str, _Course] = {}
    for told in happened(movements):
        if told.step == Step.DELETE_PERSON and not told.visit:
            for each in found.values():
                each.add(told)
            continue
        number = told.visit or _without_number(told, found, known)
        if told.visit and number not in found and told.step not in PLANS:
            _adopt(told, found)
        found.setdefault(number, _Course()).add(told)
    return {number: each.movements for number, each in sorted(found.items())}


def _without_number(told: Movement, found: dict[str, _Course], known: Collection[str]) -> str:
    """The visit that a movement without a number is of: one of the same account, the open one, the last one; else its own.

    Who is admitted on another account than that of the open visit has come once more, and what is planned on one account has not
    come by what happens on another. Of two merged patients it is a visit of the one whom the sender meant, where there is one.
    """
    if told.step in PLANS:
        return told.account
    same = [number for number, each in found.items() if told.account and each.account == told.account]
    fits = same or [number for number, each in found.items() if not _on_another_account(told, each, known)]
    still = [number for number in fits if found[number].state == "open"]
    if not (same or still) and told.step in _ENTRIES:
        return told.account
    among = still or fits
    own = [number for number in among if told.patient in found[number].patients]
    return max(own or among, key=lambda one: _newest(found[one]), default=told.account)


def _on_another_account(told: Movement, course: _Course, known: Collection[str]) -> bool:
    other = bool(told.account) and course.account not in ("", told.account)
    came = told.step in _ENTRIES or course.state == "planned"
    return other and (came or told.patient not in course.patients or told.account in known)


def _newest(course: _Course) -> tuple[Moment, str]:
    return course.movements[-1].at, course.movements[-1].order


def _adopt(told: Movement, found: dict[str, _Course]) -> None:
    """An open visit that had no number yet has one now: nobody lies in two beds."""
    for number, each in list(found.items()):
        if each.state == "open" and not each.numbered and (not told.account or each.account in ("", told.account)):
            found[told.visit] = found.pop(number)
            return


def standing(movements: Iterable[Movement]) -> list[Movement]:
    """What is left once cancellations have taken back what they cancel, in the order in which it happened.

    They are applied in the order in which the sender told them; what is cancelled is then as if it had never been.
    """
    told: list[Movement] = []
    known: set[tuple[object, ...]] = set()
    for one in sorted(movements, key=lambda each: each.order):
        again = _key(one)
        if again and again in known:
            continue
        if one.step in CANCELS:
            told, gone = _cancelled(told, one)
            known.difference_update(_key(each) for each in gone)
        else:
            told.append(one)
        known.add(again)
    return happened(told)


def happened(movements: Iterable[Movement]) -> list[Movement]:
    """Movements in the order in which they happened; what happened at once, in the order in which it was told."""
    return sorted(movements, key=lambda one: (one.at, one.order))


def _key(one: Movement) -> tuple[object, ...]:
    """What a movement is known by when it is told again in a message of its own; nothing for what may be told twice."""
    if one.step in _TWICE:
        return ()
    at = one.at if one.recorded_at is None else one.recorded_at
    return (one.step, at) if one.step in CANCELS else (one.step, at, one.place, one.aim, one.discharged_at)


def _cancelled(told: list[Movement], cancel: Movement) -> tuple[list[Movement], list[Movement]]:
    """The movements without what is cancelled, and the cancellation itself, for what it says of the place; and what is gone."""
    index = _target(told, cancel)
    if index is None:
        return [*told, cancel], []
    target = told[index]
    # What it says of the place holds from when the cancelled thing had happened, so that what happened later is later.
    cancel = replace(cancel, known=True, at=min(cancel.at, target.at), recorded_at=cancel.at)
    if cancel.step == Step.CANCEL_ADMIT:
        since = told[_run_before(told, index) :]
        kept, gone = [one for one in since if one.step in PLANS], [one for one in since if one.step not in PLANS]
        return [*told[: len(told) - len(since)], *kept, cancel], gone
    if cancel.step == Step.CANCEL_TRANSFER and cancel.place == target.place:
        cancel = replace(cancel, place=NOWHERE)
    return [*told[:index], *(_without_echo(one, target) for one in told[index + 1 :]), cancel], [target]


def _target(told: Sequence[Movement], cancel: Movement) -> int | None:
    """Which movement is cancelled: the one of the time that the cancellation names, else the last one told.

    An admission that is cancelled is one since the last discharge, where somebody came again after it.
    """
    of_time = [index for index, one in enumerate(told) if one.at == cancel.undoes_at]
    left = [index for index, one in enumerate(told) if one.step == Step.DISCHARGE] if cancel.step == Step.CANCEL_ADMIT else []
    for among in (of_time, range(left[-1] if left else 0, len(told)), range(len(told))):
        for group in CANCELS[cancel.step]:
            found = next((index for index in reversed(among) if told[index].step in group), None)
            if found is not None:
                return found
    return None


def _run_before(told: Sequence[Movement], index: int) -> int:
    """An admission that was told several times is one: where it began."""
    step, first = told[index].step, index
    for at in range(index - 1, -1, -1):
        if told[at].step == step:
            first = at
        elif told[at].step != Step.UPDATE:
            break
    return first


def _without_echo(one: Movement, gone: Movement) -> Movement:
    """What repeated the place of a cancelled move, and is no move, says nothing about where the patient is."""
    echo = one.step not in _MOVES and one.place == gone.place
    return replace(one, place=NOWHERE) if echo and gone.step in _MOVES else one
