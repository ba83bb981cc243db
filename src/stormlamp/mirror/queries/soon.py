"""How soon the end of each interface would be noticed if it came now, and by what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.queries import hosts, lines, probes, watch
from stormlamp.mirror.rules import watch_soon as rules
from stormlamp.mirror.rules.settings import ProbeSettings, WatchSettings
from stormlamp.mirror.rules.watch_host import HostJudgement
from stormlamp.mirror.rules.watch_soon import Notice

# A probe that has not been asked for this many of its turns is not asked at all.
MISSED_TURNS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """The ways in which the end of an interface would be noticed, the soonest first, and how its machines stand (None: not asked).

    No way where nobody watches it.
    """

    ways: tuple[Notice, ...] = ()
    machines: HostJudgement | None = None


def noticed(
    names: Iterable[str], now: Moment, settings: WatchSettings, asked: Iterable[ProbeSettings], *, speed: float = 1.0
) -> dict[str, Noticed]:
    """By what the end of each interface would be noticed."""
    seen, told = watch.seen_by_watch(now, speed=speed), probes.probes_seen()
    if not seen:
        return {name: Noticed() for name in names}
    held, polls = lines.line_judgements(now, settings, speed=speed), lines.poll_standings(now, settings, speed=speed)
    places, kept = hosts.places_asked(held, settings), hosts.hosts_kept()
    answering = [one for one in asked if _answers(told.get(one.name), one, now, speed)]
    found = {}
    for name in names:
        machines = hosts.host_judgement(name, places[name], kept, now, settings, speed=speed) if name in places else None
        ways = [
            rules.by_line(held[name][1]) if name in held else None,
            rules.by_machine(machines) if machines else None,
            rules.by_poll(*polls[name], limit=settings.line(name).down_after) if name in polls else None,
            _by_silence(seen.get(f"interface|{name}"), settings.limit(name)),
            *(rules.by_probe(one) for one in answering if name in one.interfaces),
        ]
        found[name] = Noticed(ways=rules.soonest_first(ways), machines=machines)
    return found


def _answers(told: Mapping[str, Any] | None, probe: ProbeSettings, now: Moment, speed: float) -> bool:
    """Whether a probe is asked, and was answered last."""
    if told is None or told.get("millis") is None:
        return False
    return bool(now - told["at"] <= (MISSED_TURNS * probe.every + rules.SOON) * max(1.0, speed))


def _by_silence(told: Mapping[str, Any] | None, limit: int) -> Notice | None:
    if told is None:
        return None
    return rules.by_silence(told.get("silent_after"), can_tell=bool(told.get("can_tell")), limit=limit)
