"""Bulk exports that were asked for, to rows."""

import json
from collections.abc import Sequence

from stormlamp.ledger import Entry, insert_new, projects, upsert
from stormlamp.mirror.facts import ExportDeleted, ExportRequested
from stormlamp.mirror.models import MirrorExport, MirrorExportEnd


@projects(ExportRequested)
def exports(entries: Sequence[Entry[ExportRequested]]) -> None:
    """Exports as they were asked for."""
    rows = [
        {
            "export": entry.fact.export,
            "level": entry.fact.level,
            "types": json.dumps(list(entry.fact.types)),
            "since": entry.fact.since,
            "base": entry.fact.base,
            "query": entry.fact.query,
            "at": entry.at,
            "by": entry.actor,
            "order": entry.order,
        }
        for entry in entries
    ]
    upsert(MirrorExport, rows)


@projects(ExportDeleted)
def export_ends(entries: Sequence[Entry[ExportDeleted]]) -> None:
    """Exports that are given up."""
    insert_new(MirrorExportEnd, [{"entry": one.key, "export": one.fact.export, "at": one.at} for one in entries])
