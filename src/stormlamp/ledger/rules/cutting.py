"""Spans cut otherwise: finer, so that they can be joined to an origin wherever it ends; a part of one; the parts that fill a gap.

What is left out can be cut between two subtrees, never within one. A gap is the exception: what is kept of it are the largest
subtrees within it, so that a larger subtree that reaches out of the gap covers some of them whole, and they stand in for it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from stormlamp.ledger.rules.merkle import HASH_BYTES
from stormlamp.ledger.rules.spans import Left, Told, Unproven, folded, subtrees


@dataclass(frozen=True, slots=True)
class Piece:
    """Leaves `start` to `end` (not with it, from 0): an entry, or an aligned subtree of what is left out, by its level and hash."""

    start: int
    end: int
    told: Told | None = None
    level: int = 0
    node: bytes = b""


class NotThere(Unproven):
    """What is left out cannot be cut there."""


def pieces(start: int, parts: Sequence[Told | Left]) -> Iterator[Piece]:
    """Parts that begin at leaf `start`, one by one; Unproven when the hashes of one are too few or too many."""
    at = start
    for part in parts:
        if isinstance(part, Told):
            yield Piece(at, at + 1, part)
            at += 1
            continue
        nodes = list(subtrees(at, at + part.count)) if part.count > 0 else []
        if not nodes or len(part.hashes) != len(nodes) * HASH_BYTES:
            raise Unproven(f"{part.count} entries after {at} are left out with {len(part.hashes)} bytes of hashes")
        for number, (level, _) in enumerate(nodes):
            node = part.hashes[number * HASH_BYTES : (number + 1) * HASH_BYTES]
            yield Piece(at, at + (1 << level), None, level, node)
            at += 1 << level


def counted(parts: Iterable[Told | Left]) -> int:
    """How many entries parts are about."""
    return sum(1 if isinstance(part, Told) else part.count for part in parts)


def put_together(found: Iterable[Piece]) -> list[Told | Left]:
    """Pieces in a row as parts: what is left out beside each other becomes one part, in the largest subtrees that hold it."""
    parts: list[Told | Left] = []
    for left, run in groupby(found, key=lambda one: one.told is None):
        if not left:
            parts += [one.told for one in run if one.told is not None]
            continue
        nodes = list(run)
        start = nodes[0].start
        parts.append(Left(nodes[-1].end - start, folded(start, [(one.level, one.node) for one in nodes])))
    return parts


def behind(start: int, parts: Sequence[Told | Left], at: int) -> list[Told | Left]:
    """The parts from leaf `at` on. NotThere when a subtree lies across that place."""
    found = [one for one in pieces(start, parts) if one.end > at]
    if found and found[0].start < at:
        raise NotThere(f"what is left out before and after entry {at} is told as one")
    return put_together(found)


def filling(gap: tuple[int, int], kept: bytes, found: Sequence[Piece]) -> list[Told | Left]:
    """The parts of a gap (leaves, the last one not with it), out of pieces that cover it, and of the hashes that are kept of it."""
    start, end = gap
    inside: list[Piece] = []
    own = list(pieces(start, [Left(end - start, kept)]))
    for one in found:
        if start <= one.start and one.end <= end:
            inside.append(one)
        else:
            inside += [mine for mine in own if one.start <= mine.start and mine.end <= one.end]
    return put_together(inside)
