"""What happened around the verdict."""

from dataclasses import dataclass

from stormlamp.kernel.moments import Moment
from stormlamp.ledger import fact


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedReason:
    """A criterion as it stood: its answer, the code of its sentence, the facts that fill it as JSON, and their age."""

    criterion: str
    answer: str
    code: str
    evidence: str
    as_of: Moment


@fact("verdict.ledger-checked", version=1)
class LedgerChecked:
    """The whole ledger was verified: how many entries were read, and what is wrong with which of them (at most fifty)."""

    ok: bool
    entries: int
    faults: tuple[str, ...]


@fact("verdict.signed", version=1)
class VerdictSigned:
    """Somebody signed what the verdict said then, with every reason. `role` is the signer's at that moment."""

    service: str
    answer: str
    reasons: tuple[SignedReason, ...]
    note: str
    role: str
