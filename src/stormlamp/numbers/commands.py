"""`stormlamp numbers`: print labels, read a number, number in a fresh block."""

import json
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings

from stormlamp.kernel.actors import system
from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import iso
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import clock
from stormlamp.numbers import actions, presenters, queries
from stormlamp.numbers.rules import NumberKind, numbers_from
from stormlamp.paper import print_labels
from stormlamp.shell.words import LANGUAGE_NAMES, speaking

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
commands = typer.Typer(help="Give out numbers that no other node gives, and print them on labels; or read one.")


@commands.callback(invoke_without_command=True)
def numbers(
    context: typer.Context,
    kind: Annotated[NumberKind | None, typer.Option(help="What the numbers name.")] = None,
    count: Annotated[int, typer.Option(help="How many; 24 fill a page.")] = 24,
    ward: Annotated[str, typer.Option(help="For which ward.")] = "",
    pdf: Annotated[Path | None, typer.Option("--pdf", dir_okay=False, help="Write labels for A4 there, three by eight.")] = None,
    language: Annotated[str, typer.Option(help="Language of the labels: en, fr, nl or de; the home's by default.")] = "",
    as_json: AsJson = False,
) -> None:
    """Give out numbers, then print them.

    Example: stormlamp numbers --home H --kind specimen --count 24 --ward 3B --pdf labels.pdf
    """
    if context.invoked_subcommand is not None:
        return
    if kind is None:
        raise typer.BadParameter(f"say what for: {', '.join(NumberKind)}", param_hint="--kind")
    if language and language not in LANGUAGE_NAMES:
        raise typer.BadParameter(f"{language} is none of {', '.join(LANGUAGE_NAMES)}", param_hint="--language")
    by, now, key = system(settings.HOME.node), clock.now(), new_id()
    actions.allot_numbers(by, now, allotment=key, kind=kind, count=count, ward=ward)
    out = queries.allotment(key)
    assert out is not None
    if pdf is not None:
        with speaking(language or settings.HOME.language):
            _write(pdf, print_labels(presenters.label_sheet(out, by, now)))
    texts = list(numbers_from(out.kind, out.block, out.first, out.count, exercise=out.exercise))
    typer.echo(json.dumps({"kind": str(kind), "ward": out.ward, "numbers": texts}) if as_json else "\n".join(texts))


@commands.command("read")
def read(number: Annotated[str, typer.Argument(help="As it was typed or scanned.")], as_json: AsJson = False) -> None:
    """Say what a number names, whose it is, when it went out and what it stands on.

    Example: stormlamp numbers read --home H S-0C7-4F2K1-V
    """
    told = queries.told(actions.checked(number))
    doubts = actions.doubts_of(told.number)
    if as_json:
        document = {
            "number": told.number.text,
            "kind": str(told.number.kind),
            "node": told.node,
            "allotted": [{"at": iso(one.at), "ward": one.ward, "why": one.why, "by": one.by_name} for one in told.allotments],
            "used": [{"at": iso(one.at), "what": one.what, "by": one.by_name} for one in told.uses],
            "doubts": list(doubts),
        }
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    with speaking("en"):  # a terminal speaks English, whatever the home does
        typer.echo(f"{told.number.text}: {presenters.kind_word(told)}, numbers of {presenters.node_word(told)}")
        for out in told.allotments:
            typer.echo(f"  given out {iso(out.at)} by {out.by_name}: {presenters.WHY.get(out.why, out.why)} {out.ward}".rstrip())
        for use in told.uses:
            typer.echo(f"  stands on {use.what}, said {iso(use.at)} by {use.by_name}")
        for doubt in doubts:
            typer.echo(f"! {presenters.DOUBTS[doubt]}")


@commands.command("fresh-block")
def fresh_block(
    reason: Annotated[str, typer.Option(help="Why: restored from a copy, or copied to another machine.")],
) -> None:
    """Number in a fresh block from here on. Do this first on a node that was restored from a copy or copied.

    Example: stormlamp numbers fresh-block --home H --reason "restored from last night's backup"
    """
    told = actions.take_block(system(settings.HOME.node), clock.now(), reason=reason)
    typer.echo(f"Block {told.block}: numbers from here on begin anew.")


def _write(place: Path, content: bytes) -> None:
    try:
        place.write_bytes(content)
    except OSError as error:
        raise Trouble(
            f"{place} cannot be written: {error}", hint="choose another folder; these numbers are out all the same"
        ) from error
