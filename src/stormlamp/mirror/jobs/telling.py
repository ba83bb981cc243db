"""Telling people of alarms: at least once through every address, tried again until it is taken, failures on record."""

from collections.abc import Callable

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import MINUTE, SECOND, Moment
from stormlamp.kernel.refusals import Trouble
from stormlamp.mirror import queries
from stormlamp.mirror.actions import watching as acts
from stormlamp.mirror.ports import Messenger
from stormlamp.mirror.rules.alarms import Alarm, untold

FIRST_PAUSE, LONGEST_PAUSE = 15 * SECOND, 5 * MINUTE


class Telling:
    """Sends every open alarm through every address of a messenger. `words` makes (title, body) of an alarm."""

    def __init__(self, by: Actor, messenger: Messenger, words: Callable[[Alarm], tuple[str, str]]) -> None:
        self._by = by
        self._messenger = messenger
        self._words = words
        self._pauses: dict[tuple[str, str], tuple[Moment, int]] = {}

    def tell(self, now: Callable[[], Moment]) -> int:
        """Send what is due; how many messages were taken. A crash between sending and noting sends again: at least once."""
        taken = 0
        for alarm in queries.open_alarms():
            for target in untold(alarm, self._messenger.targets()):
                next_at, _ = self._pauses.get((alarm.alarm, target), (Moment(0), 0))
                if now() >= next_at:
                    taken += self._send(alarm, target, now)
        return taken

    def _send(self, alarm: Alarm, target: str, now: Callable[[], Moment]) -> bool:
        title, body = self._words(alarm)
        try:
            self._messenger.send(target, title=title, body=body)
        except Trouble as trouble:
            self._failed(alarm, target, str(trouble), now())
            return False
        acts.note_telling(self._by, now(), alarm=alarm.alarm, target=target, reached=True, why="")
        self._pauses.pop((alarm.alarm, target), None)
        return True

    def _failed(self, alarm: Alarm, target: str, why: str, at: Moment) -> None:
        """Note a failure, once for each reason, and wait: 15 s, 30 s, ... five minutes at most."""
        _, pause = self._pauses.get((alarm.alarm, target), (at, FIRST_PAUSE // 2))
        pause = min(LONGEST_PAUSE, pause * 2)
        self._pauses[alarm.alarm, target] = (Moment(at + pause), pause)
        if not any(one.target == target and one.why == why for one in alarm.told):
            acts.note_telling(self._by, at, alarm=alarm.alarm, target=target, reached=False, why=why)
