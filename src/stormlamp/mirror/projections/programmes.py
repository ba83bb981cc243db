"""Lists of programmes that came as files."""

from collections.abc import Sequence

import msgspec

from stormlamp.ledger import Entry, insert_new, projects, upsert
from stormlamp.mirror.facts import ProgrammeListed
from stormlamp.mirror.models import MirrorAbout, MirrorProgramme
from stormlamp.mirror.rules.abouts import about_row, list_key, number_key


@projects(ProgrammeListed)
def programmes(entries: Sequence[Entry[ProgrammeListed]]) -> None:
    """The newest list of each programme, day and source, and every number that any of its lists ever named.

    Who was taken off a list has to be told so too: hence numbers stay with the list, not with the file.
    """
    rows, named = {}, {}
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
        for line in told.lines:
            if line.number:
                about = about_row(list_key(told.programme, told.day, told.source), number_key(line.number))
                named[about["id"]] = about
    insert_new(MirrorAbout, list(named.values()))
    upsert(MirrorProgramme, list(rows.values()))
