"""What the receiver and the poller report of their lines, and how they stand; local to this node."""

from collections.abc import Mapping
from typing import Any

import orjson

from stormlamp.kernel.moments import DAY, Moment
from stormlamp.mirror.models import MirrorWatch
from stormlamp.mirror.queries.watch import silences
from stormlamp.mirror.rules.alarms import Alarm, AlarmKind, Answer
from stormlamp.mirror.rules.polls import Poll, PollStanding, poll_of, poll_standing
from stormlamp.mirror.rules.settings import WatchSettings
from stormlamp.mirror.rules.watch_line import Line, LineJudgement, Stretch, judged, line_of


def lines_kept() -> dict[str, Line]:
    """The line of each interface as its receiver reported it last, by name."""
    return {name: line_of(at, told) for name, at, told in _rows("line")}


def polls_kept() -> dict[str, Poll]:
    """Each polled server as the poller reported it last, by name."""
    return {name: poll_of(at, told) for name, at, told in _rows("poll")}


def line_judgements(now: Moment, settings: WatchSettings, *, speed: float = 1.0) -> dict[str, tuple[Line, LineJudgement]]:
    """How the line of each watched interface stands, by name. `speed`: how fast this home's clock runs."""
    return {
        name: (line, _judged(name, line, now, settings, speed))
        for name, line in lines_kept().items()
        if name not in settings.ignored
    }


def poll_standings(now: Moment, settings: WatchSettings, *, speed: float = 1.0) -> dict[str, tuple[Poll, PollStanding]]:
    """How each watched server answers, by name."""
    return {
        name: (poll, poll_standing(poll, at=now, limit=settings.line(name).down_after, speed=speed))
        for name, poll in polls_kept().items()
        if name not in settings.ignored
    }


def lost_lines(interface: str) -> tuple[Alarm, ...]:
    """Every alarm about a lost line of an interface, the oldest first."""
    return silences(interface, kind=AlarmKind.LINE_LOST)


def rung_lately(interface: str, now: Moment, *, kind: AlarmKind = AlarmKind.LINE_LOST) -> int:
    """How often the line of an interface was called lost, or its machine gone, in the last 24 hours."""
    return sum(1 for one in silences(interface, kind=kind) if one.raised_at > now - DAY)


def _judged(interface: str, line: Line, now: Moment, settings: WatchSettings, speed: float) -> LineJudgement:
    alarms = lost_lines(interface)
    said = [(one, None if one.judged is None else one.judged.answer) for one in alarms]
    outages = [_stretch(one, now) for one, answer in said if answer is not Answer.FALSE]
    unusual = [_stretch(one, now) for one, answer in said if answer is Answer.TRUE]
    return judged(line, settings.line(interface), at=now, outages=outages, unusual=unusual, speed=speed)


def _stretch(alarm: Alarm, now: Moment) -> Stretch:
    return alarm.since_at, now if alarm.closed is None else alarm.closed.at


def _rows(kind: str) -> list[tuple[str, Moment, Mapping[str, Any]]]:
    rows = MirrorWatch.objects.filter(id__startswith=f"{kind}|").order_by("id").values_list("id", "at", "told")
    return [(key.partition("|")[2], Moment(at), orjson.loads(bytes(told))) for key, at, told in rows]
