"""Acts around the verdict, and why they refuse."""

import json

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Refusal
from stormlamp.ledger import act, verifying
from stormlamp.verdict import queries
from stormlamp.verdict.facts import LedgerChecked, SignedReason, VerdictSigned
from stormlamp.verdict.rules import Reason

MOST_FAULTS = 50


class VerdictChanged(Refusal):
    """The verdict no longer says what the person saw."""

    code = "verdict.changed"


@act("verdict.keep_check", needs="verdict.sign")
def keep_check(by: Actor, at: Moment, *, report: verifying.Report) -> LedgerChecked:
    """Keep what a verification of the ledger found."""
    faults = tuple(f"{fault.entry}: {fault.reason}" for fault in report.faults[:MOST_FAULTS])
    return LedgerChecked(ok=report.ok, entries=report.entries, faults=faults)


def check_ledger(by: Actor, at: Moment) -> LedgerChecked:
    """Verify the whole ledger and keep what was found; it is read outside the act, so that no feed waits for it."""
    return keep_check(by, at, report=verifying.verify())


@act("verdict.sign", needs="verdict.sign")
def sign(by: Actor, at: Moment, *, note: str = "", seen: str = "") -> VerdictSigned:
    """Sign what the verdict on patient records says at this moment, whatever it is: the signed page is the answer given.

    `seen` is the `stand` of the verdict that the person read. Raises VerdictChanged when it says something else by now.
    """
    told = queries.records_verdict(at)
    if seen and seen != told.stand:
        raise VerdictChanged(answer=str(told.answer))
    return VerdictSigned(
        service=told.service,
        answer=str(told.answer),
        reasons=tuple(_signed(one) for one in told.reasons),
        note=note,
        role=by.role,
    )


def _signed(reason: Reason) -> SignedReason:
    return SignedReason(
        criterion=str(reason.criterion),
        answer=str(reason.answer),
        code=reason.code,
        evidence=json.dumps(reason.evidence, sort_keys=True),
        as_of=reason.as_of,
    )
