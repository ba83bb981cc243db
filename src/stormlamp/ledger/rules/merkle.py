"""The Merkle tree over an origin's entries, kept as a compact range: only the right edge, at most 63 hashes.

Source: RFC 6962 section 2.1 (tree shape and hashing); the compact range is the frontier of its perfect subtrees.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The perfect subtrees of the first `size` leaves, largest first: one hash per set bit of `size`."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def grown(self, leaves: Iterable[bytes]) -> "Frontier":
        """The frontier after appending leaf hashes."""
        size, stack = self.size, list(self.hashes)
        for leaf in leaves:
            carry, node = size, leaf
            while carry & 1:
                node = node_hash(stack.pop(), node)
                carry >>= 1
            stack.append(node)
            size += 1
        return Frontier(size, tuple(stack))

    def root(self) -> bytes:
        """The tree's root hash."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root

    def encoded(self) -> bytes:
        """The hashes in a row; `size` tells which subtree each one is."""
        return b"".join(self.hashes)

    @classmethod
    def decoded(cls, size: int, raw: bytes) -> "Frontier":
        """The frontier from its stored bytes; ValueError when the count of hashes does not fit the size."""
        if len(raw) != size.bit_count() * HASH_BYTES:
            raise ValueError("a frontier has one hash per set bit of its size")
        return cls(size, tuple(raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)))


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes."""
    return Frontier().grown(leaves).root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The audit path of leaf `index`, lowest first (RFC 6962 section 2.1.1). IndexError when there is no such leaf."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return ()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = leaves[:split], leaves[split:]
    if index < split:
        return (*inclusion_proof(left, index), root_of(right))
    return (*inclusion_proof(right, index - split), root_of(left))


def root_from_proof(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that an audit path leads to (RFC 9162 section 2.1.3.2); ValueError when the path has the wrong length."""
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    node, at, last = leaf, index, size - 1
    for sibling in proof:
        if last == 0:
            raise ValueError("the path is too long")
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise ValueError("the path is too short")
    return node
