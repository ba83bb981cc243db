"""What home.toml says about the watch, the probes and whom to tell, read into values; what is not sound is named, not guessed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stormlamp.kernel.moments import MINUTE, SECOND
from stormlamp.mirror.rules.watch_line import Holding, LineLimits

SILENT_AFTER = 60 * MINUTE
LINE_AFTER = 2 * MINUTE
OLD_AFTER = 5 * MINUTE
PROBE_EVERY = 60 * SECOND
PROBE_WITHIN = 10.0
CALLED, CALLING = "ANY-SCP", "STORMLAMP"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSettings:
    """`[watch]` and `[watch.NAME]`. Limits in microseconds: how long an interface may be quiet while its habit cannot tell.

    `limited`: whether somebody set the limit for all; `interfaces`: limits of their own. `lines`: how long each line may be down,
    and how it is used where that is told; `line_after` for all others. `echo`: whether machines that send are asked whether they
    are there; `unasked`: interfaces whose are not; `ports`: interfaces whose are asked by connecting to this TCP port.
    """

    silent_after: int = SILENT_AFTER
    limited: bool = False
    interfaces: Mapping[str, int]
    ignored: frozenset[str] = frozenset()
    holidays: str = "BE"
    line_after: int = LINE_AFTER
    lines: Mapping[str, LineLimits] = field(default_factory=dict)
    echo: bool = True
    unasked: frozenset[str] = frozenset()
    ports: Mapping[str, int] = field(default_factory=dict)

    def limit(self, interface: str) -> int:
        """The plain limit of an interface."""
        return self.interfaces.get(interface, self.silent_after)

    def line(self, interface: str) -> LineLimits:
        """How long the line of an interface may be down, and how it is used where that is told."""
        return self.lines.get(interface, LineLimits(down_after=self.line_after))

    def port(self, interface: str) -> int | None:
        """How the machines of an interface are asked: at this TCP port, 0: by ICMP echo, None: not at all."""
        if interface in self.ports:
            return self.ports[interface]
        return 0 if self.echo and interface not in self.unasked else None

    def old_after(self, interface: str) -> int:
        """From what age on the band calls a copy old while the habit cannot tell: the plain limit where somebody set one."""
        return self.interfaces.get(interface, self.silent_after if self.limited else OLD_AFTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSettings:
    """`[probes.NAME]`: how a system is asked, how often (microseconds), from when on an answer is slow (milliseconds, 0: never).

    `called` and `calling`: the AE titles of the system and of this node, for DICOM. `interfaces`: those that it speaks for.
    """

    name: str
    kind: str
    target: str
    every: int = PROBE_EVERY
    slow_after: int = 0
    within: float = PROBE_WITHIN
    called: str = CALLED
    calling: str = CALLING
    interfaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSettings:
    """`[alarms]`: the addresses that are told, and who that is in words. `outside` says whether this home may tell anybody."""

    urls: tuple[str, ...] = ()
    whom: str = ""
    outside: bool = True


def watch_settings(options: Mapping[str, Any]) -> WatchSettings:
    """The watch's own settings; minutes become microseconds."""
    told = _section(options, "watch")
    named = {name: one for name, one in told.items() if isinstance(one, Mapping)}
    return WatchSettings(
        silent_after=_minutes(told, "silent_after", SILENT_AFTER),
        limited="silent_after" in told,
        interfaces={name: _minutes(one, "silent_after", SILENT_AFTER) for name, one in named.items() if "silent_after" in one},
        ignored=frozenset(name for name, one in named.items() if one.get("ignore") is True),
        holidays=str(told.get("holidays", "BE")),
        line_after=_minutes(told, "line_after", LINE_AFTER),
        lines={name: _line(one, _minutes(told, "line_after", LINE_AFTER)) for name, one in named.items()},
        echo=told.get("echo") is not False and "rehearsal" not in options,
        unasked=frozenset(name for name, one in named.items() if one.get("echo") is False),
        ports={name: port for name, one in named.items() if (port := _number(one.get("port"), 0))},
    )


def probe_settings(options: Mapping[str, Any]) -> tuple[ProbeSettings, ...]:
    """Every probe, by name; one without a target is none."""
    return tuple(
        ProbeSettings(
            name=name,
            kind=str(one.get("kind", "tcp")),
            target=str(one["target"]),
            every=max(5, _number(one.get("every"), PROBE_EVERY // SECOND)) * SECOND,
            slow_after=_number(one.get("slow_after"), 0),
            within=float(_number(one.get("within"), int(PROBE_WITHIN))),
            called=str(one.get("called", CALLED)),
            calling=str(one.get("calling", CALLING)),
            interfaces=_names(one.get("interfaces")),
        )
        for name, one in sorted(_section(options, "probes").items())
        if isinstance(one, Mapping) and one.get("target")
    )


def alarm_settings(options: Mapping[str, Any]) -> AlarmSettings:
    """Whom to tell. The home of a demonstration or a rehearsal tells nobody."""
    told = _section(options, "alarms")
    urls = told.get("urls", [])
    return AlarmSettings(
        urls=tuple(str(one) for one in urls) if isinstance(urls, list) else (),
        whom=str(told.get("whom", "")),
        outside="demo" not in options and "rehearsal" not in options,
    )


def _section(options: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = options.get(name, {})
    return found if isinstance(found, Mapping) else {}


def _names(told: Any) -> tuple[str, ...]:
    """A list of names, or one."""
    if isinstance(told, str):
        return (told,)
    return tuple(str(one) for one in told) if isinstance(told, list) else ()


def _line(told: Mapping[str, Any], otherwise: int) -> LineLimits:
    """`line` and `line_after` of an interface; a word that is none of the two is not guessed at: the line's own past tells."""
    holding = Holding(told["line"]) if told.get("line") in (Holding.HELD, Holding.PER_MESSAGE) else Holding.CANNOT_TELL
    return LineLimits(down_after=_minutes(told, "line_after", otherwise), holding=holding)


def _minutes(told: Mapping[str, Any], name: str, otherwise: int) -> int:
    return _number(told.get(name), otherwise // MINUTE) * MINUTE


def _number(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else otherwise
