"""Entries: writing facts into the chain, and reading them back."""

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
import zstandard
from django.conf import settings
from django.db import connection

from stormlamp.kernel.moments import MINUTE, Moment
from stormlamp.ledger import clock, facts
from stormlamp.ledger.models import LedgerEntry, LedgerHead
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
    """Write facts at the end of one of this node's chains. Call it inside a transaction; durable when that commits."""
    origin, now = origin_of(chain), clock.now()
    heads = {head.origin: head for head in LedgerHead.objects.filter(origin__in=(origin_of(ACTS), origin_of(FEEDS)))}
    head = heads.get(origin)
    size, previous = (head.size, bytes(head.digest)) if head else (0, NO_ENTRY)
    frontier = Frontier.decoded(size, bytes(head.frontier)) if head else Frontier()
    stamp = max((held.hlc for held in heads.values()), default=0)
    rows: list[tuple[Any, ...]] = []
    entries: list[Entry[Any]] = []
    for draft in drafts:
        stamp, size, salt = clocks.tick(stamp, now), size + 1, os.urandom(SALT_BYTES)
        payload = facts.payload_of(
            draft.fact, actor=draft.actor, actor_name=draft.actor_name, act=draft.act, at=draft.at, once=draft.once
        )
        packed = facts.packed(payload)
        header = Header(origin, size, stamp, salted_digest(salt, packed), previous)
        digest = entry_digest(header)
        rows.append((origin, size, stamp, header.payload_digest, previous, digest, salt, _squeezed(packed)))
        entries.append(Entry(origin, size, stamp, payload, draft.fact))
        previous = digest
    frontier = frontier.grown(row[5] for row in rows)
    _write(rows)
    _remember_once(entries)
    _move_head(origin, size, stamp, previous, frontier, head)
    return entries


def answered_by(key: str) -> list[Entry[Any]]:
    """The entries that a `once` key has already written; none when it is new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT origin, sequence, count FROM ledger_once WHERE key = %s", [key])
        found = cursor.fetchone()
    if found is None:
        return []
    origin, sequence, count = found
    return list(read(origin, after=sequence - 1, limit=count))


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
        payload = facts.opened(stretched(bytes(squeezed)))
        yield Entry(origin, sequence, hlc, payload, _fact_in(payload))


def entry(key: str) -> Entry[Any] | None:
    """The entry of a key; None when there is none or it was purged."""
    origin, _, sequence = key.rpartition(":")
    return next(read(origin, after=int(sequence) - 1, limit=1), None) if sequence.isdigit() else None


def heads() -> dict[str, int]:
    """The size of each origin that this node holds."""
    return dict(LedgerHead.objects.order_by("origin").values_list("origin", "size"))


def stretched(squeezed: bytes) -> bytes:
    """The payload bytes of a stored frame; zstandard.ZstdError when it is damaged."""
    if not hasattr(_local, "stretch"):
        _local.stretch = zstandard.ZstdDecompressor()
    found: bytes = _local.stretch.decompress(squeezed)
    return found


def _squeezed(payload: bytes) -> bytes:
    if not hasattr(_local, "squeeze"):
        _local.squeeze = zstandard.ZstdCompressor(level=1)
    found: bytes = _local.squeeze.compress(payload)
    return found


def _fact_in(payload: facts.Payload) -> object:
    declared = facts.FACTS.get(payload.type)
    if declared is None or declared.version < payload.version:
        return payload
    try:
        return facts.body_as(payload, declared.cls)
    except msgspec.ValidationError:
        return payload


def _write(rows: Sequence[tuple[Any, ...]]) -> None:
    columns = [field.attname for field in LedgerEntry._meta.concrete_fields]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO ledger_entry ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})",  # noqa: S608
            rows,
        )


def _remember_once(entries: Sequence[Entry[Any]]) -> None:
    first: dict[str, list[Any]] = {}
    for one in entries:
        if one.payload.once:
            row = first.setdefault(one.payload.once[1:], [one.payload.once[1:], one.origin, one.sequence, 0])
            row[3] += 1
    if first:
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO ledger_once (key, origin, sequence, count) VALUES (%s, %s, %s, %s)", list(first.values())
            )


def _move_head(origin: str, size: int, hlc: int, digest: bytes, frontier: Frontier, before: LedgerHead | None) -> None:
    checkpoint = Checkpoint(log_name(origin), size, frontier.root())
    home = settings.HOME
    note = signed_note(checkpoint, name=log_name(origin), public_key=_public_key(home), sign=lambda text: _signer(home).sign(text))
    LedgerHead(origin=origin, size=size, hlc=hlc, digest=digest, frontier=frontier.encoded(), note=note).save(
        force_update=before is not None, force_insert=before is None
    )
    if before is None or _minute(before.hlc) != _minute(hlc):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO ledger_checkpoint (origin, size, note) VALUES (%s, %s, %s)", [origin, size, note])


def _minute(hlc: int) -> int:
    return (hlc >> clocks.COUNTER_BITS) * 1000 // MINUTE


def _signer(home: Any) -> Any:
    if getattr(_local, "signer_of", None) is not home:
        _local.signer_of, _local.signer, _local.public = home, home.signing_key(), home.public_key()
    return _local.signer


def _public_key(home: Any) -> bytes:
    _signer(home)
    found: bytes = _local.public
    return found
