"""The ledger's own facts to rows."""

from collections.abc import Sequence

from django.db import connection

from stormlamp.ledger.entries import Entry, split_key
from stormlamp.ledger.facts import Looked, PayloadsPurged
from stormlamp.ledger.models import LedgerLook
from stormlamp.ledger.projector import projects
from stormlamp.ledger.rows import insert_new


@projects(Looked)
def looks(entries: Sequence[Entry[Looked]]) -> None:
    """Who looked at whom."""
    insert_new(
        LedgerLook,
        [
            {
                "entry": entry.key,
                "actor": entry.actor,
                "actor_name": entry.actor_name,
                "patient": entry.fact.patient,
                "look": entry.fact.look,
                "at": entry.at,
            }
            for entry in entries
        ],
    )


@projects(PayloadsPurged)
def purges(entries: Sequence[Entry[PayloadsPurged]]) -> None:
    """Remove the payloads and their salts; the headers stay."""
    keys = [split_key(key) for entry in entries for key in entry.fact.entries]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE ledger_entry SET payload = NULL, salt = NULL WHERE origin = %s AND sequence = %s",
            [key for key in keys if key[1]],
        )
