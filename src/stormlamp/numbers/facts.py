"""What happened to numbers. None of it names a patient but a use, so that every node knows which numbers are out."""

from stormlamp.kernel.identifiers import NodeId, PatientId
from stormlamp.ledger import fact
from stormlamp.numbers.rules import NumberKind


@fact("numbers.allotted")
class NumbersAllotted:
    """The counters from `first` on, `count` of them, of one block and kind are out: on a printed sheet, or for one registration.

    Written before anything is printed. `why` is what they are for: `sheet`, `registration`, `visit`.
    """

    allotment: str
    kind: NumberKind
    block: int
    first: int
    count: int
    ward: str
    why: str
    exercise: bool = False


@fact("numbers.block-taken")
class BlockTaken:
    """A node numbers in a block of its own choice from here on: it was given none, or it was restored from a copy."""

    node: NodeId
    block: int
    reason: str


@fact("numbers.used")
class NumberUsed:
    """A number stands on something: `what` in words; `patient` where it is known whose; what looked odd, and why it is so."""

    number: str
    kind: NumberKind
    patient: PatientId | None
    what: str
    doubts: tuple[str, ...] = ()
    although: str = ""
