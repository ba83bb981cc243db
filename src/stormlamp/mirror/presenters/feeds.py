"""The feeds board: each interface against its own habit, in a word, a sentence and a small drawing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stormlamp.kernel.moments import HOUR, Moment
from stormlamp.mirror.presenters.alarms import ALARMS, alarm_tone
from stormlamp.mirror.presenters.chances import amount, silence_words, slowness_words, usual_words
from stormlamp.mirror.presenters.lines import NO_WIRE, Wire, wires
from stormlamp.mirror.presenters.soon import NO_SOON, Soon, soons
from stormlamp.mirror.queries import feed_board, open_alarms
from stormlamp.mirror.queries.watch import seen_by_watch
from stormlamp.mirror.rules import FeedRow
from stormlamp.mirror.rules.alarms import Alarm
from stormlamp.mirror.rules.feeds import hour_of
from stormlamp.mirror.rules.watch import Standing
from stormlamp.mirror.rules.watch_habit import ENOUGH_HOURS
from stormlamp.shell.words import age, duration, lazy, number, percent, when
from stormlamp.shell.words import gettext as _

CHANNELS = {
    "mllp": lazy("HL7 v2 over the network"),
    "file": lazy("from files"),
    "corrected": lazy("corrected by hand"),
}
WORDS = {
    Standing.USUAL: lazy("as usual"),
    Standing.SILENT: lazy("SILENT"),
    Standing.SLOW: lazy("slow"),
    Standing.CANNOT_TELL: lazy("cannot tell yet"),
}
TONES = {Standing.USUAL: "done", Standing.SILENT: "danger", Standing.SLOW: "need", Standing.CANNOT_TELL: "neutral"}
BAR, GAP, HEIGHT = 5, 1, 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The last 24 hours: bars (x, y, height) of what came, and a stepped line of what is usual. `words` say the same."""

    bars: tuple[tuple[int, float, float], ...]
    usual: str
    width: int
    height: int
    words: str
    came: str
    hours: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One interface as a row and as a page. `tone`: of the standing's tag; `reasons`: the sentences that say why."""

    interface: str
    channel: str
    last_at: Moment
    last: str
    word: str
    tone: str
    reasons: tuple[str, ...]
    line: Wire
    soon: Soon
    rate: str
    errors: str
    quarantined: int
    last_day: int
    total: int
    drawing: Drawing | None
    alarms: tuple[Alarm, ...]
    watched: bool


def board(
    row: FeedRow,
    seen: Mapping[str, Any] | None,
    alarms: Sequence[Alarm],
    now: Moment,
    line: Wire = NO_WIRE,
    soon: Soon = NO_SOON,
) -> Board:
    """A row of the board from what the mirror counts and what the watch saw; without a watch there is no judgement."""
    judgement = (seen or {}).get("judgement", {})
    standing = Standing(judgement["standing"]) if judgement else Standing.CANNOT_TELL
    mine = tuple(one for one in alarms if row.interface in one.interfaces)
    drawing = day_drawing(seen["counts"], seen["usual"], hour_of(Moment(seen["at"]))) if seen else None
    return Board(
        interface=row.interface,
        channel=str(CHANNELS.get(row.channel, row.channel)),
        last_at=row.last_at,
        last=_("{age} ago", age=age(row.last_at, now)),
        word=_word(row, standing, mine, judged=bool(judgement)),
        tone=alarm_tone(mine[0]) if mine and standing is Standing.USUAL else TONES[standing],
        reasons=_reasons(judgement, seen or {}),
        line=line,
        soon=soon,
        rate=_rate(judgement, seen or {}),
        errors=_errors((seen or {}).get("errors", {})),
        quarantined=row.quarantined,
        last_day=row.last_day,
        total=row.total,
        drawing=drawing,
        alarms=mine,
        watched=seen is not None,
    )


def boards(now: Moment, *, speed: float = 1.0) -> list[Board]:
    """Every interface as the pages and the command show it. `speed`: how fast this home's clock runs."""
    told, alarms, lines = seen_by_watch(now, speed=speed), open_alarms(), wires(now, speed=speed)
    watched = {key.removeprefix("interface|") for key in told if key.startswith("interface|")}
    soon = soons(sorted(watched), now, speed=speed)
    return [
        board(
            row,
            told.get(f"interface|{row.interface}"),
            alarms,
            now,
            lines.get(row.interface, NO_WIRE),
            soon.get(row.interface, NO_SOON),
        )
        for row in feed_board(now)
    ]


def _word(row: FeedRow, standing: Standing, alarms: Sequence[Alarm], *, judged: bool) -> str:
    """How a feed stands; one that sends as much as usual while an alarm is open is called by its alarm, never usual."""
    if not judged and row.channel == "file":
        return _("from files: no habit")
    return str(ALARMS[alarms[0].kind] if alarms and standing is Standing.USUAL else WORDS[standing])


def day_drawing(counts: Sequence[int], usual: Sequence[float], last_hour: Moment) -> Drawing:
    """Bars and a line on one scale; the last bar is the present hour, which is not over."""
    top = max([*counts, *usual, 1])

    def y(value: float) -> float:
        return round(HEIGHT - (HEIGHT - 2) * value / top, 1)

    steps = [f"{at * (BAR + GAP) + side},{y(value)}" for at, value in enumerate(usual) for side in (0, BAR + GAP)]
    starts = [Moment(last_hour - (len(counts) - 1 - at) * HOUR) for at in range(len(counts))]
    hours = tuple(
        (when(start, "time"), number(count), amount(usual[at]) if usual else "–")
        for at, (start, count) in enumerate(zip(starts, counts, strict=True))
    )
    return Drawing(
        bars=tuple((at * (BAR + GAP), y(count), round(HEIGHT - y(count), 1)) for at, count in enumerate(counts)),
        usual=" ".join(steps),
        width=len(counts) * (BAR + GAP),
        height=HEIGHT,
        words=_day_words(counts, usual),
        came=number(sum(counts)),
        hours=hours,
    )


def _day_words(counts: Sequence[int], usual: Sequence[float]) -> str:
    came = number(sum(counts))
    if not usual:
        return _("Last 24 hours: {came} messages; what is usual is not known yet.", came=came)
    return _("Last 24 hours: {came} messages, where {usual} are usual.", came=came, usual=amount(sum(usual)))


def _rate(judgement: Mapping[str, Any], seen: Mapping[str, Any]) -> str:
    """Messages in the present hour, beside what is usual for a whole one."""
    if not seen:
        return "–"
    came = number(seen["counts"][-1])
    if not seen.get("can_tell"):
        return came
    return _(
        "{came}, usually {low} to {high}",
        came=came,
        low=number(judgement["between"][0]),
        high=number(judgement["between"][1]),
    )


def _errors(told: Mapping[str, Any]) -> str:
    if not told or not told["total"]:
        return "–"
    return _("{share} (usually {usual})", share=percent(told["share"], 1), usual=percent(told["usual_share"], 1))


def _reasons(told: Mapping[str, Any], seen: Mapping[str, Any]) -> tuple[str, ...]:
    if not told:
        return ()
    at = Moment(seen["at"])
    if told["limit"]:
        days = number(ENOUGH_HOURS // 24)
        there = number(int(seen.get("heard_hours", 0)) // 24)
        return (
            _("There are {there} days of past; {days} days and 200 messages are needed to know the habit.", there=there, days=days),
            _("Until then a plain limit holds: an alarm after {limit} of silence.", limit=duration(told["limit"])),
        )
    usual = usual_words(at, told["usual"], *told["between"])
    if told["standing"] == Standing.SLOW:
        window = at - told["from_at"]
        said = slowness_words(window=window, came=told["came"], expected=told["expected"], once_in=told["once_in"])
    else:
        said = silence_words(quiet=at - told["from_at"], expected=told["expected"], once_in=told["once_in"])
    return usual, said
