"""Feeding from files and folders: HL7 v2 and FHIR R4, committed in groups, counted by what became of each message."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from io import BufferedReader
from pathlib import Path

from stormlamp.kernel.actors import Actor, system
from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import Draft, projector
from stormlamp.ledger.feeds import append_feed
from stormlamp.mirror import queries
from stormlamp.mirror.facts import FhirReceived, Hl7Received, TooLargeReceived
from stormlamp.mirror.rules import FeedCount, Part, State
from stormlamp.mirror.rules.feeds import counted
from stormlamp.mirror.wire import fhir, files, ndjson
from stormlamp.mirror.wire.cda import is_document, is_fhir
from stormlamp.mirror.wire.files import Piece, PieceKind
from stormlamp.mirror.wire.hl7 import Broken
from stormlamp.nodes.queries import home

FEED_SUFFIXES = frozenset({".hl7", ".hl7v2", ".er7", ".msg", ".json", ".ndjson", ".txt", ".dat", ".bat"})
GROUP, GROUP_BYTES, HEAD = 500, 4 * 1024 * 1024, 64 * 1024
JSON_LIMIT = 512 * 1024 * 1024
_MARKS = b"\xef\xbb\xbf \t\r\n\x0b"


def feed_paths(
    paths: Sequence[Path], *, interface: str, at: Moment, progress: Callable[[int, int], None] = lambda _done, _of: None
) -> FeedCount:
    """Store, project and count all that files and folders hold; feeding the same again changes nothing and counts the same.

    Folders are read whole, in order of name. A file there is a feed when its name or its first bytes say so; others are passed over
    and named in the count. A file that was asked for by its own name is always read. `progress` is told (bytes done, bytes in all).
    Trouble when a path cannot be read, or when a file breaks off: what it held before and every other file is kept all the same.
    """
    found = list(_files(paths))
    total, done, count, passed = sum(path.stat().st_size for path, _ in found), 0, FeedCount(), {}
    pending, broken_off = list[Draft](), list[Trouble]()
    for path, named in found:
        size = path.stat().st_size
        if not named and (reason := _no_feed(path)):
            passed[str(path)] = reason
        else:
            count = replace(count, files=count.files + 1)
            for draft in _until_broken(_drafts(path, interface=interface, at=at), broken_off):
                if draft is None:
                    count = replace(count, envelopes=count.envelopes + 1)
                    continue
                pending.append(draft)
                if _full(pending):
                    count, pending = _commit(pending, count), []
        done += size
        progress(done, total)
    count = _commit(pending, count)
    if broken_off:
        raise broken_off[0]
    return replace(count, passed_over=passed)


def feed_resources(
    raws: Iterable[bytes], *, interface: str, channel: str, at: Moment, before: FeedCount | None = None
) -> FeedCount:
    """Store, project and count FHIR as it comes from a server: resources or Bundles, in groups, in bounded memory."""
    node, count, pending, size = home(), before or FeedCount(), list[Draft](), 0
    by = system(node.node)
    for raw in raws:
        pending.append(receive(raw, fhir=True, interface=interface, channel=channel, at=at, by=by, zone=node.zone))
        size += len(raw)
        if len(pending) >= GROUP or size >= GROUP_BYTES:
            count, pending, size = _commit(pending, count), [], 0
    return _commit(pending, count)


def receive(raw: bytes, *, fhir: bool, interface: str, channel: str, at: Moment, by: Actor, zone: str) -> Draft:
    """The draft of one message or resource; the same bytes are stored once."""
    digest = sha256(raw).hexdigest()
    kind = FhirReceived if fhir else Hl7Received
    told = kind(interface=interface, channel=channel, raw=raw, received_at=at, digest=digest, zone=zone)
    return Draft(fact=told, actor=by.account, actor_name=by.name, act="mirror.receive", at=at, once=f"m:{digest}")


def refuse(piece: Piece, *, interface: str, channel: str, at: Moment, by: Actor, zone: str) -> Draft:
    """The draft of what is too large to be kept whole: its head, its size and its digest."""
    told = TooLargeReceived(
        interface=interface, channel=channel, raw=piece.raw, size=piece.size, received_at=at, digest=piece.digest, zone=zone
    )
    return Draft(fact=told, actor=by.account, actor_name=by.name, act="mirror.receive", at=at, once=f"m:{piece.digest}")


def _full(pending: list[Draft]) -> bool:
    sizes = (len(draft.fact.raw) for draft in pending if isinstance(draft.fact, Hl7Received | FhirReceived | TooLargeReceived))
    return len(pending) >= GROUP or sum(sizes) >= GROUP_BYTES


def _commit(pending: list[Draft], count: FeedCount) -> FeedCount:
    """One durable commit, its projection, and what became of each draft: a duplicate counts as its first copy."""
    if not pending:
        return count
    keys = append_feed(pending)
    projector.catch_up()
    told = queries.parts_of(sorted(set(keys)))
    aside = (Part(type="", state=State.NOT_UNDERSTOOD, reason="set aside by the projector", count=1),)
    parts = Counter(part for key in keys for part in told.get(key, aside))
    return counted((replace(part, count=part.count * times) for part, times in parts.items()), count)


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    """Every file once, and whether it was asked for by its own name."""
    seen: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise Trouble(f"there is no {path}", hint="name a file or a folder of HL7 v2 or FHIR")
        inside = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
        for one in inside:
            if one.is_symlink() and path.is_dir():
                yield one, False
            elif one.resolve() not in seen:
                seen.add(one.resolve())
                yield one, not path.is_dir()


def _no_feed(path: Path) -> str:
    """Why a file of a folder is no feed; nothing when it is one. What a link points to need not be of this folder at all."""
    if path.is_symlink():
        return "a link, which is not followed"
    if _inner(path) in FEED_SUFFIXES:
        return ""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.lstrip(_MARKS)[:3] in (b"MSH", b"FHS", b"BHS") or (files.looks_like_json(head) and b'"resourceType"' in head):
        return ""
    if is_document(head) or is_fhir(head):
        return ""
    return "neither its name nor its first bytes are those of HL7 v2 or FHIR"


def _until_broken(drafts: Iterator[Draft | None], broken_off: list[Trouble]) -> Iterator[Draft | None]:
    """What a file holds up to where it breaks off; one bad file must not keep the others out."""
    try:
        yield from drafts
    except Trouble as trouble:
        broken_off.append(trouble)


def _drafts(path: Path, *, interface: str, at: Moment) -> Iterator[Draft | None]:
    """The messages and resources of a file; None stands for a batch line that is in order."""
    node = home()
    by = system(node.node)
    for piece, is_resource in _pieces(path):
        if piece.kind is PieceKind.OVERSIZED:
            yield refuse(piece, interface=interface, channel="file", at=at, by=by, zone=node.zone)
        elif piece.kind is PieceKind.ENVELOPE and not piece.note:
            yield None
        else:
            yield receive(piece.raw, fhir=is_resource, interface=interface, channel="file", at=at, by=by, zone=node.zone)


def _inner(path: Path) -> str:
    """What kind of file it is, also inside of gzip."""
    return (Path(path.stem) if path.suffix.lower() == ".gz" else path).suffix.lower()


def _pieces(path: Path) -> Iterator[tuple[Piece, bool]]:
    """The pieces of a file, and whether they are FHIR. Only one is in memory at a time."""
    packed, named = path.suffix.lower() == ".gz", _inner(path)
    try:
        with path.open("rb") as file:
            if named == ".ndjson" and (packed or fhir.encoding(file.peek()) == "utf-8"):
                lines = (ndjson.inflated_lines if packed else ndjson.lines)(file)
                yield from ((Piece(PieceKind.MESSAGE, line, 0), True) for line in lines)
            else:
                yield from _of_one(ndjson.Inflating(file) if packed else file, told_json=named in (".json", ".ndjson"))
    except Broken as fault:
        hint = "what came before it and every other file was kept; ask for this file again"
        raise Trouble(f"{path}: {fault.reason}", hint=hint) from fault


def _of_one(file: BufferedReader | ndjson.Inflating, *, told_json: bool) -> Iterator[tuple[Piece, bool]]:
    """The pieces of HL7 v2, or JSON as one; of a file of blanks the blanks, so that it is counted.

    What calls itself JSON (`told_json`) and is neither is kept as FHIR that cannot be read, and not as HL7 v2.
    """
    head = file.peek()
    neither = told_json and bool(head.strip(_MARKS)) and b"MSH" not in head.replace(b"\0", b"")
    if files.looks_like_json(head) or is_document(head) or is_fhir(head) or neither:
        yield files.whole_file(file, limit=JSON_LIMIT), True
        return
    nothing = True
    for piece in files.split_file(file):
        nothing = False
        yield piece, False
    if nothing:
        yield Piece(PieceKind.STRAY, head[:HEAD], 0), False
