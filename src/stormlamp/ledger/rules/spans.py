"""Spans: a stretch of an origin as it travels, some entries told and the others left out, provable against one signed root.

What is left out is told as the hashes of the largest subtrees that hold just it. Whoever knows the tree's right edge before a span
grows it by the entries and by these hashes, and reaches the root that the origin's node has signed, or finds out that somebody
changed, withheld or invented an entry. The same hashes, kept, let what was left out be filled in later and be proven again.

Sources: RFC 6962 section 2.1 (the tree), RFC 9162 section 2.1.4 (one root continues another).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from stormlamp.ledger.rules.merkle import HASH_BYTES, Frontier, node_hash

Subtree: TypeAlias = Callable[[int, int], bytes]


class Unproven(ValueError):
    """A span does not prove what it says: text that names where and why."""


class Told(msgspec.Struct, array_like=True, frozen=True, tag=1):
    """An entry. `previous` is told only where the entry before it is not, `payload_digest` only where the payload was purged."""

    hlc: int
    salt: bytes = b""
    frame: bytes = b""
    previous: bytes = b""
    payload_digest: bytes = b""


class Left(msgspec.Struct, array_like=True, frozen=True, tag=2):
    """How many entries are left out here, and the hashes of the subtrees that hold them, in order."""

    count: int
    hashes: bytes


class Span(msgspec.Struct, array_like=True, frozen=True):
    """Entries of an origin from number `first` on; `rest` leads on to the size that `note`, the signed checkpoint, names."""

    origin: str
    first: int
    parts: list[Told | Left]
    rest: Left
    note: str


def subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The largest aligned subtrees that cover leaves `start` to `end` (not with it): (level, index), in order."""
    at = start
    while at < end:
        level = (end - at).bit_length() - 1
        if at:
            level = min(level, (at & -at).bit_length() - 1)
        yield level, at >> level
        at += 1 << level


def left_out(start: int, end: int, subtree: Subtree) -> Left:
    """Leaves `start` to `end` as hashes; `subtree(level, index)` gives the hash of one."""
    return Left(end - start, b"".join(subtree(level, index) for level, index in subtrees(start, end)))


def grown_by(frontier: Frontier, left: Left) -> Frontier:
    """The frontier after what was left out; Unproven when there are not as many hashes as its size wants."""
    size, stack = frontier.size, list(frontier.hashes)
    levels = [level for level, _ in subtrees(size, size + left.count)] if left.count > 0 else []
    if left.count < 0 or len(left.hashes) != len(levels) * HASH_BYTES:
        raise Unproven(f"{left.count} entries after {size} are left out with {len(left.hashes)} bytes of hashes")
    for number, level in enumerate(levels):
        node = left.hashes[number * HASH_BYTES : (number + 1) * HASH_BYTES]
        carry = size >> level
        while carry & 1:
            node = node_hash(stack.pop(), node)
            carry >>= 1
        stack.append(node)
        size += 1 << level
    return Frontier(size, tuple(stack))


def folded(start: int, parts: Sequence[tuple[int, bytes]]) -> bytes:
    """Consecutive subtrees from leaf `start` on, told as (level, hash), joined into the largest that hold them: their hashes.

    Two ways of cutting one stretch into subtrees fold to the same bytes only when they hold the same leaves.
    """
    stack: list[tuple[int, int, bytes]] = []
    at = start
    for level, node in parts:
        index = at >> level
        at += 1 << level
        while index & 1 and stack and stack[-1][:2] == (level, index - 1):
            node = node_hash(stack.pop()[2], node)
            level, index = level + 1, index >> 1
        stack.append((level, index, node))
    return b"".join(node for _, _, node in stack)
