"""Facts of outages to rows."""

import json
from collections.abc import Sequence

from stormlamp.incident.facts import OutageDeclared, OutageEnded
from stormlamp.incident.models import Ending, Outage
from stormlamp.ledger import Entry, insert_new, projects, upsert


@projects(OutageDeclared)
def outages(entries: Sequence[Entry[OutageDeclared]]) -> None:
    """One row per outage; the same id declared twice keeps the later words."""
    rows = [
        {
            "id": entry.fact.outage,
            "cause": entry.fact.kind,
            "services": json.dumps(entry.fact.services),
            "wards": json.dumps(entry.fact.wards),
            "since_at": entry.fact.since_at,
            "reason": entry.fact.reason,
            "rehearsal": entry.fact.rehearsal,
            "declared_at": entry.at,
            "declared_by": entry.actor_name,
            "order": entry.order,
        }
        for entry in entries
    ]
    upsert(Outage, rows, latest_by="order")


@projects(OutageEnded)
def endings(entries: Sequence[Entry[OutageEnded]]) -> None:
    """One row per ending, also of an outage that this node has not heard of yet."""
    rows = [
        {
            "entry": entry.key,
            "outage": entry.fact.outage,
            "services": json.dumps(entry.fact.services),
            "wards": json.dumps(entry.fact.wards),
            "cut_over_at": entry.fact.cut_over_at,
            "note": entry.fact.note,
            "ended_at": entry.at,
            "ended_by": entry.actor_name,
            "order": entry.order,
        }
        for entry in entries
    ]
    insert_new(Ending, rows)
