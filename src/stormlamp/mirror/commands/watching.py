"""`stormlamp feeds`: how each interface stands, by what its end would be noticed and how soon, and what is amiss."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from stormlamp.kernel.moments import MINUTE, iso
from stormlamp.ledger import clock
from stormlamp.mirror import queries
from stormlamp.mirror.queries import soon
from stormlamp.mirror.queries import watch as seen
from stormlamp.mirror.rules.alarms import Alarm
from stormlamp.mirror.rules.feeds import FeedRow
from stormlamp.mirror.rules.settings import alarm_settings, probe_settings, watch_settings
from stormlamp.mirror.rules.watch_host import NOT_ALLOWED, HostJudgement
from stormlamp.mirror.rules.watch_soon import SOON
from stormlamp.nodes.queries import home

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Feed = dict[str, Any]


def feeds(
    as_json: AsJson = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 when something is amiss, such as a late interface.")] = False,
) -> None:
    """How each interface stands, by what its end would be noticed if it came now, how soon, and what is amiss.

    Example: stormlamp feeds --check --home H
    """
    now, speed, options = clock.now(), clock.clock().factor, home().options
    settings, rows = watch_settings(options), queries.feed_board(now)
    told = seen.seen_by_watch(now, speed=speed)
    noticed = soon.noticed([one.interface for one in rows], now, settings, probe_settings(options), speed=speed)
    alarms = queries.open_alarms()
    found = [_feed(one, told, noticed[one.interface], alarms) for one in rows]
    wrong = amiss(found, bool(told), options)
    if as_json:
        typer.echo(json.dumps({"watching": bool(told), "feeds": found, "amiss": wrong}, ensure_ascii=False))
    else:
        for one in found:
            typer.echo(_line(one))
        for words in wrong or ["Nothing is amiss."]:
            typer.echo(words)
    raise typer.Exit(1 if check and wrong else 0)


def _feed(row: FeedRow, told: Mapping[str, Any], noticed: soon.Noticed, alarms: Sequence[Alarm]) -> Feed:
    ways, machines = noticed.ways, noticed.machines
    watched = told.get(f"interface|{row.interface}")
    return {
        "interface": row.interface,
        "last_at": iso(row.last_at),
        "quarantined": row.quarantined,
        "standing": watched["judgement"]["standing"] if watched else "not-watched",
        "alarms": [one.kind.value for one in alarms if row.interface in one.interfaces],
        "machines": None if machines is None else _machines(machines),
        "noticed": [{"by": one.way.value, "name": one.name, "within_minutes": one.minutes} for one in ways] if watched else [],
        "soon": bool(ways) and ways[0].soon if watched else None,
    }


def _machines(told: HostJudgement) -> dict[str, object]:
    answered = iso(told.answered_at) if told.answered_at else None
    return {"addresses": list(told.machines), "standing": told.standing.value, "answered_at": answered, "why": told.why}


def _line(one: Feed) -> str:
    noticed = ", ".join(f"{way['by']} {way['name']}".strip() + f" {way['within_minutes']} min" for way in one["noticed"])
    said = "not watched" if one["soon"] is None else f"its end would be noticed by: {noticed or 'cannot tell'}"
    return f"{one['interface']}  last {one['last_at']}  {one['standing']}  {one['quarantined']} in quarantine  {said}" + (
        f"  ALARM: {', '.join(one['alarms'])}" if one["alarms"] else ""
    )


def amiss(found: Sequence[Feed], watching: bool, options: Mapping[str, Any]) -> list[str]:
    """What somebody who makes the node ready has to see to, in words."""
    if not watching:
        return ["Nobody watches the feeds: the watch is a part of stormlamp up."]
    named, alarms = {one["interface"] for one in found}, alarm_settings(options)
    wrong = [
        f"Nothing would notice within {SOON // MINUTE} minutes that {one['interface']} has ended: give it a probe"
        f' ([probes.NAME] with interfaces = ["{one["interface"]}"]), or let its sender keep its line open.'
        for one in found
        if one["soon"] is False
    ]
    wrong += [f"Nothing ever came from {name}, which home.toml names." for name in _named(options) if name not in named]
    if any(one["machines"] and one["machines"]["why"] == NOT_ALLOWED for one in found):
        wrong.append(
            'Machines cannot be asked: this system does not allow ICMP echo. Allow it (sysctl net.ipv4.ping_group_range="0'
            ' 2147483647"), or name a TCP port in [watch.NAME].'
        )
    for probe in probe_settings(options):
        wrong += [
            f"[probes.{probe.name}] speaks for {one}, of which nothing ever came." for one in probe.interfaces if one not in named
        ]
    if alarms.outside and not alarms.urls:
        wrong.append("Nobody is told of alarms: home.toml names no address in [alarms].")
    return wrong


def _named(options: Mapping[str, Any]) -> list[str]:
    """The interfaces that home.toml names."""
    sections = (options.get(kind, {}) for kind in ("mllp", "fhir"))
    return sorted(name for told in sections for name, one in told.items() if isinstance(one, Mapping))
