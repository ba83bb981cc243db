"""FHIR R4 JSON: a file or a body into its resources, without decoding more than it must."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import orjson
from msgspec.structs import replace

from stormlamp.mirror.wire.hl7 import Broken


class Piece(msgspec.Struct, frozen=True):
    """One resource as it came, or (with a `reason`) what could not be read as one.

    `modified` is when its server last changed it, and `version` as which version: as it says itself, else as the Bundle says.
    Entries of a Bundle bring `method` and `url` of the request, and the server's answer as `status`. A `bare` one has no
    resource, such as a DELETE: its `raw` is the entry.
    """

    raw: bytes
    type: str = ""
    id: str = ""
    full_url: str = ""
    reason: str = ""
    method: str = ""
    url: str = ""
    modified: str = ""
    version: str = ""
    status: str = ""
    bare: bool = False


class _Request(msgspec.Struct):
    method: str = ""
    url: str = ""


class _Response(msgspec.Struct):
    status: str = ""
    etag: str | None = None
    lastModified: str | None = None  # noqa: N815 (FHIR's own name)


class _Entry(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"")
    fullUrl: str | None = None  # noqa: N815
    request: _Request | None = None
    response: _Response | None = None


class _Head(msgspec.Struct):
    resourceType: str = ""  # noqa: N815
    id: str | None = None
    meta: Any = None


class _Bundle(msgspec.Struct):
    entry: list[msgspec.Raw] | None = None
    type: str | None = None


_NO_REQUEST, _NO_RESPONSE = _Request(), _Response()
_HEAD = msgspec.json.Decoder(_Head)
_BUNDLE = msgspec.json.Decoder(_Bundle)
_ENTRY = msgspec.json.Decoder(_Entry)


def _as_written(number: str) -> str:
    """A number with a point stays as it was written: 7.10 mmol/L is not 7.1.

    Broken when it is beyond a double: who reads it again from its row does so with orjson, which takes none.
    """
    if ("e" in number or "E" in number) and math.isinf(float(number)):
        raise Broken(_TOO_GREAT)
    return number


_ANY = msgspec.json.Decoder(float_hook=_as_written)
_NEVER = ("", "")
_DEPTH = 4
_NESTED = 200
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError)
_TOO_DEEP, _TOO_GREAT = "nested too deeply", "a number is beyond a double"
_THREE_DIGITS, _APART = re.compile(rb"\d{3}").search, 100
# A resource by itself is decoded at once up to this size; what is larger is looked at piece by piece, in bounded memory.
_AT_ONCE, _BUNDLED = 64 * 1024, b'{"resourceType":"Bundle"'
# What looks like a number with a point may have been one, and not text.
_WITH_POINT = re.compile(r"-?\d+(?:\.\d+(?:[eE][-+]?\d+)?|[eE][-+]?\d+)").fullmatch
_ETAG = re.compile(r'^(?:W/)?"?([^"]*)"?$')


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
        yield Piece(body, reason=_TOO_DEEP)
    else:
        yield from _resource(body, head, "", 0)


def alone(raw: bytes) -> tuple[Piece, dict[str, Any]] | None:
    """One resource that is no Bundle and stands by itself, as `split` and `decode` tell it, read once; None for all else."""
    body = raw.strip()
    if len(body) > _AT_ONCE or body.startswith(_BUNDLED):
        return None
    try:
        found = decode(body)
    except Broken:
        return None
    kind, own = found.get("resourceType"), found.get("id", "")
    if type(kind) is not str or not kind[:1].isalpha() or kind == "Bundle" or type(own) is not str or _WITH_POINT(own):
        return None
    modified, version = _changed(found["meta"]) if "meta" in found else _NEVER
    if (version and not version.isdigit() and _WITH_POINT(version)) or (modified[4:8:3] != "--" and _WITH_POINT(modified)):
        return None
    return Piece(body, kind, own, "", "", "", "", modified, version), found


def decode(raw: bytes) -> dict[str, Any]:
    """One resource as a plain dict, decimals as the text they were written in; of equal names the last one counts.

    Raises Broken when a piece that looked whole cannot be read after all, or is nested deeper than any R4 resource.
    """
    try:
        found = _ANY.decode(raw)
        # Three bytes so far apart that are digits: perhaps of one number with over 308 of them.
        if _THREE_DIGITS(raw[::_APART]):
            orjson.loads(raw)
    except (*_UNREADABLE, orjson.JSONDecodeError, Broken, RecursionError) as fault:
        raise _unreadable(raw, fault) from fault
    if type(found) is not dict:
        raise Broken("not a JSON object")
    if raw.count(b"{") + raw.count(b"[") > _NESTED and _too_deep(found):
        raise Broken(_TOO_DEEP)
    return found


def _unreadable(raw: bytes, fault: Exception) -> Broken:
    """Why a resource cannot be read: as orjson says it, with the place, else as the decoder does."""
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError as told:
        return Broken(_TOO_DEEP if "depth" in told.msg else f"not readable as JSON: {told.msg}", told.pos)
    return Broken(_TOO_DEEP if isinstance(fault, RecursionError) else f"not readable as JSON: {fault}")


def compact(raw: bytes) -> bytes:
    """JSON without line breaks and indents, its numbers as they were written; what is not wholly readable stays as it is."""
    if b"\n" not in raw:
        return raw
    try:
        return msgspec.json.format(raw, indent=-1)
    except (*_UNREADABLE, RecursionError):
        return raw


def _too_deep(found: dict[str, Any]) -> bool:
    """Whether it could not be written out again: orjson goes 254 levels deep, which no resource of R4 comes near."""
    try:
        orjson.dumps(found)
    except TypeError as fault:
        return "ecursion" in str(fault)
    return False


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
        yield Piece(raw, full_url=full_url, reason=_TOO_DEEP)
    else:
        yield from _resource(raw, head, full_url, depth)


def _resource(raw: bytes, head: _Head, full_url: str, depth: int) -> Iterator[Piece]:
    if head.resourceType == "Bundle" and depth < _DEPTH:
        yield from _entries(raw, head, depth)
    elif not head.resourceType:
        yield Piece(raw, full_url=full_url, reason="no resourceType")
    else:
        modified, version = _changed(head.meta)
        yield Piece(raw, head.resourceType, head.id or "", full_url, modified=modified, version=version)


def _changed(meta: Any) -> tuple[str, str]:
    """When its server last changed a resource, and as which version, as the resource itself says."""
    if not isinstance(meta, dict) or ("lastUpdated" not in meta and "versionId" not in meta):
        return _NEVER
    modified, version = meta.get("lastUpdated"), meta.get("versionId")
    return modified if isinstance(modified, str) else "", str(version) if isinstance(version, str | int) else ""


def _entries(raw: bytes, head: _Head, depth: int) -> Iterator[Piece]:
    try:
        bundle = _BUNDLE.decode(raw)
    except _UNREADABLE as fault:
        yield Piece(raw, "Bundle", head.id or "", reason=f"bundle not readable: {fault}")
        return
    for entry in bundle.entry or ():
        yield from _entry(bytes(entry), depth)


def _entry(raw: bytes, depth: int) -> Iterator[Piece]:
    try:
        entry = _ENTRY.decode(raw)
    except _UNREADABLE as fault:
        yield Piece(raw, reason=f"bundle entry not readable: {fault}")
        return
    resource = bytes(entry.resource)
    if resource and resource != b"null":
        for piece in _one(resource, entry.fullUrl or "", depth + 1):
            yield _about(piece, entry) if entry.request or entry.response else piece
    else:
        yield _empty(raw, entry)


def _empty(raw: bytes, entry: _Entry) -> Piece:
    """An entry without a resource: a request to delete or to read, or a server's answer; else it is broken."""
    request = entry.request or _NO_REQUEST
    if request.method in ("DELETE", "GET", "HEAD") or entry.response:
        path = request.url.split("?")[0].split("/_history/")[0].rstrip("/").split("/")
        kind, own = (path[-2], path[-1]) if len(path) > 1 else (path[-1] or "Bundle", "")
        return _about(Piece(raw, kind, own, entry.fullUrl or "", bare=True), entry)
    return Piece(raw, full_url=entry.fullUrl or "", reason="bundle entry without a resource")


def _about(piece: Piece, entry: _Entry) -> Piece:
    request, response = entry.request or _NO_REQUEST, entry.response or _NO_RESPONSE
    tag = _ETAG.match(response.etag) if response.etag else None
    return replace(
        piece,
        method=request.method,
        url=request.url,
        modified=piece.modified or response.lastModified or "",
        version=piece.version or (tag.group(1) if tag else ""),
        status=response.status,
    )
