"""What an interface usually sends in each hour of the week, and how much that varies, from a few weeks of hourly counts."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from stormlamp.kernel.moments import HOUR, Moment, to_datetime
from stormlamp.mirror.rules.feeds import WEEK_HOURS, HourCount, hour_of

MOST_WEEKS = 8
ENOUGH_HOURS = 14 * 24
ENOUGH_MESSAGES = 200
PSEUDO_WEEKS = 2.0
LEAST_SWAY = 0.005
SUNDAY = 6

Stretch = tuple[Moment, Moment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Where the hospital lives: its zone, and the days that go like a Sunday."""

    zone: dt.tzinfo
    holidays: frozenset[dt.date] = frozenset()

    def hour_of_week(self, at: Moment) -> int:
        """0 is Monday 00:00; a holiday is a Sunday."""
        local = to_datetime(at, self.zone)
        day = SUNDAY if local.date() in self.holidays else local.weekday()
        return day * 24 + local.hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Messages per hour by hour of the week. Counts vary as `clump` x mean + `sway` x mean²; `hours` of past stand behind it.

    `clump` says how many messages come together as one (1: each by itself), `sway` how far whole days differ from each other.
    """

    rates: tuple[float, ...]
    clump: float
    sway: float
    hours: int
    calendar: Calendar

    def rate(self, at: Moment) -> float:
        """Messages per hour that are usual at a moment."""
        return self.rates[self.calendar.hour_of_week(at)]

    def expected(self, from_at: Moment, until_at: Moment) -> float:
        """How many messages are usual in exactly this stretch of time."""
        total, start = 0.0, from_at
        while start < until_at:
            end = min(Moment(hour_of(start) + HOUR), until_at)
            total += self.rate(start) * (end - start) / HOUR
            start = end
        return total

    def variance(self, mean: float) -> float:
        """How much counts of that mean vary."""
        return self.clump * mean + self.sway * mean * mean


def profile(hours: Sequence[HourCount], *, until_at: Moment, calendar: Calendar, dark: Sequence[Stretch] = ()) -> Profile | None:
    """The habit until the hour of `until_at`; None with too little past: under 14 days, or under 200 messages.

    Each hour of the week is the mean of its own weeks, drawn towards the same hour of all weekdays (or of the weekend) by as much
    as two weeks weigh; `dark` stretches, in which the feed was known to be away, do not count. Variances by moments: hourly and
    daily squared errors, each held against the other weeks, give how clumped messages come and how much whole days sway.
    """
    seen = _seen(hours, until_at, dark)
    if len(seen) < ENOUGH_HOURS or sum(count for _, count in seen) < ENOUGH_MESSAGES:
        return None
    cells = _without_bursts([(calendar.hour_of_week(start), start, count) for start, count in seen])
    own, like = _sums((cell, count) for cell, _, count in cells), _sums((_kind(cell), count) for cell, _, count in cells)
    rates = tuple(_drawn(own.get(cell, (0, 0)), like.get(_kind(cell), (0, 0))) for cell in range(WEEK_HOURS))
    clump, sway = _variances(cells, own, like, calendar)
    return Profile(rates=rates, clump=clump, sway=sway, hours=len(seen), calendar=calendar)


def _seen(hours: Sequence[HourCount], until_at: Moment, dark: Sequence[Stretch]) -> list[tuple[Moment, int]]:
    end = hour_of(until_at)
    known = {hour.hour_start: hour.count for hour in hours if hour.hour_start < end}
    if not known:
        return []
    first = max(min(known), end - MOST_WEEKS * WEEK_HOURS * HOUR)
    starts = (Moment(start) for start in range(first, end, HOUR))
    return [(start, known.get(start, 0)) for start in starts if not any(a < start + HOUR and start < b for a, b in dark)]


def _without_bursts(cells: list[tuple[int, Moment, int]]) -> list[tuple[int, Moment, int]]:
    """Counts with rare bursts (a load of old messages, a batch of letters) cut off: they are not what the feed usually sends.

    What is above twice the ninetieth of a hundred of its like hours, and five more, counts as just that.
    """
    like: dict[int, list[int]] = {}
    for cell, _, count in cells:
        like.setdefault(_kind(cell), []).append(count)
    most = {kind: 2 * sorted(counts)[int(0.9 * (len(counts) - 1))] + 5 for kind, counts in like.items()}
    return [(cell, start, min(count, most[_kind(cell)])) for cell, start, count in cells]


def _kind(cell: int) -> int:
    """The hour of the day, of a weekday or of the weekend."""
    return cell % 24 + (24 if cell >= 5 * 24 else 0)


def _sums(counts: Iterable[tuple[int, int]]) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for cell, count in counts:
        size, total = found.get(cell, (0, 0))
        found[cell] = (size + 1, total + count)
    return found


def _drawn(own: tuple[int, int], like: tuple[int, int]) -> float:
    usual = like[1] / like[0] if like[0] else 0.0
    return (own[1] + PSEUDO_WEEKS * usual) / (own[0] + PSEUDO_WEEKS)


def _variances(
    cells: Sequence[tuple[int, Moment, int]],
    own: Mapping[int, tuple[int, int]],
    like: Mapping[int, tuple[int, int]],
    calendar: Calendar,
) -> tuple[float, float]:
    """(clump, sway) from squared errors of hours and of whole days, each hour's mean taken without itself."""
    days: dict[dt.date, tuple[float, float]] = {}
    hourly: list[tuple[float, float]] = []
    for cell, start, count in cells:
        others = (own[cell][0] - 1, own[cell][1] - count)
        alike = (like[_kind(cell)][0] - 1, like[_kind(cell)][1] - count)
        mean = _drawn(others, alike)
        hourly.append((count, mean))
        day = to_datetime(start, calendar.zone).date()
        told, wanted = days.get(day, (0.0, 0.0))
        days[day] = (told + count, wanted + mean)
    hour_excess, hour_mean = _excess(hourly)
    day_excess, day_mean = _excess(list(days.values()))
    sway = (day_excess - hour_excess) / (day_mean - hour_mean) if day_mean > hour_mean else 0.0
    sway = max(LEAST_SWAY, sway)
    return max(1.0, hour_excess - sway * hour_mean), sway


def _excess(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Squared error per expected message, and the mean that this holds at (weighted alike)."""
    wanted = sum(mean for _, mean in pairs)
    if not wanted:
        return 1.0, 0.0
    squares = sum((count - mean) ** 2 for count, mean in pairs)
    return squares / wanted, sum(mean * mean for _, mean in pairs) / wanted


@lru_cache(maxsize=64)
def belgian_holidays(year: int) -> frozenset[dt.date]:
    """The ten legal holidays of Belgium (law of 4 January 1974, royal decree of 18 April 1974)."""
    fixed = ((1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25))
    easter = _easter(year)
    moving = (easter + dt.timedelta(days=days) for days in (1, 39, 50))
    return frozenset((*(dt.date(year, month, day) for month, day in fixed), *moving))


def _easter(year: int) -> dt.date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return dt.date(year, month, day + 1)
