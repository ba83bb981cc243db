"""The watch: looks at every interface, raises an alarm when one leaves its habit, and ends it when it is back."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import DAY, HOUR, MINUTE, SECOND, Moment
from stormlamp.ledger import projector
from stormlamp.mirror import queries
from stormlamp.mirror.actions import watching as acts
from stormlamp.mirror.jobs.copies import look_at_copies
from stormlamp.mirror.jobs.hosts import HostWatch, spoken_for
from stormlamp.mirror.jobs.keeping import forget_unseen, keep_seen
from stormlamp.mirror.jobs.lines import LineWatch
from stormlamp.mirror.queries import watch as seen
from stormlamp.mirror.rules import HourCount, watch
from stormlamp.mirror.rules.alarms import Alarm, AlarmKind, Answer, Figure
from stormlamp.mirror.rules.feeds import hour_of
from stormlamp.mirror.rules.settings import WatchSettings
from stormlamp.mirror.rules.watch import Judgement, Learned, Past, Standing
from stormlamp.mirror.rules.watch_habit import Calendar, Stretch

GAPS_SINCE = 28 * DAY
RECOUNT = 3 * HOUR
BEHIND_FOR = 2 * MINUTE
ERROR_MESSAGES, ERROR_EXCESS, ERROR_FACTOR = 20, 0.1, 4.0
SHOWN_HOURS = 24
NEVER = Moment(0)
# Where time is scaled, the real seconds between two messages are minutes: so long a pause is the computer's, not the feed's.
JITTER = 20 * SECOND
# The first look comes a moment after the first message that a node takes; as many of its starts are remembered.
STARTING, MOST_STARTS = 30 * SECOND, 100
KINDS = {Standing.SILENT: AlarmKind.SILENT, Standing.SLOW: AlarmKind.SLOW}


@dataclass(slots=True)
class Known:
    """What is known of an interface between two looks."""

    hours: dict[Moment, int] = field(default_factory=dict)
    learned: Learned | None = None
    learned_at: Moment = NEVER
    aside: tuple[int, int] = (0, 0)


class Watch:
    """One node's watch. `look` is called every few seconds with the present moment; it keeps what it learned between looks.

    `listens`: whether feeds come in at this node. Where they only come as another node's entries, that one judges them: a line
    between nodes that is cut would look here like a silence of every feed.
    """

    def __init__(
        self,
        by: Actor,
        calendar: Callable[[Moment], Calendar],
        settings: WatchSettings,
        *,
        hosts: HostWatch | None = None,
        speed: float = 1.0,
        listens: bool = True,
    ) -> None:
        self._by = by
        self._listens = listens
        self._calendar = calendar
        self._settings = settings
        self._speed = max(1.0, speed)
        self._lines = LineWatch(by, settings, speed=self._speed)
        self._hosts = hosts
        self._known: dict[str, Known] = {}
        self._listening_since = Moment(0)
        self._starts: tuple[Moment, ...] = ()

    def look(self, at: Moment) -> None:
        """Judge every interface, and the node itself; raise and end alarms; keep what was seen for the pages."""
        if not self._listening_since:
            self._listening_since = _listening_since(at, self._speed)
            self._starts = tuple(dict.fromkeys((*seen.starts(), self._listening_since)))[-MOST_STARTS:]
        open_now = {(one.kind, one.subject): one for one in queries.open_alarms()}
        if self._listens:
            self._look_at_feeds(at, open_now)
        self._look_behind(at, open_now)
        look_at_copies(self._by, at, open_now, started_at=self._listening_since, speed=self._speed)
        told = {"since": self._listening_since, "behind": projector.behind(), "waiting_since": projector.waiting_since()}
        keep_seen(seen.NODE, at, {**told, "starts": self._starts})

    def _look_at_feeds(self, at: Moment, open_now: Mapping[tuple[AlarmKind, str], Alarm]) -> None:
        """Judge every interface, but those that nobody wants watched."""
        watched = [one for one in seen.watched_interfaces() if one not in self._settings.ignored]
        explained = self._explained(at, open_now)
        for interface in watched:
            self._look_at(interface, at, open_now, explained=interface in explained)
        for (kind, subject), alarm in open_now.items():
            if kind in (AlarmKind.SILENT, AlarmKind.SLOW, AlarmKind.ERRORS) and subject not in watched:
                acts.end_alarm(self._by, at, alarm=alarm.alarm)
        forget_unseen({f"interface|{one}" for one in watched}, "interface")

    def _explained(self, at: Moment, open_now: Mapping[tuple[AlarmKind, str], Alarm]) -> frozenset[str]:
        """The interfaces of which a lost line, a machine that is gone or a failing probe says why they are silent."""
        failing = spoken_for(open_now)
        explained = self._lines.look(at, open_now)
        if self._hosts is not None:
            explained |= self._hosts.look(at, open_now, self._lines.lines, explained | failing.keys())
        return explained | {name for name, since_at in failing.items() if seen.last_arrival(name) <= since_at}

    def _look_at(self, interface: str, at: Moment, open_now: Mapping[tuple[AlarmKind, str], Alarm], *, explained: bool) -> None:
        """Judge one interface by its habit; `explained`: another alarm has already told people why nothing comes."""
        known = self._known.setdefault(interface, Known())
        self._learn(interface, known, at)
        silent, slow = open_now.get((AlarmKind.SILENT, interface)), open_now.get((AlarmKind.SLOW, interface))
        standing = Standing.SILENT if silent else Standing.SLOW if slow else Standing.USUAL
        recent = seen.arrivals_since(interface, Moment(hour_of(at) - max(watch.WINDOWS) * HOUR))
        least = int(max(watch.LEAST_SILENCE, JITTER * self._speed if self._speed > 1 else 0))
        judgement = watch.judged(
            known.learned,
            at=at,
            last_at=seen.last_arrival(interface),
            listening_since=max(self._listening_since, _heard_again(interface)),
            recent=recent,
            limit=self._settings.limit(interface),
            standing=standing,
            least=least,
        )
        after = watch.silent_after(known.learned, at=at, recent=recent, least=least) if known.learned else None
        self._decide(interface, judgement, silent, slow, explained=explained)
        errors = self._errors(interface, known, at, open_now.get((AlarmKind.ERRORS, interface)))
        keep_seen(f"interface|{interface}", at, {**_shown(known, judgement, at), "errors": errors, "silent_after": after})

    def _decide(self, interface: str, told: Judgement, silent: Alarm | None, slow: Alarm | None, *, explained: bool) -> None:
        standing = told.standing
        if silent and (standing is not Standing.SILENT or told.last_at > silent.since_at):
            acts.end_alarm(self._by, told.at, alarm=silent.alarm)
            silent = None
        if slow and standing is not Standing.SLOW:
            acts.end_alarm(self._by, told.at, alarm=slow.alarm)
        if explained:
            return
        if standing is Standing.SILENT and not silent and not self._answered(interface, told):
            self._raise(AlarmKind.SILENT, interface, told.last_at, told)
        if standing is Standing.SLOW and not slow:
            self._raise(AlarmKind.SLOW, interface, told.from_at, told)

    def _answered(self, interface: str, told: Judgement) -> bool:
        """Whether a person has closed an alarm about this same silence: it is not raised again before the feed has spoken."""
        return any(
            one.since_at == told.last_at and one.closed is not None and one.closed.answer is not Answer.BACK
            for one in seen.silences(interface)
        )

    def _raise(self, kind: AlarmKind, subject: str, since_at: Moment, told: Judgement) -> None:
        low, high = told.between
        evidence: dict[str, Figure] = {
            "standing": told.standing.value, "at": told.at, "from_at": told.from_at, "usual": round(told.usual, 2), "low": low,
            "high": high, "expected": round(told.expected, 2), "came": told.came, "once_in": round(told.once_in, 1),
            "limit": told.limit,
        }  # fmt: skip
        acts.raise_alarm(self._by, told.at, alarm=new_id(), what=kind, subject=subject, since_at=since_at, evidence=evidence)

    def _learn(self, interface: str, known: Known, at: Moment) -> None:
        """Count what came since; every hour, learn the habit anew from eight weeks of counts and four of silences."""
        start = hour_of(at)
        if not known.hours:
            known.hours = {hour.hour_start: hour.count for hour in queries.habit(interface).hours}
        recent = seen.hour_counts(interface, from_at=Moment(start - RECOUNT))
        known.hours |= {hour.hour_start: max(hour.count, known.hours.get(hour.hour_start, 0)) for hour in recent}
        if known.learned_at == start:
            return
        hours = tuple(HourCount(hour_start=hour, count=count) for hour, count in sorted(known.hours.items()))
        calendar = self._calendar(at)
        first = watch.learned(Past(hours=hours), at=at, calendar=calendar)
        if first is not None:
            peak = max(first.profile.rates)
            shortest = int(watch.LONG * HOUR / peak)
            gaps, size = seen.gaps(interface, from_at=Moment(at - GAPS_SINCE), until_at=at, shortest=shortest)
            heard = tuple(gap for gap in gaps if not self._was_away(gap))
            past = Past(hours=hours, gaps=heard, messages=size, dark=_dark(interface, at))
            known.learned = watch.learned(past, at=at, calendar=calendar)
        known.learned_at = start
        known.aside = seen.aside_between(interface, Moment(at - GAPS_SINCE), Moment(at - HOUR))

    def _was_away(self, gap: Stretch) -> bool:
        """Whether this node began to listen at the end of a gap: then it was the node that was silent, not the feed."""
        return any(gap[0] < start <= gap[1] + STARTING * self._speed for start in self._starts)

    def _errors(self, interface: str, known: Known, at: Moment, alarm: Alarm | None) -> dict[str, float]:
        """The share of the last hour that was not understood, against the four weeks before: a plain limit."""
        aside, total = seen.aside_between(interface, Moment(at - HOUR), at)
        share = aside / total if total else 0.0
        usual = known.aside[0] / known.aside[1] if known.aside[1] else 0.0
        wrong = total >= ERROR_MESSAGES and share > max(ERROR_FACTOR * usual, usual + ERROR_EXCESS)
        evidence: dict[str, Figure] = {"aside": aside, "total": total, "share": round(share, 4), "usual_share": round(usual, 4)}
        self._switch(AlarmKind.ERRORS, interface, wrong, alarm, at, at, evidence)
        return {"share": share, "usual_share": usual, "aside": aside, "total": total}

    def _look_behind(self, at: Moment, open_now: Mapping[tuple[AlarmKind, str], Alarm]) -> None:
        waiting_since = projector.waiting_since()
        late = waiting_since is not None and at - waiting_since > BEHIND_FOR * self._speed
        evidence: dict[str, Figure] = {"behind": projector.behind() if late else 0}
        subject = "" if self._listens else str(self._by.node)
        self._switch(
            AlarmKind.BACKLOG, subject, late, open_now.get((AlarmKind.BACKLOG, subject)), at, waiting_since or at, evidence
        )

    def _switch(
        self, kind: AlarmKind, subject: str, wrong: bool, alarm: Alarm | None, at: Moment, since_at: Moment,
        evidence: Mapping[str, Figure],
    ) -> None:  # fmt: skip
        if wrong and alarm is None:
            acts.raise_alarm(self._by, at, alarm=new_id(), what=kind, subject=subject, since_at=since_at, evidence=evidence)
        elif alarm is not None and not wrong:
            acts.end_alarm(self._by, at, alarm=alarm.alarm)


def _listening_since(at: Moment, speed: float) -> Moment:
    """Since when this node has been listening: a watch that was only started again has heard what came meanwhile."""
    told = seen.seen_by_watch(at, speed=speed).get(seen.NODE)
    return at if told is None else Moment(told["since"])


def _dark(interface: str, at: Moment) -> tuple[Stretch, ...]:
    """When the feed was known to be silent: no habit. A silence that somebody called false is one."""
    return tuple(
        (one.since_at, at if one.closed is None else one.closed.at)
        for one in (*seen.silences(interface), *(told for kind in seen.LINES for told in seen.silences(interface, kind=kind)))
        if one.judged is None or one.judged.answer is not Answer.FALSE
    )


def _heard_again(interface: str) -> Moment:
    """When the last alarm about an interface's messages ended: what was before that is not held against it once more."""
    told = [one for kind in (*KINDS.values(), *seen.LINES) for one in seen.silences(interface, kind=kind)]
    ended = [one.closed.at for one in told if one.closed is not None and one.closed.answer is Answer.BACK]
    return max(ended, default=Moment(0))


def _shown(known: Known, told: Judgement, at: Moment) -> dict[str, object]:
    """What the pages show of an interface: the judgement, and the last 24 hours beside what is usual."""
    start = hour_of(at)
    starts = [Moment(start - ago * HOUR) for ago in reversed(range(SHOWN_HOURS))]
    usual = [round(known.learned.profile.rate(hour), 2) for hour in starts] if known.learned else []
    figures = asdict(told) | {"standing": told.standing.value}
    judgement = {name: value for name, value in figures.items() if name != "at"}
    heard = min(known.hours, default=start)
    return {
        "judgement": judgement,
        "can_tell": known.learned is not None,
        "counts": [known.hours.get(hour, 0) for hour in starts],
        "usual": usual,
        "heard_hours": (start - heard) // HOUR,
        "clump": known.learned.profile.clump if known.learned else 0,
    }
