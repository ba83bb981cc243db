"""Entries: writing facts into the chain, and reading them back."""

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
import zstandard
from django.conf import settings
from django.db import IntegrityError, connection

from stormlamp.kernel.moments import MINUTE, Moment
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import clock, facts
from stormlamp.ledger.frames import squeezed, stretched
from stormlamp.ledger.rules import clocks
from stormlamp.ledger.rules.chain import NO_ENTRY, SALT_BYTES, Header, entry_digest, salted_digest
from stormlamp.ledger.rules.checkpoints import Checkpoint, signed_note
from stormlamp.ledger.rules.merkle import Frontier

F = TypeVar("F")
ACTS, FEEDS = "acts", "feeds"
_local = threading.local()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A fact about to be written, with who, by which act, when, and the key that makes it one."""

    fact: object
    actor: str
    actor_name: str
    act: str
    at: Moment
    once: str = ""


@dataclass(frozen=True, slots=True)
class Entry(Generic[F]):
    """A fact as it stands in the ledger. `key` names it for ever; `order` sorts it among rivals on every node."""

    origin: str
    sequence: int
    hlc: int
    payload: facts.Payload
    fact: F

    @property
    def key(self) -> str:
        """`origin:sequence`."""
        return f"{self.origin}:{self.sequence}"

    @property
    def order(self) -> str:
        """Text that sorts as (hlc, origin, sequence)."""
        return clocks.order_key(self.hlc, self.origin, self.sequence)

    @property
    def at(self) -> Moment:
        """When the act was done, or the message received."""
        return Moment(self.payload.at)

    @property
    def actor(self) -> str:
        """The account that acted."""
        return self.payload.actor

    @property
    def actor_name(self) -> str:
        """The name of who acted, as it was then."""
        return self.payload.actor_name

    @property
    def act(self) -> str:
        """The act that wrote it."""
        return self.payload.act

    @property
    def node(self) -> str:
        """The node it was written on."""
        return self.origin.partition("/")[0]


def origin_of(chain: str) -> str:
    """This node's origin of one kind, ACTS or FEEDS."""
    return f"{settings.HOME.node}/{chain}"


def log_name(origin: str) -> str:
    """What a checkpoint calls an origin."""
    return f"stormlamp/{settings.HOME.id}/{origin}"


def append(chain: str, drafts: Sequence[Draft]) -> list[Entry[Any]]:
    """Write facts at the end of one of this node's chains. Call it inside a transaction; durable when that commits.

    Trouble when the ledger's end is not what its head says: then nothing may be built on it before `verify` was read.
    """
    payloads = [
        facts.payload_of(one.fact, actor=one.actor, actor_name=one.actor_name, act=one.act, at=one.at, once=one.once)
        for one in drafts
    ]
    told = [facts.body_as(payload, type(draft.fact)) for payload, draft in zip(payloads, drafts, strict=True)]
    with connection.cursor() as cursor:
        written = append_sealed(chain, [seal(payload) for payload in payloads], cursor)
    return [
        Entry(written.origin, written.first + number, stamp, payload, fact)
        for number, (stamp, payload, fact) in enumerate(zip(written.stamps, payloads, told, strict=True))
    ]


@dataclass(frozen=True, slots=True)
class Sealed:
    """All of an entry that does not depend on where in the chain it will stand: it can be made before anything is locked."""

    once: str
    salt: bytes
    payload_digest: bytes
    frame: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """Which entries were appended: their origin, the first one's sequence, and the stamp of each."""

    origin: str
    first: int
    stamps: Sequence[int]


def seal(payload: facts.Payload) -> Sealed:
    """Salt, digest and frame of a payload."""
    packed, salt = facts.packed(payload), os.urandom(SALT_BYTES)
    return Sealed(payload.once[1:], salt, salted_digest(salt, packed), squeezed(packed))


def append_sealed(chain: str, sealed: Sequence[Sealed], cursor: Any) -> Written:
    """Write sealed payloads at the end of a chain, as `append` does."""
    origin, now = origin_of(chain), clock.now()
    if not sealed:
        return Written(origin, 0, ())
    before, stamp = _ends(cursor, origin, now)
    size, previous = before.size, before.digest
    rows: list[tuple[Any, ...]] = []
    for one in sealed:
        stamp, size = clocks.tick(stamp, now), size + 1
        digest = entry_digest(Header(origin, size, stamp, one.payload_digest, previous))
        rows.append((origin, size, stamp, one.payload_digest, previous, digest, one.salt, one.frame))
        previous = digest
    after = End(size, stamp, previous, before.frontier.grown(row[5] for row in rows))
    try:
        cursor.executemany(_INSERT_ENTRY, rows)
    except IntegrityError as error:
        raise Trouble(f"{origin} holds entries that its head does not know", hint=_READ_VERIFY) from error
    _remember_once(cursor, origin, before.size + 1, sealed)
    _move_head(cursor, origin, before, after)
    return Written(origin, before.size + 1, [row[2] for row in rows])


@dataclass(frozen=True, slots=True)
class End:
    """Where an origin ends."""

    size: int
    hlc: int
    digest: bytes
    frontier: Frontier


_NOWHERE = End(0, 0, NO_ENTRY, Frontier())
_READ_VERIFY = "the ledger was changed or half restored: run stormlamp verify, and restore a copy"
_INSERT_ENTRY = (
    "INSERT INTO ledger_entry (origin, sequence, hlc, payload_digest, previous, digest, salt, payload)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)


def _ends(cursor: Any, origin: str, now: Moment) -> tuple[End, int]:
    """Where an origin ends, and the latest stamp that ours has to follow: of every origin here whose clock does not run ahead."""
    found, latest = _NOWHERE, 0
    own = {origin_of(ACTS), origin_of(FEEDS)}
    cursor.execute("SELECT origin, size, hlc, digest, frontier FROM ledger_head")
    for one, size, hlc, digest, frontier in cursor.fetchall():
        latest = max(latest, hlc) if one in own or not clocks.runs_ahead(hlc, now) else latest
        if one == origin:
            try:
                found = End(size, hlc, bytes(digest), Frontier.decoded(size, bytes(frontier)))
            except ValueError as error:
                raise Trouble(f"the head of {origin} is damaged: {error}", hint=_READ_VERIFY) from error
    return found, latest


def answered_by(key: str) -> list[Entry[Any]] | None:
    """The entries that a `once` key has already written; None when the key is new, none at all when one of them was purged."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT origin, sequence, count FROM ledger_once WHERE key = %s", [key])
        found = cursor.fetchone()
    if found is None:
        return None
    origin, sequence, count = found
    written = list(read(origin, after=sequence - 1, limit=count))
    return written if len(written) == count else []


def knows(key: str) -> bool:
    """Whether a `once` key has already written something."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM ledger_once WHERE key = %s", [key])
        return cursor.fetchone() is not None


def read(origin: str, *, after: int, limit: int) -> Iterator[Entry[Any]]:
    """Entries of an origin whose payload is still there, in order. Unknown facts come as their bare payload."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sequence, hlc, payload FROM ledger_entry WHERE origin = %s AND sequence > %s"
            " AND sequence <= %s AND payload IS NOT NULL ORDER BY sequence",
            [origin, after, after + limit],
        )
        rows = cursor.fetchall()
    for sequence, hlc, frame in rows:
        payload = payload_in(frame)
        yield Entry(origin, sequence, hlc, payload, fact_in(payload))


def entry(key: str) -> Entry[Any] | None:
    """The entry of a key; None when there is none or it was purged."""
    origin, sequence = split_key(key)
    return next(read(origin, after=sequence - 1, limit=1), None) if sequence else None


def split_key(key: str) -> tuple[str, int]:
    """Origin and sequence of an entry's key; sequence 0, which no entry has, when it is no key."""
    origin, _, sequence = key.rpartition(":")
    return origin, int(sequence) if sequence.isascii() and sequence.isdigit() and len(sequence) < 19 else 0


def heads() -> dict[str, int]:
    """The size of each origin that this node holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT origin, size FROM ledger_head ORDER BY origin")
        return dict(cursor.fetchall())


def payload_in(frame: Any) -> facts.Payload:
    """The payload of a stored frame; facts.DAMAGED when it is none."""
    if isinstance(frame, int | float | str):
        return facts.DAMAGED
    try:
        return facts.opened(stretched(bytes(frame)))
    except (zstandard.ZstdError, msgspec.MsgspecError):
        return facts.DAMAGED


def fact_in(payload: facts.Payload) -> object:
    """The fact in a payload; the bare payload when this version does not know it."""
    declared = facts.FACTS.get(payload.type)
    if declared is None or declared.version < payload.version:
        return payload
    try:
        return facts.body_as(payload, declared.cls)
    except msgspec.MsgspecError:
        return payload


def _remember_once(cursor: Any, origin: str, first: int, sealed: Sequence[Sealed]) -> None:
    rows: dict[str, list[Any]] = {}
    for sequence, one in enumerate(sealed, first):
        if one.once:
            rows.setdefault(one.once, [one.once, origin, sequence, 0])[3] += 1
    if rows:
        cursor.executemany("INSERT INTO ledger_once (key, origin, sequence, count) VALUES (%s, %s, %s, %s)", list(rows.values()))


def _move_head(cursor: Any, origin: str, before: End, after: End) -> None:
    name, home = log_name(origin), settings.HOME
    checkpoint = Checkpoint(name, after.size, after.frontier.root())
    note = signed_note(checkpoint, name=name, public_key=_public_key(home), sign=_signer(home).sign)
    cursor.execute(
        "INSERT INTO ledger_head (origin, size, hlc, digest, frontier, note) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (origin) DO UPDATE SET size = excluded.size, hlc = excluded.hlc, digest = excluded.digest,"
        " frontier = excluded.frontier, note = excluded.note",
        [origin, after.size, after.hlc, after.digest, after.frontier.encoded(), note],
    )
    if not before.size or minute_of(before.hlc) != minute_of(after.hlc):
        cursor.execute("INSERT INTO ledger_checkpoint (origin, size, note) VALUES (%s, %s, %s)", [origin, after.size, note])


def minute_of(hlc: int) -> int:
    """The minute of a stamp: the first commit of an origin in each minute leaves a checkpoint that is kept."""
    return (hlc >> clocks.COUNTER_BITS) * 1000 // MINUTE


def _signer(home: Any) -> Any:
    if getattr(_local, "signer_of", None) is not home:
        _local.signer_of, _local.signer, _local.public = home, home.signing_key(), home.public_key()
    return _local.signer


def _public_key(home: Any) -> bytes:
    _signer(home)
    found: bytes = _local.public
    return found
