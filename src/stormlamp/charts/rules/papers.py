"""A ward on paper: from when to when, and what became of its sheets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from stormlamp.kernel.moments import Moment


class PaperStep(StrEnum):
    """What happens to a ward's time on paper."""

    OPENED = "opened"
    CLOSED = "closed"
    ENTERED = "entered"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperEvent:
    """One step: of which period, where, which moment it is about, who said it."""

    period: str
    step: PaperStep
    ward: str
    about_at: Moment
    author_name: str
    at: Moment
    words: str
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPeriod:
    """A ward was on paper from a moment (until another, once closed); settled when its sheets are entered or declared lost."""

    period: str
    ward: str
    from_at: Moment
    until_at: Moment | None
    settled: PaperStep | None
    events: tuple[PaperEvent, ...]

    @property
    def unresolved(self) -> bool:
        """Whether doses may have been given that nobody finds here."""
        return self.settled is None

    def concerns(self, changes: Sequence[tuple[Moment, str]], *, now: Moment) -> bool:
        """Whether somebody lay on the ward while it was on paper. `changes`: since when on which ward, the oldest first."""
        ends = [*(at for at, _ward in changes[1:]), now]
        until_at = now if self.until_at is None else self.until_at
        there = [(at, end) for (at, ward), end in zip(changes, ends, strict=False) if same_ward(ward, self.ward)]
        return self.from_at <= now and any(at <= until_at and end >= self.from_at for at, end in there)


def same_ward(one: str, other: str) -> bool:
    """Whether two names mean one ward: capitals and outer spaces do not count."""
    return one.strip().casefold() == other.strip().casefold()


def paper_periods(events: Iterable[PaperEvent]) -> tuple[PaperPeriod, ...]:
    """Every period, the oldest first. A step whose opening has not arrived here yet waits for it, unless it is all there is."""
    found: dict[str, list[PaperEvent]] = {}
    for event in sorted(events, key=lambda one: one.order):
        found.setdefault(event.period, []).append(event)
    periods = [_period(key, told) for key, told in found.items()]
    return tuple(sorted(periods, key=lambda one: (one.from_at, one.period)))


def _period(key: str, events: list[PaperEvent]) -> PaperPeriod:
    first = next((one for one in events if one.step == PaperStep.OPENED), events[0])
    closed = [one for one in events if one.step == PaperStep.CLOSED]
    settled = [one for one in events if one.step in (PaperStep.ENTERED, PaperStep.LOST)]
    return PaperPeriod(
        period=key,
        ward=first.ward,
        from_at=first.about_at,
        until_at=closed[-1].about_at if closed else None,
        settled=settled[-1].step if settled else None,
        events=tuple(events),
    )
