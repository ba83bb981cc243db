"""Numbers of an outage, `S-0C7-4F2K1-V`: kind, block of the node, counter, check sign.

Every sign is of Crockford's 32 (https://www.crockford.com/base32.html): no I, L, O or U, so that what is written by hand on a tube
is read back as one thing. Ten signs, thirteen with hyphens; with X before it in an exercise and the longest counter sixteen, which
is what DICOM's Accession Number takes (SH of PS3.5 6.2), and less than any number's field of HL7 v2 (20 from 2.3 on).

**Block**: three signs. The lower half is given by the hub, one to each node; a node that has none, or was restored from a copy,
takes one of the upper half by chance. **Counter**: never twice, and never behind the clock, in ticks of ten seconds since 2026: an
older copy of a node that wakes later counts on beyond what it has forgotten. **Check**: one Reed-Solomon symbol over GF(32). Each
place has a weight of its own, so any one wrong sign and any two signs that changed places, neighbours or far apart, are caught.
ISO 7064 MOD 37,36 does not do that: whatever stands before, one pair of neighbours in 630 can change places unseen, and its
signs have I and O among them.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from stormlamp.kernel.moments import SECOND, Moment


class NumberKind(StrEnum):
    """What a number names."""

    PATIENT = "patient"
    VISIT = "visit"
    SPECIMEN = "specimen"
    ACCESSION = "accession"
    DOCUMENT = "document"
    FORM = "form"


class Fault(StrEnum):
    """Why what was typed is not taken."""

    NO_NUMBER = "no-number"
    MISTYPED = "mistyped"


class Misread(ValueError):
    """The text is no number."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number that was read. `block` None: one of the first kind, `D-7F3AK-000123-4`, which only patients had."""

    text: str
    kind: NumberKind
    block: int | None
    counter: int
    exercise: bool = False


ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SIGN_OF: dict[NumberKind, str] = {
    NumberKind.PATIENT: "P",
    NumberKind.VISIT: "V",
    NumberKind.SPECIMEN: "S",
    NumberKind.ACCESSION: "A",
    NumberKind.DOCUMENT: "D",
    NumberKind.FORM: "F",
}
KIND_OF = {sign: kind for kind, sign in SIGN_OF.items()}
EXERCISE = "X"
BLOCK_SIGNS, COUNTER_SIGNS, MOST_COUNTER_SIGNS = 3, 5, 7
BLOCKS: int = 32**BLOCK_SIGNS
GIVEN_BLOCKS = BLOCKS // 2
LAST_COUNTER: int = 32**MOST_COUNTER_SIGNS - 1
TICK = 10 * SECOND
BEGINNING = Moment(1_767_225_600 * SECOND)  # 2026-01-01T00:00:00Z
HUB_TURN = 1
MOST_TYPED = 64

_VALUE = {sign: value for value, sign in enumerate(ALPHABET)}
_READ = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BETWEEN = re.compile(r"[\s\-‐‑‒–—]")
_SHAPE = re.compile(
    rf"({EXERCISE}?)([{''.join(KIND_OF)}])([{ALPHABET}]{{{BLOCK_SIGNS}}})"
    rf"([{ALPHABET}]{{{COUNTER_SIGNS},{MOST_COUNTER_SIGNS}}})([{ALPHABET}])"
)
# Numbers of the first kind: five signs of the node's name, six digits or more, and the check over those alone.
_FIRST = re.compile(rf"D([{ALPHABET}]{{5}})(\d{{6,18}})([{ALPHABET}])")


def _weighed() -> Iterator[tuple[int, ...]]:
    """Every value times 2, 4, 8 ... in GF(32): x^5 + x^2 + 1 is primitive over GF(2), so 31 places have weights of their own."""
    values = tuple(range(32))
    for _place in range(31):
        values = tuple(value << 1 ^ 0b100101 if value & 16 else value << 1 for value in values)
        yield values


_WEIGHED = tuple(_weighed())


def number_text(kind: NumberKind, block: int, counter: int, *, exercise: bool = False) -> str:
    """The number of a block's `counter`; ValueError outside the blocks and counters there are."""
    if not 0 <= block < BLOCKS or not 0 <= counter <= LAST_COUNTER:
        raise ValueError(f"there is no counter {counter} in block {block}")
    first = (EXERCISE if exercise else "") + SIGN_OF[kind]
    middle, last = _written(block, BLOCK_SIGNS), _written(counter, COUNTER_SIGNS)
    return f"{first}-{middle}-{last}-{check_sign(first + middle + last)}"


def numbers_from(kind: NumberKind, block: int, first: int, count: int, *, exercise: bool = False) -> Iterator[str]:
    """The numbers of a stretch of counters."""
    return (number_text(kind, block, counter, exercise=exercise) for counter in range(first, first + count))


def check_sign(signs: str) -> str:
    """The sign that closes a number: the sum of every sign times a power of two in GF(32), counted from the right, is zero."""
    total = 0
    for place, sign in enumerate(reversed(signs)):
        total ^= _WEIGHED[place % len(_WEIGHED)][_VALUE[sign]]
    return ALPHABET[total]


def read_number(text: str) -> Number:
    """What somebody typed or scanned; Misread when it is no number, or one whose check fails.

    Case, spaces and hyphens do not matter; O is read as 0, I and L as 1.
    """
    plain = _BETWEEN.sub("", text) if len(text) <= MOST_TYPED else ""
    if not plain.isascii() or not plain:
        raise Misread(Fault.NO_NUMBER)
    plain = plain.upper().translate(_READ)
    if old := _FIRST.fullmatch(plain):
        return _first_kind(old[1], old[2], old[3])
    found = _SHAPE.fullmatch(plain)
    if found is None:
        raise Misread(Fault.NO_NUMBER)
    mark, sign, block, counter, check = found.groups()
    if check_sign(mark + sign + block + counter) != check or (counter[0] == "0" and len(counter) > COUNTER_SIGNS):
        raise Misread(Fault.MISTYPED)
    return Number(
        text=f"{mark}{sign}-{block}-{counter}-{check}",
        kind=KIND_OF[sign],
        block=_value(block),
        counter=_value(counter),
        exercise=bool(mark),
    )


def patient_number(text: str) -> str | None:
    """A patient's number in its one form; None when the text is none. A number of an exercise counts: it is unique too."""
    try:
        found = read_number(text)
    except Misread:
        return None
    return found.text if found.kind == NumberKind.PATIENT else None


def counter_in(text: str) -> int:
    """The counter in a stored number; 0 where another node wrote something that is none."""
    try:
        return read_number(text).counter
    except Misread:
        return 0


def given_block(hospital: str, turn: int) -> int:
    """The block of a hospital's `turn`-th node, the hub being the first.

    Each hospital begins somewhere else, so that two of one group rarely have a block in common; within one, no two turns do.
    ValueError beyond the 16,384 blocks that a hub can give.
    """
    if not 0 < turn <= GIVEN_BLOCKS:
        raise ValueError(f"the hub has no block number {turn}")
    begins = int.from_bytes(hashlib.sha256(f"stormlamp-blocks/{hospital}".encode()).digest()[:4])
    return (begins + turn) % GIVEN_BLOCKS


def chance_block(chance: int) -> int:
    """One of the upper half of the blocks, which no hub gives."""
    return GIVEN_BLOCKS + chance % (BLOCKS - GIVEN_BLOCKS)


def is_sound(block: int, first: int, count: int) -> bool:
    """Whether a stretch of counters is one that numbers can be written of."""
    return 0 <= block < BLOCKS and count > 0 and 0 <= first <= first + count - 1 <= LAST_COUNTER


def next_counter(last: int, at: Moment) -> int:
    """The first counter that is free: beyond the last one given out, and never behind the clock."""
    return max(last + 1, (at - BEGINNING) // TICK, 0)


def _first_kind(prefix: str, digits: str, check: str) -> Number:
    if check_sign(prefix + digits) != check:
        raise Misread(Fault.MISTYPED)
    return Number(text=f"D-{prefix}-{digits}-{check}", kind=NumberKind.PATIENT, block=None, counter=int(digits))


def _written(value: int, signs: int) -> str:
    text = ""
    while value or len(text) < signs:
        text, value = ALPHABET[value & 31] + text, value >> 5
    return text


def _value(signs: str) -> int:
    value = 0
    for sign in signs:
        value = value << 5 | _VALUE[sign]
    return value
