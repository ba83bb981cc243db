"""HL7 v2 messages to rows: each is understood, not understood, or broken, and says why."""

import datetime as dt
from collections.abc import Sequence

from stormlamp.kernel.moments import DAY, HOUR, MINUTE, Moment
from stormlamp.ledger import Entry, projects
from stormlamp.mirror.facts import Hl7Received, MessageCorrected
from stormlamp.mirror.mapping import events
from stormlamp.mirror.mapping.mapped import Identity
from stormlamp.mirror.mapping.segments.pid import identity_of
from stormlamp.mirror.projections import continuations, sequences
from stormlamp.mirror.projections.rows import Batch, Row, Telling, message_row, zone_of
from stormlamp.mirror.projections.writing import write
from stormlamp.mirror.rules import State
from stormlamp.mirror.wire.hl7 import Broken, Message
from stormlamp.mirror.wire.times import Precision, parse_dtm, sender_zone

TEST = "test message"
LENGTHS = {Precision.DAY: DAY, Precision.HOUR: HOUR, Precision.MINUTE: MINUTE}


@projects(Hl7Received, MessageCorrected)
def hl7_messages(entries: Sequence[Entry[Hl7Received] | Entry[MessageCorrected]]) -> None:
    """A message's state, and all that it says about its patient."""
    batch, pieces = Batch(), list[continuations.Piece]()
    for entry in entries:
        if piece := _read(entry, batch):
            pieces.append(piece)
    continuations.follow(pieces, batch, _map_joined)
    sequences.write_numbers(batch)
    write(batch)


def _read(entry: Entry[Hl7Received] | Entry[MessageCorrected], batch: Batch) -> continuations.Piece | None:
    """One message into the batch; a piece of one that came in several is given back."""
    told = entry.fact
    telling = Telling(entry, entry.key, entry.order, told.received_at)
    row = message_row(telling)
    batch.messages[telling.key] = row
    if told.raw[:3] in (b"BTS", b"FTS"):
        row |= {"state": State.BROKEN.value, "reason": "batch-count-differs", "place": 4, "broken": 1}
        return None
    try:
        message = continuations.mended(Message(told.raw))
    except Broken as fault:
        row |= {"state": State.BROKEN.value, "reason": fault.reason, "place": fault.offset, "broken": 1}
        return None
    zone, practice = _zone(message, telling), is_test(message)
    sent_at, until_at = _sent(message, zone)
    flags = (*message.flags, TEST) if practice else message.flags
    row |= {
        "message": message.name,
        "version": message.version,
        "control_id": message.control_id,
        "sent_at": sent_at,
        "flags": "|".join(flags),
        "practice": practice,
    }
    telling.named(row["message"], row["control_id"], sent_at, until_at)
    sequences.note_number(message, telling, batch)
    if piece := continuations.piece_of(message, telling, row):
        who = _named_in(message)
        row["patient"] = who.id if who else ""
        return piece
    _map(message, telling, row, batch, zone)
    message.let_go()
    return None


def _zone(message: Message, telling: Telling) -> dt.tzinfo:
    return sender_zone(message.sent_at, zone_of(telling.entry.fact.zone))


def is_test(message: Message) -> bool:
    """Whether the sender marks it as training or debugging (MSH-11, table 0103): it is kept and counted, and changes no chart."""
    return message.processing in ("T", "D")


def _sent(message: Message, zone: dt.tzinfo) -> tuple[Moment | None, Moment | None]:
    """When the message was sent (MSH-7, else EVN-2), and the last moment that this can mean if seconds are left out."""
    event = message.first("EVN")
    for text in (message.sent_at, event.text(2) if event else ""):
        at, precision = parse_dtm(text, zone)
        if at is not None:
            length = LENGTHS.get(precision)
            return at, None if length is None else Moment(at + length)
    return None, None


def _map_joined(message: Message, telling: Telling, row: Row, batch: Batch) -> None:
    zone = _zone(message, telling)
    sent_at, until_at = _sent(message, zone)
    telling.named(message.name, message.control_id, sent_at, until_at)
    _map(message, telling, row, batch, zone)


def _map(message: Message, telling: Telling, row: Row, batch: Batch, zone: dt.tzinfo) -> None:
    try:
        mapped = events.told(message, zone=zone)
        if not row["practice"]:
            who = mapped.identity or _named_in(message)
            if who is not None:
                row["patient"] = who.id
            if mapped.understood:
                batch.add(telling, mapped)
    except Exception as fault:  # noqa: BLE001 - law 4: whatever a message does to the mapping, it is kept, marked and shown
        row |= {"state": State.NOT_UNDERSTOOD.value, "reason": f"mapping failed: {type(fault).__name__}", "not_understood": 1}
        return
    if mapped.understood:
        row |= {"state": State.UNDERSTOOD.value, "understood": 1}
    else:
        row |= {"state": State.NOT_UNDERSTOOD.value, "reason": mapped.reason, "not_understood": 1}


def _named_in(message: Message) -> Identity | None:
    """Whom a message names that is not understood: the chart of that patient says that something is in quarantine."""
    segment = message.first("PID")
    return identity_of(segment, message) if segment is not None else None
