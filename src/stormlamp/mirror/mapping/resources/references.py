"""References of a server to references of this store: `Encounter/7` of one server never meets `Encounter/7` of another.

Every resource of a server gets an id made from the server and its own `Type/id`, so a reference can be rewritten before, or without
ever, seeing what it points to. A patient goes by the id that this store knows them by.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import parse_qsl

import msgspec
import orjson

from stormlamp.mirror.mapping.mapped import Identity, Resource, fhir_id
from stormlamp.mirror.mapping.resources import people
from stormlamp.mirror.mapping.resources.reading import coding, display_of, text, thing, things

_NAME, _BEGUN = b'"reference"', b'"reference":"'
_REFERENCE = re.compile(rb'"reference"\s*:\s*"((?:[^"\\]|\\.)*)"')
_URL_NAME, _URL = b'"url"', re.compile(rb'"url"\s*:\s*"((?:[^"\\]|\\.)*)"')
# How nearly every server begins a resource; any other order of names takes the longer way.
_HEAD = re.compile(rb'(\s*\{\s*"resourceType"\s*:\s*"\w+"\s*,\s*"id"\s*:\s*)"[^"\\]*"')
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_STEPS = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?/?(?:#.*)?$")
# What stands on a chart by its name, where a reference to it has no words.
_NAMED = frozenset(("Location", "Medication"))
_DEEPEST = 6  # places within places: a bed, its room, ward, wing, building, site
_CONDITIONAL = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)\?(.+)$")


@lru_cache(maxsize=65536)
def own_id(server: str, kind: str, number: str) -> str:
    """The id that this store gives to `kind/number` of a server."""
    return fhir_id(server, kind, f"{kind}/{number}")


def _steps(reference: str) -> tuple[str, str] | None:
    """Type and id of a reference: relative, a URL, or one with a version; None for any other."""
    found = _STEPS.search(reference)
    return (found[1], found[2]) if found else None


steps = lru_cache(maxsize=65536)(_steps)


@lru_cache(maxsize=65536)
def conditional(reference: str) -> tuple[str, str, str] | None:
    """Type, system and value of `Patient?identifier=system|value`; None for any other."""
    found = _CONDITIONAL.search(reference)
    if not found:
        return None
    asked = dict(parse_qsl(found[2]))
    system, bar, value = asked.get("identifier", "").rpartition("|")
    return (found[1], system, value) if bar and system and value else None


@dataclass(slots=True)
class References:
    """What the references of one entry mean. `learn` each resource first; then ask in any order."""

    server: str
    _patients: dict[str, Identity] = field(default_factory=dict)
    _local: dict[str, tuple[str, str]] = field(default_factory=dict)
    _called: dict[tuple[str, str], str] = field(default_factory=dict)
    _within: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    _written: dict[bytes, bytes] = field(default_factory=dict)
    _alone: bool = False

    def learn_name(self, kind: str, own: str, full_url: str) -> None:
        """A resource of this entry of which others say nothing but its type and id."""
        if kind.isascii() and kind.isalpha():
            own = own or number_of({}, full_url)
            where = (kind, own)
            if full_url:
                self._local[full_url] = where
            if own:
                self._local[f"urn:uuid:{own}"] = self._local[f"{kind}/{own}"] = where

    def learn_only(self, kind: str, own: str) -> None:
        """A resource of which others say nothing but its type and id, and which is all of its entry: earlier ones are forgotten.

        What it refers to is known from earlier entries, for it means the same in each; but by `urn:uuid:`, which may mean itself in
        this one entry. `own` may have no question mark: such a reference could mean more.
        """
        where, known = (kind, own), own and kind.isascii() and kind.isalpha()
        self._local = {f"urn:uuid:{own}": where, f"{kind}/{own}": where} if known else {}
        self._alone = True

    def learn(self, resource: Resource, full_url: str) -> None:
        """A resource of this entry, under every reference by which others may name it."""
        kind, own = text(resource, "resourceType"), number_of(resource, full_url)
        if not (kind.isascii() and kind.isalpha()):
            return
        who = people.identity(resource, self.server) if kind == "Patient" else None
        for name in filter(None, (full_url, f"urn:uuid:{own}" if own else "", f"{kind}/{own}" if own else "")):
            self._local[name] = (kind, own)
            if who is not None:
                self._patients[name] = who
        if kind in _NAMED:
            self._called[kind, own] = display_of(resource)
        if kind == "Location":
            self._within[kind, own] = coding(thing(resource, "physicalType"))[0], text(thing(resource, "partOf"), "reference")
        for each in things(resource, "identifier"):
            name = f"{kind}?{text(each, 'system')}|{text(each, 'value')}"
            self._local[name] = (kind, own)
            if who is not None:
                self._patients[name] = who

    def patient(self, reference: str) -> Identity | None:
        """Whom a reference means: a patient of this entry, one named by number, else the stand-in for a server's id."""
        if found := self._patients.get(reference):
            return found
        if reference[:9] == "urn:uuid:":
            return None if reference in self._local else _stranger(self.server, reference)
        if "?" in reference and (asked := conditional(reference)):
            kind, system, value = asked
            if kind != "Patient":
                return None
            return self._patients.get(f"Patient?{system}|{value}") or Identity(system, value)
        if self._patients and (where := steps(reference)) and where[0] == "Patient":
            return self._patients.get("/".join(where)) or _stranger(self.server, reference)
        return _stranger(self.server, reference)

    def called(self, reference: str) -> str:
        """What a place or drug of this entry is called; empty when the entry does not tell."""
        where = self._local.get(reference) or steps(reference)
        return self._called.get(where, "") if where else ""

    def places(self, reference: str) -> tuple[tuple[str, str], ...]:
        """A place of this entry and those that it is part of, as far as the entry tells: what each is (bd, ro, wa) and its name."""
        found: list[tuple[str, str]] = []
        while len(found) < _DEEPEST and (where := self._local.get(reference) or steps(reference)) in self._within:
            level, reference = self._within[where]
            found.append((level, self._called.get(where, "")))
        return tuple(found)

    def here(self, reference: str) -> str:
        """A reference as it is in this store; empty when it cannot be told."""
        where = self._local.get(reference) or steps(reference)
        return f"{where[0]}/{own_id(self.server, *where)}" if where and where[1] else ""

    def rewritten(self, raw: bytes, own: str) -> bytes:
        """The JSON of a resource under the id `own`, its references pointing into this store; what cannot be told stays as it is.

        Numbers stay as they were written.
        """
        parts = raw.split(_BEGUN)
        if raw.count(_NAME) != len(parts) - 1:  # blanks between name and value
            return _identified(_REFERENCE.sub(self._replaced, raw), own)
        head = _HEAD.match(parts[0])
        if head:
            parts[0] = b'%s"%s"%s' % (parts[0][: head.end(1)], own.encode(), parts[0][head.end() :])
        written = self._written
        for number in range(1, len(parts)):
            said, _, rest = parts[number].partition(b'"')
            if said[-1:] == b"\\":  # a quote inside of the reference
                return _identified(_REFERENCE.sub(self._replaced, raw), own)
            parts[number] = (written.get(said) or self._known(said)) + rest
        whole = b"".join(parts)
        return whole if head else _identified(whole, own)

    def linked(self, raw: bytes) -> bytes:
        """The JSON of a document whose attachments point into this store, where what they point to is a Binary of this server.

        Another URL stays: it may lead anywhere.
        """
        return _URL.sub(self._linked, raw) if _URL_NAME in raw else raw

    def _linked(self, found: re.Match[bytes]) -> bytes:
        said = found[1].decode("utf-8", "replace").replace("\\/", "/")
        where = self._local.get(said)
        if where is None and (named := steps(said)) and (said.startswith("Binary/") or "/".join(named) in self._local):
            where = named
        if where is None or where[0] != "Binary" or not where[1]:
            return found[0]
        return b'"url":"Binary/%s"' % own_id(self.server, *where).encode()

    def _replaced(self, found: re.Match[bytes]) -> bytes:
        return self._written.get(found[1]) or self._known(found[1])

    def _known(self, said: bytes) -> bytes:
        """What becomes of a reference, from now on; but each time anew of one with escapes, or that may mean what holds it."""
        known = self._target(said) or b'"reference":"%s"' % said
        if b"\\" not in said and not (self._alone and said[:9] == b"urn:uuid:"):
            self._written[said] = known
        return known

    def _target(self, said: bytes) -> bytes | None:
        reference = said.decode("utf-8", "replace")
        plain = not self._patients and "?" not in reference and "\\" not in reference
        if plain and (said[:1].isupper() or reference not in self._local):
            return _elsewhere(self.server, reference)
        if "\\" in reference:
            reference = json.loads(f'"{reference}"')
        if reference.startswith("#"):
            return None
        where = self._local.get(reference) or steps(reference)
        asked = None if where else conditional(reference)
        if asked:
            where = self._local.get(f"{asked[0]}?{asked[1]}|{asked[2]}")
        who = self.patient(reference) if not where or where[0] == "Patient" else None
        if who is not None:
            return b'"reference":"Patient/%s"' % who.id.encode()
        if where and where[1]:
            return b'"reference":"%s/%s"' % (where[0].encode(), own_id(self.server, *where).encode())
        return _logical(*asked) if asked else None


@lru_cache(maxsize=65536)
def _elsewhere(server: str, reference: str) -> bytes | None:
    """What a reference becomes of which its entry, that has no Patient, says nothing: the same in every such entry."""
    if reference.startswith("#"):
        return None
    where = _steps(reference)
    if where is not None and where[0] != "Patient":
        return b'"reference":"%s/%s"' % (where[0].encode(), own_id(server, *where).encode())
    who = _stranger(server, reference)
    return b'"reference":"Patient/%s"' % who.id.encode() if who else None


def _identified(raw: bytes, own: str) -> bytes:
    head = _HEAD.match(raw)
    if head:
        return b'%s"%s"%s' % (raw[: head.end(1)], own.encode(), raw[head.end() :])
    whole = _MEMBERS.decode(raw)
    whole["id"] = msgspec.Raw(b'"%s"' % own.encode())
    return msgspec.json.encode(whole)


def _logical(kind: str, system: str, value: str) -> bytes:
    """What a conditional reference asks for, as R4 says it outside of a transaction: by its identifier."""
    return orjson.dumps({"type": kind, "identifier": {"system": system, "value": value}})[1:-1]


@lru_cache(maxsize=65536)
def stand_in(server: str, reference: str) -> Identity | None:
    """The identity that `Patient/1` of a server has until its Patient is known; None for any other reference."""
    kind, _, number = reference.partition("/")
    return Identity(f"{server} (FHIR)", reference) if kind == "Patient" and number and "/" not in number else None


@lru_cache(maxsize=65536)
def _stranger(server: str, reference: str) -> Identity | None:
    """Whom a reference means of which its entry says nothing: a stand-in, for a patient's id or for a UUID that says no type."""
    if reference.startswith("urn:uuid:"):
        return stand_in(server, f"Patient/{reference[9:]}")
    where = steps(reference)
    return stand_in(server, "/".join(where)) if where and where[0] == "Patient" else None


def number_of(resource: Resource, full_url: str = "") -> str:
    """The id of a resource on its server; one that has none goes by its full URL in the Bundle."""
    if own := text(resource, "id"):
        return own
    if full_url.startswith("urn:uuid:"):
        return full_url[9:]
    found = steps(full_url)
    return found[1] if found else ""
