"""What people decide about items: a conflict, a rejection, and what was entered into the EHR by hand."""

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Refusal
from stormlamp.ledger import act
from stormlamp.recovery import queries
from stormlamp.recovery.facts import ConflictSettled, ItemDoneByHand, ItemRetried
from stormlamp.recovery.rules import DONE, Item, ItemState, Kept


class NoSuchItem(Refusal):
    """The outage wrote nothing of that id."""

    code = "recovery.no-such-item"


class NotInConflict(Refusal):
    """Nothing contradicts it, or somebody has decided already."""

    code = "recovery.not-in-conflict"


class NotRejected(Refusal):
    """The EHR has not rejected it."""

    code = "recovery.not-rejected"


class AlreadyWithEhr(Refusal):
    """The EHR has accepted it, or somebody answers for it already."""

    code = "recovery.already-with-ehr"


class ReasonMissing(Refusal):
    """Such a decision needs a reason."""

    code = "recovery.reason-missing"


@act("recovery.settle_conflict", needs="handback.decide")
def settle_conflict(by: Actor, at: Moment, *, item: str, kept: Kept, why: str) -> ConflictSettled:
    """Choose whose words stand: ours are sent after all, theirs leave ours unsent.

    Raises NoSuchItem, NotInConflict, ReasonMissing.
    """
    found = _item(item)
    if found.standing.state != ItemState.CONFLICT:
        raise NotInConflict(item=item)
    return ConflictSettled(item=item, kept=str(kept), why=_reason(why))


@act("recovery.done_by_hand", needs="handback.decide")
def done_by_hand(by: Actor, at: Moment, *, item: str, why: str) -> ItemDoneByHand:
    """Say that an item was entered into the EHR by hand, or why it need not be.

    Raises NoSuchItem, AlreadyWithEhr, ReasonMissing.
    """
    found = _item(item)
    if found.standing.state in DONE:
        raise AlreadyWithEhr(item=item)
    return ItemDoneByHand(item=item, why=_reason(why))


@act("recovery.retry", needs="handback.decide")
def retry(by: Actor, at: Moment, *, item: str) -> ItemRetried:
    """Let a rejected item be sent anew, under a control id of its own. Raises NoSuchItem, NotRejected."""
    found = _item(item)
    if found.standing.state != ItemState.REJECTED:
        raise NotRejected(item=item)
    return ItemRetried(item=item)


def _item(item: str) -> Item:
    found = queries.item(item)
    if found is None:
        raise NoSuchItem(item=item)
    return found


def _reason(why: str) -> str:
    if not why.strip():
        raise ReasonMissing
    return why.strip()
