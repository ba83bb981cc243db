"""The watch over machines: asks those that send whether they are there, and raises an alarm when none of an interface answers."""

from collections.abc import Collection, Mapping

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.actions import watching as acts
from stormlamp.mirror.jobs.keeping import forget_unseen, keep_together
from stormlamp.mirror.ports import Machines
from stormlamp.mirror.queries import hosts as seen
from stormlamp.mirror.queries.lines import rung_lately
from stormlamp.mirror.queries.watch import answered
from stormlamp.mirror.rules import watch_host as rules
from stormlamp.mirror.rules.alarms import Alarm, AlarmKind, Answer, Figure
from stormlamp.mirror.rules.settings import WatchSettings
from stormlamp.mirror.rules.watch_host import HostJudgement, HostStanding, Place
from stormlamp.mirror.rules.watch_line import steady_for

Open = Mapping[tuple[AlarmKind, str], Alarm]


class HostWatch:
    """`ask` is called every second and asks whom it is time to ask; `look` every few seconds, with the lines as they stand."""

    def __init__(self, by: Actor, settings: WatchSettings, machines: Machines, *, speed: float = 1.0) -> None:
        self._by = by
        self._settings = settings
        self._machines = machines
        self._speed = speed
        self._hosts = {place: rules.begun(host) for place, host in seen.hosts_kept().items()}
        self._places: dict[str, tuple[Place, ...]] = {}
        self._spoke: dict[str, Moment] = {}

    def ask(self, at: Moment) -> None:
        """Ask the machines whose time has come, side by side; touches no table."""
        quiet = {place for name, places in self._places.items() if at - self._spoke[name] > rules.QUIET for place in places}
        wanted = {place for places in self._places.values() for place in places}
        due = [one for one in sorted(wanted) if rules.due(self._hosts.get(one), at, quiet=one in quiet, speed=self._speed)]
        if due:
            for place, reply in self._machines.ask(due).items():
                self._hosts[place] = rules.asked(self._hosts.get(place), at, reply)

    def look(self, at: Moment, open_now: Open, lines: seen.Lines, explained: Collection[str]) -> frozenset[str]:
        """Raise and end alarms; the interfaces whose alarm says why they are silent. None is raised for those `explained`.

        Alarms reach every node and machines are asked by one: what another node raised, only that one ends.
        """
        mine = {name: one for (kind, name), one in open_now.items() if kind is AlarmKind.HOST_GONE}
        self._places = seen.places_asked(lines, self._settings, also=frozenset(mine))
        self._listen(lines)
        said = set()
        for name, places in self._places.items():
            told = seen.host_judgement(name, places, self._hosts, at, self._settings, speed=self._speed)
            if self._decide(name, told, at, mine.get(name), explained):
                said.add(name)
        for name, alarm in mine.items():
            if name not in self._places and not self._ended(alarm, at):
                said.add(name)
        self._keep(at)
        return frozenset(said)

    def _listen(self, lines: seen.Lines) -> None:
        """Note when each interface and each machine spoke last."""
        for name, places in self._places.items():
            heard = dict(lines[name][0].heard)
            self._spoke[name] = max(heard.values())
            for place in places:
                if place in self._hosts:
                    self._hosts[place] = rules.spoke(self._hosts[place], heard[place[0]])

    def _decide(self, name: str, told: HostJudgement, at: Moment, alarm: Alarm | None, explained: Collection[str]) -> bool:
        if alarm is not None:
            return not (self._is_back(name, alarm, at) and self._ended(alarm, at))
        if told.standing is not HostStanding.GONE or name in explained:
            return False
        if (answer := answered(name, AlarmKind.HOST_GONE, told.since)) is not None:
            return answer is Answer.TRUE
        evidence: dict[str, Figure] = {
            "machines": "\n".join(told.machines),
            "limit": told.limit,
            "answered_at": told.answered_at,
            "spoke_at": self._spoke[name],
            "why": told.why,
            "node": self._by.account,
        }
        acts.raise_alarm(
            self._by, at, alarm=new_id(), what=AlarmKind.HOST_GONE, subject=name, since_at=told.since, evidence=evidence
        )
        return True

    def _is_back(self, name: str, alarm: Alarm, at: Moment) -> bool:
        """Whether a machine has sent again, or has answered for long enough: the longer, the more often it rang today."""
        since = rules.answering_since(self._hosts.get(place) for place in self._places[name])
        steady = bool(since) and at - since >= steady_for(rung_lately(name, at, kind=AlarmKind.HOST_GONE))
        return steady or self._spoke[name] > alarm.since_at

    def _ended(self, alarm: Alarm, at: Moment) -> bool:
        """End an alarm that this node raised."""
        ours = alarm.evidence.get("node") == self._by.account
        if ours:
            acts.end_alarm(self._by, at, alarm=alarm.alarm)
        return ours

    def _keep(self, at: Moment) -> None:
        wanted = {place for places in self._places.values() for place in places}
        self._hosts = {place: host for place, host in self._hosts.items() if place in wanted}
        keep_together({seen.key_of(place): (host.asked_at or at, rules.host_told(host)) for place, host in self._hosts.items()})
        forget_unseen({seen.key_of(place) for place in self._hosts}, "host")


def spoken_for(alarms: Open) -> dict[str, Moment]:
    """The interfaces whose system does not answer a probe that speaks for them, and since when."""
    down = [one for one in alarms.values() if one.kind is AlarmKind.PROBE_DOWN]
    return {name: one.since_at for one in down for name in one.interfaces}
