"""The command line, composed of the rooms' commands."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from django.conf import settings
from django.db import connection
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from typer.core import TyperCommand

from stormlamp import __version__
from stormlamp.charts import commands as charts
from stormlamp.drills import commands as drills
from stormlamp.faces import listeners
from stormlamp.incident import commands as incident
from stormlamp.ledger import clock, rebuilding, verifying
from stormlamp.mirror import commands as mirror
from stormlamp.nodes.commands import carrying
from stormlamp.nodes.commands import joining as node
from stormlamp.nodes.commands import listing as nodes
from stormlamp.numbers import commands as numbers
from stormlamp.people import commands as people
from stormlamp.recovery import commands as recovery
from stormlamp.verdict import commands as verdict_commands

EPILOG = "Exit codes: 0 done, 1 trouble, 2 usage, 3 refused."
HOME = (
    ("--home DIR", "The node's home, wherever on the line; STORMLAMP_HOME when not given."),
    ("--key-file FILE", "The file of the home's key; where `init` put it when not given."),
)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Keeps a hospital caring for its patients while its IT is dark, and proves when it is back to normal.",
    epilog=EPILOG,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(incident.commands, name="outage")
app.add_typer(people.commands, name="people")
app.add_typer(nodes.commands, name="nodes")
app.add_typer(numbers.commands, name="numbers")
app.add_typer(carrying.commands, name="bundle")
app.add_typer(people.tokens, name="token")
app.add_typer(mirror.quarantine, name="quarantine")
app.command()(mirror.feed)
app.command()(mirror.feeds)
app.command("map")(mirror.map_files)
app.command()(mirror.feed_coverage)
app.command()(mirror.programme)
app.command()(mirror.fhir_export_from)
app.command()(mirror.fhir_key)
app.command()(mirror.poll)
app.command()(nodes.sync)
app.command()(drills.demo)
for _command in (charts.patients, charts.chart, charts.census, charts.pack, recovery.handback, verdict_commands.verdict):
    app.command()(_command)
errors = Console(stderr=True)


@app.callback(invoke_without_command=True)
def version(show: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Stormlamp."""
    if show:
        typer.echo(f"stormlamp {__version__}")
        raise typer.Exit


@app.command()
def init(
    role: node.Role = "hub",
    hospital: node.Hospital = "Hospital",
    authority: node.Authority = "STORMLAMP",
    language: node.Language = "en",
    zone: node.Zone = "Europe/Brussels",
    web: node.Web = node.WEB,
    mllp: node.Mllp = node.MLLP,
    listen: node.Listen = "",
    join: node.Code = "",
    hub: node.HubUrl = "",
) -> None:
    """Make a node's home: keys, ledger, tables. Asks nothing; prints a one-time sign-in link for the first administrator.

    Example: stormlamp init --home /var/lib/stormlamp --role hub --hospital "General Hospital"
    """
    del (
        role,
        hospital,
        authority,
        language,
        zone,
        web,
        mllp,
        listen,
        join,
        hub,
    )  # the home was made with them before the framework started
    listeners.prepare_tables()
    place = settings.HOME.options.get("web", {})
    typer.echo(f"{settings.HOME.path} is a home now: node {settings.HOME.node}.")
    typer.echo(f"Start it:           stormlamp up --home {settings.HOME.path}")
    if settings.HOME.hub is not None:
        typer.echo(f"It belongs to {settings.HOME.hospital} and has its staff and patients as soon as it has met the hub.")
        return
    link = people.first_link(clock.now())
    typer.echo(f"First sign-in, once: http://{place.get('host')}:{place.get('port')}{link}")


@app.command()
def up() -> None:
    """Start web, feed listeners and couriers; prints the address when ready and runs until stopped.

    Example: stormlamp up --home /var/lib/stormlamp
    """
    listeners.run_until_stopped(say=typer.echo)


@app.command(hidden=True)
def serve(part: str) -> None:
    """One of the processes of `up`."""
    listeners.serve(part)


@app.command()
def verify(as_json: AsJson = False) -> None:
    """Check every entry, digest, link and signature of the ledger; exit 1 when something is wrong.

    Example: stormlamp verify --home H --json
    """
    with _progress("Verifying") as moved:
        report = verifying.verify(progress=moved)
    if as_json:
        faults = [{"entry": fault.entry, "reason": fault.reason} for fault in report.faults]
        typer.echo(json.dumps({"ok": report.ok, "entries": report.entries, "faults": faults, "origins": report.origins}))
    else:
        typer.echo(f"{report.entries} entries: " + ("every one is as it was written." if report.ok else "NOT as written:"))
        for fault in report.faults[:50]:
            typer.echo(f"  {fault.entry}: {fault.reason}")
    raise typer.Exit(0 if report.ok else 1)


@app.command()
def rebuild(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; say whether the tables are what the ledger makes.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make every table again from the ledger. With --check: do so on a copy, and exit 1 when they differ.

    Example: stormlamp rebuild --home H --check --json
    """
    if not check:
        with _progress("Rebuilding") as moved:
            done = rebuilding.rebuild(progress=moved)
        typer.echo(json.dumps({"entries": done}) if as_json else f"{done} entries replayed.")
        return
    with _progress("Rebuilding a copy"), tempfile.TemporaryDirectory(dir=settings.HOME.path, prefix="check-") as scratch:
        found = _differences_of_a_copy(Path(scratch) / "copy.db")
    if as_json:
        told = [{"table": one.table, "side": one.side, "row": one.row} for one in found]
        typer.echo(json.dumps({"equal": not found, "differences": told}))
    else:
        typer.echo("The tables are what the ledger makes." if not found else "The tables differ from what the ledger makes:")
        for one in found:
            typer.echo(f"  {one.table} ({one.side}): {one.row}")
    raise typer.Exit(0 if not found else 1)


class Explained(TyperCommand):
    """A command whose help also tells of the options that are taken out before it runs."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The command's own options, then the home's."""
        super().format_options(ctx, formatter)
        with formatter.section("Home"):
            formatter.write_dl(list(HOME))


def _explain(group: typer.Typer) -> None:
    for command in group.registered_commands:
        command.cls, command.epilog = Explained, command.epilog or EPILOG
    for below in group.registered_groups:
        if below.typer_instance is not None:
            _explain(below.typer_instance)


def _differences_of_a_copy(copy: Path) -> list[rebuilding.Difference]:
    connection.ensure_connection()  # a database that is gone or damaged is told before anything is measured
    if shutil.disk_usage(copy.parent).free < 3 * Path(settings.DATABASE_FILE).stat().st_size:
        errors.print("There may be too little free space for the copy; going on.")
    rebuilding.snapshot(copy)
    connection.close()
    living = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = str(copy)
    try:
        return rebuilding.differences()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = living


class _progress:  # noqa: N801 - reads as a verb where it is used
    """A line on standard error that counts entries, where somebody watches."""

    def __init__(self, words: str) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,.0f}"), TimeElapsedColumn())
        self.line = Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)
        self.task = self.line.add_task(words, total=None)

    def __enter__(self):  # type: ignore[no-untyped-def]
        self.line.start()
        return lambda done: self.line.update(self.task, completed=done)

    def __exit__(self, *_: object) -> None:
        self.line.stop()


_explain(app)
