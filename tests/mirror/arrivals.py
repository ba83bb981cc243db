"""Made-up arrivals of an interface: a weekly rhythm, days that differ, messages that come in clumps. Seeded: always the same."""

import math
import random
from collections import Counter
from itertools import pairwise

from stormlamp.kernel.moments import DAY, HOUR, Moment
from stormlamp.mirror.rules import HourCount, watch
from stormlamp.mirror.rules.feeds import hour_of
from stormlamp.mirror.rules.watch_habit import Calendar


def usual_rate(hour_of_week: int, *, level: float, night: float) -> float:
    """Messages per hour: busiest in the afternoon, half on weekends, `night` of the level from 22 to 6."""
    day, hour = divmod(hour_of_week, 24)
    share = night if hour < 6 or hour >= 22 else 0.5 + 0.5 * math.sin((hour - 6) / 16 * math.pi)
    return level * share * (0.5 if day >= 5 else 1)


def arrivals(
    seed: int, calendar: Calendar, *, start: Moment, days: int, level: float, night=0.05, clump=1, sway=0.02
) -> list[Moment]:
    """Arrival times of `days` days, in order."""
    dice, found = random.Random(seed), []
    for day in range(days):
        mood = dice.gammavariate(1 / sway, sway) if sway else 1.0
        for hour in range(24):
            begin = start + day * DAY + hour * HOUR
            rate = usual_rate(calendar.hour_of_week(Moment(begin)), level=level, night=night) * mood / clump
            at = float(begin)
            while rate > 0:
                at += dice.expovariate(rate) * HOUR
                if at >= begin + HOUR:
                    break
                size = 1 if clump == 1 else 1 + int(dice.expovariate(1 / (clump - 1)))
                found += [Moment(int(at) + number * 200_000) for number in range(size)]
    return sorted(found)


def past_of(times: list[Moment], at: Moment) -> watch.Past:
    """What the watch would know of arrivals at a moment: hourly counts, and the gaps of the last 28 days."""
    before = [one for one in times if one < at]
    counts = Counter(hour_of(one) for one in before)
    recent = [one for one in before if one >= at - 28 * DAY]
    hours = tuple(HourCount(hour_start=start, count=count) for start, count in sorted(counts.items()))
    return watch.Past(hours=hours, gaps=tuple(pairwise(recent)), messages=len(recent))
