"""Answering for what is in quarantine."""

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Refusal
from stormlamp.ledger import act
from stormlamp.mirror import queries
from stormlamp.mirror.facts import QuarantineAnswered


class NothingToAnswerFor(Refusal):
    """Nothing is quarantined for this reason."""

    code = "mirror.nothing-to-answer-for"


@act("mirror.answer_quarantine", needs="quarantine.answer")
def answer_quarantine(by: Actor, at: Moment, *, reason: str, why: str) -> QuarantineAnswered:
    """Answer for everything that was quarantined for a reason until now; raises NothingToAnswerFor.

    The messages stay where they are, shown and counted; only the verdict no longer waits for them.
    """
    if not queries.quarantine_entries(reason=reason):
        raise NothingToAnswerFor(reason=reason)
    return QuarantineAnswered(reason=reason, until_at=at, why=why)
