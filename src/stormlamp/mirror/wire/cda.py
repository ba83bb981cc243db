"""C-CDA documents: whose, by whom, when, and the words of each section. The XML stays as it came; only its narrative is read.

Source: HL7 CDA R2, 4.2 (header) and 4.3.5 (narrative block).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from stormlamp.mirror.wire.hl7 import Broken
from stormlamp.mirror.wire.narrative import local, namespace, paragraphs, parsed, plain_text, safe_html

HL7, FHIR = "urn:hl7-org:v3", "http://hl7.org/fhir"
MOST_SECTIONS = 500
_HEAD, _BLANK = 64 * 1024, b"\xef\xbb\xbf \t\r\n\x00\xff\xfe"
_WEB_PAGE = re.compile(rb"<(?:!doctype\s+html|html)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document: its title, its words as safe HTML, and how deep it lies (0: at the top)."""

    title: str
    html: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Code:
    """A code, the OID of its system, and its words."""

    code: str = ""
    system: str = ""
    display: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a document is about, as it says. `numbers` are (root, extension); `sex` is HL7's code; `born` is HL7 time text."""

    numbers: tuple[tuple[str, str], ...] = ()
    given: tuple[str, ...] = ()
    family: str = ""
    sex: str = ""
    born: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A clinical document. `number` is (root, extension) of the set that it is a `version` of; `at` is HL7 time text."""

    title: str
    number: tuple[str, str]
    version: str
    type: Code
    at: str
    authors: tuple[str, ...]
    custodian: str
    person: Person
    language: str
    sections: tuple[Section, ...]


def is_document(raw: bytes) -> bool:
    """Whether bytes look like a CDA document: XML that soon names a ClinicalDocument."""
    return _names(raw, b"ClinicalDocument")


def is_fhir(raw: bytes) -> bool:
    """Whether bytes look like FHIR as XML, which is kept with that reason, as is all that is not read."""
    return _names(raw, FHIR.encode())


def _names(raw: bytes, name: bytes) -> bool:
    head = raw[:_HEAD].lstrip(_BLANK)
    return head[:1] == b"<" and name in head.replace(b"\x00", b"")


def read(raw: bytes) -> Document:
    """A CDA document. Broken when it is none, or no XML that may be read (wire.narrative)."""
    if _WEB_PAGE.search(raw[:_HEAD]):
        raise Broken("a web page, not FHIR")
    root = parsed(raw)
    if namespace(root) == FHIR:
        raise Broken("FHIR as XML")
    if local(root) != "ClinicalDocument" or namespace(root) != HL7:
        raise Broken(f"XML, but no clinical document: {local(root)[:60]}")
    return Document(
        title=_words(_one(root, "title")),
        number=_number(_one(root, "setId")) or _number(_one(root, "id")) or ("", ""),
        version=_value(_one(root, "versionNumber")),
        type=_code(_one(root, "code")),
        at=_value(_one(root, "effectiveTime")),
        authors=tuple(filter(None, (_author(each) for each in _all(root, "author")))),
        custodian=_words(_deep(root, "custodian", "assignedCustodian", "representedCustodianOrganization", "name")),
        person=_person(_deep(root, "recordTarget", "patientRole")),
        language=_attribute(_one(root, "languageCode"), "code"),
        sections=tuple(_sections(root)),
    )


def _sections(root: Element) -> Iterator[Section]:
    """Every section in order; a body that is no XML, or one without sections, has its own words."""
    body = _deep(root, "component", "structuredBody")
    if body is None:
        text = _deep(root, "component", "nonXMLBody", "text")
        said = plain_text(text) if text is not None and text.get("representation") != "B64" else ""
        yield from (Section("", paragraphs(said)),) if said else ()
        return
    left = [(section, 0) for each in reversed(_all(body, "component")) for section in _all(each, "section")]
    for _ in range(MOST_SECTIONS):
        if not left:
            return
        section, depth = left.pop()
        text = _one(section, "text")
        yield Section(_words(_one(section, "title")), safe_html(text) if text is not None else "", depth)
        left += [(below, depth + 1) for each in reversed(_all(section, "component")) for below in _all(each, "section")]


def _person(role: Element | None) -> Person:
    if role is None:
        return Person()
    who = _one(role, "patient")
    name = _one(who, "name") if who is not None else None
    return Person(
        numbers=tuple(number for each in _all(role, "id") if (number := _number(each))),
        given=tuple(_words(each) for each in _all(name, "given")) if name is not None else (),
        family=_words(_one(name, "family")) if name is not None else "",
        sex=_attribute(_one(who, "administrativeGenderCode"), "code") if who is not None else "",
        born=_value(_one(who, "birthTime")) if who is not None else "",
    )


def _author(author: Element) -> str:
    """Who wrote it: a person, else the device or the organization."""
    one = _one(author, "assignedAuthor")
    if one is None:
        return ""
    person = _deep(one, "assignedPerson", "name")
    device = _deep(one, "assignedAuthoringDevice", "softwareName")
    return _words(person) or _words(device) or _words(_deep(one, "representedOrganization", "name"))


def _code(element: Element | None) -> Code:
    return Code(*(_attribute(element, name) for name in ("code", "codeSystem", "displayName")))


def _number(element: Element | None) -> tuple[str, str] | None:
    root, extension = _attribute(element, "root"), _attribute(element, "extension")
    return (root, extension) if root else None


def _value(element: Element | None) -> str:
    return _attribute(element, "value")


def _attribute(element: Element | None, name: str) -> str:
    return "" if element is None else element.get(name, "").strip()


def _words(element: Element | None) -> str:
    return "" if element is None else plain_text(element)


def _all(element: Element, name: str) -> list[Element]:
    return [child for child in element if child.tag == f"{HL7}}}{name}"]


def _one(element: Element, name: str) -> Element | None:
    return next(iter(_all(element, name)), None)


def _deep(element: Element, *names: str) -> Element | None:
    """The first element along a path of names."""
    found: Element | None = element
    for name in names:
        found = _one(found, name) if found is not None else None
    return found
