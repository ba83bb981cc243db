"""`stormlamp programme`: a department's list for a day, shown or read from a file."""

import datetime as dt
import json
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from stormlamp.kernel.actors import system
from stormlamp.kernel.moments import Moment, iso, moment, to_datetime
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import clock
from stormlamp.mirror import actions, queries
from stormlamp.mirror.rules import Programme, Slot
from stormlamp.nodes.queries import home


def programme(
    which: Annotated[Programme, typer.Argument(help="Which list.", metavar="LIST")],
    file: Annotated[Path | None, typer.Argument(help="Read this CSV as the day's list first.", metavar="[FILE]")] = None,
    day: Annotated[str, typer.Option(help="The day, 2026-01-13; today when not given.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show who is on a list for a day: theatre, chemotherapy, radiotherapy, dialysis or infusion. With FILE, read it first.

    Example: stormlamp programme dialysis slots.csv --home H --day 2026-01-13
    """
    now, zone = clock.now(), ZoneInfo(home().zone)
    try:
        on = dt.date.fromisoformat(day) if day else to_datetime(now, zone).date()
    except ValueError:
        raise typer.BadParameter(f"{day} is no day: write it as 2026-01-13") from None
    if file is not None:
        try:
            raw = file.read_bytes()
        except OSError as fault:
            raise Trouble(f"{file} cannot be read: {fault.strerror}", hint="name a CSV file") from fault
        actions.read_programme(system(home().node), now, programme=which, day=on, source=file.name, raw=raw)
    found = queries.slots(
        which, day=on.isoformat(), from_at=_midnight(on, zone), until_at=_midnight(on + dt.timedelta(days=1), zone)
    )
    if as_json:
        typer.echo(json.dumps([_as_document(slot) for slot in found], ensure_ascii=False))
        return
    for slot in found:
        at = to_datetime(slot.starts_at, zone).strftime("%H:%M") if slot.starts_at is not None else "--:--"
        course = " ".join(
            filter(None, (slot.cycle and f"cycle {slot.cycle}", slot.fraction and f"fraction {slot.fraction}", slot.dose))
        )
        who = (queries.person(slot.patient) if slot.patient else None) or None
        name = f"{who.family} {who.given} ({who.number})" if who else f"{slot.name} ({slot.number}, not in the mirror)"
        typer.echo("  ".join(filter(None, (at, slot.place, name, slot.what, course, slot.status, slot.fault))))
    typer.echo(f"{len(found)} in all")


def _midnight(day: dt.date, zone: ZoneInfo) -> Moment:
    return moment(dt.datetime.combine(day, dt.time(), zone))


def _as_document(slot: Slot) -> dict[str, object]:
    return {
        "patient": slot.patient,
        "number": slot.number,
        "starts_at": iso(slot.starts_at) if slot.starts_at is not None else None,
        "ends_at": iso(slot.ends_at) if slot.ends_at is not None else None,
        "place": slot.place,
        "what": slot.what,
        "cycle": slot.cycle,
        "fraction": slot.fraction,
        "dose": slot.dose,
        "staff": list(slot.staff),
        "status": slot.status,
        "source": slot.file or (slot.source.interface if slot.source else ""),
        "fault": slot.fault,
    }
