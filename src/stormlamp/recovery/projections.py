"""Facts of the hand-back to rows: everything is kept, and states are computed when they are asked."""

import json
from collections.abc import Sequence
from typing import Any

from stormlamp.ledger import Entry, insert_new, projects, upsert
from stormlamp.recovery.facts import (
    ConflictSettled,
    ConflictWithEhr,
    HandbackStarted,
    HandbackStopped,
    ItemAnswered,
    ItemDoneByHand,
    ItemRetried,
    ItemSent,
)
from stormlamp.recovery.models import Handback, ItemEvent


@projects(HandbackStarted)
def started(entries: Sequence[Entry[HandbackStarted]]) -> None:
    """A run stands."""
    upsert(Handback, [_run(entry, entry.fact.handback, entry.fact.target, True) for entry in entries])


@projects(HandbackStopped)
def stopped(entries: Sequence[Entry[HandbackStopped]]) -> None:
    """A run was stopped. Its row bears an id of its own, so that the target stays known whichever came first."""
    upsert(Handback, [_run(entry, f"{entry.fact.handback}/stopped", "", False) for entry in entries])


@projects(ItemSent, ItemAnswered, ConflictWithEhr, ConflictSettled, ItemDoneByHand, ItemRetried)
def events(entries: Sequence[Entry[Any]]) -> None:
    """One row per thing that happened."""
    insert_new(ItemEvent, [_event(entry) for entry in entries])


def _run(entry: Entry[Any], key: str, target: str, running: bool) -> dict[str, Any]:
    return {
        "id": key,
        "target": target,
        "running": running,
        "at": entry.at,
        "by": entry.actor_name,
        "order": entry.order,
    }


def _event(entry: Entry[Any]) -> dict[str, Any]:
    fact = entry.fact
    return {
        "entry": entry.key,
        "item": fact.item,
        "event": entry.payload.type.partition(".")[2],
        "at": entry.at,
        "by": entry.actor_name,
        "control_id": getattr(fact, "control_id", ""),
        "told": json.dumps(_told(fact)),
        "raw": getattr(fact, "raw", b""),
        "order": entry.order,
    }


def _told(fact: object) -> dict[str, Any]:
    match fact:
        case ItemSent():
            return {"attempt": fact.attempt, "target": fact.target}
        case ItemAnswered():
            return {"code": fact.code, "text": fact.text}
        case ConflictWithEhr():
            return {"reason": fact.reason, "ours": fact.ours, "theirs": fact.theirs, "source": fact.source}
        case ConflictSettled():
            return {"kept": fact.kept, "why": fact.why}
        case ItemDoneByHand():
            return {"why": fact.why}
        case _:
            return {}
