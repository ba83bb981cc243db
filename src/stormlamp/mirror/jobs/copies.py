"""The watch over copies: an alarm on a node whose copy of the hub is old, and on the hub for each node that is not in step."""

from collections.abc import Mapping

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import MINUTE, Moment
from stormlamp.mirror.actions import watching as acts
from stormlamp.mirror.queries.watch import answered
from stormlamp.mirror.rules.alarms import Alarm, AlarmKind, Figure
from stormlamp.nodes.queries import copies_elsewhere, own_copy
from stormlamp.nodes.rules import CopyOf

# How long after its own start a node waits before it raises each kind.
PATIENCE = {AlarmKind.COPY_OLD: MINUTE, AlarmKind.NODE_LATE: 5 * MINUTE}


def look_at_copies(
    by: Actor, at: Moment, open_now: Mapping[tuple[AlarmKind, str], Alarm], *, started_at: Moment, speed: float = 1.0
) -> None:
    """Raise and end alarms. They reach every node, and each is judged by one: what another node raised, only that one ends.

    The subject is the node that holds the copy. A copy that a person has answered for is not told again before it was whole anew.
    A node that was off, and started just now, first meets the others: a hub that is back does not accuse a hundred wards.
    """
    mine = own_copy()
    due = [(AlarmKind.NODE_LATE, one) for one in copies_elsewhere()]
    due += [(AlarmKind.COPY_OLD, mine)] if mine is not None else []
    old = {(kind, str(one.holder)): one for kind, one in due if one.is_old(at, speed=speed)}
    for (kind, subject), alarm in open_now.items():
        if kind in PATIENCE and (kind, subject) not in old and alarm.evidence.get("node") == by.account:
            acts.end_alarm(by, at, alarm=alarm.alarm)
    for (kind, subject), copy in old.items():
        met_by_now = at - started_at > PATIENCE[kind] * speed
        if met_by_now and (kind, subject) not in open_now and answered(subject, kind, _since(copy)) is None:
            evidence = _evidence(copy, by)
            acts.raise_alarm(by, at, alarm=new_id(), what=kind, subject=subject, since_at=_since(copy), evidence=evidence)


def _since(copy: CopyOf) -> Moment:
    return copy.joined_at if copy.whole_at is None else copy.whole_at


def _evidence(copy: CopyOf, by: Actor) -> dict[str, Figure]:
    """`whole`: 0 where the copy never was. `node` raised it."""
    return {
        "source": copy.source,
        "holder": copy.holder,
        "whole": int(copy.whole_at is not None),
        "why": copy.trouble[:300],
        "node": by.account,
    }
