"""`stormlamp fhir-export-from`, `poll` and `fhir-key`: reading from FHIR servers."""

import json
import threading
from pathlib import Path
from typing import Annotated

import typer

from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import clock
from stormlamp.mirror.actions.feeding import feed_resources
from stormlamp.mirror.commands.feeding import as_document
from stormlamp.mirror.engines.exports import Export, ExportFile
from stormlamp.mirror.engines.keys import client_key
from stormlamp.mirror.engines.progress import Progress
from stormlamp.mirror.engines.servers import Server
from stormlamp.mirror.listeners.polling import CHANNEL, Poller, polled
from stormlamp.mirror.rules import FeedCount
from stormlamp.mirror.rules.servers import ALGORITHMS, FhirServer, server_of
from stormlamp.mirror.wire.smart import public_jwk
from stormlamp.nodes.queries import home

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def fhir_export_from(
    url: Annotated[str, typer.Argument(help="Base address of the server, or the NAME of a section [fhir.NAME] of home.toml.")],
    interface: Annotated[str, typer.Option(help="The name under which the board shows these resources.")] = "",
    scope: Annotated[str, typer.Option(help="All of it (leave it out), Patient, or Group/ID.")] = "",
    types: Annotated[str, typer.Option(help="Only these resource types, with commas between.")] = "",
    since: Annotated[
        str, typer.Option(help="Only what changed since: 2026-01-13T00:00:00Z, or last (the last whole export).")
    ] = "",
    client_id: Annotated[str, typer.Option(help="Sign in as this client (SMART Backend Services).")] = "",
    token_url: Annotated[str, typer.Option(help="Where tokens are given, if the server does not say.")] = "",
    algorithm: Annotated[str, typer.Option(help=f"How to sign: {' or '.join(ALGORITHMS)}.")] = "ES384",
    as_json: AsJson = False,
) -> None:
    """Read everything from a FHIR R4 server by bulk export. If it is stopped, run it again: it goes on where it was.

    Example: stormlamp fhir-export-from https://ehr.example/fhir --client-id stormlamp --interface ehr
    """
    told = _server(url, {"client_id": client_id, "token_url": token_url, "algorithm": algorithm}, interface)
    node = home()
    server = Server(told, client_key(node, told.algorithm) if told.client_id else None, now=clock.now, stop=threading.Event())
    progress = Progress(node.path / "fhir", "export", told.name, told.url, scope, types)
    export = Export(server, progress, said=lambda words: typer.echo(words, err=True))
    count = FeedCount()
    try:
        for file in export.files(
            scope=scope, types=types.split(",") if types else (), since=export.last if since == "last" else since
        ):
            count = _read(server, file, told.name, count)
            export.finish(file)
        export.end()
    finally:
        server.close()
    if as_json:
        typer.echo(json.dumps(as_document(count), ensure_ascii=False))
    else:
        typer.echo(f"{count.received} resources, all of them kept: {count.understood} understood.")
        for reason, size in sorted(count.reasons.items(), key=lambda one: (-one[1], one[0])):
            typer.echo(f"  {size:>8}  {reason}")


def poll(
    name: Annotated[str, typer.Argument(help="The NAME of a section [fhir.NAME] of home.toml; every one when left out.")] = "",
    as_json: AsJson = False,
) -> None:
    """Ask the FHIR servers of home.toml once for what is new. `stormlamp up` does so all the time.

    Example: stormlamp poll ehr --json
    """
    node = home()
    servers = [told for told in polled(node) if name in ("", told.name)]
    if not servers:
        raise Trouble(f"home.toml has no section [fhir.{name or 'NAME'}]", hint="docs/reference/settings.md has its options")
    counts = {}
    for told in servers:
        poller = Poller(node, told, threading.Event())
        try:
            counts[told.name] = poller.ask()
        finally:
            poller.close()
    if as_json:
        typer.echo(json.dumps({one: as_document(count) for one, count in counts.items()}, ensure_ascii=False))
    else:
        for one, count in counts.items():
            typer.echo(f"{one}: {count.received} resources, {count.understood} understood")


def fhir_key(
    algorithm: Annotated[str, typer.Option(help=f"{' or '.join(ALGORITHMS)}.")] = "ES384",
    out: Annotated[Path | None, typer.Option(help="Write it into this file.")] = None,
) -> None:
    """Print this node's public key (JWKS), to register at FHIR servers that it signs in to.

    Example: stormlamp fhir-key --home H > stormlamp.jwks.json
    """
    text = json.dumps({"keys": [public_jwk(client_key(home(), algorithm))]}, indent=2)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")


def _server(url: str, told: dict[str, str], interface: str) -> FhirServer:
    """The server of home.toml by that name, else the one at that address."""
    named = next((one for one in polled(home()) if one.name == url), None)
    if named is not None:
        return named
    try:
        return server_of(interface or "fhir", {"url": url, **told})
    except ValueError as error:
        raise Trouble(
            str(error).replace(f"[fhir.{interface or 'fhir'}] ", ""), hint="give the base address of a FHIR server"
        ) from error


def _read(server: Server, file: ExportFile, interface: str, count: FeedCount) -> FeedCount:
    """One file into the ledger, line by line."""
    typer.echo(f"reading {file.type or file.kind}", err=True)
    lines = server.lines(file.url, signed_in=file.signed_in)
    return feed_resources(lines, interface=interface, channel=CHANNEL, at=clock.now(), before=count)
