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
    resource, such as a DELETE: its `raw` is the entry. `place` is the byte of `raw` at which the fault shows.
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
    place: int = 0


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
_LIST, _NO_JSON, _NOT_UTF8 = "a list of resources is not FHIR", "neither HL7 v2 nor FHIR as JSON", "JSON that is not UTF-8"
_UTF8, _BOM = "utf-8", b"\xef\xbb\xbf"
# RFC 4627, 3: JSON begins with two letters of ASCII, so where the zero bytes stand tells how wide a letter is.
_WIDE = {b"...A": "utf-32-be", b"A...": "utf-32-le", b".A.A": "utf-16-be", b"A.A.": "utf-16-le"}
_WHERE_ZERO = b"." + b"A" * 255
# A fault in what is larger is told by who found it: reading it whole for better words would take many times its size in memory.
_READ_TWICE, _AT_BYTE = 4 * 1024 * 1024, re.compile(r" \(byte (\d+)\)$")
_THREE_DIGITS, _APART = re.compile(rb"\d{3}").search, 100
# A resource by itself is decoded at once up to this size; what is larger is looked at piece by piece, in bounded memory.
_AT_ONCE, _BUNDLED = 64 * 1024, b'{"resourceType":"Bundle"'
# What looks like a number with a point may have been one, and not text.
_WITH_POINT = re.compile(r"-?\d+(?:\.\d+(?:[eE][-+]?\d+)?|[eE][-+]?\d+)").fullmatch
_ETAG = re.compile(r'^(?:W/)?"?([^"]*)"?$')


def encoding(raw: bytes) -> str:
    """Python's name of how JSON is written, by its mark or first letters: UTF-8, as FHIR wants it (R4 2.6.2), UTF-16 or UTF-32."""
    if raw[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        return "utf-32"
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    return _WIDE.get(raw[:4].translate(_WHERE_ZERO), _UTF8)


def utf8(raw: bytes) -> bytes:
    """JSON as UTF-8 without a mark, from whichever Unicode its sender wrote. Broken when UTF-16 or UTF-32 has half a letter."""
    if raw[:1] == b"{" and raw[1:2] != b"\0":
        return raw
    written = encoding(raw)
    if written == _UTF8:
        return raw.removeprefix(_BOM)
    try:
        return raw.decode(written).encode()
    except UnicodeError as fault:
        raise Broken(_NOT_UTF8) from fault


def split(raw: bytes) -> Iterator[Piece]:
    """The resources of a Bundle, of one resource, or of NDJSON lines; what is broken comes out with its reason."""
    try:
        body = utf8(raw).strip()
    except Broken as fault:
        yield Piece(raw, reason=fault.reason)
        return
    if not body:
        return
    try:
        head = _HEAD.decode(body)
    except _UNREADABLE as fault:
        yield from _lines(body, fault)
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
        raise Broken(_LIST if type(found) is list else _NO_JSON)
    if raw.count(b"{") + raw.count(b"[") > _NESTED and _too_deep(found):
        raise Broken(_TOO_DEEP)
    return found


def _unreadable(raw: bytes, fault: Exception) -> Broken:
    """Why a resource cannot be read, with the place in bytes: as orjson says it, of what is very large as the decoder does."""
    if raw[:1] != b"{":
        return Broken(_LIST if raw[:1] == b"[" else _NO_JSON)
    if isinstance(fault, RecursionError):
        return Broken(_TOO_DEEP)
    try:
        if len(raw) <= _READ_TWICE:
            orjson.loads(raw.decode())
    except UnicodeDecodeError as told:
        return Broken(_NOT_UTF8, told.start)
    except orjson.JSONDecodeError as told:
        # What orjson counts is letters.
        place = len(told.doc[: told.pos].encode())
        return Broken(_TOO_DEEP if "depth" in told.msg else f"not readable as JSON: {told.msg}", place)
    if isinstance(fault, UnicodeDecodeError):
        return Broken(_NOT_UTF8)
    at = _AT_BYTE.search(str(fault))
    return Broken(f"not readable as JSON: {_AT_BYTE.sub('', str(fault))}", int(at[1]) if at else 0)


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


def _lines(body: bytes, fault: Exception) -> Iterator[Piece]:
    """NDJSON: several lines begin with a brace at their first column; anything else is one broken piece."""
    lines = body.splitlines()
    if body[:1] == b"[" or sum(line[:1] == b"{" for line in lines) < 2:
        yield _broken(body, fault)
        return
    for line in lines:
        if line.strip():
            yield from _one(line.strip(), "", 0)


def _broken(raw: bytes, fault: Exception, full_url: str = "") -> Piece:
    told = _unreadable(raw, fault)
    return Piece(raw, full_url=full_url, reason=told.reason, place=told.offset)


def _one(raw: bytes, full_url: str, depth: int) -> Iterator[Piece]:
    try:
        head = _HEAD.decode(raw)
    except _UNREADABLE as fault:
        yield _broken(raw, fault, full_url)
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
        yield Piece(raw, "Bundle", head.id or "", reason=f"bundle not readable: {_AT_BYTE.sub('', str(fault))}")
        return
    for entry in bundle.entry or ():
        yield from _entry(bytes(entry), depth)


def _entry(raw: bytes, depth: int) -> Iterator[Piece]:
    try:
        entry = _ENTRY.decode(raw)
    except _UNREADABLE as fault:
        yield Piece(raw, reason=f"bundle entry not readable: {_AT_BYTE.sub('', str(fault))}")
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
