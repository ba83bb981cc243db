"""Senders that say nothing: how soon their machine or a probe tells, at the pace of the rules, and how often falsely."""

import random
from collections.abc import Callable

from stormlamp.kernel.moments import DAY, HOUR, MINUTE, SECOND, Moment
from stormlamp.mirror.rules import watch_host as rules
from stormlamp.mirror.rules.probes import FAILED_IN_ROW
from stormlamp.mirror.rules.settings import LINE_AFTER, ProbeSettings
from stormlamp.mirror.rules.watch_host import Host, HostStanding, Reply
from stormlamp.mirror.rules.watch_soon import LOOK

MONTH, MIDDAY, STEP = 30 * DAY, 20 * DAY + 13 * HOUR, 5 * SECOND
HIT, MISS, LOST_SHARE = Reply(answered=True), Reply(answered=False), 0.01


def machine_cut(start: Moment, months: int) -> dict[str, float]:
    """A machine asked at the watch's own pace: minutes until the alarm, cut at each fifth second, and its false alarms.

    Of a hundred questions one is lost. It is started again once a week for ten minutes, and at another time of each month for four.
    False alarms are counted once eight weeks of that are known.
    """
    waits = []
    for number in range(0, MINUTE, STEP):
        cut = Moment(start + 10 * MINUTE + number)
        (gone,) = rung(start, Moment(cut + 10 * MINUTE), away=lambda at, cut=cut: at > cut)
        waits.append(gone + LOOK - cut)
    dice = random.Random(3)

    def away(at: Moment) -> bool:
        return at % (7 * DAY) < 10 * MINUTE or 0 <= at % MONTH - MIDDAY < 4 * MINUTE or dice.random() < LOST_SHARE

    known = Moment(start + rules.KEPT)
    false = [at for at in rung(start, Moment(known + months * MONTH), away=away) if at >= known]
    return told(waits) | {"false_alarms_per_month": round(len(false) / months, 2)}


def probe_fails() -> dict[str, float]:
    """A probe at its usual pace, whose system stops answering at each fifth second of it: minutes until the alarm."""
    probe = ProbeSettings(name="LIS", kind="mllp", target="lis:2575")
    rest = (FAILED_IN_ROW - 1) * probe.every + int(probe.within * SECOND)
    return told([first + rest for first in range(STEP, probe.every + STEP, STEP)])


def rung(start: Moment, until: Moment, *, away: Callable[[Moment], bool]) -> list[Moment]:
    """When a machine that is away at these moments is called gone, looked at whenever it is asked."""
    host, at, found, was = rules.asked(None, start, HIT), start, list[Moment](), False
    while at < until:
        at = Moment(at + (rules.AGAIN if host.missed else rules.EVERY))
        host = rules.asked(host, at, MISS if away(at) else HIT)
        gone = bool(host.missed) and stands(host, at) is HostStanding.GONE
        if gone and not was:
            found.append(at)
        was = gone
    return found


def stands(host: Host, at: Moment) -> HostStanding:
    """How it stands by the usual limit."""
    return rules.judged({"sender": host}, at=at, down_after=LINE_AFTER).standing


def told(waits: list[int]) -> dict[str, float]:
    """Waits in minutes: in the mean, and at most."""
    return {"noticed_within_minutes": round(sum(waits) / len(waits) / MINUTE, 1), "at_most_minutes": round(max(waits) / MINUTE, 1)}
