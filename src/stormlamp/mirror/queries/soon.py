"""How soon the end of each interface would be noticed if it came now, and by what."""

from collections.abc import Iterable, Mapping
from typing import Any

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.queries import hosts, lines, probes, watch
from stormlamp.mirror.rules import watch_soon as rules
from stormlamp.mirror.rules.settings import ProbeSettings, WatchSettings
from stormlamp.mirror.rules.watch_host import HostJudgement
from stormlamp.mirror.rules.watch_soon import Notice

# A probe that has not been asked for this many of its turns is not asked at all.
MISSED_TURNS = 3


def machine_judgements(now: Moment, settings: WatchSettings, *, speed: float = 1.0) -> dict[str, HostJudgement]:
    """How the machines of each interface stand that are asked for it, by name."""
    places, kept = hosts.places_asked(lines.line_judgements(now, settings, speed=speed), settings), hosts.hosts_kept()
    return {name: hosts.host_judgement(name, mine, kept, now, settings, speed=speed) for name, mine in places.items()}


def notices(
    names: Iterable[str], now: Moment, settings: WatchSettings, asked: Iterable[ProbeSettings], *, speed: float = 1.0
) -> dict[str, tuple[Notice, ...]]:
    """The ways in which the end of each interface would be noticed, the soonest first; none where nobody watches it."""
    seen = watch.seen_by_watch(now, speed=speed)
    if not seen:
        return dict.fromkeys(names, ())
    held = lines.line_judgements(now, settings, speed=speed)
    polls = lines.poll_standings(now, settings, speed=speed)
    machines = machine_judgements(now, settings, speed=speed)
    answering = [one for one in asked if _answers(probes.probes_seen().get(one.name), one, now, speed)]
    return {
        name: rules.soonest_first(
            [
                rules.by_line(held[name][1]) if name in held else None,
                rules.by_machine(machines[name]) if name in machines else None,
                rules.by_poll(*polls[name], limit=settings.line(name).down_after) if name in polls else None,
                _by_silence(seen.get(f"interface|{name}"), settings.limit(name)),
                *(rules.by_probe(one) for one in answering if name in one.interfaces),
            ]
        )
        for name in names
    }


def _answers(told: Mapping[str, Any] | None, probe: ProbeSettings, now: Moment, speed: float) -> bool:
    """Whether a probe is asked, and was answered last."""
    if told is None or told.get("millis") is None:
        return False
    return bool(now - told["at"] <= (MISSED_TURNS * probe.every + rules.SOON) * max(1.0, speed))


def _by_silence(told: Mapping[str, Any] | None, limit: int) -> Notice | None:
    if told is None:
        return None
    return rules.by_silence(told.get("silent_after"), can_tell=bool(told.get("can_tell")), limit=limit)
