"""`stormlamp map` and `stormlamp feed-coverage`: the mapping by itself; nothing is stored."""

import json
import zoneinfo
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from stormlamp.kernel.refusals import Trouble
from stormlamp.mirror.mapping import coverage
from stormlamp.mirror.mapping.to_v2 import to_messages
from stormlamp.mirror.mapping.v2 import to_bundle
from stormlamp.mirror.wire import fhir, files
from stormlamp.mirror.wire.hl7 import Broken, Message

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def map_files(
    paths: Annotated[list[Path], typer.Argument(help="HL7 v2 files and R4 bundles.", metavar="FILE...")],
    out: Annotated[Path, typer.Option(help="The folder that the results are written to.")],
    zone: Annotated[str, typer.Option(help="Where times without an offset are read.")] = "Europe/Brussels",
    as_json: AsJson = False,
) -> None:
    """Turn HL7 v2 messages into R4 bundles (NAME.json) and R4 bundles into HL7 v2 (NAME.hl7). Nothing is stored.

    Example: stormlamp map admit.hl7 --out bundles/
    """
    try:
        where = zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise typer.BadParameter(f"{zone} is no time zone: write it as Europe/Brussels") from None
    out.mkdir(parents=True, exist_ok=True)
    written, refused, taken = {}, {}, set[str]()
    for path in paths:
        try:
            target = out / _mapped(path, out, where, taken)
            written[str(path)] = str(target)
        except Broken as fault:
            refused[str(path)] = fault.reason
        except OSError as fault:
            raise Trouble(f"{path} cannot be read: {fault.strerror}", hint="name files of HL7 v2 or FHIR R4") from fault
    if as_json:
        typer.echo(json.dumps({"written": written, "refused": refused}))
    else:
        typer.echo(f"{len(written)} of {len(paths)} files mapped into {out}")
        for name, reason in refused.items():
            typer.echo(f"  {name}: {reason}")
    if refused:
        raise typer.Exit(1)


def _mapped(path: Path, out: Path, where: zoneinfo.ZoneInfo, taken: set[str]) -> str:
    """Write what a file maps to; gives the name of the result. Several messages in a file are numbered."""
    raw, name = path.read_bytes(), path.name.removesuffix(".json").removesuffix(".fhir").removesuffix(".hl7")
    if files.looks_like_json(raw):
        _write(out, f"{name}.hl7", to_messages(fhir.decode(fhir.utf8(raw))), taken)
        return f"{name}.hl7"
    pieces = [piece.raw for piece in files.split(raw) if piece.kind is files.PieceKind.MESSAGE]
    if not pieces:
        Message(raw)
        raise Broken("no-header")
    for number, piece in enumerate(pieces):
        bundle = to_bundle(Message(piece), zone=where)
        written = f"{name}.json" if number == 0 else f"{name}-{number + 1}.json"
        _write(out, written, json.dumps(bundle, ensure_ascii=False, indent=1).encode(), taken)
    return f"{name}.json"


def _write(out: Path, name: str, raw: bytes, taken: set[str]) -> None:
    """A result never takes the place of another of the same run: two folders may hold files of one name."""
    if name in taken:
        raise Broken(f"{name} was written from another file already: map it into another folder")
    taken.add(name)
    (out / name).write_bytes(raw)


def feed_coverage(as_json: AsJson = False) -> None:
    """Prove the mapping against the v2-to-FHIR guide: a value of its own in each mapped field must surface where the guide says.

    Example: stormlamp feed-coverage --json
    """
    with Progress(TextColumn("Proving"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        found = coverage.prove(progress=lambda done, total: bar.update(task, completed=done, total=total))
    if as_json:
        document = {"fields": found.fields, "covered": found.covered, "share": round(found.share, 4), "missing": found.missing}
        typer.echo(json.dumps({**document, "lines": found.lines, "lines_met": found.met}, ensure_ascii=False))
        return
    typer.echo(f"{found.covered} of {found.fields} fields that the guide maps surface where it says ({100 * found.share:.1f} %);")
    typer.echo(f"{found.met} of its {found.lines} lines are met.")
    for name, reason in found.missing.items():
        typer.echo(f"  {name}: {reason}")
