"""The machine behind an interface: whether it answers when it is asked, and whether it has not for too long.

A sender that connects for each message has no line to lose, and one that seldom speaks has no habit to leave. But its machine can
be asked whether it is there, while nothing comes. Only one that has answered three times in a row is missed when it no longer does:
one behind a firewall that swallows the question raises no alarm. Nor does one that sends although it does not answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from stormlamp.kernel.moments import DAY, HOUR, MINUTE, SECOND, Moment
from stormlamp.mirror.rules.watch_line import Stretch, longest_absence, usual_length

# How often a machine is asked: while its interface is quiet, after a miss, and where it tells nothing or nobody needs to know.
QUIET, EVERY, AGAIN, SELDOM = MINUTE, MINUTE, 30 * SECOND, HOUR
IN_ROW, HOPELESS = 3, 10
# One lost question is no absence.
ABSENT = 2
LATELY = DAY
# As long as habits are learned from, so that the restart of every Tuesday night is one.
KEPT, MOST_PAUSES = 56 * DAY, 200
NEVER = Moment(0)
LATE, NOT_ALLOWED = "no answer in time", "this system does not allow ICMP echo (net.ipv4.ping_group_range)"

# (address, TCP port), port 0: by ICMP echo.
Place = tuple[str, int]


class HostStanding(StrEnum):
    """How the machines of an interface stand. Missing: not for too long yet. Cannot tell: one of them was never seen to answer."""

    ANSWERS = "answers"
    MISSING = "missing"
    GONE = "gone"
    CANNOT_TELL = "cannot-tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came of a question: an answer, none (False, and why), or it could not be asked (None, and why)."""

    answered: bool | None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What is known of a machine that is asked; moments are 0 where there was none.

    `missing_since`: the first question in a row without an answer; `answering_since`: the first with one. `able`: it has answered
    three times in a row and was not found sending without answering since. `pauses`: when it was away.
    """

    since: Moment
    asked_at: Moment = NEVER
    answered_at: Moment = NEVER
    answering_since: Moment = NEVER
    missing_since: Moment = NEVER
    answered: int = 0
    missed: int = 0
    able: bool = False
    why: str = ""
    pauses: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HostJudgement:
    """How the machines of an interface stand. `since`: the last of them has not answered since; `limit`: how long it may not."""

    standing: HostStanding
    machines: tuple[str, ...]
    since: Moment = NEVER
    limit: int = 0
    asked_at: Moment = NEVER
    answered_at: Moment = NEVER
    why: str = ""


def lately(heard: Sequence[tuple[str, Moment]]) -> tuple[str, ...]:
    """The machines that sent within a day before the last message: an old sender that was replaced is not missed."""
    newest = max((at for _, at in heard), default=NEVER)
    return tuple(sorted(host for host, at in heard if at and at > newest - LATELY))


def due(host: Host | None, at: Moment, *, quiet: bool, speed: float = 1.0) -> bool:
    """Whether a machine is asked now: once a minute while its interface is quiet, every 30 s after a miss, else once an hour."""
    if host is None:
        return True
    pace = SELDOM
    if host.missed and host.able:
        pace = AGAIN
    elif quiet and (host.able or host.missed < HOPELESS):
        pace = EVERY
    return not 0 <= at - host.asked_at < max(pace, int(SECOND * speed))


def asked(host: Host | None, at: Moment, reply: Reply) -> Host:
    """The machine after a question; of one that could not be asked nothing is known any more."""
    host = host or Host(since=at)
    if reply.answered is None:
        return Host(since=host.since, asked_at=at, answered_at=host.answered_at, why=reply.why, pauses=host.pauses)
    if reply.answered:
        return _answered(host, at)
    return replace(
        host,
        asked_at=at,
        missing_since=host.missing_since or at,
        answering_since=NEVER,
        answered=0,
        missed=host.missed + 1,
        why=reply.why,
    )


def spoke(host: Host, at: Moment) -> Host:
    """A message of the machine has come. One that sends without answering tells nothing by its silence until it answers again."""
    if not host.missing_since or at <= host.missing_since:
        return host
    pauses = _with_pause(host, at) if host.missed >= IN_ROW else host.pauses
    return replace(host, able=host.able and host.missed < IN_ROW, missing_since=NEVER, missed=0, why="", pauses=pauses)


def begun(host: Host) -> Host:
    """The machine when this node begins to watch: its misses count anew."""
    return replace(host, missed=0, answered=0)


def judged(
    hosts: Mapping[str, Host | None],
    *,
    at: Moment,
    down_after: int,
    unusual: Sequence[Stretch] = (),
    speed: float = 1.0,
) -> HostJudgement:
    """How the machines of an interface stand together: gone when none of them has answered for longer than it may.

    `unusual`: absences that somebody called true alarms, which are no habit.
    """
    known = [one for one in hosts.values() if one is not None]
    told = HostJudgement(
        standing=HostStanding.CANNOT_TELL,
        machines=tuple(hosts),
        asked_at=max((one.asked_at for one in known), default=NEVER),
        answered_at=max((one.answered_at for one in known), default=NEVER),
        why=next((one.why for one in known if one.why), ""),
    )
    if not known or len(known) < len(hosts) or not all(one.able for one in known):
        return told
    missing = all(one.missing_since for one in known)
    since = max(one.missing_since for one in known) if missing else NEVER
    limit = max(longest_absence(down_after, _usual(one, since or at, unusual), speed) for one in known)
    gone = missing and at - since >= limit and all(one.missed >= IN_ROW for one in known)
    standing = HostStanding.GONE if gone else HostStanding.MISSING if missing else HostStanding.ANSWERS
    return replace(told, standing=standing, since=since, limit=limit)


def answering_since(hosts: Iterable[Host | None]) -> Moment:
    """Since when at least one of the machines has answered every question; 0 when none does."""
    return min((one.answering_since for one in hosts if one is not None and one.answering_since), default=NEVER)


def host_told(host: Host) -> dict[str, Any]:
    """A machine as it is kept in JSON."""
    return asdict(host)


def host_of(told: Mapping[str, Any]) -> Host:
    """A machine as it was kept."""
    return Host(**{**told, "pauses": tuple((Moment(a), Moment(b)) for a, b in told["pauses"])})


def _answered(host: Host, at: Moment) -> Host:
    run = min(IN_ROW, host.answered + 1)
    return replace(
        host,
        asked_at=at,
        answered_at=at,
        answering_since=host.answering_since or at,
        missing_since=NEVER,
        answered=run,
        missed=0,
        able=host.able or run == IN_ROW,
        why="",
        pauses=_with_pause(host, at) if host.able and host.missed >= ABSENT else host.pauses,
    )


def _with_pause(host: Host, until: Moment) -> tuple[Stretch, ...]:
    kept = [one for one in host.pauses if one[1] > until - KEPT]
    return (*kept, (host.missing_since, until))[-MOST_PAUSES:]


def _usual(host: Host, since: Moment, unusual: Sequence[Stretch]) -> int:
    pauses = [one for one in host.pauses if not any(a < one[1] and one[0] < b for a, b in unusual)]
    return usual_length(pauses, since, days=min(since - host.since, KEPT) // DAY)
