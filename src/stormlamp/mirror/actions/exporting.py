"""Bulk export over FHIR: asking for the files and giving them up. The asking is on record as one fact: it is about everybody."""

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import act
from stormlamp.mirror.facts import ExportDeleted, ExportRequested


@act("mirror.request_export", needs="fhir.export")
def request_export(
    by: Actor, at: Moment, *, export: str, level: str, types: tuple[str, ...], since: Moment | None, base: str, query: str
) -> ExportRequested:
    """Ask for everybody's resources as files. They are written from the tables while they are fetched: none lies on a disk."""
    return ExportRequested(export=export, level=level, types=types, since=since, base=base, query=query)


@act("mirror.delete_export", needs="fhir.export")
def delete_export(by: Actor, at: Moment, *, export: str) -> ExportDeleted:
    """Give the files of an export no more."""
    return ExportDeleted(export=export)
