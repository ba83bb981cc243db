"""What the courier records of its own: a sending before the bytes go, an answer after it was read, a contradiction it found."""

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Refusal
from stormlamp.ledger import act
from stormlamp.recovery import queries
from stormlamp.recovery.facts import ConflictWithEhr, ItemAnswered, ItemSent
from stormlamp.recovery.rules import Contradiction, may_be_sent


class NotToBeSent(Refusal):
    """The item is settled, or waits for a person."""

    code = "recovery.not-to-be-sent"


@act("recovery.note_sending", needs="handback.send")
def note_sending(by: Actor, at: Moment, *, item: str, control_id: str, target: str, raw: bytes) -> ItemSent:
    """Write down that an item goes on the wire, before it does.

    The bytes are kept with the first attempt only: a resend repeats them. Raises NotToBeSent where it has been settled meanwhile.
    """
    standing = queries.standing(item)
    if not may_be_sent(standing):
        raise NotToBeSent(item=item)
    known = queries.sent_bytes(item, control_id)
    return ItemSent(
        item=item, control_id=control_id, attempt=standing.attempts + 1, target=target, raw=raw if known is None else b""
    )


@act("recovery.note_answer", needs="handback.send")
def note_answer(by: Actor, at: Moment, *, item: str, control_id: str, code: str, text: str, raw: bytes) -> ItemAnswered:
    """Write down what the EHR acknowledged."""
    return ItemAnswered(item=item, control_id=control_id, code=code, text=text, raw=raw)


@act("recovery.note_conflict", needs="handback.send")
def note_conflict(by: Actor, at: Moment, *, item: str, found: Contradiction) -> ConflictWithEhr:
    """Write down that the EHR says something else: the item waits for a person."""
    return ConflictWithEhr(item=item, reason=found.reason, ours=found.ours, theirs=found.theirs, source=found.source)
