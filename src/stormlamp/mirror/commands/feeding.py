"""`stormlamp feed`: HL7 v2 and FHIR R4 from files and folders."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from stormlamp.ledger import clock
from stormlamp.mirror import actions
from stormlamp.mirror.rules import FeedCount


def feed(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders; a folder is read whole.", metavar="PATH...")],
    interface: Annotated[str, typer.Option(help="The name under which the board shows these messages.")] = "files",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Read HL7 v2 and FHIR R4 from files and folders. Reading the same again stores nothing twice.

    Example: stormlamp feed --home H adt.hl7 exports/ --json
    """
    with Progress(
        TextColumn("Reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task("", total=None)
        count = actions.feed_paths(
            paths, interface=interface, at=clock.now(), progress=lambda done, total: bar.update(task, completed=done, total=total)
        )
    if as_json:
        typer.echo(json.dumps(as_document(count), ensure_ascii=False))
    else:
        _print(count)


def as_document(count: FeedCount) -> dict[str, object]:
    """A count as JSON."""
    return {
        "received": count.received,
        "understood": count.understood,
        "not_understood": count.not_understood,
        "broken": count.broken,
        "by_type": count.by_type,
        "reasons": count.reasons,
        "files": count.files,
        "envelopes": count.envelopes,
        "passed_over": count.passed_over,
    }


def _print(count: FeedCount) -> None:
    share = 100 * count.understood / count.received if count.received else 0
    typer.echo(f"{count.received} messages and resources in {count.files} files, all of them kept.")
    typer.echo(f"  {count.understood} understood ({share:.1f} %), {count.not_understood} not understood, {count.broken} broken")
    for reason, size in sorted(count.reasons.items(), key=lambda one: (-one[1], one[0])):
        typer.echo(f"  {size:>8}  {reason}")
    for path, reason in sorted(count.passed_over.items()):
        typer.echo(f"  passed over: {path} ({reason})")
