"""Whether an interface is silent or slow against its own habit, how improbable that is, and in which words' figures to say it.

Silence is measured in messages: how many would usually have come in exactly these minutes. Its chance comes from the silences of
the feed's own past, measured alike. Slowness holds the count of a trailing window against the habit of just that window. Both say
how often chance alone would show as much: `once_in` hours. An alarm is due when that is `WANTED` hours or more, so that an
interface that keeps its habit raises less than one false alarm a month.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from stormlamp.kernel.moments import HOUR, MINUTE, Moment
from stormlamp.mirror.rules.feeds import HourCount, hour_of
from stormlamp.mirror.rules.watch_chance import Tail, guessed_tail, learned_tail, log_at_most, span
from stormlamp.mirror.rules.watch_habit import Calendar, Profile, Stretch, profile

WANTED = 3000.0
NEVER = 1e9
LEAST_SILENCE = 2 * MINUTE
LONG = 3.0
LONGEST = 24 * HOUR
ENOUGH_GAPS = 200.0
LEVEL_HOURS = 6
LEVEL_WEIGHT = 5.0
WINDOWS = (1, 3, 6, 12, 24)
WINDOW_MESSAGES = 12.0
SLIDING = 12.0
SLOW_SHARE = 0.5
BACK = 30.0


class Standing(StrEnum):
    """How an interface stands against its habit."""

    USUAL = "usual"
    SILENT = "silent"
    SLOW = "slow"
    CANNOT_TELL = "cannot-tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is known of an interface: counts per hour; its long gaps (from, until), and how many messages they lay among."""

    hours: tuple[HourCount, ...]
    gaps: tuple[Stretch, ...] = ()
    messages: int = 0
    dark: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A past made ready to judge by: the profile, and the tails of silences and of slow windows (by hours of the window)."""

    profile: Profile
    counts: Mapping[Moment, int]
    silences: Tail
    windows: Mapping[int, Tail]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How an interface stands now, with the figures to say why. Times in microseconds, `once_in` in hours.

    `usual` and `between` speak of this hour of the week; `came` and `expected` of the stretch from `from_at` until now.
    """

    standing: Standing
    at: Moment
    last_at: Moment
    from_at: Moment
    usual: float = 0.0
    between: tuple[int, int] = (0, 0)
    expected: float = 0.0
    came: int = 0
    once_in: float = 0.0
    limit: int = 0


def learned(past: Past, *, at: Moment, calendar: Calendar) -> Learned | None:
    """A past made ready; None when there is too little of it to tell."""
    habit = profile(past.hours, until_at=at, calendar=calendar, dark=past.dark)
    if habit is None:
        return None
    counts = {hour.hour_start: hour.count for hour in past.hours}
    silences = guessed_tail(max(3.0, habit.clump))
    if past.messages >= ENOUGH_GAPS:
        gaps = [gap for gap in past.gaps if not any(a < gap[1] and gap[0] < b for a, b in past.dark)]
        scores = [_missed(habit, counts, start, end) for start, end in gaps]
        silences = learned_tail(scores, above=LONG, exposure=float(past.messages))
    return Learned(profile=habit, counts=counts, silences=silences, windows=_windows(habit, past, counts, at))


def judged(
    known: Learned | None,
    *,
    at: Moment,
    last_at: Moment,
    listening_since: Moment,
    recent: Sequence[Moment],
    limit: int,
    standing: Standing = Standing.USUAL,
    least: int = LEAST_SILENCE,
) -> Judgement:
    """How an interface stands.

    `recent` are the arrivals since the start of the hour `max(WINDOWS)` hours ago, in order; what came before is known by the hour.
    Time before `listening_since`, when this node itself was away, is not held against the feed. `limit`: microseconds of silence
    that count where the habit cannot tell. `standing`: what an open alarm says of it, which must be clearly
    over before it ends, so that it does not end and begin again.
    No silence counts that is shorter than `least` (microseconds).
    """
    since = max(last_at, listening_since)
    if known is None:
        standing = Standing.SILENT if at - since > limit else Standing.CANNOT_TELL
        return Judgement(standing=standing, at=at, last_at=last_at, from_at=since, limit=limit)
    silent = _silence(
        known, at=at, since=since, last_at=last_at, recent=recent, wanted=_wanted(Standing.SILENT, standing), least=least
    )
    if silent.standing is Standing.SILENT:
        return silent
    slow = _slowness(
        known, at=at, last_at=last_at, listening_since=listening_since, recent=recent, wanted=_wanted(Standing.SLOW, standing)
    )
    return slow if slow is not None and slow.standing is Standing.SLOW else silent


def silent_after(known: Learned, *, at: Moment, recent: Sequence[Moment], least: int = LEAST_SILENCE) -> int | None:
    """How long a silence that begins now would last before it counts, microseconds; None: longer than a day.

    By doubling and then halving: within a fiftieth. Where the rate rises meanwhile, a shorter silence may already have counted.
    """

    def counts(length: int) -> bool:
        then = Moment(at + length)
        told = _silence(known, at=then, since=at, last_at=at, recent=recent, wanted=WANTED, least=least)
        return told.standing is Standing.SILENT

    low, high = 0, least
    while not counts(high):
        if high >= LONGEST:
            return None
        low, high = high, min(LONGEST, 2 * high)
    while high - low > max(MINUTE // 4, high // 50):
        middle = (low + high) // 2
        low, high = (low, middle) if counts(middle) else (middle, high)
    return high


def _wanted(asked: Standing, standing: Standing) -> float:
    return WANTED / BACK if asked is standing else WANTED


def _silence(
    known: Learned, *, at: Moment, since: Moment, last_at: Moment, recent: Sequence[Moment], wanted: float, least: int
) -> Judgement:
    habit = known.profile
    missed = habit.expected(since, at) * _level(habit, known.counts, since, recent)
    per_hour = max(habit.rate(since), habit.rate(at)) * known.silences.frequency(missed)
    once_in = min(NEVER, 1 / per_hour) if per_hour else NEVER
    improbable = missed > 0 and once_in >= wanted and at - since >= least
    return _told(
        habit, Standing.SILENT if improbable else Standing.USUAL, at, last_at, since, habit.expected(since, at), 0, once_in
    )


def _slowness(
    known: Learned, *, at: Moment, last_at: Moment, listening_since: Moment, recent: Sequence[Moment], wanted: float
) -> Judgement | None:
    habit = known.profile
    for hours in WINDOWS:
        from_at = Moment(at - hours * HOUR)
        expected = habit.expected(from_at, at)
        if expected >= WINDOW_MESSAGES:
            break
    else:
        return None
    if from_at < listening_since:
        return None
    came = len(recent) - bisect_left(recent, from_at)
    score = -log_at_most(came, mean=expected, variance=habit.variance(expected))
    per_hour = SLIDING / hours * known.windows[hours].frequency(score)
    once_in = min(NEVER, 1 / per_hour)
    slow = once_in >= wanted and came < SLOW_SHARE * expected
    return _told(habit, Standing.SLOW if slow else Standing.USUAL, at, last_at, from_at, expected, came, once_in)


def _told(
    habit: Profile, standing: Standing, at: Moment, last_at: Moment, from_at: Moment, expected: float, came: int, once_in: float
) -> Judgement:
    usual = habit.rate(at)
    return Judgement(
        standing=standing,
        at=at,
        last_at=last_at,
        from_at=from_at,
        usual=usual,
        between=span(usual, habit.variance(usual)),
        expected=expected,
        came=came,
        once_in=once_in,
    )


def _level(habit: Profile, counts: Mapping[Moment, int], until_at: Moment, recent: Sequence[Moment] = ()) -> float:
    """How busy the hours before were against the habit, one at most: on a quiet day a silence means less."""
    start = hour_of(until_at)
    first = Moment(start - LEVEL_HOURS * HOUR)
    came = sum(counts.get(Moment(start - ago * HOUR), 0) for ago in range(1, LEVEL_HOURS + 1))
    came += bisect_right(recent, until_at) - bisect_left(recent, start)
    expected = habit.expected(first, until_at if recent else start)
    return min(1.0, (LEVEL_WEIGHT + came) / (LEVEL_WEIGHT + expected))


def _missed(habit: Profile, counts: Mapping[Moment, int], from_at: Moment, until_at: Moment) -> float:
    """A silence of the past, in messages that would have come."""
    return habit.expected(from_at, until_at) * _level(habit, counts, from_at)


def _windows(habit: Profile, past: Past, counts: Mapping[Moment, int], at: Moment) -> dict[int, Tail]:
    """The tail of each window's scores in the past, window after window."""
    end = hour_of(at)
    first = Moment(end - habit.hours * HOUR)
    found = {}
    for hours in WINDOWS:
        scores, blocks = [], 0
        for start in range(end - hours * HOUR, first - 1, -hours * HOUR):
            stretch = (Moment(start), Moment(start + hours * HOUR))
            if any(a < stretch[1] and stretch[0] < b for a, b in past.dark):
                continue
            expected = habit.expected(*stretch)
            if expected >= WINDOW_MESSAGES:
                came = sum(counts.get(Moment(start + hour * HOUR), 0) for hour in range(hours))
                scores.append(-log_at_most(came, mean=expected, variance=habit.variance(expected)))
                blocks += 1
        found[hours] = learned_tail(scores, above=LONG, exposure=float(max(1, blocks)))
    return found
