"""In which one state an item of the hand-back is: a fold over what happened to it, in order.

An item is one thing that the outage wrote. Whatever happens, in whatever order it arrives, it is in exactly one of six states, so
the sum over all items always closes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

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


DONE = frozenset({ItemState.ACCEPTED, ItemState.BY_HAND})


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """Somebody struck out here what the item carries."""

    at: Moment
    by: str
    why: str


Event = Sent | Answered | ConflictFound | ConflictDecided | ByHand | Retried


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an item stands: state, since when, why, and the person who answers for it where one does.

    `cleared` says that a person decided to send it although the EHR says something else. `round` counts how often a person let it
    be sent anew after a rejection: each round has a control id of its own. `corrects` says that the EHR holds what was struck here.
    """

    state: ItemState
    since_at: Moment | None = None
    reason: str = ""
    by: str = ""
    attempts: int = 0
    cleared: bool = False
    round: int = 0
    corrects: bool = False


def standing_of(events: Sequence[Event], struck: Struck | None = None) -> Standing:
    """Fold the events of one item, oldest first; then what became of it when its entry was struck out, whenever that was.

    What the EHR has not got is settled by the strike, and who struck it answers for it. What is on the wire must first be asked
    for. What the EHR accepted, or a person typed into it before the strike, stays as it is and needs a correction.
    """
    standing = Standing(state=ItemState.TO_DO)
    for event in events:
        standing = _after(standing, event)
    if struck is None or standing.state == ItemState.SENT:
        return standing
    if standing.state in DONE:
        typed = any(isinstance(event, ByHand) and event.at <= struck.at for event in events)
        return replace(standing, corrects=standing.state == ItemState.ACCEPTED or typed)
    return _moved(standing, ItemState.BY_HAND, struck.at, reason=struck.why, by=struck.by)


def event_told(name: str, at: Moment, by: str, control_id: str, told: Mapping[str, Any]) -> Event | None:
    """The event of a stored row; None for a name or a choice that this version does not know."""
    match name:
        case "item-sent":
            return Sent(at=at, control_id=control_id, attempt=told["attempt"])
        case "item-answered":
            return Answered(at=at, code=told["code"], text=told["text"])
        case "conflict-found":
            return ConflictFound(at=at, reason=told["reason"])
        case "conflict-decided" if told["kept"] in set(Kept):
            return ConflictDecided(at=at, kept=Kept(told["kept"]), by=by, why=told["why"])
        case "item-done-by-hand":
            return ByHand(at=at, by=by, why=told["why"])
        case "item-retried":
            return Retried(at=at, by=by)
        case _:
            return None


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
            return _moved(now, ItemState.TO_DO, event.at, by=event.by, round=now.round + 1)
        case _:
            return now


def _moved(now: Standing, state: ItemState, at: Moment, *, reason: str = "", by: str = "", **changed: Any) -> Standing:
    return replace(now, state=state, since_at=at, reason=reason, by=by, **changed)
