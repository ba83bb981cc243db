"""`stormlamp verdict`: is the hospital back to normal?"""

import json
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings

from stormlamp.kernel.actors import system
from stormlamp.kernel.moments import iso
from stormlamp.ledger import clock
from stormlamp.paper import print_statement
from stormlamp.shell.words import LANGUAGE_NAMES, speaking
from stormlamp.verdict import actions, presenters, queries, rules
from stormlamp.verdict.rules import Answer, Verdict


def verdict(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    check: Annotated[bool, typer.Option(help="Verify the ledger first.")] = True,
    pdf: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write the page there: signed, if the verdict still says what was signed.")
    ] = None,
    language: Annotated[str, typer.Option(help="Language of the page: en, fr, nl or de; the home's by default.")] = "",
) -> None:
    """Say whether patient records are back to normal, with every reason. Verifies the ledger first.

    Example: stormlamp verdict --home H --pdf verdict.pdf
    """
    if language and language not in LANGUAGE_NAMES:
        raise typer.BadParameter(f"{language} is none of {', '.join(LANGUAGE_NAMES)}", param_hint="--language")
    by = system(settings.HOME.node)
    if check:
        actions.check_ledger(by, clock.now())
    now = clock.now()
    told = queries.records_verdict(now)
    signed = queries.signature_that_stands(told)
    if pdf is not None:
        with speaking(language or settings.HOME.language):
            pdf.write_bytes(print_statement(presenters.statement(told, signed, actor=by, now=now)))
    with speaking("en"):  # a terminal speaks English, whatever the home does
        typer.echo(json.dumps(_document(told, signed), ensure_ascii=False) if as_json else _lines(told, signed, pdf))


def _lines(told: Verdict, signed: queries.Signed | None, pdf: Path | None) -> str:
    lines = [f"Patient records: {told.answer.upper()}. {presenters.headline(told)}"]
    for one in told.reasons:
        mark = "+" if one.answer == Answer.YES else "-"
        lines.append(f" {mark} {one.criterion:<22} {one.answer:<12} {presenters.sentence_of(one)}")
    if pdf is not None:
        lines.append(f"{pdf}: " + ("not signed." if signed is None else f"signed by {signed.by}, entry {signed.entry}."))
    return "\n".join(lines)


def _document(told: Verdict, signed: queries.Signed | None) -> dict[str, object]:
    reasons = [
        {
            "criterion": str(one.criterion),
            "answer": str(one.answer),
            "evidence": presenters.sentence_of(one),
            "as_of": iso(one.as_of),
            "owner": str(presenters.OWNERS[one.criterion]),
        }
        for one in told.reasons
    ]
    return {
        "service": told.service,
        "answer": str(told.answer),
        "why": presenters.headline(told),
        "reasons": reasons,
        "signed": None if signed is None else {"by": signed.by, "at": iso(signed.told.at), "entry": signed.entry},
        "reopened": rules.reopened([one.told.answer for one in queries.signed_verdicts()], told.answer),
    }
