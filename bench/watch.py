"""The feed watch on feeds that keep their habit, and on feeds that stop: false alarms a month, and minutes until an alarm.

    python bench/watch.py [STREAM.hl7] [MONTHS]      default: ../shared/data/hl7v2/simhospital-stream.hl7, 2 months of each feed

Five made-up feeds (busy, rare, in clumps, days that differ, silent at night), and one whose messages come in the clumps of a
recorded stream, played along a daily rhythm. Each is learned for eight weeks and then judged at the longest moment of every gap,
and every ten minutes. Beside ours stands a peer: a fixed limit of five minutes, as monitoring scripts of hospitals have. Then the
line of each of these feeds is cut, at the same hour: a sender that holds its line, one that is started again every night, one that
connects for each message; and one real line on loopback, whose sender is killed, or whose network goes. Then the machine goes of a
sender that connects for each message, or its program hangs while a probe speaks for it: asked at the pace of the rules, cut at
every fifth second of it. A machine that is started again now and then, and some of whose answers are lost, is asked for as many
months. And a real machine, on a network of its own, is cut off a real node. Prints one JSON document.

The claims: at most one false alarm per interface and month, and no more than the fixed limit raises; a feed that stops in its
busiest hours is noticed before the longest pause of its own last four weeks has passed twice, or within five minutes. Every feed
whose sender holds its line is noticed within five minutes by the line, whatever it sends, with no false alarm in the same months.
So is every one whose machine answers, and every one that a probe speaks for, at most one false alarm a month. What remains for the
habit alone: a sender whose machine never answers, and a program that hangs where no probe speaks for it.
Printed and not claimed: a sender that hangs up when it is idle; where it seldom is, that looks like a lost line.
"""

import json
import os
import random
import shutil
import subprocess
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

from bench.parts.asked import machine_cut, probe_fails  # noqa: E402 - the project is found first
from bench.parts.node import open_home, running  # noqa: E402 - the project is found first
from stormlamp.kernel.moments import DAY, HOUR, MINUTE, SECOND, Moment, parse_iso  # noqa: E402 - the project is found first
from stormlamp.mirror.rules import watch  # noqa: E402 - the project is found first
from stormlamp.mirror.rules import watch_line as line_rules  # noqa: E402 - the project is found first
from stormlamp.mirror.rules.watch import Standing  # noqa: E402 - the project is found first
from stormlamp.mirror.rules.watch_habit import Calendar  # noqa: E402 - the project is found first
from stormlamp.mirror.rules.watch_line import LineStanding  # noqa: E402 - the project is found first
from tests.mirror.arrivals import arrivals, past_of, usual_rate  # noqa: E402 - the project is found first

CALENDAR = Calendar(zone=ZoneInfo("Europe/Brussels"))
START = parse_iso("2026-01-05T00:00:00Z")
LEARNED, MONTH, FIXED = 56 * DAY, 30 * DAY, 5 * MINUTE
WANTED = 1.0
MOST_MINUTES = 5
CUT, CUT_MACHINE = "--cut", "--cut-machine"
HERE, THERE, CABLE = "10.77.0.1", "10.77.0.2", f"stormlamp-bench-{os.getpid()}"
LINE, PER_MESSAGE = line_rules.LineLimits(down_after=2 * MINUTE), "connects for each message"
RAISED = ("line-lost", "host-gone")
IDLE = "hangs up when idle for half an hour"
OTHERS = (PER_MESSAGE, IDLE)
FEEDS = {
    "busy": {"level": 240, "night": 0.1},
    "rare": {"level": 4},
    "in clumps": {"level": 90, "clump": 12, "sway": 0.03},
    "days differ": {"level": 90, "sway": 0.08},
    "silent at night": {"level": 60, "night": 0.0},
}


def main() -> int:
    """Measure and print; exit 1 when a claim does not hold."""
    if sys.argv[1:] in ([CUT], [CUT_MACHINE]):
        print(json.dumps(real_line(cut_network=True) if sys.argv[1] == CUT else real_machine()))
        return 0
    cuts = {"the network is cut": in_own_network(CUT), "its machine is cut": in_own_network(CUT_MACHINE)}
    stream = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT.parent / "shared/data/hl7v2/simhospital-stream.hl7")
    months = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    days = LEARNED // DAY + months * 30
    feeds = {name: arrivals(11, CALENDAR, start=START, days=days, **told) for name, told in FEEDS.items()}
    if stream.is_file():
        feeds["recorded clumps"] = recorded(stream, days=days)
    told = {name: measured(times, months) for name, times in feeds.items()}
    lines = {name: lines_cut(times, months) for name, times in feeds.items()}
    real = {"its sender is killed": real_line(), **{name: waited_for(one) for name, one in cuts.items()}}
    quiet = {"machine": machine_cut(START, months), "probe": probe_fails()}
    false = max(one["false_alarms_per_month"] for one in told.values())
    beaten = all(one["false_alarms_per_month"] <= one["fixed_limit_false_alarms_per_month"] for one in told.values())
    noticed = all(one["noticed_within_minutes"] <= one["allowed_minutes"] for one in told.values())
    by_line = all("left_out" in one or any(kind in str(one["raised"]) for kind in RAISED) for one in real.values())
    by_line &= all(one["at_most_minutes"] <= MOST_MINUTES for one in quiet.values())
    by_line &= quiet["machine"]["false_alarms_per_month"] <= WANTED
    for one in (row for told_of in lines.values() for sender, row in told_of.items() if sender not in OTHERS):
        noticed_by_line = one["noticed_within_minutes"] is not None and one["noticed_within_minutes"] <= MOST_MINUTES
        by_line &= noticed_by_line and not one["false_alarms_per_month"]
    document = {
        "months_of_each": months,
        "feeds": told,
        "worst_false_alarms_per_month": false,
        "claim": f"at most {WANTED} a month, no more than the fixed limit, each stop noticed within what its own pauses allow",
        "line_cut": lines,
        "a_real_line": real,
        "says_nothing": quiet,
        "line_claim": f"every sender that holds its line, whose machine answers or for which a probe speaks is noticed within"
        f" {MOST_MINUTES} minutes, whatever it sends; a line never falsely",
        "holds": false <= WANTED and beaten and noticed and by_line,
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


# ------------------------------------------------------------------------------------------------ the line


def lines_cut(times: Sequence[Moment], months: int) -> dict[str, dict[str, object]]:
    """What a cut line tells of each kind of sender: minutes until the alarm (none: its habit judges it), and false ones."""
    cut = Moment(START + LEARNED + DAY + 13 * HOUR)
    late = times[bisect_left(times, cut - 15 * DAY) : bisect_right(times, cut)]
    told = {}
    for sender, ups in {
        "holds its line": [(START, cut)],
        "holds it, started again nightly": nightly(30 * SECOND, cut),
        "holds it, away for five minutes nightly": nightly(5 * MINUTE, cut),
        PER_MESSAGE: [(at, Moment(at + 2 * SECOND)) for at in late],
        IDLE: idle([one for one in times if one <= cut]),
    }.items():
        line, _ = lived(ups)
        later = idle(times) if sender == IDLE else nightly_of(sender, Moment(cut + months * MONTH))
        false = lived(later, counted_from=cut)[1] if sender != PER_MESSAGE else 0
        noticed = minutes_until_lost(line)
        told[sender] = {
            "noticed_within_minutes": noticed,
            "false_alarms_per_month": round(false / months, 2),
            **({"judged_by": "its habit"} if noticed is None else {"up_share": round(line_rules.held(line, LINE)[1], 4)}),
        }
    return told


def nightly(pause: int, until: Moment) -> list[tuple[Moment, Moment]]:
    """A line that is up but for a pause at three in the morning."""
    starts = [START, *(Moment(one + 3 * HOUR + pause) for one in range(START, until, DAY) if one + 3 * HOUR + pause < until)]
    return [(a, Moment(min(until, b - pause))) for a, b in zip(starts, [*starts[1:], Moment(until + pause)], strict=True)]


def idle(times: Sequence[Moment]) -> list[tuple[Moment, Moment]]:
    """A line whose sender hangs up after half an hour in which it had nothing to say."""
    ups, start, last = [], times[0], times[0]
    for at in times:
        if at - last > HOUR // 2:
            ups.append((start, Moment(last + HOUR // 2)))
            start = at
        last = at
    return [*ups, (start, Moment(last + HOUR // 2))]


def nightly_of(sender: str, until: Moment) -> list[tuple[Moment, Moment]]:
    """When a sender is connected, over the months in which false alarms are counted."""
    pause = {"holds it, started again nightly": 30 * SECOND, "holds it, away for five minutes nightly": 5 * MINUTE}.get(sender, 0)
    return nightly(pause, until) if pause else [(START, until)]


def lived(ups: Sequence[tuple[Moment, Moment]], *, counted_from: int = 1 << 62) -> tuple[line_rules.Line, int]:
    """The line after it was up in these stretches, and how often a pause since a moment would have rung at its end."""
    line, false = line_rules.begun(None, ups[0][0]), 0
    for start, end in ups:
        line = line_rules.advanced(line, start)
        false += start >= counted_from and line_rules.judged(line, LINE, at=start).standing is LineStanding.LOST
        line = line_rules.came_up(line, start)
        for at in range(start + DAY, end, DAY):
            line = line_rules.advanced(line, Moment(at))
        ended = line_rules.Ended(peer="10.0.0.7", at=end, how=line_rules.Ending.CLOSED, lasted=end - start)
        line = line_rules.went_down(line_rules.noted_end(line, ended), end)
    return line, false


def minutes_until_lost(line: line_rules.Line) -> float | None:
    """Minutes until the alarm, looked for every 15 seconds, the last time just before the cut; None: none in an hour."""
    for at in range(line.down_since + MINUTE // 4 - 1, line.down_since + HOUR, MINUTE // 4):
        line = line_rules.advanced(line, Moment(at))
        if line_rules.judged(line, LINE, at=Moment(at)).standing is LineStanding.LOST:
            return round((at - line.down_since) / MINUTE, 2)
    return None


def real_line(*, cut_network: bool = False) -> dict[str, object]:
    """A real node, and a real sender of one message that holds its line until it is killed, or the network under it goes."""
    if cut_network:
        in_nobody_elses_network()
    with running('\n[watch.main]\nline = "held"\n') as node:
        open_home()
        from stormlamp.mirror import queries

        sender = subprocess.Popen([sys.executable, "-c", SENDER, str(node.port), "127.0.0.1", "600"], stdout=subprocess.PIPE)
        assert sender.stdout is not None
        answered = b"MSA|AA" in sender.stdout.readline()
        if cut_network:
            subprocess.run(["ip", "link", "set", "lo", "down"], check=True)
        else:
            sender.kill()
        cut_at = time.monotonic()
        while not queries.open_alarms() and time.monotonic() < cut_at + MOST_MINUTES * 60:
            time.sleep(1)
        waited = (time.monotonic() - cut_at) / 60
        raised = [f"{one.kind.value}: {one.evidence.get('how')}" for one in queries.open_alarms()]
        sender.kill()
    return {"acknowledged_before": answered, "raised": raised, "noticed_within_minutes": round(waited, 1)}


def real_machine() -> dict[str, object]:
    """A real node, and a sender on a machine of its own that connects for one message and is then cut off."""
    in_nobody_elses_network()
    for one in (
        f"ip netns add {CABLE}",
        f"ip link add cable type veth peer name cable netns {CABLE}",
        f"ip addr add {HERE}/24 dev cable",
        f"ip -n {CABLE} addr add {THERE}/24 dev cable",
        "ip link set cable up",
        f"ip -n {CABLE} link set cable up",
    ):
        subprocess.run(one.split(), check=True)
    Path("/proc/sys/net/ipv4/ping_group_range").write_text("0 2147483647")
    try:
        with running(host=HERE) as node:
            return machine_gone(node.port)
    finally:
        subprocess.run(["ip", "netns", "delete", CABLE], check=False)


def machine_gone(port: int) -> dict[str, object]:
    """Send once, wait until the machine is known to answer, cut it, wait for the alarm."""
    open_home()
    from stormlamp.mirror import queries
    from stormlamp.mirror.queries.hosts import hosts_kept

    inside = ["ip", "netns", "exec", CABLE, sys.executable, "-c", SENDER, str(port), HERE, "0"]
    told = subprocess.run(inside, capture_output=True, check=True)
    began = time.monotonic()
    while not any(one.able for one in hosts_kept().values()) and time.monotonic() < began + 2 * MOST_MINUTES * 60:
        time.sleep(1)
    known_at = time.monotonic()
    subprocess.run(["ip", "-n", CABLE, "link", "set", "cable", "down"], check=True)
    while not queries.open_alarms() and time.monotonic() < known_at + MOST_MINUTES * 60:
        time.sleep(1)
    return {
        "acknowledged_before": b"MSA|AA" in told.stdout,
        "known_to_answer_after_minutes": round((known_at - began) / 60, 1),
        "raised": [f"{one.kind.value}: {one.evidence.get('why')}" for one in queries.open_alarms()],
        "noticed_within_minutes": round((time.monotonic() - known_at) / 60, 1),
    }


def in_nobody_elses_network() -> None:
    """Stop here unless this process has a network of its own."""
    if Path("/proc/self/ns/net").readlink() == Path(f"/proc/{os.getppid()}/ns/net").readlink():
        raise SystemExit("this would cut the network of the whole machine: it wants one of its own")


def in_own_network(what: str) -> "subprocess.Popen[str] | None":
    """This file again, on a network of its own; None where this system does not let us."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode:
        return None
    own = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$0" "$@"', sys.executable, __file__, what]
    return subprocess.Popen(own, stdout=subprocess.PIPE, text=True)


def waited_for(one: "subprocess.Popen[str] | None") -> dict[str, object]:
    """What it measured; said to be left out where it could not."""
    if one is None:
        return {"left_out": "needs root, for a network of its own"}
    told, _ = one.communicate()
    if one.returncode:
        raise SystemExit(one.returncode)
    return dict(json.loads(told))


# ------------------------------------------------------------------------------------------------ a line that says nothing


SENDER = r"""
import socket, sys, time
wire = socket.create_connection((sys.argv[2], int(sys.argv[1])))
wire.sendall(b"\x0bMSH|^~\\&|A|B|||20260113||ADT^A01|1|P|2.5\rEVN|A01\rPID|1||7\r\x1c\r")
print(wire.recv(65536), flush=True)
time.sleep(int(sys.argv[3]))
"""


if __name__ == "__main__":
    sys.exit(main())
