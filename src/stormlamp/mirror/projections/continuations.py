"""Messages that come in pieces: each is kept and counted, and once the last has come they are mapped as the one that they are.

Pieces are joined within one origin, whose facts every node reads in one order: so all nodes join alike, and a pointer that a sender
uses again goes to the piece next to it. One whose rest never comes stays in quarantine.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from stormlamp.kernel.moments import DAY
from stormlamp.ledger import insert_new, recompute
from stormlamp.mirror.models import MirrorFragment, MirrorMessage
from stormlamp.mirror.projections.rows import Batch, Held, Row, Telling
from stormlamp.mirror.rules import State
from stormlamp.mirror.wire.continuation import Fragment, added_to, continued, joined
from stormlamp.mirror.wire.hl7 import Broken, Message

WAITING = "waiting for its continuation"
MOST, LARGEST, WITHIN = 200, 64 * 1024 * 1024, DAY
_RESULT = ("state", "reason", "place", "patient", "understood", "not_understood", "broken")

Mapping = Callable[[Message, Telling, Row, Batch], None]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece as it was read, with its entry and its row of the messages."""

    telling: Telling
    row: Row
    fragment: Fragment
    scope: str


def piece_of(message: Message, telling: Telling, row: Row) -> Piece | None:
    """The piece that a message is, and its row says so; nothing when it is whole."""
    fragment = continued(message)
    if fragment is None:
        return None
    row |= {"state": State.NOT_UNDERSTOOD.value, "reason": WAITING, "not_understood": 1}
    fact = telling.entry.fact
    return Piece(telling, row, fragment, "|".join((telling.entry.origin, fact.interface, message.application, message.facility)))


def mended(message: Message) -> Message:
    """A message whose segments go on in ADD segments, with these joined."""
    return Message(joined([message])) if added_to(message) and continued(message) is None else message


def follow(pieces: Collection[Piece], batch: Batch, mapping: Mapping) -> None:
    """Keep the pieces of a batch; map each message whose last piece is among them, and one that is read again with its own."""
    for piece in pieces:
        fact = piece.telling.entry.fact
        row = {
            "entry": piece.telling.key,
            "scope": piece.scope,
            "goes_on": piece.fragment.goes_on,
            "more": piece.fragment.more,
            "order": piece.telling.order,
            "received_at": fact.received_at,
            "raw": fact.raw,
            "joined": "",
        }
        insert_new(MirrorFragment, [row])
        chain = _chain(MirrorFragment.objects.filter(entry=piece.telling.key).order_by("entry").values().first() or row)
        if chain:
            _join(chain, piece, batch, mapping)


def _chain(row: Held) -> list[Held]:
    """The pieces of the whole message that a piece completes, in order; nothing when it does not."""
    chain = [row]
    while chain[-1]["more"] and len(chain) <= MOST:
        following = _next_to(chain[-1], "goes_on", chain[-1]["more"], chain, after=True)
        if following is None:
            return []
        chain.append(following)
    while chain[0]["goes_on"] and len(chain) <= MOST:
        before = _next_to(chain[0], "more", chain[0]["goes_on"], chain, after=False)
        if before is None:
            return []
        chain.insert(0, before)
    return chain if len(chain) <= MOST else []


def _next_to(row: Held, column: str, pointer: str, chain: list[Held], *, after: bool) -> Held | None:
    """The waiting piece with that pointer: the nearest that came after (or before), else the nearest on the other side."""
    waiting = MirrorFragment.objects.filter(scope=row["scope"], joined=row["joined"], **{column: pointer}).exclude(
        entry__in=[one["entry"] for one in chain]
    )
    waiting = waiting.filter(received_at__gte=row["received_at"] - WITHIN, received_at__lte=row["received_at"] + WITHIN)
    later, earlier = (
        waiting.filter(order__gt=row["order"]).order_by("order"),
        waiting.filter(order__lt=row["order"]).order_by("-order"),
    )
    sides = (later, earlier) if after else (earlier, later)
    return next((found for side in sides if (found := side.values().first())), None)


def _join(chain: list[Held], last: Piece, batch: Batch, mapping: Mapping) -> None:
    """Map the whole: as the message that its first piece began, whichever came last."""
    first = chain[0]
    told = Telling(last.telling.entry, first["entry"], first["order"], first["received_at"])
    last.row.update({"state": State.BROKEN.value, "reason": "", "not_understood": 0})
    try:
        message = _whole([bytes(row["raw"]) for row in chain])
    except Broken as fault:
        last.row.update({"reason": fault.reason, "broken": 1})
    else:
        mapping(message, told, last.row, batch)
    _settle(chain, last, batch)


def _whole(raws: Collection[bytes]) -> Message:
    if sum(map(len, raws)) > LARGEST:
        raise Broken("larger-than-a-message")
    return Message(joined([Message(raw) for raw in raws]))


def _settle(chain: list[Held], last: Piece, batch: Batch) -> None:
    """Every piece has become what the whole has."""
    result = {name: last.row[name] for name in _RESULT}
    named = {row["patient"] for row in batch.abouts.values() if row["entry"] == chain[0]["entry"]} | {result["patient"]}
    for row in chain:
        batch.tells_of(row["entry"], *sorted(named - {""}))
    others = [row["entry"] for row in chain if row["entry"] != last.telling.key]
    for entry in others:
        if entry in batch.messages:
            batch.messages[entry] |= result
    rows: list[dict[str, Any]] = [row | result for row in MirrorMessage.objects.filter(entry__in=others).order_by("entry").values()]
    recompute(MirrorMessage, column="entry", subjects=[row["entry"] for row in rows], rows=rows)
    done = [{**row, "joined": chain[0]["entry"]} for row in chain]
    recompute(MirrorFragment, column="entry", subjects=[row["entry"] for row in done], rows=done)
