"""FHIR R4 JSON: a file or a body into its resources, without decoding more than it must."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson

from stormlamp.mirror.wire.hl7 import Broken


@dataclass(frozen=True, slots=True)
class Piece:
    """One resource as it came, or (with a `reason`) what could not be read as one."""

    raw: bytes
    type: str = ""
    id: str = ""
    full_url: str = ""
    reason: str = ""


class _Entry(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"")
    fullUrl: str | None = None  # noqa: N815 (FHIR's own name)


class _Head(msgspec.Struct):
    resourceType: str = ""  # noqa: N815
    id: str | None = None


class _Bundle(msgspec.Struct):
    entry: list[msgspec.Raw] | None = None


_HEAD = msgspec.json.Decoder(_Head)
_BUNDLE = msgspec.json.Decoder(_Bundle)
_ENTRY = msgspec.json.Decoder(_Entry)
_DEPTH = 4
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError)


def split(raw: bytes) -> Iterator[Piece]:
    """The resources of a Bundle, of one resource, or of NDJSON lines; what is broken comes out with its reason."""
    body = raw.removeprefix(b"\xef\xbb\xbf").strip()
    if not body:
        return
    try:
        head = _HEAD.decode(body)
    except _UNREADABLE as fault:
        yield from _lines(body, str(fault))
    except RecursionError:
        yield Piece(body, reason="nested too deeply")
    else:
        yield from _resource(body, head, "", 0)


def decode(raw: bytes) -> dict[str, Any]:
    """One resource as a plain dict; raises Broken when a piece that looked whole cannot be read after all."""
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError as fault:
        raise Broken(f"not readable as JSON: {fault.msg}", fault.pos) from fault
    if not isinstance(found, dict):
        raise Broken("not a JSON object")
    return found


def _lines(body: bytes, fault: str) -> Iterator[Piece]:
    """NDJSON: several lines begin with a brace at their first column; anything else is one broken piece."""
    lines = body.splitlines()
    if sum(line[:1] == b"{" for line in lines) < 2:
        yield Piece(body, reason=f"not readable as JSON: {fault}")
        return
    for line in lines:
        if line.strip():
            yield from _one(line.strip(), "", 0)


def _one(raw: bytes, full_url: str, depth: int) -> Iterator[Piece]:
    try:
        head = _HEAD.decode(raw)
    except _UNREADABLE as fault:
        yield Piece(raw, full_url=full_url, reason=f"not readable as JSON: {fault}")
    except RecursionError:
        yield Piece(raw, full_url=full_url, reason="nested too deeply")
    else:
        yield from _resource(raw, head, full_url, depth)


def _resource(raw: bytes, head: _Head, full_url: str, depth: int) -> Iterator[Piece]:
    if head.resourceType == "Bundle" and depth < _DEPTH:
        yield from _entries(raw, head, depth)
    elif not head.resourceType:
        yield Piece(raw, full_url=full_url, reason="no resourceType")
    else:
        yield Piece(raw, head.resourceType, head.id or "", full_url)


def _entries(raw: bytes, head: _Head, depth: int) -> Iterator[Piece]:
    try:
        entries = _BUNDLE.decode(raw).entry
    except _UNREADABLE as fault:
        yield Piece(raw, "Bundle", head.id or "", reason=f"bundle not readable: {fault}")
        return
    for entry in entries or ():
        yield from _entry(bytes(entry), depth)


def _entry(raw: bytes, depth: int) -> Iterator[Piece]:
    try:
        entry = _ENTRY.decode(raw)
    except _UNREADABLE as fault:
        yield Piece(raw, reason=f"bundle entry not readable: {fault}")
        return
    resource = bytes(entry.resource)
    if not resource or resource == b"null":
        yield Piece(raw, full_url=entry.fullUrl or "", reason="bundle entry without a resource")
    else:
        yield from _one(resource, entry.fullUrl or "", depth + 1)
