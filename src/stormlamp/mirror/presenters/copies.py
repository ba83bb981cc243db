"""Alarms about copies in words: what this node, or another, does not have, and what goes on all the same."""

from typing import Any

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.rules.alarms import Alarm, AlarmKind
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import when


def copy_reason(alarm: Alarm) -> str:
    """As of when the copy was whole, what that means at the bed, and what the line says."""
    told: Any = alarm.evidence
    if alarm.kind is AlarmKind.COPY_OLD:
        said = _copy_words(told, alarm.since_at)
        goes_on = _("What was written elsewhere since is missing here; this node goes on, and gives its own entries back later.")
    else:
        said = _step_words(told, alarm.since_at)
        goes_on = _("It may be switched off, or its line is cut. Its staff may be reading old values: call the ward.")
    why = _("The line says: {why}.", why=str(told["why"])) if told.get("why") else ""
    return " ".join(filter(None, (said, goes_on, why)))


def _copy_words(told: Any, since_at: Moment) -> str:
    if not told.get("whole"):
        return _("This node has never had all entries of the hub, {source}.", source=told["source"])
    return _("It last had all entries of the hub, {source}, at {at}.", source=told["source"], at=when(since_at, "seconds"))


def _step_words(told: Any, since_at: Moment) -> str:
    if not told.get("whole"):
        return _("It joined at {at}, and has never had all entries of the hub.", at=when(since_at))
    return _("The hub and this node last had all of each other's entries at {at}.", at=when(since_at, "seconds"))
