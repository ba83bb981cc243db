"""Timed probes: each asks its system when its time has come, and what it took is counted, kept and held against its habit."""

from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Trouble
from stormlamp.mirror import queries
from stormlamp.mirror.actions import watching as acts
from stormlamp.mirror.jobs.keeping import keep_hour, keep_seen
from stormlamp.mirror.ports import Question
from stormlamp.mirror.queries import probes as seen
from stormlamp.mirror.queries.watch import LINES
from stormlamp.mirror.rules.alarms import Alarm, AlarmKind, Figure
from stormlamp.mirror.rules.feeds import hour_of
from stormlamp.mirror.rules.probes import ProbeStanding, Sample, class_of, out_of_habit_since, probe_standing, quantile
from stormlamp.mirror.rules.settings import ProbeSettings

KEPT = 20
NEVER = Moment(0)
KINDS = {ProbeStanding.SLOW: AlarmKind.PROBE_SLOW, ProbeStanding.DOWN: AlarmKind.PROBE_DOWN}


@dataclass(slots=True)
class _Probe:
    """One probe between two questions."""

    settings: ProbeSettings
    question: Question
    next_at: Moment = NEVER
    hour_start: Moment = NEVER
    counts: Counter[int] = field(default_factory=Counter)
    failed: int = 0
    recent: deque[Sample] = field(default_factory=lambda: deque(maxlen=KEPT))


class Probing:
    """Every probe of a home. `stopwatch` gives seconds that only grow."""

    def __init__(self, by: Actor, probes: Mapping[str, tuple[ProbeSettings, Question]], stopwatch: Callable[[], float]) -> None:
        self._by = by
        self._stopwatch = stopwatch
        self._probes = {name: _Probe(settings, question) for name, (settings, question) in probes.items()}

    def due(self, at: Moment) -> tuple[str, ...]:
        """The probes whose time has come."""
        return tuple(name for name, one in self._probes.items() if at >= one.next_at)

    def asked(self, name: str, at: Moment) -> Sample:
        """Ask one system and measure; touches no table, so that many may ask side by side."""
        probe = self._probes[name]
        probe.next_at = Moment(at + probe.settings.every)
        began = self._stopwatch()
        try:
            probe.question.ask(within=probe.settings.within)
        except Trouble as trouble:
            return Sample(at=at, millis=None, why=str(trouble))
        return Sample(at=at, millis=(self._stopwatch() - began) * 1000)

    def note(self, name: str, sample: Sample) -> ProbeStanding:
        """Count and keep a sample, raise or end the alarm that follows from it; how the system stands now."""
        probe = self._probes[name]
        self._count(name, probe, sample)
        habit = seen.probe_habit(name, sample.at)
        standing = probe_standing(tuple(probe.recent), habit, slow_after=probe.settings.slow_after)
        alarms = queries.open_alarms()
        open_now = {one.kind: one for one in alarms if one.subject == name and one.kind in KINDS.values()}
        gone = {one.subject for one in alarms if one.kind in LINES}
        if standing is not ProbeStanding.DOWN or open_now or not _all_in(probe.settings.interfaces, gone):
            self._decide(name, probe, standing, open_now, habit)
        keep_seen(f"probe|{name}", sample.at, _shown(probe.settings, standing, sample))
        return standing

    def _count(self, name: str, probe: _Probe, sample: Sample) -> None:
        start = hour_of(sample.at)
        if probe.hour_start != start:
            kept = seen.probe_hours(name, from_at=start, until_at=Moment(start + 1))
            probe.hour_start, probe.counts, probe.failed = start, kept[0][1] if kept else Counter(), kept[0][2] if kept else 0
        probe.recent.append(sample)
        if sample.millis is None:
            probe.failed += 1
        else:
            probe.counts[class_of(sample.millis)] += 1
        keep_hour(name, start, probe.counts, probe.failed)

    def _decide(
        self, name: str, probe: _Probe, standing: ProbeStanding, open_now: Mapping[AlarmKind, Alarm], habit: Mapping[int, int]
    ) -> None:
        last, kind = probe.recent[-1], KINDS.get(standing)
        for other, alarm in open_now.items():
            if other is not kind:
                acts.end_alarm(self._by, last.at, alarm=alarm.alarm)
        if kind is None or kind in open_now:
            return
        evidence: dict[str, Figure] = {
            "millis": round(last.millis or 0.0, 1),
            "usual": round(quantile(habit, 0.5) or 0.0, 1),
            "high": round(quantile(habit, 0.95) or 0.0, 1),
            "slow_after": probe.settings.slow_after,
            "why": last.why,
            "interfaces": "\n".join(probe.settings.interfaces),
        }
        since = out_of_habit_since(tuple(probe.recent), standing)
        acts.raise_alarm(self._by, last.at, alarm=new_id(), what=kind, subject=name, since_at=since, evidence=evidence)


def _shown(settings: ProbeSettings, standing: ProbeStanding, sample: Sample) -> dict[str, object]:
    """What the pages show of a probe."""
    return {
        "standing": standing.value,
        "millis": sample.millis,
        "why": sample.why,
        "slow_after": settings.slow_after,
        "kind": settings.kind,
        "every": settings.every,
        "interfaces": settings.interfaces,
    }


def _all_in(interfaces: Collection[str], gone: Collection[str]) -> bool:
    """Whether people have been told of every interface that a probe speaks for: then its own alarm would say the same again."""
    return bool(interfaces) and all(one in gone for one in interfaces)
