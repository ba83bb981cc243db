"""How soon the end of an interface would be noticed, by what, and what to do where that is too late; its machines in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stormlamp.kernel.moments import MINUTE, Moment
from stormlamp.mirror.queries import soon as seen
from stormlamp.mirror.rules.alarms import Alarm
from stormlamp.mirror.rules.settings import probe_settings, watch_settings
from stormlamp.mirror.rules.watch_host import LATE, NOT_ALLOWED, HostJudgement, HostStanding
from stormlamp.mirror.rules.watch_soon import SOON, Notice, Way
from stormlamp.nodes.queries import home
from stormlamp.shell.words import age, duration, lazy, listing, when_near
from stormlamp.shell.words import gettext as _

BY = {
    Way.LINE: lazy("by its line"),
    Way.MACHINE: lazy("by its machine"),
    Way.POLL: lazy("by its answers"),
    Way.HABIT: lazy("by its habit"),
    Way.LIMIT: lazy("by the plain limit"),
}
WHY = {LATE: lazy("no answer in time"), NOT_ALLOWED: lazy("this system does not allow ICMP echo (net.ipv4.ping_group_range)")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Soon:
    """By what the end of an interface would be noticed and how soon: a word for its row, sentences for its page.

    `late`: not within five minutes. `not_allowed`: its machine may not be asked here.
    """

    word: str = "–"
    by: str = ""
    tone: str = ""
    late: bool = False
    lines: tuple[str, ...] = ()
    machine: str = ""
    not_allowed: bool = False


NO_SOON = Soon()


def soons(watched: Iterable[str], now: Moment, *, speed: float = 1.0) -> dict[str, Soon]:
    """How soon, for each watched interface by name."""
    told = home().options
    settings, names = watch_settings(told), tuple(watched)
    found = seen.noticed(names, now, settings, probe_settings(told), speed=speed)
    return {name: _soon(name, one.ways, one.machines, now) for name, one in found.items()}


def host_reason(alarm: Alarm) -> str:
    """Why a machine is called gone: since when, when it answered and sent last, and what the limit is."""
    told = alarm.evidence
    return _(
        "{machines} sends {name} and has not answered since {at}: {why}. It answered last at {answered}, and the last message"
        " came at {spoke}. The limit is {limit}.",
        machines=listing(str(told["machines"]).split("\n")),
        name=alarm.subject,
        at=when_near(alarm.since_at, alarm.raised_at),
        why=_why(str(told["why"])),
        answered=when_near(Moment(int(told["answered_at"])), alarm.raised_at),
        spoke=when_near(Moment(int(told["spoke_at"])), alarm.raised_at),
        limit=duration(int(told["limit"])),
    )


def _soon(name: str, ways: Sequence[Notice], machines: HostJudgement | None, now: Moment) -> Soon:
    first = ways[0] if ways else None
    late = first is None or not first.soon
    lines = [_sentence(one) for one in ways]
    if not any(one.way in (Way.HABIT, Way.LIMIT) for one in ways):
        lines.append(_("Its silence alone would not be improbable within a day."))
    lines.append(_to_do(name) if late else _hanging(ways))
    return Soon(
        word=_word(first),
        by="" if first is None else _by(first),
        tone="need" if late else "done",
        late=late,
        lines=tuple(filter(None, lines)),
        machine="" if machines is None else _machine(machines, now),
        not_allowed=machines is not None and machines.why == NOT_ALLOWED,
    )


def _word(first: Notice | None) -> str:
    """Conditional in each language: it stands in a row beside what has happened."""
    if first is None:
        return _("nothing would notice an end")
    return _("an end would be noticed within {time}", time=_minutes(first))


def _by(one: Notice) -> str:
    return _("by the probe {name}", name=one.name) if one.way is Way.PROBE else str(BY[one.way])


def _minutes(one: Notice) -> str:
    return duration(one.minutes * MINUTE)


def _sentence(one: Notice) -> str:
    time = _minutes(one)
    if one.way is Way.LINE:
        return _("A line that goes down raises an alarm within {time}.", time=time)
    if one.way is Way.MACHINE:
        return _("A machine that no longer answers raises an alarm within {time}.", time=time)
    if one.way is Way.PROBE:
        return _("A system that no longer answers the probe {name} raises an alarm within {time}.", name=one.name, time=time)
    if one.way is Way.POLL:
        return _("A server that gives no usable answer raises an alarm within {time}.", time=time)
    if one.way is Way.HABIT:
        return _("Silence that began now would raise an alarm within {time}.", time=time)
    return _("Silence raises an alarm within {time}: the plain limit, until its habit is known.", time=time)


def _to_do(name: str) -> str:
    return _(
        "Nothing would notice within {limit} that it has ended. Give it a probe: a section [probes.NAME] in home.toml with"
        ' interfaces = ["{name}"]. Or let its sender keep its line open.',
        limit=duration(SOON),
        name=name,
    )


def _hanging(ways: Sequence[Notice]) -> str:
    """What the line and the machine do not tell."""
    if any(one.soon and one.way not in (Way.LINE, Way.MACHINE) for one in ways):
        return ""
    return _(
        "A program that hangs while its machine and its line stay up would be noticed by its silence alone: a probe would see it."
    )


def _machine(told: HostJudgement, now: Moment) -> str:
    names = listing(told.machines)
    if told.standing is HostStanding.ANSWERS:
        return _("{names}: answered {age} ago", names=names, age=age(told.answered_at, now))
    if told.standing is not HostStanding.CANNOT_TELL:
        since = when_near(told.since, now)
        return _("{names}: no answer since {since} ({age})", names=names, since=since, age=age(told.since, now))
    if told.why:
        return _("{names}: cannot tell: {why}", names=names, why=_why(told.why))
    return _("{names}: cannot tell yet, it is being asked", names=names)


def _why(why: str) -> str:
    return str(WHY.get(why, why)) or "–"
