"""What is larger than a message can be: its head is kept, and it is counted and shown as what nobody could read."""

from collections.abc import Sequence

from stormlamp.ledger import Entry, projects
from stormlamp.mirror.facts import TooLargeReceived
from stormlamp.mirror.mapping.segments.pid import identity_of
from stormlamp.mirror.projections.rows import Batch, Telling, message_row
from stormlamp.mirror.projections.writing import write
from stormlamp.mirror.wire.hl7 import Broken, Message


@projects(TooLargeReceived)
def oversized_messages(entries: Sequence[Entry[TooLargeReceived]]) -> None:
    """A broken message each, under the name that its head says; of the person whom that names."""
    batch = Batch()
    for entry in entries:
        row = message_row(Telling(entry, entry.key, entry.order, entry.fact.received_at))
        row |= {"reason": "larger-than-a-message", "place": len(entry.fact.raw), "size": entry.fact.size, "broken": 1}
        try:
            message = Message(entry.fact.raw)
        except Broken:
            pass
        else:
            segment = message.first("PID")
            who = identity_of(segment, message) if segment is not None else None
            row |= {"message": message.name, "version": message.version, "control_id": message.control_id}
            row["patient"] = who.id if who else ""
        batch.messages[entry.key] = row
    write(batch)
