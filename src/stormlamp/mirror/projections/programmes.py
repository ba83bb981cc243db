"""Lists of programmes that came as files."""

from collections.abc import Sequence

import msgspec

from stormlamp.ledger import Entry, projects, upsert
from stormlamp.mirror.facts import ProgrammeListed
from stormlamp.mirror.models import MirrorProgramme


@projects(ProgrammeListed)
def programmes(entries: Sequence[Entry[ProgrammeListed]]) -> None:
    """The newest list of each programme, day and source."""
    rows = {}
    for entry in sorted(entries, key=lambda one: one.order):
        told = entry.fact
        key = f"{told.programme}|{told.day}|{told.source}"
        rows[key] = {
            "id": key,
            "programme": told.programme,
            "day": told.day,
            "source": told.source,
            "lines": msgspec.json.encode(told.lines),
            "entry": entry.key,
            "order": entry.order,
            "read_at": told.read_at,
        }
    upsert(MirrorProgramme, list(rows.values()))
