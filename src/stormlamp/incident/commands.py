"""`stormlamp outage declare | end | show`."""

import json
from typing import Annotated

import typer
from django.conf import settings

from stormlamp.incident import actions, queries
from stormlamp.incident.forms import known_wards
from stormlamp.incident.rules import SERVICES, OutageKind, OutageView
from stormlamp.kernel.actors import system
from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import Moment, iso, parse_iso, to_datetime
from stormlamp.ledger import clock
from stormlamp.shell.words import hospital_zone

commands = typer.Typer(no_args_is_help=True, help="Declare, end and show outages.")
When = Annotated[str, typer.Option(help="A time such as 2026-01-13T06:32, in the hospital's zone; now when not given.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@commands.command()
def declare(
    kind: Annotated[OutageKind, typer.Option(help="Why, as far as is known.")] = OutageKind.UNKNOWN,
    service: Annotated[list[str] | None, typer.Option(help=f"What is away; repeat it. One of {', '.join(SERVICES)}.")] = None,
    ward: Annotated[list[str] | None, typer.Option(help="Where; repeat it. The whole hospital when not given.")] = None,
    since: When = "",
    reason: Annotated[str, typer.Option(help="In your words.")] = "",
    as_json: AsJson = False,
) -> None:
    """Declare an outage.

    Example: stormlamp outage declare --home H --kind failure --service records --since 06:32
    """
    now = clock.now()
    told = actions.declare_outage(
        system(settings.HOME.node),
        now,
        outage=new_id(),
        kind=kind,
        services=_services(service) or ("records", "medication"),
        wards=_wards(ward),
        since_at=_moment(since, now),
        reason=reason,
    )
    _print(queries.outage(told.outage), now, as_json)


@commands.command()
def end(
    outage: Annotated[str, typer.Option(help="Which one; the only open one when not given.")] = "",
    service: Annotated[list[str] | None, typer.Option(help="What is back; all of it when not given.")] = None,
    ward: Annotated[list[str] | None, typer.Option(help="Where; everywhere when not given.")] = None,
    cut_over: When = "",
    as_json: AsJson = False,
) -> None:
    """End an outage, whole or in part.

    Example: stormlamp outage end --home H --service records --ward 3B
    """
    now = clock.now()
    still = queries.open_outages(now)
    if not outage and len(still) != 1:
        raise typer.BadParameter(f"{len(still)} outages are open: say which with --outage")
    told = actions.end_outage(
        system(settings.HOME.node),
        now,
        outage=outage or still[0].id,
        services=_services(service),
        wards=_wards(ward),
        cut_over_at=_moment(cut_over, now),
    )
    _print(queries.outage(told.outage), now, as_json)


@commands.command()
def show(as_json: AsJson = False) -> None:
    """Show every outage, the newest first.

    Example: stormlamp outage show --home H --json
    """
    now, told = clock.now(), queries.all_outages()
    if as_json:
        typer.echo(json.dumps([as_document(one, now) for one in told]))
    elif not told:
        typer.echo("No outage was ever declared here.")
    else:
        for one in told:
            _print(one, now, False)


def as_document(outage: OutageView, now: Moment) -> dict[str, object]:
    """An outage as JSON."""
    return {
        "outage": outage.id,
        "kind": str(outage.kind),
        "services": outage.services,
        "wards": outage.wards,
        "since": iso(outage.since_at),
        "declared": iso(outage.declared_at),
        "declared_by": outage.declared_by,
        "reason": outage.reason,
        "rehearsal": outage.rehearsal,
        "open": outage.is_open(now),
        "open_services": outage.open_services(now),
        "endings": [
            {"services": one.services, "wards": one.wards, "cut_over": iso(one.cut_over_at), "by": one.ended_by}
            for one in outage.endings
        ],
    }


def _print(outage: OutageView | None, now: Moment, as_json: bool) -> None:
    assert outage is not None
    if as_json:
        typer.echo(json.dumps(as_document(outage, now)))
        return
    where = ", ".join(outage.wards) or "the whole hospital"
    still = ", ".join(outage.open_services(now)) or "nothing; it is over"
    typer.echo(f"{outage.id}  {outage.kind}  since {iso(outage.since_at)}  {where}\n  still away: {still}")


def _services(told: list[str] | None) -> tuple[str, ...]:
    if unknown := [one for one in told or () if one not in SERVICES]:
        raise typer.BadParameter(f"{', '.join(unknown)} is no service; services: {', '.join(SERVICES)}", param_hint="--service")
    return tuple(told or ())


def _wards(told: list[str] | None) -> tuple[str, ...]:
    """The wards as the feeds write them: one mistyped would leave the real one read-only while everybody thinks it may write."""
    known = {ward.casefold(): ward for ward in known_wards()}
    if known and (unknown := [one for one in told or () if one.strip().casefold() not in known]):
        raise typer.BadParameter(f"{', '.join(unknown)} is no ward; wards: {', '.join(known.values())}", param_hint="--ward")
    return tuple(known.get(one.strip().casefold(), one.strip()) for one in told or ())


def _moment(text: str, now: Moment) -> Moment:
    if not text:
        return now
    try:
        if len(text) <= 5 and ":" in text:
            text = f"{_today(now)}T{text.zfill(5)}"
        return parse_iso(text, hospital_zone())
    except ValueError as error:
        raise typer.BadParameter(f"{text} is no time: write it like 2026-01-13T06:32") from error


def _today(now: Moment) -> str:
    """Today in the hospital's zone."""
    return to_datetime(now, hospital_zone()).date().isoformat()
