"""CWE, CE, CNE, CF, IS and ID as R4 has codes: CodeableConcept, Coding, code and text, through a code table where named."""

from __future__ import annotations

from typing import Any, NamedTuple

from stormlamp.mirror.mapping.reading import Reading, remembered
from stormlamp.mirror.mapping.table import Convert
from stormlamp.mirror.mapping.tables import systems
from stormlamp.mirror.mapping.tables.guide import Code
from stormlamp.mirror.mapping.tables.guide import codes as guide_codes
from stormlamp.mirror.wire.hl7 import Segment

# Where a CWE has its up to three codings: code, words, system, version and OID of the system.
PLACES = ((0, 1, 2, 6, 13), (3, 4, 5, 7, 16), (9, 10, 11, 12, 20))


def codings(parts: list[str], table: dict[str, Code]) -> list[dict[str, str]]:
    """The up to three codings of a CWE's components (filled to 23); what the table knows comes first, in FHIR's words."""
    found: list[dict[str, str]] = []
    for code, words, name, version, oid in PLACES:
        said, text = parts[code], parts[words]
        if not said and not (text and parts[name]):
            continue
        known = table.get(said)
        if known:
            coding = dict(known.coding)
        else:
            coding = {"system": systems.uri(parts[name]) or (f"urn:oid:{parts[oid]}" if parts[oid] else "")}
            coding |= {"code": " ".join(said.split()), "display": text}
        coding["version"] = parts[version]
        found.append({key: value for key, value in coding.items() if value})
    return found


def codeable(vocabulary: str = "", *, more: dict[str, Code] | None = None) -> Convert:
    """CWE[CodeableConcept]. `vocabulary` names a table of the guide; `more` adds codes that the guide leaves open.

    The sender's own words for a code that a table renames stay as the text: a hospital's staff reads its own language.
    """
    table = {**(guide_codes(vocabulary) if vocabulary else {}), **(more or {})}

    def convert(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
        parts = segment.parts(raw, 23)
        found: dict[str, Any] = {}
        if coded := codings(parts, table):
            found["coding"] = coded
        own = parts[1] if not coded or (parts[0] in table and parts[1] != table[parts[0]].display) else ""
        if words := parts[8] or own or ("" if coded else parts[4]):
            found["text"] = words
        return found or None

    return remembered(convert)


def coding(vocabulary: str = "") -> Convert:
    """CWE[Coding]: the first coding."""
    table = guide_codes(vocabulary) if vocabulary else {}

    def convert(_reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
        found = codings(segment.parts(raw, 23), table)
        return found[0] if found else None

    return remembered(convert)


def code(vocabulary: str, *, other: str = "", more: dict[str, str] | None = None) -> Convert:
    """CWE[code] of a required value set: what the table knows, else `other`, never a code that R4 does not allow."""
    table = {key: known.code for key, known in guide_codes(vocabulary).items() if known.mapped} | (more or {})
    folded = {key.upper(): value for key, value in table.items()}

    def convert(_reading: Reading, segment: Segment, raw: str) -> str:
        said = segment.parts(raw)[0]
        return table.get(said) or folded.get(said.upper(), other)

    return remembered(convert)


class Said(NamedTuple):
    """A concept as R4 has it, and the three words that a chart shows of it."""

    concept: dict[str, Any]
    code: str
    system: str
    display: str


_PLAIN = codeable()


@remembered
def said(reading: Reading, segment: Segment, raw: str) -> Said | None:
    """CWE as R4 has it and as a chart shows it."""
    concept = _PLAIN(reading, segment, raw)
    if not concept:
        return None
    first = concept.get("coding", ({},))[0]
    return Said(concept, segment.parts(raw)[0] or first.get("code", ""), first.get("system", ""), words(reading, segment, raw))


def words(_reading: Reading, segment: Segment, raw: str) -> str:
    """CWE as a person reads it: the original text, else the words, else the code."""
    parts = segment.parts(raw, 9)
    return parts[8] or parts[1] or parts[4] or parts[0] or parts[3]


def yes(_reading: Reading, segment: Segment, raw: str) -> bool | None:
    """ID[boolean] of table 0136."""
    return {"Y": True, "N": False}.get(segment.parts(raw)[0][:1].upper())
