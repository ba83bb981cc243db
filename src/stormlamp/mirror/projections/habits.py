"""History that somebody brought, to rows."""

from collections.abc import Sequence

from stormlamp.ledger import Entry, projects, upsert
from stormlamp.mirror.facts import HabitCounted
from stormlamp.mirror.models import MirrorHabit
from stormlamp.mirror.projections.rows import Row, latest


@projects(HabitCounted)
def habits(entries: Sequence[Entry[HabitCounted]]) -> None:
    """Counts per interface and hour; a later count of the same hour stands."""
    rows: dict[str, Row] = {}
    for entry in entries:
        told = entry.fact
        latest(
            rows,
            {
                "id": f"{told.interface}|{told.hour_start}",
                "interface": told.interface,
                "hour_start": told.hour_start,
                "count": told.count,
                "order": entry.order,
            },
        )
    upsert(MirrorHabit, list(rows.values()))
