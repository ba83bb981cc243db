"""Probes in words: how a system answers now, in the last hour, and usually."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.queries import probes as seen
from stormlamp.mirror.rules.probes import ENOUGH_ANSWERS, ProbeStanding, quantile
from stormlamp.shell.words import age, lazy, listing, number
from stormlamp.shell.words import gettext as _

WORDS = {
    ProbeStanding.USUAL: lazy("as usual"),
    ProbeStanding.SLOW: lazy("slow"),
    ProbeStanding.DOWN: lazy("NO ANSWER"),
    ProbeStanding.CANNOT_TELL: lazy("cannot tell yet"),
}
TONES = {
    ProbeStanding.USUAL: "done",
    ProbeStanding.SLOW: "need",
    ProbeStanding.DOWN: "danger",
    ProbeStanding.CANNOT_TELL: "neutral",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeLine:
    """One probe as a row: the last answer, the last hour's half and 95 of 100, and the same as usual at this hour."""

    name: str
    kind: str
    word: str
    tone: str
    last: str
    last_age: str
    hour: str
    usual: str
    failed: int
    about: str


def probe_lines(now: Moment) -> tuple[ProbeLine, ...]:
    """Every probe, by name."""
    return tuple(_line(name, told, now) for name, told in seen.probes_seen().items())


def _line(name: str, told: Mapping[str, Any], now: Moment) -> ProbeLine:
    hour, failed = seen.probe_last_hour(name, now)
    habit = seen.probe_habit(name, now)
    millis, standing = told.get("millis"), ProbeStanding(told["standing"])
    return ProbeLine(
        name=name,
        kind=str(told["kind"]),
        word=str(WORDS[standing]),
        tone=TONES[standing],
        last=_("{ms} ms", ms=number(round(millis))) if millis is not None else str(told.get("why") or "–"),
        last_age=_("{age} ago", age=age(Moment(told["at"]), now)),
        hour=_span(hour),
        usual=_span(habit) if sum(habit.values()) >= ENOUGH_ANSWERS else _("not known yet"),
        failed=failed,
        about=listing(told["interfaces"]) if told.get("interfaces") else "",
    )


def _span(counts: Mapping[int, int]) -> str:
    half, most = quantile(counts, 0.5), quantile(counts, 0.95)
    if half is None or most is None:
        return "–"
    return _("{half} / {most} ms", half=number(round(half)), most=number(round(most)))
