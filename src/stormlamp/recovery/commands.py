"""`stormlamp handback`: what the outage wrote goes back to the EHR."""

import json
import threading
from collections import Counter
from collections.abc import Iterable
from typing import Annotated

import typer
from django.conf import settings
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from stormlamp.charts.queries.people import who
from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import clock
from stormlamp.recovery import queries
from stormlamp.recovery.engines.mllp import MllpEhr, place_of
from stormlamp.recovery.engines.turn import turn
from stormlamp.recovery.jobs import Outcome, letter_of, opposed, send_all, would_go
from stormlamp.recovery.mapping import message
from stormlamp.recovery.rules import CLASSES, Held, Item, ItemState

SHOWN = 5
errors = Console(stderr=True)


def handback(
    to: Annotated[str, typer.Option("--to", help="Where the EHR listens: mllp://HOST:PORT.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Send and write nothing; say what would go.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Send what the outage wrote to the EHR, in order, and say in which state each item is. Exit 1 when the EHR does not answer.

    Example: stormlamp handback --home H --to mllp://ehr.example:2575 --dry-run
    """
    _demand_place(to)
    now = clock.now()
    if dry_run:
        _print_dry(queries.plan(now), now, as_json)
        return
    outcome = _sent(to)
    told = as_document(queries.plan(clock.now()))
    if outcome.trouble:
        told |= {"trouble": outcome.trouble}
    typer.echo(json.dumps(told) if as_json else _sentence(told))
    if outcome.trouble:
        errors.print(f"{outcome.trouble}\n{outcome.hint}".strip(), style=None, highlight=False)
        raise typer.Exit(1)


def as_document(plan: Iterable[Item]) -> dict[str, object]:
    """The counts as JSON: one number per state, their sum, and why the items to do are not sent."""
    every = tuple(plan)
    states = Counter(one.standing.state for one in every)
    held = Counter(one.held for one in every if one.held is not None)
    return {
        **{str(state).replace("-", "_"): states[state] for state in ItemState},
        "total": len(every),
        "still_dark": held[Held.DARK],
        "waiting": held[Held.EARLIER],
        "for_a_person": held[Held.PERSON],
    }


def _demand_place(to: str) -> None:
    try:
        place_of(to)
    except Trouble as trouble:
        raise typer.BadParameter(f"{trouble}: {trouble.hint}", param_hint="--to") from trouble


def _sent(to: str) -> Outcome:
    columns = (TextColumn("Handing back"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with turn(settings.HOME.path), MllpEhr(to) as ehr, Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("", total=None)
        return send_all(
            ehr,
            to,
            clock.now,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
            stop=threading.Event(),
        )


def _print_dry(plan: tuple[Item, ...], now: Moment, as_json: bool) -> None:
    going = would_go(plan)
    clashing = [one for one in going if _clashes(one, now)]
    by_class = Counter(one.record_class for one in going)
    told = as_document(plan)
    told |= {"dry_run": True, "would_send": len(going) - len(clashing), "would_conflict": len(clashing)}
    told |= {"by_class": {name: by_class[name] for name in CLASSES}}
    if as_json:
        typer.echo(json.dumps(told))
        return
    typer.echo(_sentence(told))
    typer.echo(f"Would send {told['would_send']} now; {len(clashing)} contradict what the EHR has told.")
    for name in CLASSES:
        typer.echo(f"  {name:<10} {by_class[name]:>6}")
    for one in going[:SHOWN]:
        typer.echo(f"\n{one.what}, {one.author_name}\n{_written_out(one, now)}")


def _written_out(item: Item, now: Moment) -> str:
    try:
        return message(letter_of(item, now)).decode().replace("\r", "\n").rstrip()
    except Trouble as trouble:
        return str(trouble)


def _clashes(item: Item, now: Moment) -> bool:
    if item.standing.state != ItemState.TO_DO:
        return False
    found = who(item.patient, now=now)
    try:
        return opposed(item, letter_of(item, now, found), found) is not None
    except Trouble:
        return False


def _sentence(told: dict[str, object]) -> str:
    return (
        "{total} items: {to_do} to do, {sent} sent without an answer yet, {accepted} accepted, {rejected} rejected, "
        "{conflict} in conflict, {by_hand} by hand. {still_dark} wait for a service that is still away."
    ).format(**told)
