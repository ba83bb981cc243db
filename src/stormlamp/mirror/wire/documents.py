"""What of a document can be read on a screen: a Composition (IPS), a C-CDA document, attachments of text or HTML."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from stormlamp.mirror.wire import cda
from stormlamp.mirror.wire.cda import Section
from stormlamp.mirror.wire.hl7 import Broken
from stormlamp.mirror.wire.narrative import paragraphs, parsed, safe_html

Resource: TypeAlias = Mapping[str, Any]
MEDIA = "application/hl7-cda+xml"
_DEEPEST = 5
# XHTML in a Narrative may use HTML's names of characters, which XML does not know without a document type.
_ENTITY, _XML = re.compile(r"&([A-Za-z]+);"), frozenset(("amp", "lt", "gt", "quot", "apos"))


@dataclass(frozen=True, slots=True)
class Readable:
    """A document as it can be read: its sections as safe HTML. `unread` are the kinds of content that no page can show.

    `at` is as written: FHIR's time text, or HL7's in a C-CDA document.
    """

    title: str
    at: str
    authors: tuple[str, ...]
    custodian: str
    sections: tuple[Section, ...]
    unread: tuple[str, ...] = ()


def readable(resource: Resource) -> Readable | None:
    """What of a Composition, a DocumentReference or a DiagnosticReport can be read; None when it holds nothing of its own."""
    kind = _text(resource, "resourceType")
    if kind == "Composition":
        sections = tuple(_composed(_things(resource, "section"), 0))
        return _about(resource, _text(resource, "title") or _words(_thing(resource, "type")), sections, ())
    forms = [_thing(each, "attachment") for each in _things(resource, "content")] + _things(resource, "presentedForm")
    if not forms:
        return None
    for form in forms:
        if (raw := _decoded(form)) is not None and cda.is_document(raw):
            return _of_cda(raw, resource)
    shown = [(section, form) for form in forms if (section := _shown(form))]
    unread = tuple(_text(form, "contentType") or "?" for form in forms if not any(form is one for _, one in shown))
    title = _text(resource, "description") or _words(_thing(resource, "type")) or _words(_thing(resource, "code"))
    return _about(resource, title, tuple(section for section, _ in shown), unread)


def _about(resource: Resource, title: str, sections: tuple[Section, ...], unread: tuple[str, ...]) -> Readable:
    authors = tuple(filter(None, (_name(each) for each in _things(resource, "author"))))
    return Readable(title, _text(resource, "date"), authors, _name(_thing(resource, "custodian")), sections, unread)


def _of_cda(raw: bytes, resource: Resource) -> Readable:
    try:
        told = cda.read(raw)
    except Broken as fault:
        return _about(resource, _text(resource, "description"), (), (f"{MEDIA}: {fault.reason}",))
    unread = () if told.sections else (MEDIA,)
    return Readable(told.title, told.at, told.authors, told.custodian, told.sections, unread)


def _composed(sections: list[Resource], depth: int) -> Iterator[Section]:
    for each in sections:
        yield Section(_text(each, "title") or _words(_thing(each, "code")), _narrative(_thing(each, "text")), depth)
        if depth < _DEEPEST:
            yield from _composed(_things(each, "section"), depth + 1)


def _narrative(narrative: Resource) -> str:
    """The `div` of a Narrative as safe HTML; one that is no XML is shown as its text."""
    div = _ENTITY.sub(lambda found: found[0] if found[1] in _XML else html.unescape(found[0]), _text(narrative, "div"))
    if not div:
        return ""
    try:
        return safe_html(parsed(div.encode("utf-8", "replace")))
    except Broken:
        return paragraphs(div)


def _shown(form: Resource) -> Section | None:
    """An attachment of text or HTML; any other kind needs a program of its own."""
    media, raw = _text(form, "contentType").partition(";")[0].strip().lower(), _decoded(form)
    if raw is None or not (media.startswith("text/") or media.endswith(("xml", "html"))):
        return None
    said = raw.decode("utf-8", "replace")
    if media.endswith(("html", "xml")):
        try:
            return Section(_text(form, "title"), safe_html(parsed(raw)))
        except Broken:
            said = html.unescape(said)
    return Section(_text(form, "title"), paragraphs(said))


def _decoded(form: Resource) -> bytes | None:
    said = _text(form, "data")
    try:
        return base64.b64decode(said) if said else None
    except (binascii.Error, ValueError):
        return None


def _things(node: Resource, name: str) -> list[Resource]:
    value = node.get(name)
    found = value if isinstance(value, list) else [value]
    return [each for each in found if isinstance(each, dict)]


def _thing(node: Resource, name: str) -> Resource:
    return next(iter(_things(node, name)), {})


def _text(node: Resource, name: str) -> str:
    value = node.get(name)
    return value if isinstance(value, str) else ""


def _words(concept: Resource) -> str:
    first = _thing(concept, "coding")
    return _text(concept, "text") or _text(first, "display") or _text(first, "code")


def _name(reference: Resource) -> str:
    return _text(reference, "display") or _text(_thing(reference, "identifier"), "value")
