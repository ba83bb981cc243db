"""CWE, CE, CNE, IS and ID: a code with its words."""

from __future__ import annotations

from typing import Any, NamedTuple

from stormlamp.mirror.mapping.tables import systems
from stormlamp.mirror.mapping.tables.person import LANGUAGE_NAMES, LANGUAGES
from stormlamp.mirror.wire.hl7 import Segment


class Concept(NamedTuple):
    """A concept as R4 has it, and the three words that a chart shows of it."""

    resource: dict[str, Any]
    code: str
    system: str
    display: str


def concept(segment: Segment, raw: str) -> Concept | None:
    """CWE[CodeableConcept] of the guide, with the name of a coding system it does not know kept in a URN."""
    if not raw:
        return None
    code, text, name, code2, text2, name2, version, version2, original = segment.parts(raw, 9)[:9]
    codings = []
    if code or (text and name):
        codings.append(_coding(code, text, name, version))
    if code2 or (text2 and name2):
        codings.append(_coding(code2, text2, name2, version2))
    words = original or ("" if codings else text or text2)
    resource: dict[str, Any] = {"coding": codings} if codings else {}
    if words:
        resource["text"] = words
    return (
        Concept(resource, code or code2, name if code else name2, words or text or text2 or code or code2) if (resource) else None
    )


def codeable(segment: Segment, raw: str) -> dict[str, Any] | None:
    """Only the CodeableConcept."""
    found = concept(segment, raw)
    return found.resource if found else None


def language(segment: Segment, raw: str) -> dict[str, Any] | None:
    """A language as BCP 47 has it (PrimaryLanguage of the guide); one that is not known stays as it was sent."""
    said = concept(segment, raw)
    if said is None:
        return None
    code = said.code.lower()
    code = LANGUAGES.get(code, code)
    if code.split("-")[0] not in LANGUAGE_NAMES:
        return said.resource
    coding = {"system": "urn:ietf:bcp:47", "code": code, "display": LANGUAGE_NAMES[code.split("-")[0]]}
    return {"coding": [coding], "text": said.display} if said.display != said.code else {"coding": [coding]}


def codeables(segment: Segment, number: int) -> list[dict[str, Any]]:
    """The CodeableConcepts of a repeating field."""
    return [found.resource for raw in segment.reps(number) if (found := concept(segment, raw))]


def _coding(code: str, display: str, name: str, version: str) -> dict[str, str]:
    coding = {}
    if name:
        coding["system"] = systems.uri(name)
    if code:
        coding["code"] = code
    if display:
        coding["display"] = display
    if version:
        coding["version"] = version
    return coding
