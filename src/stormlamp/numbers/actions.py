"""What is done with numbers: allotting them before they are printed, saying what one stands on, and taking another block."""

import secrets
from dataclasses import dataclass

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import PatientId, new_id
from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Refusal
from stormlamp.ledger import act
from stormlamp.nodes.queries import this_node
from stormlamp.numbers import queries
from stormlamp.numbers.facts import BlockTaken, NumbersAllotted, NumberUsed
from stormlamp.numbers.rules import (
    LAST_COUNTER,
    Fault,
    Misread,
    Number,
    NumberKind,
    chance_block,
    next_counter,
    numbers_from,
    read_number,
)

MOST_AT_ONCE = 480
MOST_A_DAY = 8640  # as many ticks as a day has: a node's counters never run further ahead of the clock
NEVER_ALLOTTED, USED_BEFORE, ALLOTTED_TWICE = "never-allotted", "used-before", "allotted-twice"


class CountNotSound(Refusal):
    """A sheet has at least one number, and one press prints at most so many."""

    code = "numbers.count-not-sound"


class TooManyToday(Refusal):
    """So many numbers of this kind went out today that the counter would run away from the clock."""

    code = "numbers.too-many-today"


class AlreadyAllotted(Refusal):
    """This sheet was allotted before: printed again, each of its numbers would be on two labels."""

    code = "numbers.already-allotted"


class NoNumber(Refusal):
    """What was typed has not the shape of a number."""

    code = "numbers.no-number"


class Mistyped(Refusal):
    """The check sign does not fit the rest."""

    code = "numbers.mistyped"


class AnotherKind(Refusal):
    """The number names something else."""

    code = "numbers.another-kind"


class OfAnExercise(Refusal):
    """The number was printed for an exercise."""

    code = "numbers.of-an-exercise"


class NotOfThisExercise(Refusal):
    """This is an exercise, and the number is a real one."""

    code = "numbers.not-of-this-exercise"


class NumberDoubtful(Refusal):
    """The number is well formed, but was never allotted, allotted twice, or used before: say why it is so."""

    code = "numbers.doubtful"


class NumberTaken(Refusal):
    """Another patient has this number."""

    code = "numbers.taken"


class NothingNamed(Refusal):
    """Nobody said what the number stands on."""

    code = "numbers.nothing-named"


class ReasonMissing(Refusal):
    """This needs a reason."""

    code = "numbers.reason-missing"


@dataclass(frozen=True, slots=True)
class Drawn:
    """Numbers, and the facts that say they are out: an act that uses them returns these with its own."""

    texts: tuple[str, ...]
    facts: tuple[BlockTaken | NumbersAllotted, ...]


def drawn(kind: NumberKind, count: int, *, at: Moment, ward: str, why: str, allotment: str = "") -> Drawn:
    """The next numbers of this node. Call it inside an act: two processes draw one after the other, by the ledger's lock."""
    block, taken, exercise = queries.block_of_this_node(), tuple[BlockTaken, ...](), queries.exercises()
    first = 0 if block is None else next_counter(queries.last_counter(kind, block), at)
    if block is None or first + count - 1 > LAST_COUNTER:
        why_taken = "the hub gave none" if block is None else "the block is full"
        block, first = _chance(), next_counter(-1, at)
        taken = (BlockTaken(node=this_node(), block=block, reason=why_taken),)
    out = NumbersAllotted(
        allotment=allotment or new_id(), kind=kind, block=block, first=first, count=count, ward=ward, why=why, exercise=exercise
    )
    return Drawn(tuple(numbers_from(kind, block, first, count, exercise=exercise)), (*taken, out))


@act("numbers.allot_numbers", needs="numbers.allot")
def allot_numbers(
    by: Actor, at: Moment, *, allotment: str, kind: NumberKind, count: int, ward: str = ""
) -> tuple[BlockTaken | NumbersAllotted, ...]:
    """Say that so many numbers are out, before they are printed; the last fact names them.

    Raises AlreadyAllotted, CountNotSound, TooManyToday.
    """
    del by
    if queries.allotment(allotment) is not None:
        raise AlreadyAllotted()
    if not 1 <= count <= MOST_AT_ONCE:
        raise CountNotSound(most=MOST_AT_ONCE)
    block = queries.block_of_this_node()
    if block is not None and queries.allotted_lately(kind, block, at) + count > MOST_A_DAY:
        raise TooManyToday(most=MOST_A_DAY)
    return drawn(kind, count, at=at, ward=ward.strip(), why="sheet", allotment=allotment).facts


@act("numbers.use_number", needs="numbers.allot")
def use_number(
    by: Actor,
    at: Moment,
    *,
    number: str,
    kind: NumberKind | None = None,
    patient: PatientId | None = None,
    what: str,
    although: str = "",
) -> NumberUsed:
    """Say what a number from a sheet stands on. Raises NoNumber, Mistyped, AnotherKind, OfAnExercise, NotOfThisExercise,
    NothingNamed; NumberDoubtful where it was never allotted or stands on something already and nobody said why.
    """
    del by, at
    found = checked(number, kind)
    if not what.strip():
        raise NothingNamed()
    doubts = doubts_of(found)
    if doubts and not although.strip():
        raise NumberDoubtful(number=found.text, doubts=doubts)
    return used(found, patient=patient, what=what.strip(), doubts=doubts, although=although)


@act("numbers.take_block", needs="numbers.renew")
def take_block(by: Actor, at: Moment, *, reason: str) -> BlockTaken:
    """Number in a fresh block from here on, as after a restore from a copy; raises ReasonMissing."""
    del by, at
    if not reason.strip():
        raise ReasonMissing()
    return BlockTaken(node=this_node(), block=_chance(), reason=reason.strip())


def checked(text: str, kind: NumberKind | None = None) -> Number:
    """A number as it was typed, of this kind if one is asked for; raises what `use_number` does but NumberDoubtful."""
    try:
        found = read_number(text)
    except Misread as misread:
        raise (Mistyped(typed=text) if misread.fault == Fault.MISTYPED else NoNumber(typed=text[:40])) from misread
    if found.exercise and not queries.exercises():
        raise OfAnExercise(number=found.text)
    if queries.exercises() and not found.exercise:
        raise NotOfThisExercise(number=found.text)
    if kind is not None and found.kind != kind:
        raise AnotherKind(number=found.text, kind=found.kind, wanted=kind)
    return found


def doubts_of(number: Number) -> tuple[str, ...]:
    """What looks odd about a number that is well formed, as far as is known here."""
    told = queries.told(number)
    found = [NEVER_ALLOTTED] if not told.allotments and number.block is not None else []
    found += [ALLOTTED_TWICE] if len(told.allotments) > 1 else []
    return (*found, *((USED_BEFORE,) if told.uses else ()))


def used(number: Number, *, patient: PatientId | None, what: str, doubts: tuple[str, ...] = (), although: str = "") -> NumberUsed:
    """The fact of a use, for acts of other rooms too."""
    said = although.strip() if doubts else ""
    return NumberUsed(number=number.text, kind=number.kind, patient=patient, what=what, doubts=doubts, although=said)


def _chance() -> int:
    """A block of the upper half that is not known to be anybody's; two copies of a node that never met draw different ones."""
    taken = queries.taken_blocks()
    while (block := chance_block(secrets.randbits(30))) in taken:
        continue
    return block
