"""Programme files: a CSV as a department's own program writes it, in any of the usual forms.

The columns go by their names, in four languages; the order does not matter. Semicolon, comma or tab; UTF-8, windows-1252, or UTF-16
with its mark, as spreadsheets write "Unicode text".

>>> rows = read_sheet(b"number;start;what\\n4711;10:30;Hip replacement\\n")
>>> rows[0]["number"], rows[0]["start"], rows[0]["what"]
('4711', '10:30', 'Hip replacement')
"""

from __future__ import annotations

import codecs
import csv
import io

from stormlamp.mirror.wire.hl7 import Broken

MOST_BYTES = 4 * 1024 * 1024
MOST_ROWS = 5_000
MOST_TEXT = 500
HEADS_WITHIN = 10  # lines: above the names of the columns many programs write a title

# What a column may be called, lower-case: the name that the mirror goes by, then English, French, Dutch and German.
COLUMNS: dict[str, tuple[str, ...]] = {
    "number": (
        "number",
        "mrn",
        "patient number",
        "patientnumber",
        "patient id",
        "patient no",
        "numéro de dossier",
        "numéro patient",
        "dossier",
        "dossiernummer",
        "patiëntnummer",
        "patienten-nr",
        "patienten-nr.",
        "numero",
        "numéro",
        "nummer",
        "patientnummer",
        "patientennummer",
    ),
    "name": ("name", "patient", "nom", "naam", "patiënt"),
    "born": ("born", "birth date", "birthdate", "date of birth", "date de naissance", "geboortedatum", "geburtsdatum"),
    "day": ("day", "date", "jour", "dag", "datum", "tag"),
    "start": ("start", "time", "hour", "debut", "début", "heure", "uur", "begin", "beginn", "uhrzeit", "zeit"),
    "end": ("end", "fin", "einde", "eind", "ende"),
    "place": ("place", "room", "chair", "slot", "salle", "zaal", "kamer", "stoel", "raum", "platz", "lieu", "plaats", "ort"),
    "what": (
        "what",
        "procedure",
        "treatment",
        "regimen",
        "intervention",
        "traitement",
        "ingreep",
        "behandeling",
        "eingriff",
        "therapie",
        "acte",
        "soin",
        "was",
        "wat",
    ),
    "cycle": ("cycle", "cure", "cyclus", "kuur", "zyklus"),
    "dose": ("dose", "dosis", "dosage"),
    "fraction": ("fraction", "fractie", "fraktion", "séance", "zitting"),
    "status": ("status", "state", "statut", "état", "toestand"),
    "note": ("note", "remark", "remarque", "opmerking", "bemerkung"),
}
_NAMES = {name: column for column, names in COLUMNS.items() for name in names}


def read_sheet(raw: bytes) -> list[dict[str, str]]:
    """The rows of a file by column, blank ones left out; each value cut at 500 letters.

    Raises Broken: `sheet-too-large`, `sheet-without-number` (no column of patient numbers), `sheet-empty`, `sheet-not-text`.
    """
    if len(raw) > MOST_BYTES:
        raise Broken("sheet-too-large", MOST_BYTES)
    lines = _from_heads(_text(raw).lstrip())
    columns = _columns(lines[0])
    rows = [
        dict(zip(columns, (cell.strip()[:MOST_TEXT] for cell in line), strict=False))
        for line in lines[1:]
        if any(map(str.strip, line))
    ]
    if len(rows) > MOST_ROWS:
        raise Broken("sheet-too-large", MOST_ROWS)
    return [{name: row.get(name, "") for name in COLUMNS} for row in rows]


def _from_heads(text: str) -> list[list[str]]:
    """The lines of a file from the names of its columns on."""
    if not text:
        raise Broken("sheet-empty")
    found = text.splitlines(keepends=True)
    for above, heads in enumerate(found[:HEADS_WITHIN]):
        try:
            lines = list(csv.reader(io.StringIO("".join(found[above:])), delimiter=max(";,\t", key=heads.count)))
        except csv.Error as fault:
            raise Broken("sheet-not-text") from fault
        if lines and "number" in _columns(lines[0]):
            return lines
    raise Broken("sheet-without-number")


def _columns(heads: list[str]) -> list[str]:
    return [_NAMES.get(head.strip().lower(), "") for head in heads]


def _text(raw: bytes) -> str:
    if raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError as fault:
            raise Broken("sheet-not-text", fault.start) from fault
    if b"\0" in raw:
        raise Broken("sheet-not-text", raw.find(b"\0"))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
