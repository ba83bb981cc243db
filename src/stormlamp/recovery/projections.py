"""Facts of the hand-back and of the charts to rows: what is owed, what happened to it, and in which one state each item is."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from stormlamp.charts.rules import CLASS_OF, EntryKind
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import Entry, insert_new, projects, recompute, upsert
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
from stormlamp.recovery.models import Handback, ItemEvent, ItemStanding, Owed, Strike
from stormlamp.recovery.rules import OWED, Event, Standing, Struck, event_told, standing_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrote:
    """What the hand-back needs of a chart entry."""

    entry: str
    patient: str
    occurred_at: int
    ward: str
    outage: str
    mother: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StruckOut:
    """What the hand-back needs of a strike."""

    struck: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What the hand-back needs of an identification that was undone."""

    identification: str
    reason: str


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
    """One row per thing that happened, and the state that it leads to."""
    insert_new(ItemEvent, [_event(entry) for entry in entries])
    _recompute_standings({entry.fact.item for entry in entries})


@projects(*OWED, as_=Wrote)
def owed(entries: Sequence[Entry[Wrote]]) -> None:
    """Everything written in an outage is owed to the EHR."""
    insert_new(Owed, [_owed(entry) for entry in entries])


@projects("charts.entry-struck", as_=StruckOut)
def strikes(entries: Sequence[Entry[StruckOut]]) -> None:
    """A strike settles what the EHR has not got, and asks for a correction of what it has."""
    insert_new(Strike, [_strike(entry, entry.fact.struck, entry.fact.reason) for entry in entries])
    _recompute_standings({entry.fact.struck for entry in entries})


@projects("charts.identification-undone", as_=Undone)
def undone(entries: Sequence[Entry[Undone]]) -> None:
    """An identification that was undone counts as struck."""
    insert_new(Strike, [_strike(entry, entry.fact.identification, entry.fact.reason) for entry in entries])
    _recompute_standings({entry.fact.identification for entry in entries})


def _run(entry: Entry[Any], key: str, target: str, running: bool) -> dict[str, Any]:
    return {
        "id": key,
        "node": entry.node,
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


def _owed(entry: Entry[Wrote]) -> dict[str, Any]:
    told, what = entry.fact, OWED[entry.payload.type]
    return {
        "entry": entry.key,
        "item": told.entry,
        "what": what,
        "record_class": CLASS_OF[EntryKind(what)],
        "patient": told.patient,
        "mother": told.mother,
        "ward": told.ward,
        "outage": told.outage,
        "occurred_at": told.occurred_at,
        "written_at": entry.at,
        "author": entry.actor,
        "author_name": entry.actor_name,
        "order": entry.order,
    }


def _strike(entry: Entry[Any], item: str, why: str) -> dict[str, Any]:
    return {"entry": entry.key, "item": item, "at": entry.at, "by": entry.actor_name, "why": why, "order": entry.order}


def _recompute_standings(items: Collection[str]) -> None:
    wanted = sorted(items)
    happened: dict[str, list[Event]] = defaultdict(list)
    rows = ItemEvent.objects.filter(item__in=wanted).order_by("order", "pk")
    for item, event, at, by, control_id, told in rows.values_list("item", "event", "at", "by", "control_id", "told"):
        if found := event_told(event, Moment(at), by, control_id, json.loads(told)):
            happened[item].append(found)
    strikes = {
        row.item: Struck(at=Moment(row.at), by=row.by, why=row.why)
        for row in Strike.objects.filter(item__in=wanted).order_by("-order", "-pk")
    }
    rows_now = _standing_rows(wanted, happened, strikes)
    recompute(ItemStanding, column="item", subjects=wanted, rows=list(rows_now))


def _standing_rows(items: Sequence[str], happened: dict[str, list[Event]], strikes: dict[str, Struck]) -> Iterable[dict[str, Any]]:
    for item in items:
        standing: Standing = standing_of(happened[item], strikes.get(item))
        yield {
            "item": item,
            "state": standing.state,
            "since_at": standing.since_at or 0,
            "reason": standing.reason,
            "by": standing.by,
            "attempts": standing.attempts,
            "cleared": standing.cleared,
            "round": standing.round,
            "struck": item in strikes,
            "corrects": standing.corrects,
        }
