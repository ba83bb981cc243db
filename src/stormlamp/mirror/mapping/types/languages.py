"""Languages as BCP 47 has them (PrimaryLanguage of the guide)."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.reading import Reading, remembered
from stormlamp.mirror.mapping.tables.person import LANGUAGE_NAMES, LANGUAGES
from stormlamp.mirror.mapping.types.codes import codeable
from stormlamp.mirror.wire.hl7 import Segment

_AS_SENT = codeable()


@remembered
def language(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """CWE[CodeableConcept] of a language; one that is not known stays as it was sent."""
    said, words = segment.parts(raw, 2)[:2]
    code = LANGUAGES.get(said.lower(), said.lower())
    name = LANGUAGE_NAMES.get(code.split("-")[0])
    if name is None:
        found: dict[str, Any] | None = _AS_SENT(reading, segment, raw)
        return found
    coding = {"system": "urn:ietf:bcp:47", "code": code, "display": name}
    return {"coding": [coding], "text": words} if words and words != said else {"coding": [coding]}
