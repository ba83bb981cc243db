"""Is the ledger what it was? Every entry, every checkpoint, and the name of each that is wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import connection

from stormlamp.ledger import entries, facts
from stormlamp.ledger.rules.chain import NO_ENTRY, Header, entry_digest, salted_digest
from stormlamp.ledger.rules.checkpoints import BadCheckpoint, opened_note, short_form
from stormlamp.ledger.rules.merkle import EMPTY_ROOT, Frontier

PAGE = 2000
PURGE = b"ledger.payloads-purged"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, and what."""

    entry: str
    reason: str


@dataclass(slots=True)
class Report:
    """What a verification found. `ok` is True only when everything was read and nothing was wrong."""

    entries: int = 0
    faults: list[Fault] = field(default_factory=list)
    origins: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether there is no fault."""
        return not self.faults


def verify(*, progress: Callable[[int], None] = lambda _: None) -> Report:
    """Read the whole ledger and check payloads, chain, tree, checkpoints and signatures."""
    report, purged, missing = Report(), set[str](), list[str]()
    for origin in _origins():
        _verify_origin(origin, report, purged, missing, progress)
    report.faults += [Fault(key, "its payload is missing and no purge says so") for key in missing if key not in purged]
    return report


def short_checkpoint(origin: str) -> str:
    """What a print carries of an origin's newest checkpoint: `hub-7f3a1c/acts 4821:0a1b2c3d4e`; empty before its first entry."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT note FROM ledger_head WHERE origin = %s", [origin])
        found = cursor.fetchone()
    if found is None:
        return ""
    name = entries.log_name(origin)
    try:
        checkpoint = opened_note(found[0], name=name, public_key=settings.HOME.public_key(), check=_signature_holds)
    except BadCheckpoint:
        return f"{origin} ?"
    return f"{origin} {short_form(checkpoint)}"


def _verify_origin(origin: str, report: Report, purged: set[str], missing: list[str], progress: Callable[[int], None]) -> None:
    checkpoints = _checkpoints(origin)
    frontier, previous, expected = Frontier(), NO_ENTRY, 1
    for sequence, hlc, digest, told_previous, payload_digest, salt, payload in _rows(origin):
        key = f"{origin}:{sequence}"
        report.faults += [Fault(f"{origin}:{gone}", "this entry is missing") for gone in _gap(expected, sequence)]
        header = Header(origin, sequence, hlc, payload_digest, told_previous)
        if entry_digest(header) != digest:
            report.faults.append(Fault(key, "its header was changed"))
        if told_previous != previous:
            report.faults.append(Fault(key, "it does not follow the entry before it"))
        if payload is None:
            missing.append(key)
        elif (reason := _payload_fault(payload, salt, payload_digest, purged)) is not None:
            report.faults.append(Fault(key, reason))
        frontier, previous, expected = frontier.grown([entry_digest(header)]), digest, sequence + 1
        report.entries += 1
        for note in checkpoints.pop(sequence, ()):
            report.faults += _checkpoint_faults(origin, note, sequence, frontier.root())
        if report.entries % PAGE == 0:
            progress(report.entries)
    for size, notes in sorted(checkpoints.items()):
        report.faults += [
            Fault(f"{origin}:{size}", "a signed checkpoint covers an entry that is not here")
            for _ in notes
            if size or frontier.root() != EMPTY_ROOT
        ]
    report.origins[origin] = expected - 1


def _payload_fault(payload: bytes, salt: bytes | None, payload_digest: bytes, purged: set[str]) -> str | None:
    try:
        plain = entries.stretched(payload)
        if salted_digest(salt or b"", plain) != payload_digest:
            return "its payload was changed"
        if PURGE in plain and (opened := facts.opened(plain)).type == PURGE.decode():
            purged.update(facts.body_as(opened, facts.PayloadsPurged).entries)
    except (zstandard.ZstdError, msgspec.MsgspecError):
        return "its payload is damaged"
    return None


def _checkpoint_faults(origin: str, note: str, size: int, root: bytes) -> Iterator[Fault]:
    name = entries.log_name(origin)
    try:
        checkpoint = opened_note(note, name=name, public_key=settings.HOME.public_key(), check=_signature_holds)
    except BadCheckpoint as error:
        yield Fault(f"{origin}:{size}", f"its checkpoint does not hold: {error}")
        return
    if (checkpoint.log, checkpoint.size, checkpoint.root) != (name, size, root):
        yield Fault(f"{origin}:{size}", "the tree up to here differs from its signed checkpoint")


def _signature_holds(signature: bytes, text: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(settings.HOME.public_key()).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def _gap(expected: int, sequence: int) -> range:
    return range(expected, min(sequence, expected + 100))


def _origins() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT origin FROM ledger_head UNION SELECT origin FROM ledger_entry"
            " UNION SELECT origin FROM ledger_checkpoint ORDER BY 1"
        )
        return [origin for (origin,) in cursor.fetchall()]


def _checkpoints(origin: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT size, note FROM ledger_head WHERE origin = %s", [origin])
        heads = cursor.fetchall()
        cursor.execute("SELECT size, note FROM ledger_checkpoint WHERE origin = %s ORDER BY size", [origin])
        for size, note in [*heads, *cursor.fetchall()]:
            found.setdefault(size, []).append(note)
    return found if heads else {**found, 0: ["no head"]}


def _rows(origin: str) -> Iterator[tuple[int, int, bytes, bytes, bytes, bytes | None, bytes | None]]:
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT sequence, hlc, digest, previous, payload_digest, salt, payload FROM ledger_entry"
                " WHERE origin = %s AND sequence > %s ORDER BY sequence LIMIT %s",
                [origin, after, PAGE],
            )
            page: list[tuple[Any, ...]] = cursor.fetchall()
        for sequence, hlc, *raw in page:
            digest, previous, payload_digest, salt, payload = (None if one is None else bytes(one) for one in raw)
            yield sequence, hlc, digest or b"", previous or b"", payload_digest or b"", salt, payload
        if len(page) < PAGE:
            return
        after = page[-1][0]
