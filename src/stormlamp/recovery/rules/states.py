"""In which one state an item of the hand-back is: a fold over what happened to it, in order.

An item is one thing that the outage wrote. Whatever happens, in whatever order it arrives, it is in exactly one of six states, so
the sum over all items always closes.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from stormlamp.kernel.moments import Moment

ACCEPTING = frozenset({"AA", "CA"})


class ItemState(StrEnum):
    """`sent` is on the wire with no acknowledgement read yet; `by-hand` names the person and the reason."""

    TO_DO = "to-do"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CONFLICT = "conflict"
    BY_HAND = "by-hand"


class Kept(StrEnum):
    """What a person decides about a conflict: our words go to the EHR, or the EHR's stay."""

    OURS = "ours"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """It went on the wire, for the `attempt`-th time."""

    at: Moment
    control_id: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The EHR acknowledged it: MSA-1 and the text beside it."""

    at: Moment
    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictFound:
    """The EHR says something else."""

    at: Moment
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictDecided:
    """A person chose."""

    at: Moment
    kept: Kept
    by: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """A person entered it into the EHR, or answers for why that is not needed."""

    at: Moment
    by: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """A person wants a rejected item sent again."""

    at: Moment
    by: str


Event = Sent | Answered | ConflictFound | ConflictDecided | ByHand | Retried


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an item stands: state, since when, why, and the person who answers for it where one does.

    `cleared` says that a person decided to send it although the EHR says something else.
    """

    state: ItemState
    since_at: Moment | None = None
    reason: str = ""
    by: str = ""
    attempts: int = 0
    cleared: bool = False


def standing_of(events: Sequence[Event]) -> Standing:
    """Fold the events of one item, oldest first."""
    standing = Standing(state=ItemState.TO_DO)
    for event in events:
        standing = _after(standing, event)
    return standing


def may_be_sent(standing: Standing) -> bool:
    """Whether the next run sends this item: it is to do, or was sent without an answer and must be asked for again."""
    return standing.state in (ItemState.TO_DO, ItemState.SENT)


def sums(standings: Iterable[Standing]) -> dict[ItemState, int]:
    """How many items are in each state; every state is named, and the values add up to the number of items."""
    counted = Counter(standing.state for standing in standings)
    return {state: counted[state] for state in ItemState}


def _after(now: Standing, event: Event) -> Standing:
    """The EHR's acceptance is final: whatever a person did meanwhile, it is there."""
    if isinstance(event, Answered) and event.code in ACCEPTING:
        return _moved(now, ItemState.ACCEPTED, event.at, reason=event.text)
    if now.state == ItemState.ACCEPTED:
        return now
    match event:
        case ByHand():
            return _moved(now, ItemState.BY_HAND, event.at, reason=event.why, by=event.by)
        case _ if now.state == ItemState.BY_HAND:
            return now
        case Sent():
            return _moved(now, ItemState.SENT, event.at, attempts=now.attempts + 1)
        case Answered():
            return _moved(now, ItemState.REJECTED, event.at, reason=f"{event.code} {event.text}".strip())
        case ConflictFound():
            return now if now.cleared else _moved(now, ItemState.CONFLICT, event.at, reason=event.reason)
        case ConflictDecided(kept=Kept.THEIRS):
            return _moved(now, ItemState.BY_HAND, event.at, reason=event.why, by=event.by)
        case ConflictDecided() if now.state == ItemState.CONFLICT:
            return _moved(now, ItemState.TO_DO, event.at, reason=event.why, by=event.by, cleared=True)
        case Retried() if now.state == ItemState.REJECTED:
            return _moved(now, ItemState.TO_DO, event.at, by=event.by)
        case _:
            return now


def _moved(
    now: Standing,
    state: ItemState,
    at: Moment,
    *,
    reason: str = "",
    by: str = "",
    attempts: int | None = None,
    cleared: bool | None = None,
) -> Standing:
    return Standing(
        state=state,
        since_at=at,
        reason=reason,
        by=by,
        attempts=now.attempts if attempts is None else attempts,
        cleared=now.cleared if cleared is None else cleared,
    )
