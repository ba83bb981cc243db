"""Alarms, what was answered to them and who was told, to rows keyed by their entries: any order gives the same."""

from collections.abc import Sequence

import orjson

from stormlamp.ledger import Entry, insert_new, projects
from stormlamp.mirror.facts import AlarmAcknowledged, AlarmClosed, AlarmEnded, AlarmRaised, AlarmTold
from stormlamp.mirror.models import MirrorAlarm, MirrorAlarmAnswer, MirrorAlarmTold
from stormlamp.mirror.rules.alarms import Answer


@projects(AlarmRaised)
def raised(entries: Sequence[Entry[AlarmRaised]]) -> None:
    """Each alarm as it was raised."""
    rows = [
        {
            "entry": entry.key,
            "alarm": entry.fact.alarm,
            "what": entry.fact.what,
            "subject": entry.fact.subject,
            "since_at": entry.fact.since_at,
            "raised_at": entry.at,
            "evidence": orjson.dumps(entry.fact.evidence),
            "order": entry.order,
        }
        for entry in entries
    ]
    insert_new(MirrorAlarm, rows)


@projects(AlarmAcknowledged, AlarmEnded, AlarmClosed)
def answered(entries: Sequence[Entry[AlarmAcknowledged | AlarmEnded | AlarmClosed]]) -> None:
    """Each answer beside its alarm, which may still be on its way."""
    rows = []
    for entry in entries:
        answer, words = _answer(entry.fact)
        rows.append(
            {
                "entry": entry.key,
                "alarm": entry.fact.alarm,
                "answer": answer.value,
                "words": words,
                "by": entry.actor_name,
                "at": entry.at,
                "order": entry.order,
            }
        )
    insert_new(MirrorAlarmAnswer, rows)


@projects(AlarmTold)
def told(entries: Sequence[Entry[AlarmTold]]) -> None:
    """Each try to tell somebody."""
    rows = [
        {
            "entry": entry.key,
            "alarm": entry.fact.alarm,
            "target": entry.fact.target,
            "reached": entry.fact.reached,
            "why": entry.fact.why,
            "at": entry.at,
            "order": entry.order,
        }
        for entry in entries
    ]
    insert_new(MirrorAlarmTold, rows)


def _answer(fact: AlarmAcknowledged | AlarmEnded | AlarmClosed) -> tuple[Answer, str]:
    if isinstance(fact, AlarmAcknowledged):
        return Answer.ACKNOWLEDGED, fact.note
    if isinstance(fact, AlarmEnded):
        return Answer.BACK, ""
    return (Answer.TRUE if fact.genuine else Answer.FALSE), fact.reason
