"""Alarms: the watch raises and ends them, people answer."""

from collections.abc import Mapping

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Refusal
from stormlamp.ledger import act
from stormlamp.mirror import queries
from stormlamp.mirror.facts import AlarmAcknowledged, AlarmClosed, AlarmEnded, AlarmRaised, AlarmTold
from stormlamp.mirror.rules.alarms import AlarmKind, Figure


class AlarmStands(Refusal):
    """The same alarm is open already."""

    code = "mirror.alarm-stands"


class NoSuchAlarm(Refusal):
    """There is no such alarm."""

    code = "mirror.no-such-alarm"


class AlarmIsClosed(Refusal):
    """The alarm is closed already."""

    code = "mirror.alarm-is-closed"


class WhyIsMissing(Refusal):
    """An answer without a reason helps nobody later."""

    code = "mirror.why-is-missing"


@act("mirror.raise_alarm", needs="feeds.watch")
def raise_alarm(
    by: Actor, at: Moment, *, alarm: str, what: AlarmKind, subject: str, since_at: Moment, evidence: Mapping[str, Figure]
) -> AlarmRaised:
    """Raise an alarm about a subject; the watch's own act. Raises AlarmStands while the same one is open."""
    if any(one.kind is what and one.subject == subject for one in queries.open_alarms()):
        raise AlarmStands(subject=subject)
    return AlarmRaised(alarm=alarm, what=what.value, subject=subject, since_at=since_at, evidence=dict(evidence))


@act("mirror.end_alarm", needs="feeds.watch")
def end_alarm(by: Actor, at: Moment, *, alarm: str) -> AlarmEnded:
    """Say that what an alarm was about came back by itself; the watch's own act. Raises NoSuchAlarm and AlarmIsClosed."""
    _open(alarm)
    return AlarmEnded(alarm=alarm)


@act("mirror.note_telling", needs="feeds.watch")
def note_telling(by: Actor, at: Moment, *, alarm: str, target: str, reached: bool, why: str) -> AlarmTold:
    """Note that somebody was told of an alarm, or could not be; the watch's own act."""
    return AlarmTold(alarm=alarm, target=target, reached=reached, why=why)


@act("mirror.acknowledge_alarm", needs="feeds.answer")
def acknowledge_alarm(by: Actor, at: Moment, *, alarm: str, note: str) -> AlarmAcknowledged:
    """Say that one looks at an alarm; it stays open. Raises NoSuchAlarm and AlarmIsClosed."""
    _open(alarm)
    return AlarmAcknowledged(alarm=alarm, note=note)


@act("mirror.close_alarm", needs="feeds.answer")
def close_alarm(by: Actor, at: Moment, *, alarm: str, genuine: bool, reason: str) -> AlarmClosed:
    """Close an alarm as true or false; one that ended by itself can still be judged. Raises NoSuchAlarm and WhyIsMissing."""
    if queries.alarm(alarm) is None:
        raise NoSuchAlarm(alarm=alarm)
    if not reason.strip():
        raise WhyIsMissing
    return AlarmClosed(alarm=alarm, genuine=genuine, reason=reason.strip())


def _open(alarm: str) -> None:
    found = queries.alarm(alarm)
    if found is None:
        raise NoSuchAlarm(alarm=alarm)
    if found.closed is not None:
        raise AlarmIsClosed(alarm=alarm)
