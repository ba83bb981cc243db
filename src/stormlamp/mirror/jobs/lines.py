"""The watch over lines: an alarm when a sender has lost the line that it holds, or a polled server does not answer."""

from collections.abc import Mapping

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import clock
from stormlamp.mirror.actions import watching as acts
from stormlamp.mirror.queries import lines as seen
from stormlamp.mirror.queries.watch import answered
from stormlamp.mirror.rules.alarms import Alarm, AlarmKind, Answer, Figure
from stormlamp.mirror.rules.polls import Poll, PollStanding
from stormlamp.mirror.rules.settings import WatchSettings
from stormlamp.mirror.rules.watch_line import Line, LineJudgement, LineStanding, steady_for

Open = Mapping[tuple[AlarmKind, str], Alarm]
MINE = (AlarmKind.LINE_LOST, AlarmKind.POLL_FAILS)


class LineWatch:
    """Looks at every line and every polled server. `speed`: how fast this home's clock ran when the watch began.

    `lines`: as they stood at the last look.
    """

    def __init__(self, by: Actor, settings: WatchSettings, *, speed: float = 1.0) -> None:
        self._by = by
        self._settings = settings
        self._speed = speed
        self.lines: Mapping[str, tuple[Line, LineJudgement]] = {}

    def look(self, at: Moment, open_now: Open) -> frozenset[str]:
        """Raise and end alarms; the interfaces whose alarm already says why they are silent.

        Alarms reach every node and lines are each node's own: what another node raised, only that one ends.
        """
        speed = max(self._speed, clock.clock().factor)
        lines = self.lines = seen.line_judgements(at, self._settings, speed=speed)
        polls = seen.poll_standings(at, self._settings, speed=speed)
        said = {name for name, (line, told) in lines.items() if self._decide_line(name, line, told, at, open_now)}
        said |= {name for name, (poll, told) in polls.items() if self._decide_poll(name, poll, told, at, open_now)}
        for (kind, subject), alarm in open_now.items():
            if subject not in (lines if kind is AlarmKind.LINE_LOST else polls) and kind in MINE:
                if self._is_ours(alarm):
                    acts.end_alarm(self._by, at, alarm=alarm.alarm)
                else:
                    said.add(subject)
        return frozenset(said)

    def _is_ours(self, alarm: Alarm) -> bool:
        return alarm.evidence.get("node") == self._by.account

    def _decide_line(self, name: str, line: Line, told: LineJudgement, at: Moment, open_now: Open) -> bool:
        alarm = open_now.get((AlarmKind.LINE_LOST, name))
        if alarm is not None:
            return not (self._is_ours(alarm) and self._ended(name, line, told, at, alarm))
        if told.standing is not LineStanding.LOST or (AlarmKind.HOST_GONE, name) in open_now:
            return False
        if (answer := answered(name, AlarmKind.LINE_LOST, line.down_since)) is not None:
            return answer is Answer.TRUE
        self._raise(AlarmKind.LINE_LOST, name, line.down_since, at, _line_evidence(line, told))
        return True

    def _ended(self, name: str, line: Line, told: LineJudgement, at: Moment, alarm: Alarm) -> bool:
        """End an alarm when the line has been up for long enough, or is no longer one that the sender holds."""
        steady = bool(line.up_since) and line.at - line.up_since >= steady_for(seen.rung_lately(name, at))
        if not steady and told.standing is not LineStanding.PER_MESSAGE:
            return False
        acts.end_alarm(self._by, at, alarm=alarm.alarm)
        return True

    def _decide_poll(self, name: str, poll: Poll, told: PollStanding, at: Moment, open_now: Open) -> bool:
        alarm = open_now.get((AlarmKind.POLL_FAILS, name))
        if alarm is not None:
            ended = told is PollStanding.ANSWERS and self._is_ours(alarm)
            if ended:
                acts.end_alarm(self._by, at, alarm=alarm.alarm)
            return not ended
        if told is not PollStanding.FAILS:
            return False
        if (answer := answered(name, AlarmKind.POLL_FAILS, poll.failing_since)) is not None:
            return answer is Answer.TRUE
        evidence: dict[str, Figure] = {"why": poll.why, "every": poll.every, "heard_at": poll.heard_at}
        self._raise(AlarmKind.POLL_FAILS, name, poll.failing_since, at, evidence)
        return True

    def _raise(self, kind: AlarmKind, name: str, since_at: Moment, at: Moment, evidence: Mapping[str, Figure]) -> None:
        told = {**evidence, "node": self._by.account}
        acts.raise_alarm(self._by, at, alarm=new_id(), what=kind, subject=name, since_at=since_at, evidence=told)


def _line_evidence(line: Line, told: LineJudgement) -> dict[str, Figure]:
    ended = line.ended
    return {
        "limit": told.limit,
        "share": told.share,
        "days": told.days,
        "set_by_hand": int(told.set_by_hand),
        "how": "" if ended is None else ended.how.value,
        "peer": "" if ended is None else ended.peer,
        "lasted": 0 if ended is None else ended.lasted,
        "never_back": int(line.down_since <= line.listening_since),
    }
