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
from stormlamp.ledger.models import LedgerHead
from stormlamp.ledger.rules import clocks
from stormlamp.ledger.rules.chain import NO_ENTRY, SALT_BYTES, Header, entry_digest, salted_digest
from stormlamp.ledger.rules.checkpoints import Checkpoint, signed_note
from stormlamp.ledger.rules.merkle import Frontier

F = TypeVar("F")
ACTS, FEEDS = "acts", "feeds"
LARGEST = 1 << 30
_UNUSED_BIT = 0x10  # RFC 8878 3.1.1.1.1.5: decoders pass over it, so we look
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
    if not drafts:
        return []
    origin, now = origin_of(chain), clock.now()
    before, stamp = _ends(origin)
    size, previous = before.size, before.digest
    rows: list[tuple[Any, ...]] = []
    entries: list[Entry[Any]] = []
    for draft in drafts:
        stamp, size, salt = clocks.tick(stamp, now), size + 1, os.urandom(SALT_BYTES)
        payload = facts.payload_of(
            draft.fact, actor=draft.actor, actor_name=draft.actor_name, act=draft.act, at=draft.at, once=draft.once
        )
        packed = facts.packed(payload)
        header = Header(origin, size, stamp, salted_digest(salt, packed), previous)
        previous = entry_digest(header)
        rows.append((origin, size, stamp, header.payload_digest, header.previous, previous, salt, _squeezed(packed)))
        entries.append(Entry(origin, size, stamp, payload, facts.body_as(payload, type(draft.fact))))
    after = End(size, stamp, previous, before.frontier.grown(row[5] for row in rows))
    with connection.cursor() as cursor:
        try:
            cursor.executemany(_INSERT_ENTRY, rows)
        except IntegrityError as error:
            raise Trouble(f"{origin} holds entries that its head does not know", hint=_READ_VERIFY) from error
        _remember_once(cursor, entries)
        _move_head(cursor, origin, before, after)
    return entries


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


def _ends(origin: str) -> tuple[End, int]:
    """Where an origin ends, and the latest stamp of this node in either of its origins."""
    found, latest = _NOWHERE, 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT origin, size, hlc, digest, frontier FROM ledger_head WHERE origin IN (%s, %s)",
            [origin_of(ACTS), origin_of(FEEDS)],
        )
        rows = cursor.fetchall()
    for one, size, hlc, digest, frontier in rows:
        latest = max(latest, hlc)
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
    for sequence, hlc, squeezed in rows:
        payload = payload_in(squeezed)
        yield Entry(origin, sequence, hlc, payload, _fact_in(payload))


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
    return dict(LedgerHead.objects.order_by("origin").values_list("origin", "size"))


def stretched(squeezed: bytes) -> bytes:
    """The payload bytes of a stored frame; zstandard.ZstdError when it is damaged."""
    if not hasattr(_local, "stretch"):
        _local.stretch = zstandard.ZstdDecompressor()
    if (squeezed[4:5] and squeezed[4] & _UNUSED_BIT) or zstandard.frame_content_size(squeezed) > LARGEST:
        raise zstandard.ZstdError("the frame's header says what no writer of ours says")
    found: bytes = _local.stretch.decompress(squeezed, allow_extra_data=False)
    return found


def _squeezed(payload: bytes) -> bytes:
    if not hasattr(_local, "squeeze"):
        _local.squeeze = zstandard.ZstdCompressor(level=1)
    found: bytes = _local.squeeze.compress(payload)
    return found


def payload_in(squeezed: Any) -> facts.Payload:
    """The payload of a stored frame; facts.DAMAGED when it is none."""
    if isinstance(squeezed, int | float | str):
        return facts.DAMAGED
    try:
        return facts.opened(stretched(bytes(squeezed)))
    except (zstandard.ZstdError, msgspec.MsgspecError):
        return facts.DAMAGED


def _fact_in(payload: facts.Payload) -> object:
    declared = facts.FACTS.get(payload.type)
    if declared is None or declared.version < payload.version:
        return payload
    try:
        return facts.body_as(payload, declared.cls)
    except msgspec.MsgspecError:
        return payload


def _remember_once(cursor: Any, entries: Sequence[Entry[Any]]) -> None:
    first: dict[str, list[Any]] = {}
    for one in entries:
        if one.payload.once:
            row = first.setdefault(one.payload.once[1:], [one.payload.once[1:], one.origin, one.sequence, 0])
            row[3] += 1
    if first:
        cursor.executemany("INSERT INTO ledger_once (key, origin, sequence, count) VALUES (%s, %s, %s, %s)", list(first.values()))


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
