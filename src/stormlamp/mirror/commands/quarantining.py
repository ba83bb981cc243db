"""`stormlamp quarantine`: what is kept but not understood, from the command line."""

import json
from pathlib import Path
from typing import Annotated

import typer

from stormlamp.kernel.actors import system
from stormlamp.kernel.moments import iso
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import clock
from stormlamp.mirror import actions, queries
from stormlamp.mirror.actions.handing import archive, charset_of, read
from stormlamp.mirror.actions.quarantining import MOST_AT_ONCE
from stormlamp.mirror.presenters.messages import shown
from stormlamp.mirror.queries import quarantining
from stormlamp.mirror.queries.quarantining import Kept
from stormlamp.mirror.rules import Quarantined
from stormlamp.mirror.rules.texts import readable
from stormlamp.mirror.wire import archives
from stormlamp.nodes.queries import home

MOST = 100_000
quarantine = typer.Typer(no_args_is_help=True, help="What is kept but not understood: list, show, read again, export.")

Interface = Annotated[str, typer.Option(help="Only of this interface.")]
Reason = Annotated[str, typer.Option(help="Only for this reason, as `list` prints it.")]
Message = Annotated[str, typer.Option("--type", help="Only of this type, as ADT^A01.")]
Patient = Annotated[str, typer.Option(help="Only of this patient: a number, or AUTHORITY:NUMBER.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Entries = Annotated[list[str] | None, typer.Argument(help="Entries, as `list` prints them.", metavar="[ENTRY...]")]
Every = Annotated[bool, typer.Option("--all", help="Everything that the options find.")]


@quarantine.command("list")
def list_kept(
    interface: Interface = "", reason: Reason = "", message: Message = "", patient: Patient = "", as_json: AsJson = False
) -> None:
    """List what is in quarantine, newest first, with its count.

    Example: stormlamp quarantine list --interface lab --json
    """
    asked = Kept(interface=interface, reason=reason, message=message, patient=patient)
    rows, count = quarantining.kept(asked, limit=1000), quarantining.kept_count(asked)
    if as_json:
        typer.echo(json.dumps({"count": count, "shown": len(rows), "messages": [_told(one) for one in rows]}, ensure_ascii=False))
        return
    typer.echo(f"{count} in quarantine" + (f", {len(rows)} shown" if count > len(rows) else ""))
    for one in rows:
        typer.echo(
            f"{one.entry}  {iso(one.received_at)}  {one.interface}  {one.message or '-'}  {one.state}:"
            f" {readable(one.reason.encode())}"
        )


@quarantine.command("show")
def show_kept(entry: Annotated[str, typer.Argument(help="An entry, as `list` prints it.")], as_json: AsJson = False) -> None:
    """Show one message as it came, control characters as signs.

    Example: stormlamp quarantine show hub-1/feeds:42
    """
    told = queries.message(entry)
    if told is None:
        raise Trouble(f"there is no message {entry}", hint="stormlamp quarantine list prints the entries")
    raw = read(system(home().node), clock.now(), told)
    if as_json:
        text = None if raw is None else readable(raw)
        typer.echo(json.dumps({**_told(told), "place": told.place, "text": text}, ensure_ascii=False))
        return
    seen = None if raw is None else shown(raw, place=told.place, reason=told.reason, charset=charset_of(raw))
    place = f"; fault at {seen.place}" if seen is not None and seen.place else ""
    typer.echo(f"{told.message or 'no type'}, {told.state}: {readable(told.reason.encode())}{place}")
    typer.echo("The content was removed." if raw is None else readable(raw))


@quarantine.command("replay")
def replay(
    entries: Entries = None,
    every: Every = False,
    interface: Interface = "",
    reason: Reason = "",
    message: Message = "",
    patient: Patient = "",
    as_json: AsJson = False,
) -> None:
    """Have messages read again with the reading of today: those named, or --all that the options find.

    Example: stormlamp quarantine replay --all --reason "message type SIU^S12 is not mapped yet"
    """
    keys = _keys(entries, every, Kept(interface=interface, reason=reason, message=message, patient=patient))
    before = len(quarantining.kept_rows(keys))
    by = system(home().node)
    for start in range(0, len(keys), MOST_AT_ONCE):
        actions.replay_quarantine(by, clock.now(), entries=keys[start : start + MOST_AT_ONCE])
    left = len(quarantining.kept_rows(keys))
    if as_json:
        typer.echo(json.dumps({"replayed": before, "understood": before - left, "left": left}))
    else:
        typer.echo(f"{before} read again; {before - left} are understood now, {left} stay in quarantine.")


@quarantine.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", help="A .zip (one file each, and a list) or a .hl7 (all in one).")],
    entries: Entries = None,
    every: Every = False,
    interface: Interface = "",
    reason: Reason = "",
    message: Message = "",
    patient: Patient = "",
) -> None:
    """Write messages as they came into a ZIP with a list, or into one .hl7 file.

    Example: stormlamp quarantine export --all --interface lab --out lab.zip
    """
    keys = _keys(entries, every, Kept(interface=interface, reason=reason, message=message, patient=patient))
    rows, by, at = quarantining.kept_rows(keys), system(home().node), clock.now()
    if out.suffix.lower() == ".hl7":
        told = archives.joined(raw for one in rows if (raw := read(by, at, one)) is not None)
    else:
        told = archive(by, at, rows)
    try:
        out.write_bytes(told)
    except OSError as error:
        raise Trouble(f"cannot write {out}: {error}", hint="choose another place") from error
    typer.echo(f"{len(rows)} messages in {out}")


def _keys(entries: list[str] | None, every: bool, asked: Kept) -> tuple[str, ...]:
    if every or asked.pairs():
        return quarantining.kept_keys(asked, most=MOST)
    if not entries:
        raise typer.BadParameter("name entries, or say --all or an option that chooses")
    return tuple(entries)


def _told(one: Quarantined) -> dict[str, object]:
    return {
        "entry": one.entry,
        "interface": one.interface,
        "received_at": iso(one.received_at),
        "message": one.message,
        "control_id": one.control_id,
        "state": one.state,
        "reason": one.reason,
        "count": one.count,
    }
