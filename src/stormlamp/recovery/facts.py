"""What happened to the hand-back and its items. An item is named by the id of the chart entry that it carries."""

from stormlamp.ledger import fact


@fact("recovery.handback-started", version=1)
class HandbackStarted:
    """Somebody lets the hand-back run towards an EHR."""

    handback: str
    target: str


@fact("recovery.handback-stopped", version=1)
class HandbackStopped:
    """Somebody stops it; items stay where they are."""

    handback: str


@fact("recovery.item-sent", version=1)
class ItemSent:
    """An item is about to go on the wire. `raw` is what goes, so that a resend repeats the same bytes."""

    item: str
    control_id: str
    attempt: int
    target: str
    raw: bytes


@fact("recovery.item-answered", version=1)
class ItemAnswered:
    """The EHR acknowledged an item: MSA-1, its text, and the acknowledgement as received."""

    item: str
    control_id: str
    code: str
    text: str
    raw: bytes


@fact("recovery.conflict-found", version=1)
class ConflictWithEhr:
    """The EHR says something else. `ours` and `theirs` are pairs of label and words; `source` is the entry theirs came with."""

    item: str
    reason: str
    ours: tuple[tuple[str, str], ...]
    theirs: tuple[tuple[str, str], ...]
    source: str


@fact("recovery.conflict-decided", version=1)
class ConflictSettled:
    """A person chose which of the two stands, and why."""

    item: str
    kept: str
    why: str


@fact("recovery.item-done-by-hand", version=1)
class ItemDoneByHand:
    """A person entered an item into the EHR, or answers for why that is not needed."""

    item: str
    why: str


@fact("recovery.item-retried", version=1)
class ItemRetried:
    """A person wants a rejected item sent again."""

    item: str
