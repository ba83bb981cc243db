"""A pack as the templates read it: fixed labels in the reader's language, drawn codes, printable strings."""

import string
from collections.abc import Mapping, Set
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import zxingcpp
from babel.messages.pofile import read_po

from stormlamp.paper.rules import LabelSheet, Language, Statement, WardPack
from stormlamp.paper.wire.printable import printable, shortened

LONGEST_WRISTBAND = 20
LONGEST_CELL = 400
_LONGEST_CELLS = {
    "bed": 24,
    "dose": 100,
    "drug": 200,
    "flag": 24,
    "frequency": 100,
    "last_given": 60,
    "name": 200,
    "next_due": 40,
    "note": 200,
    "route": 60,
    "source": 80,
    "text": 1000,
    "trend": 120,
    "unit": 60,
}
_INVISIBLE = string.whitespace + "\u00a0\u00ad\u200b\u200c\u200d"
_RUN_ON = frozenset({"alerts", "allergies", "notes", "notices"})
_LOCALE = Path(__file__).parent / "locale"


def _(msgid: str) -> str:
    """Mark an English text for translation; `labels` looks it up."""
    return msgid


LABELS: Mapping[str, str] = {
    "admitted": _("Admitted"),
    "alerts": _("Alerts"),
    "allergies": _("Allergies"),
    "answer": _("Answer"),
    "as_needed": _("as needed"),
    "as_of": _("Data as of"),
    "at": _("Time"),
    "bed": _("Bed"),
    "before": _("before"),
    "born": _("born"),
    "by_hand": _("By hand"),
    "census": _("Ward census"),
    "checkpoint": _("Ledger checkpoint"),
    "codes": _("Signatures. Not given: R refused, N nil by mouth, A absent, V vomited, H held (say why)"),
    "contact": _("Contact"),
    "criterion": _("Criterion"),
    "cut": _("{count} more characters: see the chart"),
    "date_and_time": _("Date and time"),
    "diagnosis": _("Diagnosis"),
    "dose": _("Dose"),
    "downtime_number": _("Downtime number"),
    "drug": _("Drug"),
    "due": _("Due"),
    "earlier": _("Earlier values"),
    "entry": _("Entry of the ledger"),
    "evidence": _("Evidence"),
    "exercise": _("EXERCISE"),
    "from_and_age": _("As of"),
    "frequency": _("Frequency"),
    "full_name": _("Name and role"),
    "handed_over_by": _("Handed over by"),
    "handover": _("Hand-over sheet"),
    "here": _("written here during the outage"),
    "initials": _("Initials"),
    "last_given": _("Last given"),
    "medication": _("Medication"),
    "medication_sheet": _("Medication sheet"),
    "mrn": _("MRN"),
    "next": _("Next"),
    "next_due": _("Next due"),
    "no_name": _("no name received"),
    "not_signed": _("NOT SIGNED: this page is a draft"),
    "notes": _("Notes"),
    "now": _("Now and next"),
    "order": _("Order"),
    "orders": _("Open orders"),
    "outside": _("What may be said outside"),
    "owner": _("Owner"),
    "pack": _("Ward pack"),
    "page": _("Page {page} of {pages}"),
    "patient": _("Patient"),
    "printed": _("Printed"),
    "pen": _("By hand: time, words, initials"),
    "problem": _("Problem"),
    "problems": _("Problems"),
    "reference": _("Reference range"),
    "results": _("Results"),
    "rests_on": _("What it rests on"),
    "route": _("Route"),
    "signature": _("Signature"),
    "signed_by": _("Signed by"),
    "since": _("Since"),
    "source": _("Source and age"),
    "spoken_language": _("Speaks"),
    "status": _("State"),
    "summary": _("Patient summary"),
    "taken_over_by": _("Taken over by"),
    "team": _("Team"),
    "test": _("Test"),
    "unprintable": _("[U+…] stands for a character that this printer's fonts lack"),
    "value": _("Value"),
    "vitals": _("Last vital signs"),
    "weight": _("Weight"),
    "wristband": _("Wristband"),
}


@cache
def labels(language: Language) -> dict[str, str]:
    """Every fixed label in one language; KeyError when a translation is missing."""
    if language is Language.ENGLISH:
        return dict(LABELS)
    with (_LOCALE / f"{language}.po").open("rb") as stream:
        found = {str(message.id): str(message.string) for message in read_po(stream) if message.string}
    return {key: found[msgid] for key, msgid in LABELS.items()}


def page_code(pack: str, page: int) -> str:
    """What the code at the foot of a page says: `SL1:<pack>:<page>`."""
    return f"SL1:{pack}:{page}"


def page_codes(pack: str, pages: int) -> list[str]:
    """The QR codes of the first pages of a pack, as SVG."""
    return [_svg(page_code(pack, page), zxingcpp.QRCode) for page in range(1, pages + 1)]


def likely_pages(pack: WardPack) -> int:
    """A generous guess of the pages of a pack; when it falls short the printer counts and tries again."""
    wards = sum(2 + len(part.rows) // 6 for part in (pack.census, *pack.house, pack.handover) if part)
    summaries = sum(1 + (_weight(part) > 40) + _weight(part) // 45 for part in pack.summaries)
    sheets = sum(1 + (len(part.medications.rows) + part.spare_rows + 2) // 8 for part in pack.medications)
    return wards + summaries + sheets + 2


def payload(pack: WardPack, drawable: Set[int], pages: int) -> bytes:
    """Everything the templates need, as JSON: strings stay strings and are never markup."""
    words = labels(pack.frame.language)
    plain: dict[str, Any] = msgspec.to_builtins(pack)
    for part in _sheets(plain):
        part |= _cleaned(part, drawable, words)
    plain["frame"], _marked = _clean(plain["frame"], drawable, words["cut"])
    title = pack.frame.title or f"{words['pack']} · {pack.frame.ward} · {pack.frame.printed_at}"
    return msgspec.json.encode(
        plain
        | {
            "labels": words,
            "title": printable(title, drawable)[0],
            "codes": page_codes(pack.frame.pack, pages),
            "wristbands": _wristbands(plain),
        }
    )


def statement_payload(statement: Statement, drawable: Set[int], pages: int) -> bytes:
    """Everything the template of a statement needs, as JSON: strings stay strings and are never markup."""
    words = labels(statement.frame.language)
    plain, marked = _clean(msgspec.to_builtins(statement), drawable, words["cut"])
    heading = plain["frame"]["title"] or f"{plain['title']} · {plain['subject']}"
    codes = page_codes(statement.frame.pack, pages)
    return msgspec.json.encode(
        {"frame": plain["frame"], "labels": words, "title": heading, "codes": codes, "part": {**plain, "marked": marked}}
    )


def labels_payload(sheet: LabelSheet, drawable: Set[int]) -> bytes:
    """Everything the template of a sheet of labels needs, as JSON: strings stay strings and are never markup."""
    words = labels(sheet.frame.language)
    plain, _marked = _clean(msgspec.to_builtins(sheet), drawable, words["cut"])
    bars = {number: _svg(number, zxingcpp.Code128) for number in plain["numbers"]}
    heading = f"{plain['title']} · {plain['place']} · {plain['frame']['printed_at']}"
    return msgspec.json.encode({"frame": plain["frame"], "labels": words, "title": heading, "part": plain, "barcodes": bars})


def _weight(summary: Any) -> int:
    lists = (summary.problems, summary.medications, summary.results, summary.orders, summary.allergies, summary.alerts)
    return sum(len(part.rows) for part in lists) + sum(2 + len(note.text) // 110 for note in summary.notes.rows)


def _sheets(plain: dict[str, Any]) -> list[dict[str, Any]]:
    wards = [part for part in (plain["census"], *plain["house"], plain["handover"]) if part]
    return [*wards, *plain["summaries"], *plain["medications"]]


def _cleaned(part: dict[str, Any], drawable: Set[int], words: Mapping[str, str]) -> dict[str, Any]:
    if "columns" in part:
        part["allergy_line"] = _allergy_line(part["allergies"])
    cleaned, marked = _clean(part, drawable, words["cut"])
    if identity := part.get("identity"):
        cleaned["identity"]["code"] = identity["code"] if _fits_a_wristband(identity["code"]) else ""
        cleaned["identity"]["name"] = cleaned["identity"]["name"].strip(_INVISIBLE) or words["no_name"]
    return {**cleaned, "marked": marked}


def _allergy_line(allergies: dict[str, Any]) -> str:
    rows = [" · ".join(filter(None, (row["substance"], row["reaction"], row["severity"]))) for row in allergies["rows"]]
    return "; ".join(rows) or str(allergies["standing"]["words"])


def _clean(value: Any, drawable: Set[int], cut: str, *, most: int | None = LONGEST_CELL) -> tuple[Any, bool]:
    if isinstance(value, str):
        return printable(value if most is None else shortened(value, most, cut), drawable)
    if isinstance(value, dict):
        pairs = {key: _clean(item, drawable, cut, most=_longest(key, item, most)) for key, item in value.items()}
        return {key: item for key, (item, _) in pairs.items()}, any(marked for _, marked in pairs.values())
    if isinstance(value, list | tuple):
        items = [_clean(item, drawable, cut, most=most) for item in value]
        return [item for item, _ in items], any(marked for _, marked in items)
    return value, False


def _longest(key: str, item: object, most: int | None) -> int | None:
    """How long a text may be: lists set in running blocks are never cut, cells of rows that may not split are."""
    if most is None or (key in _RUN_ON and not isinstance(item, str)):
        return None
    return _LONGEST_CELLS.get(key, most)


def _wristbands(plain: dict[str, Any]) -> dict[str, str]:
    codes = {part["identity"]["code"] for part in (*plain["summaries"], *plain["medications"])}
    return {code: _svg(code, zxingcpp.Code128) for code in sorted(codes) if _fits_a_wristband(code)}


def _fits_a_wristband(code: str) -> bool:
    return 0 < len(code) <= LONGEST_WRISTBAND and code.isascii() and code.isprintable()


def _svg(content: str, kind: Any) -> str:
    return str(zxingcpp.write_barcode_to_svg(zxingcpp.create_barcode(content, kind), add_quiet_zones=False))
