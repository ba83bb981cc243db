"""The feed watch on feeds that keep their habit, and on feeds that stop: false alarms a month, and minutes until an alarm.

    python bench/watch.py [STREAM.hl7] [MONTHS]      default: ../shared/data/hl7v2/simhospital-stream.hl7, 2 months of each feed

Five made-up feeds (busy, rare, in clumps, days that differ, silent at night), and one whose messages come in the clumps of a
recorded stream, played along a daily rhythm. Each is learned for eight weeks and then judged at the longest moment of every gap,
and every ten minutes. Beside ours stands a peer: a fixed limit of five minutes, as monitoring scripts of hospitals have. Prints one
JSON document.

The claims: at most one false alarm per interface and month, and no more than the fixed limit raises; a feed that stops in its
busiest hours is noticed before the longest pause of its own last four weeks has passed twice, or within five minutes.
"""

import json
import random
import sys
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from stormlamp.kernel.moments import DAY, HOUR, MINUTE, Moment, parse_iso  # noqa: E402 - the project is found first
from stormlamp.mirror.rules import watch  # noqa: E402 - the project is found first
from stormlamp.mirror.rules.watch import Standing  # noqa: E402 - the project is found first
from stormlamp.mirror.rules.watch_habit import Calendar  # noqa: E402 - the project is found first
from tests.mirror.arrivals import arrivals, past_of, usual_rate  # noqa: E402 - the project is found first

CALENDAR = Calendar(zone=ZoneInfo("Europe/Brussels"))
START = parse_iso("2026-01-05T00:00:00Z")
LEARNED, MONTH, FIXED = 56 * DAY, 30 * DAY, 5 * MINUTE
WANTED = 1.0
FEEDS = {
    "busy": {"level": 240, "night": 0.1},
    "rare": {"level": 4},
    "in clumps": {"level": 90, "clump": 12, "sway": 0.03},
    "days differ": {"level": 90, "sway": 0.08},
    "silent at night": {"level": 60, "night": 0.0},
}


def main() -> int:
    """Measure and print; exit 1 when a claim does not hold."""
    stream = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT.parent / "shared/data/hl7v2/simhospital-stream.hl7")
    months = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    days = LEARNED // DAY + months * 30
    feeds = {name: arrivals(11, CALENDAR, start=START, days=days, **told) for name, told in FEEDS.items()}
    if stream.is_file():
        feeds["recorded clumps"] = recorded(stream, days=days)
    told = {name: measured(times, months) for name, times in feeds.items()}
    false = max(one["false_alarms_per_month"] for one in told.values())
    beaten = all(one["false_alarms_per_month"] <= one["fixed_limit_false_alarms_per_month"] for one in told.values())
    noticed = all(one["noticed_within_minutes"] <= one["allowed_minutes"] for one in told.values())
    document = {
        "months_of_each": months,
        "feeds": told,
        "worst_false_alarms_per_month": false,
        "claim": f"at most {WANTED} a month, no more than the fixed limit, each stop noticed within what its own pauses allow",
        "holds": false <= WANTED and beaten and noticed,
    }
    print(json.dumps(document, indent=2))
    return 0 if document["holds"] else 1


def recorded(stream: Path, *, days: int) -> list[Moment]:
    """Arrivals in the clumps of a recorded stream (messages of one second belong together), along a daily rhythm."""
    stamps = [line.split(b"|")[6][:14] for line in stream.read_bytes().replace(b"\n", b"\r").split(b"\r") if line[:4] == b"MSH|"]
    sizes = list(Counter(stamps).values())
    dice, found, number = random.Random(5), list[Moment](), 0
    mean = sum(sizes) / len(sizes)
    for begin in range(START, START + days * DAY, HOUR):
        rate = usual_rate(CALENDAR.hour_of_week(Moment(begin)), level=90, night=0.1) / mean
        at = begin + dice.expovariate(rate) * HOUR
        while at < begin + HOUR:
            found += [Moment(int(at) + place * 150_000) for place in range(sizes[number % len(sizes)])]
            number += 1
            at += dice.expovariate(rate) * HOUR
    return sorted(found)


def measured(times: list[Moment], months: int) -> dict[str, float]:
    """False alarms over the months after the learning, and how long a stop at 14:00 of a Tuesday stays unnoticed."""
    false, ended_at, before = 0, Moment(0), Standing.USUAL
    known, learned_at, spent, looks = None, Moment(0), 0.0, 0
    begin, end = Moment(START + LEARNED), Moment(START + LEARNED + months * MONTH)
    ends = [Moment(b - 1) for a, b in pairwise(times) if begin <= a < end and b - a >= watch.LEAST_SILENCE]
    fixed = sum(1 for a, b in pairwise(times) if begin <= a < end and b - a > FIXED)
    for at in sorted([*ends, *(Moment(one) for one in range(begin, end, 10 * MINUTE))]):
        if at - learned_at > 7 * DAY:
            known, learned_at = watch.learned(past_of(times, at), at=at, calendar=CALENDAR), at
        started = time.perf_counter()
        standing = judged(known, times, at, before, ended_at)
        spent, looks = spent + time.perf_counter() - started, looks + 1
        false += standing in (Standing.SILENT, Standing.SLOW) and before is not standing
        ended_at = at if before is not Standing.USUAL and standing is not before else ended_at
        before = standing
    stop = Moment(START + LEARNED + DAY + 13 * HOUR)
    past = past_of(times, stop)
    noticed = noticed_after(watch.learned(past, at=stop, calendar=CALENDAR), times, stop)
    longest = max(b - a for a, b in past.gaps if usual_hours(a))
    return {
        "messages": len(times),
        "false_alarms_per_month": round(false / months, 2),
        "fixed_limit_false_alarms_per_month": round(fixed / months, 1),
        "noticed_within_minutes": round(noticed / MINUTE, 1),
        "longest_own_pause_in_working_hours_minutes": round(longest / MINUTE, 1),
        "allowed_minutes": round(max(2 * longest, 5 * MINUTE) / MINUTE, 1),
        "microseconds_per_look": round(spent / looks * 1e6),
    }


def usual_hours(at: Moment) -> bool:
    """Whether a moment lies in the working hours of a weekday."""
    day, hour = divmod(CALENDAR.hour_of_week(at), 24)
    return day < 5 and 9 <= hour < 18


def judged(
    known: watch.Learned | None, times: Sequence[Moment], at: Moment, standing: Standing = Standing.USUAL, since: int = 0
) -> Standing:
    """How a feed stands, as the watch asks it."""
    last = bisect_right(times, at)
    recent = times[bisect_left(times, at - 25 * HOUR) : last]
    return watch.judged(
        known, at=at, last_at=times[last - 1], listening_since=Moment(since), recent=recent, limit=HOUR, standing=standing
    ).standing


def noticed_after(known: watch.Learned | None, times: Sequence[Moment], stop: Moment) -> int:
    """Microseconds from a stop until the alarm, looked for every 15 seconds."""
    before = times[: bisect_right(times, stop)]
    at = before[-1]
    while judged(known, before, Moment(at)) is not Standing.SILENT and at < before[-1] + DAY:
        at = Moment(at + MINUTE // 4)
    return at - before[-1]


if __name__ == "__main__":
    sys.exit(main())
