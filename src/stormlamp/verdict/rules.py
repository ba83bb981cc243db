"""Back to normal? Answers from counts and times, and the worst of them.

"Yes" needs every criterion to say yes. What is known to be open outranks what is not known: somebody can act on it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median

from stormlamp.kernel.moments import DAY, HOUR, MINUTE, Moment

ENOUGH_WEEKS = 4
ENOUGH_EXPECTED = 20.0
FAR_BELOW = 3.0
AT_LEAST = 0.25
AS_SPREAD = 1.4826
WINDOW = 24 * HOUR
CHECK_HOLDS_FOR = DAY
MOSTLY_DONE = 0.9
MAY_WAIT_FOR = MINUTE

Told = int | str | Sequence[int] | Sequence[str]


class Answer(StrEnum):
    """Back to normal?"""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    CANNOT_TELL = "cannot tell"


_WORST_FIRST = (Answer.NO, Answer.PARTLY, Answer.CANNOT_TELL, Answer.YES)


class Criterion(StrEnum):
    """What a verdict on patient records looks at."""

    OUTAGE = "outage-over"
    FEEDS = "feeds-at-their-habit"
    HANDBACK = "hand-back-complete"
    CONFLICTS = "conflicts-settled"
    REJECTIONS = "rejections-settled"
    QUARANTINE = "quarantine-empty"
    PAPER = "paper-entered"
    IDENTITIES = "identities-settled"
    LEDGER = "ledger-verified"
    ASIDE = "nothing-set-aside"
    TABLES = "tables-current"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One criterion's answer. `evidence` is what the answer rests on, as facts for a sentence; `as_of` its age.

    `code` names the sentence that the evidence fills, so that it can be said in four languages.
    """

    criterion: Criterion
    answer: Answer
    code: str
    evidence: Mapping[str, Told] = field(default_factory=dict)
    as_of: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer for a hospital service at a moment, with every reason."""

    service: str
    answer: Answer
    reasons: tuple[Reason, ...]
    at: Moment

    @property
    def stand(self) -> str:
        """What somebody who signs must have seen: the answer and what keeps it from a yes, without counts and times."""
        return " ".join((self.answer.replace(" ", "-"), *(f"{one.criterion}={one.code}" for one in why(self))))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedWindow:
    """What an interface sent in a stretch of time, and the counts of the same hours in each week of its past."""

    interface: str
    arrived: int
    weeks: tuple[int, ...]
    hours: int

    @property
    def usual(self) -> float:
        """What it sends in these hours of an ordinary week: the median, which one dark week does not move."""
        return median(self.weeks) if self.weeks else 0


def verdict(service: str, reasons: Sequence[Reason], at: Moment) -> Verdict:
    """The worst answer of all criteria; a verdict without any criterion cannot tell."""
    answers = {reason.answer for reason in reasons}
    worst = next((answer for answer in _WORST_FIRST if answer in answers), Answer.CANNOT_TELL)
    return Verdict(service=service, answer=worst, reasons=tuple(reasons), at=at)


def outage_over(*, still: Sequence[str], ever: bool, since_at: Moment | None, at: Moment) -> Reason:
    """No while an outage holds the service anywhere."""
    since = {} if since_at is None else {"since": since_at}
    if still:
        return _reason(Criterion.OUTAGE, Answer.NO, "outage-runs", at, **since)
    return _reason(Criterion.OUTAGE, Answer.YES, "outage-over" if ever else "no-outage", at, **since)


def feeds_at_habit(windows: Sequence[FeedWindow], at: Moment) -> Reason:
    """Whether each clinical interface sends what it usually sends in these hours of the week; `at` ends the hours."""
    if not windows:
        return _reason(Criterion.FEEDS, Answer.CANNOT_TELL, "no-feeds", at)
    said = sorted(((at_habit(one), one) for one in windows), key=lambda pair: pair[1].interface)
    below = [one for fine, one in said if fine is False]
    if below:
        answer = Answer.PARTLY if any(fine for fine, _ in said) else Answer.NO
        return _reason(Criterion.FEEDS, answer, "feeds-below", at, **_figures(below))
    if unknown := [one for fine, one in said if fine is None]:
        return _reason(Criterion.FEEDS, Answer.CANNOT_TELL, "feeds-unknown", at, feeds=[one.interface for one in unknown])
    return _reason(Criterion.FEEDS, Answer.YES, "feeds-at-habit", at, **_figures([one for _, one in said]))


def at_habit(window: FeedWindow) -> bool | None:
    """Whether an interface is not far below its habit; None when its past or the stretch is too short to tell.

    The same hours of its past weeks give a median and a spread (their median absolute deviation, scaled to a normal law's standard
    deviation, never less than Poisson's square root of the median). More than three spreads below the median, or below a quarter of
    it, has not come back. With fewer than four weeks of past nothing can be told; where fewer than twenty messages are usual, only
    that at least as many came.
    """
    if len(window.weeks) < ENOUGH_WEEKS or window.usual <= 0:
        return None
    usual = window.usual
    if usual < ENOUGH_EXPECTED:
        return True if window.arrived >= usual else None
    spread = AS_SPREAD * median(abs(count - usual) for count in window.weeks)
    return window.arrived >= max(usual - FAR_BELOW * max(spread, math.sqrt(usual)), AT_LEAST * usual)


def handback_complete(*, waiting: int, sent: int, total: int, at: Moment) -> Reason:
    """Whether everything that the outage wrote has ended in the EHR or with a person; nearly all of it is partly."""
    left = waiting + sent
    if not left:
        return _reason(Criterion.HANDBACK, Answer.YES, "handback-done" if total else "handback-nothing", at, total=total)
    answer = Answer.PARTLY if left <= (1 - MOSTLY_DONE) * total else Answer.NO
    return _reason(Criterion.HANDBACK, answer, "handback-open", at, waiting=waiting, sent=sent, total=total)


def quarantine_empty(*, count: int, older: int, ever: bool, at: Moment) -> Reason:
    """What came since the first outage began and was not understood may hide something of it; `older` is only told.

    `ever`: there was an outage at all. Without one everything counts: there is no "before" to set it against.
    """
    if count and not ever:
        return _reason(Criterion.QUARANTINE, Answer.PARTLY, "quarantine-all", at, count=count)
    if count:
        return _reason(Criterion.QUARANTINE, Answer.PARTLY, "quarantine-open", at, count=count, older=older)
    return _reason(Criterion.QUARANTINE, Answer.YES, "quarantine-older" if older else "quarantine-none", at, older=older)


def identities_settled(*, unknown: int, unconfirmed: int, at: Moment) -> Reason:
    """Nobody may stay unknown, and no identification may wait for its second person."""
    if unknown or unconfirmed:
        told = {"unknown": unknown, "unconfirmed": unconfirmed}
        return _reason(Criterion.IDENTITIES, Answer.PARTLY, "identities-open", at, **told)
    return _reason(Criterion.IDENTITIES, Answer.YES, "identities-none", at)


def paper_entered(wards: Sequence[str], at: Moment) -> Reason:
    """Each time on paper, named by its ward, must be entered or declared lost."""
    if wards:
        return _reason(Criterion.PAPER, Answer.PARTLY, "paper-open", at, count=len(wards), wards=sorted(set(wards)))
    return _reason(Criterion.PAPER, Answer.YES, "paper-none", at)


def none_left(criterion: Criterion, count: int, at: Moment) -> Reason:
    """Yes for none; partly for any, with how many."""
    name = criterion.partition("-")[0] if criterion != Criterion.ASIDE else "aside"
    if count:
        return _reason(criterion, Answer.PARTLY, f"{name}-open", at, count=count)
    return _reason(criterion, Answer.YES, f"{name}-none", at)


def ledger_verified(*, ok: bool | None, entries: int, faults: Sequence[str], checked_at: Moment | None, at: Moment) -> Reason:
    """Whether the ledger was found whole within the last day. An older finding, or none, tells nothing."""
    if ok is None or checked_at is None:
        return _reason(Criterion.LEDGER, Answer.CANNOT_TELL, "ledger-unchecked", at)
    if not ok:
        first = next(iter(faults), "")
        return _reason(Criterion.LEDGER, Answer.NO, "ledger-faulty", checked_at, count=len(faults), first=first)
    if at - checked_at > CHECK_HOLDS_FOR:
        return _reason(Criterion.LEDGER, Answer.CANNOT_TELL, "ledger-check-old", checked_at, checked=checked_at)
    return _reason(Criterion.LEDGER, Answer.YES, "ledger-whole", checked_at, entries=entries)


def tables_current(*, behind: int, since_at: Moment | None, at: Moment) -> Reason:
    """Whether these tables hold what the ledger holds; entries of the last minute may be on their way."""
    if behind and since_at is not None and at - since_at > MAY_WAIT_FOR:
        return _reason(Criterion.TABLES, Answer.CANNOT_TELL, "tables-behind", since_at, count=behind)
    return _reason(Criterion.TABLES, Answer.YES, "tables-current", at)


def why(told: Verdict) -> tuple[Reason, ...]:
    """The reasons that keep the verdict from a yes, worst first."""
    open_ones = [reason for reason in told.reasons if reason.answer != Answer.YES]
    return tuple(sorted(open_ones, key=lambda one: _WORST_FIRST.index(one.answer)))


def reopened(signed: Iterable[Answer], now: Answer) -> bool:
    """Whether a verdict that was once signed as yes no longer is."""
    last = list(signed)[-1:]
    return last == [Answer.YES] and now != Answer.YES


def _figures(windows: Sequence[FeedWindow]) -> dict[str, Told]:
    return {
        "feeds": [one.interface for one in windows],
        "came": [one.arrived for one in windows],
        "usual": [round(one.usual) for one in windows],
    }


def _reason(criterion: Criterion, answer: Answer, code: str, as_of: Moment, **evidence: Told) -> Reason:
    return Reason(criterion=criterion, answer=answer, code=code, evidence=evidence, as_of=as_of)
