"""Languages as BCP 47 has them (PrimaryLanguage of the guide)."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.reading import Reading, remembered
from stormlamp.mirror.mapping.tables.person import LANGUAGE_NAMES, LANGUAGES
from stormlamp.mirror.mapping.types.codes import PLACES, codings
from stormlamp.mirror.wire.hl7 import Segment


def _coded(said: str) -> dict[str, str] | None:
    """The language of a code as BCP 47 has it; None for one that is not known."""
    code = LANGUAGES.get(said.lower(), said.lower())
    name = LANGUAGE_NAMES.get(code.split("-")[0])
    return {"system": "urn:ietf:bcp:47", "code": code, "display": name} if name else None


def communication(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """A language that somebody would rather speak."""
    found = language(reading, segment, raw)
    return {"language": found, "preferred": True} if found else None


@remembered
def language(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """CWE[CodeableConcept] of a language; one that is not known stays as it was sent."""
    parts = segment.parts(raw, 23)
    found: list[dict[str, str]] = []
    own = ""
    for place in PLACES:
        said, words, version = parts[place[0]], parts[place[1]], parts[place[3]]
        known = _coded(said) if said else None
        if known:
            found.append({**known, **({"version": version} if version else {})})
            own = own or (words if words != said else "")
    if not found:
        coded = codings(parts, {})
        text = parts[8] or ("" if coded else parts[1])
        return {**({"coding": coded} if coded else {}), **({"text": text} if text else {})} or None
    text = parts[8] or own
    return {"coding": found, **({"text": text} if text else {})}
