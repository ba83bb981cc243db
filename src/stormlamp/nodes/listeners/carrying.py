"""The third way between nodes: what one holds, in a file that is carried to another. See `engines.bundles` for the file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from stormlamp.kernel.refusals import Refusal
from stormlamp.ledger import entries, projector, rebuilding, receiving, sharing, signers
from stormlamp.ledger.overlapping import Joined, Joining
from stormlamp.ledger.rules.cutting import counted
from stormlamp.ledger.rules.spans import Span, Told
from stormlamp.nodes import jobs, queries
from stormlamp.nodes.actions import NodeUnknown
from stormlamp.nodes.engines.bundles import Header, Reader, Writer, key_id
from stormlamp.nodes.listeners.serving import entitlement_of
from stormlamp.nodes.rules import Node, NodeState, bundles
from stormlamp.nodes.wire import Opening

AT_ONCE, BYTES_AT_ONCE = 4000, 4 << 20
Moved = Callable[[int, int], None]
_openings, _spans = msgspec.msgpack.Decoder(Opening), msgspec.msgpack.Decoder(Span)


@dataclass(slots=True)
class Exported:
    """How many entries a bundle tells and leaves out, its bytes, and of which origins something could not be proven from here."""

    entries: int = 0
    left_out: int = 0
    size: int = 0
    unproven: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """What a bundle brought, who made it, and how many entries the tables followed."""

    sender: str
    joined: Joined
    projected: int


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What goes into a bundle: the keys it is for, the scope, how far each origin goes, and how far the addressee has it."""

    keys: list[X25519PublicKey]
    scope: sharing.Scope
    ends: dict[str, int]
    there: dict[str, int]
    begin: dict[str, int]


def export_bundle(path: Path, *, to: str = "", whole: bool = False, moved: Moved = lambda _done, _of: None) -> Exported:
    """Write what a node is to have, or all for the whole hospital. Refused when there is no such node, or it cannot have any.

    For a node that holds everybody it begins where that one is known to be, unless it is to be `whole`; for a ward it is always
    whole, so that it also brings what was left out there before a patient came.
    """
    home, done = queries.home(), Exported()
    wanted = _for_node(to, whole=whole) if to else _for_all()
    total, trees = sum(wanted.ends.values()) - sum(wanted.begin.values()), sharing.Subtrees()
    signing, sizes = home.signing_key(), sharing.sizes()
    with Writer(path, hospital=home.hospital_id, sender=home.node, signing=signing, to=wanted.keys) as writer:
        writer.write(msgspec.msgpack.encode(Opening(sizes)))
        for origin in signers.in_order(wanted.ends):
            at = wanted.begin.get(origin, 0)
            try:
                for span in _stretches(origin, wanted, trees):
                    writer.write(msgspec.msgpack.encode(span))
                    told = sum(isinstance(part, Told) for part in span.parts)
                    at = span.first - 1 + counted(span.parts)
                    done.entries, done.left_out = done.entries + told, done.left_out + at - span.first + 1 - told
                    moved(done.entries + done.left_out, total)
            except sharing.CannotProve:
                done.unproven = (*done.unproven, origin)
    done.size = writer.size
    return done


def import_bundle(path: Path, *, moved: Moved = lambda _done, _of: None) -> Imported:
    """Take in a bundle. Refused when it is not for this node, not from one that is trusted, or not whole as it was made.

    What was proven before such a place is kept, and the tables follow it; the same bundle again goes on from there.
    """
    with Reader(path) as reader:
        key = _trusted(reader.header, path)
        messages = reader.messages(key, [_opening_key(reader.header)])
        joining = Joining(mine=queries.this_node())
        opening, projected = _opening(next(messages), path), 0
        try:
            with projector.collected_seldom():
                for group in _grouped(messages, path):
                    projected += _known_senders(group[0].origin)
                    joining.take(group)
                    moved(reader.at, reader.size)
        except Refusal:
            _follow()
            raise
    if reader.header.sender != queries.this_node():
        jobs.note_told(reader.header.sender, opening.sizes)
    if joining.joined.left_out and not _told_all_of_ours(reader.header):
        jobs.hold_anew()
    return Imported(reader.header.sender, joining.joined, projected + _follow())


def _follow() -> int:
    """Let the tables follow; how many entries. Who was revoked meanwhile counts no more in them."""
    done = projector.catch_up()
    rebuilding.rebuild_what_counts_no_more()
    return done


def _for_all() -> _Wanted:
    ends = sharing.sizes()
    return _Wanted([queries.home().hospital_key().public_key()], sharing.everything, ends, {}, {})


def _for_node(name: str, *, whole: bool) -> _Wanted:
    """For one node: what it is to have and did not write itself, judged as over the network."""
    node, seal_key = queries.node_named(name), queries.seal_key(name)
    if node is None:
        raise NodeUnknown(node=name)
    if node.node == queries.this_node():
        raise bundles.BundleForItself(node=name)
    if node.state == NodeState.REVOKED:
        raise bundles.BundleForRevoked(node=name)
    if not seal_key:
        raise bundles.NoSealKey(node=name)
    rights, reached, there = entitlement_of(node), projector.reached(), jobs.known_to_have(name)
    all_of_it = rights.patients() is None
    ends = {
        origin: size if all_of_it else min(size, reached.get(origin, 0))
        for origin, size in sharing.sizes().items()
        if origin.partition("/")[0] != name
    }
    begin = (
        {} if whole or not _has_all(node, all_of_it) else {origin: min(there.get(origin, 0), end) for origin, end in ends.items()}
    )
    return _Wanted([X25519PublicKey.from_public_bytes(seal_key)], _in_thousands(rights.told), ends, there, begin)


def _in_thousands(told: sharing.Scope) -> sharing.Scope:
    """The same scope for longer stretches: an entitlement is asked for at most a thousand entries at once."""

    def scope(origin: str, first: int, last: int) -> list[int] | None:
        found: list[int] = []
        limited = False
        for start in range(first, last + 1, sharing.MOST_ENTRIES):
            end = min(last, start + sharing.MOST_ENTRIES - 1)
            some = told(origin, start, end)
            limited |= some is not None
            found += range(start, end + 1) if some is None else some
        return found if limited else None

    return scope


def _has_all(node: Node, all_of_it: bool) -> bool:
    return all_of_it or node.holds_everybody


def _stretches(origin: str, wanted: _Wanted, trees: sharing.Subtrees) -> Iterator[Span]:
    """The spans of an origin: coarse as far as the addressee is known to be, and as fine as can be where it may have come to."""
    at, there = wanted.begin.get(origin, 0), wanted.there.get(origin, 0)
    most = AT_ONCE if wanted.scope is sharing.everything and not receiving.gaps(origin) else sharing.MOST_ENTRIES
    for until, crumbs in ((min(there, wanted.ends[origin]), False), (wanted.ends[origin], True)):
        while at < until:
            span = sharing.span(origin, after=at, scope=wanted.scope, trees=trees, limit=most, until=until, crumbs=crumbs)
            if span is None:
                return
            yield span
            at += counted(span.parts)


def _trusted(header: Header, path: Path) -> bytes:
    """The key of who says to have made a bundle, for this hospital; refused when that is nobody who is trusted."""
    if header.hospital != queries.home().hospital_id:
        raise bundles.BundleForeign(file=path.name)
    signer = signers.signer_of(f"{header.sender}/")
    if signer is None:
        raise bundles.BundleSenderUnknown(file=path.name, sender=header.sender)
    known = queries.node_named(header.sender)
    if known is not None and known.state == NodeState.REVOKED:
        raise bundles.BundleSenderRevoked(file=path.name, sender=header.sender)
    return signer.public_key


def _opening_key(header: Header) -> X25519PrivateKey:
    """This node's own key, if the bundle was made for it; else the hospital's."""
    home = queries.home()
    return home.opening_key() if _for_this_node(header) else home.hospital_key()


def _for_this_node(header: Header) -> bool:
    return any(one.key == key_id(queries.home().opening_key().public_key()) for one in header.to)


def _told_all_of_ours(header: Header) -> bool:
    """Whether it was made for this node by one that holds everybody: what it leaves out then is not for this node."""
    sender = queries.node_named(header.sender)
    return _for_this_node(header) and (header.sender == queries.hub() or (sender is not None and sender.everyone))


def _opening(message: bytes, path: Path) -> Opening:
    try:
        return _openings.decode(message)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise bundles.BundleChanged(file=path.name) from error


def _grouped(messages: Iterator[bytes], path: Path) -> Iterator[list[Span]]:
    """Spans of one origin, so many at a time that writing them is worth a commit and holds up nobody for long."""
    group: list[Span] = []
    weight = count = 0
    try:
        for message in messages:
            span = _span(message, path)
            if group and (span.origin != group[0].origin or weight > BYTES_AT_ONCE or count >= AT_ONCE):
                yield group
                group, weight, count = [], 0, 0
            group.append(span)
            weight, count = weight + len(message), count + len(span.parts)
    except Refusal:
        if group:
            yield group  # what came before the damage is as good as any
        raise
    if group:
        yield group


def _span(message: bytes, path: Path) -> Span:
    try:
        return _spans.decode(message)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise bundles.BundleChanged(file=path.name) from error


def _known_senders(origin: str) -> int:
    """Whose key it is says the hub: its acts come first, and the tables have to follow before the others' entries are proven."""
    acts = f"{queries.hub()}/acts"
    if origin == acts or projector.reached().get(acts, 0) == entries.heads().get(acts, 0):
        return 0
    return projector.catch_up(only=acts)
