"""`stormlamp bundle`: what nodes have to tell each other, carried on a stick."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from stormlamp.nodes.listeners import carrying

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
commands = typer.Typer(help="Carry entries to another node in a file, signed and encrypted: export, import.", no_args_is_help=True)


@commands.command("export", epilog="Example: stormlamp bundle export --home H /media/usb/ward-3b.bundle --to ward-3f9a1c")
def exported(
    file: Annotated[Path, typer.Argument(help="The file to write.", metavar="FILE", show_default=False)],
    to: Annotated[str, typer.Option(help="The node it is for; without it: everything, for any node of this hospital.")] = "",
    whole: Annotated[
        bool, typer.Option("--whole", help="From the first entry on, also of what that node is known to have.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a bundle of what this node holds, which no one but a node of this hospital can open."""
    with _shown("Writing") as moved:
        done = carrying.export_bundle(file, to=to, whole=whole, moved=moved)
    if as_json:
        told = {"entries": done.entries, "left_out": done.left_out, "bytes": done.size, "to": to or None, "unproven": done.unproven}
        typer.echo(json.dumps(told))
    else:
        typer.echo(f"{file}: {done.entries} entries, {done.size:,} bytes, for {to or 'every node of this hospital'}.")
        for origin in done.unproven:
            typer.echo(f"  not all of {origin} is here: make one on the hub as well")


@commands.command("import", epilog="Example: stormlamp bundle import --home H /media/usb/ward-3b.bundle --json")
def imported(
    file: Annotated[Path, typer.Argument(help="The file to read.", metavar="FILE", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Take in a bundle of another node of this hospital. Twice is once; after a cut it goes on where it was."""
    with _shown("Reading") as moved:
        done = carrying.import_bundle(file, moved=moved)
    joined = done.joined
    if as_json:
        told = {
            "entries": joined.taken + joined.filled,
            "new": joined.taken,
            "filled": joined.filled,
            "known": joined.known,
            "from": done.sender,
            "projected": done.projected,
            "refused": joined.refused,
        }
        typer.echo(json.dumps(told))
    else:
        typer.echo(f"From {done.sender}: {joined.taken} entries new, {joined.filled} filled in, {joined.known} known before.")
        for origin, why in joined.refused.items():
            typer.echo(f"  {origin} not taken: {why}")
    raise typer.Exit(1 if joined.refused else 0)


@contextmanager
def _shown(words: str) -> Iterator[carrying.Moved]:
    """A line on standard error that tells how far it is, where somebody watches."""
    console = Console(stderr=True)
    columns = (TextColumn(words), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
