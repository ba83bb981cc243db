"""Sequence numbers (MSH-13, HL7 v2.5.1 2.10.1) of what came: a number that is missing is a message that is missing."""

from stormlamp.ledger import insert_new
from stormlamp.mirror.models import MirrorSequence
from stormlamp.mirror.projections.rows import Batch, Telling
from stormlamp.mirror.wire.hl7 import Message


def note_number(message: Message, telling: Telling, batch: Batch) -> None:
    """Put the number of a message into the batch; 0 asks for the number that is expected, and -1 says that numbers begin anew."""
    number = message.header.text(13)
    if number and number.isascii() and number.isdigit() and len(number) < 16 and int(number) > 0:
        batch.numbers[telling.key] = {
            "entry": telling.key,
            "interface": telling.entry.fact.interface,
            "number": int(number),
            "order": telling.order,
            "received_at": telling.received_at,
        }


def write_numbers(batch: Batch) -> None:
    """Write the numbers of a batch."""
    insert_new(MirrorSequence, list(batch.numbers.values()))
