"""What happened to items: sendings, answers, conflicts, decisions; and the runs of the hand-back."""

import json
from dataclasses import dataclass, field
from typing import Any

from stormlamp.kernel.moments import Moment
from stormlamp.recovery.models import Handback, ItemEvent, Strike
from stormlamp.recovery.queries.items import items
from stormlamp.recovery.rules import Item, ItemState, Struck


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One thing that happened to an item: its name, as in the facts, and what it told."""

    event: str
    at: Moment
    by: str
    control_id: str = ""
    told: dict[str, Any] = field(default_factory=dict)
    raw: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standoff:
    """A conflict that waits for a person: the item, the reason's code, and both sides in pairs of label and words."""

    item: Item
    reason: str
    ours: tuple[tuple[str, str], ...]
    theirs: tuple[tuple[str, str], ...]
    source: str
    found_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The hand-back as last started or stopped. `node`: where it was started; only there the courier sends."""

    id: str
    node: str
    target: str
    running: bool
    at: Moment
    by: str


def history(item_id: str) -> tuple[Past, ...]:
    """Everything that happened to an item, the oldest first."""
    return tuple(
        Past(
            event=row.event,
            at=Moment(row.at),
            by=row.by,
            control_id=row.control_id,
            told=json.loads(row.told),
            raw=bytes(row.raw),
        )
        for row in ItemEvent.objects.filter(item=item_id).order_by("order", "pk")
    )


def sent_bytes(item_id: str, control_id: str) -> bytes | None:
    """The bytes of an item's first attempt under a control id: what a resend repeats. None when it was never sent."""
    rows = ItemEvent.objects.filter(item=item_id, control_id=control_id, event="item-sent").exclude(raw=b"")
    row = rows.order_by("order", "pk").first()
    return bytes(row.raw) if row else None


def strike(item_id: str) -> Struck | None:
    """Who struck out the entry of an item, when and why: the first of several; None when nobody did."""
    row = Strike.objects.filter(item=item_id).order_by("order", "pk").first()
    return Struck(at=Moment(row.at), by=row.by, why=row.why) if row else None


def conflicts() -> tuple[Standoff, ...]:
    """The conflicts that wait for a person, in the order of the items."""
    found = (standoff(one) for one in items(state=ItemState.CONFLICT))
    return tuple(one for one in found if one is not None)


def standoff(item: Item) -> Standoff | None:
    """The conflict that was last found about an item, decided or not; None when there was none."""
    told = next((one for one in reversed(history(item.id)) if one.event == "conflict-found"), None)
    if told is None:
        return None
    return Standoff(
        item=item,
        reason=told.told["reason"],
        ours=tuple((label, words) for label, words in told.told["ours"]),
        theirs=tuple((label, words) for label, words in told.told["theirs"]),
        source=told.told["source"],
        found_at=told.at,
    )


def last_answer_at() -> Moment | None:
    """When the EHR last answered; None when it never did."""
    row = ItemEvent.objects.filter(event="item-answered").order_by("-at", "-pk").values_list("at", flat=True).first()
    return None if row is None else Moment(row)


def latest_run() -> Run | None:
    """The hand-back as last started or stopped; None when nobody ever started it. A stopped one keeps its target."""
    row = Handback.objects.order_by("-order", "-pk").first()
    if row is None:
        return None
    began = Handback.objects.filter(pk=row.pk.removesuffix("/stopped")).order_by("pk").first()
    first = began or row
    return Run(id=first.pk, node=first.node, target=first.target, running=row.running, at=Moment(row.at), by=row.by)
