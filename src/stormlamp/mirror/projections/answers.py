"""People's answers for the quarantine to rows."""

from collections.abc import Sequence

from stormlamp.ledger import Entry, insert_new, projects
from stormlamp.mirror.facts import QuarantineAnswered
from stormlamp.mirror.models import MirrorAnswer


@projects(QuarantineAnswered)
def answers(entries: Sequence[Entry[QuarantineAnswered]]) -> None:
    """Each answer stands beside the messages; they stay in quarantine and are shown."""
    rows = [
        {
            "entry": entry.key,
            "reason": entry.fact.reason,
            "until_at": entry.fact.until_at,
            "why": entry.fact.why,
            "at": entry.at,
            "by": entry.actor_name,
            "order": entry.order,
        }
        for entry in entries
    ]
    insert_new(MirrorAnswer, rows)
