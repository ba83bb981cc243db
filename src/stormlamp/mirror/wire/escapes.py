"""HL7 v2 escape sequences (v2.5.1 2.7): what stands for a delimiter, a line break or a raw byte inside text."""

from __future__ import annotations

from typing import NamedTuple


class Delimiters(NamedTuple):
    """The six marks that a message declares in MSH-1 and MSH-2; an empty one is not in use."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    truncation: str = ""


STANDARD = Delimiters()

_LAYOUT = {".br": "\n", ".ce": "\n", ".fi": "", ".nf": "", "H": "", "N": "", ".in": "", ".ti": "", ".sk": " "}


def unescape(text: str, marks: Delimiters, charset: str = "utf-8") -> str:
    """Text with its escape sequences resolved; one that is unknown or not closed stays as it came."""
    if not marks.escape or marks.escape not in text:
        return text
    first, *pieces = text.split(marks.escape)
    out, i = [first], 0
    while i < len(pieces):
        meaning = _meaning(pieces[i], marks, charset) if i + 1 < len(pieces) else None
        if meaning is None:
            out.append(marks.escape + pieces[i])
            i += 1
        else:
            out += (meaning, pieces[i + 1])
            i += 2
    return "".join(out)


def _meaning(code: str, marks: Delimiters, charset: str) -> str | None:
    match code:
        case "F":
            return marks.field
        case "S":
            return marks.component
        case "T":
            return marks.subcomponent
        case "R":
            return marks.repetition
        case "E":
            return marks.escape
        case "P":
            return marks.truncation or "#"
    if code[:1] == "X":
        return _hex(code[1:], charset)
    return _layout(code)


def _layout(code: str) -> str | None:
    """Formatting commands (v2.5.1 2.7.6); `.sp3` is three line ends, `.sk3` three spaces."""
    if code in _LAYOUT:
        return _LAYOUT[code]
    command, count = code[:3], code[3:].lstrip("+")
    if command == ".sp" and (not count or _small(count)):
        return "\n" * int(count or 1)
    if command == ".sk" and _small(count):
        return " " * int(count)
    return "" if command in (".in", ".ti") and _small(count.lstrip("-")) else None


def _small(count: str) -> bool:
    return count.isascii() and count.isdigit() and len(count) <= 2


def _hex(digits: str, charset: str) -> str | None:
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        return None
    return raw.decode(charset, "replace").replace("\0", "") if raw else None


def escaper(marks: Delimiters = STANDARD) -> dict[int, str]:
    """The `str.translate` table that makes text safe to stand in a field: marks, line ends and control bytes."""
    e = marks.escape
    table = {n: f"{e}X{n:02X}{e}" for n in (*range(9), *range(11, 32))} | {9: "\t"}
    table |= {ord("\n"): f"{e}.br{e}", ord("\r"): f"{e}X0D{e}"}
    named = ("F", marks.field), ("S", marks.component), ("R", marks.repetition), ("E", e), ("T", marks.subcomponent)
    table |= {ord(mark): f"{e}{code}{e}" for code, mark in named if mark}
    return table
