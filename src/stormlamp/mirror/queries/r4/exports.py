"""Bulk exports that stand, and what they give."""

import json
from dataclasses import dataclass

from stormlamp.kernel.moments import DAY, Moment, later
from stormlamp.mirror.models import MirrorExport, MirrorExportEnd

LASTS = 7 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportView:
    """An export that somebody asked for. No `types`: every one."""

    export: str
    level: str
    types: tuple[str, ...]
    since: Moment | None
    base: str
    query: str
    at: Moment
    by: str

    @property
    def expires_at(self) -> Moment:
        """When its files are given no more."""
        return later(self.at, by=LASTS)


def export(export_id: str, *, by: str, at: Moment) -> ExportView | None:
    """An export of one's own that still stands."""
    row = MirrorExport.objects.filter(export=export_id, by=by).first()
    if row is None or MirrorExportEnd.objects.filter(export=export_id).exists() or at >= row.at + LASTS:
        return None
    return ExportView(
        export=row.export,
        level=row.level,
        types=tuple(json.loads(row.types)),
        since=None if row.since is None else Moment(row.since),
        base=row.base,
        query=row.query,
        at=Moment(row.at),
        by=row.by,
    )
