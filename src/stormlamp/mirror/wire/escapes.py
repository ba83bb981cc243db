"""HL7 v2 escape sequences (v2.5.1 2.7): what stands for a delimiter, a line break or a raw byte inside text."""

from __future__ import annotations

from typing import NamedTuple

from stormlamp.mirror.wire import charsets


class Delimiters(NamedTuple):
    """The six marks that a message declares in MSH-1 and MSH-2; an empty one is not in use."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    truncation: str = ""


STANDARD = Delimiters()

_LAYOUT = {".br": "\n", ".ce": "\n", ".fi": "", ".nf": "", "H": "", "N": "", ".in": "", ".ti": "", ".sk": " ", ".sp": "\n"}
_SWITCHES = ("C", "M")


def unescape(text: str, marks: Delimiters, charset: str = "utf-8") -> str:
    """Text with its escape sequences resolved; one that is unknown or not closed stays as it came.

    A text that switches its charset (2.7.2) and then has bytes that do not fit stays as it came from there on.
    """
    mark = marks.escape
    if not mark or mark not in text:
        return text
    first, *pieces = text.split(mark)
    out, i, last = [first], 0, len(pieces) - 1
    while i <= last:
        code = pieces[i]
        if code[:1] in _SWITCHES and i < last and (switch := _switch(code)):
            switched = _switched(pieces[i + 1 :], switch, marks, charset)
            out.append(mark + mark.join(pieces[i:]) if switched is None else switched)
            break
        meaning, taken = _meaning_at(pieces, i, marks, charset) if i < last else (None, 0)
        if meaning is None:
            out.append(mark + code)
            i += 1
        else:
            out += (meaning, pieces[i + taken])
            i += taken + 1
    return "".join(out)


def _meaning_at(pieces: list[str], i: int, marks: Delimiters, charset: str) -> tuple[str | None, int]:
    """What the sequence at a piece means, and how many pieces it took: bytes of one letter may come as several `\\Xdd\\`."""
    code = pieces[i]
    if code[:1] != "X" and code[:1] != "x":
        return _meaning(code, marks), 1
    raw, taken = _bytes(code), 1
    while raw and not pieces[i + taken] and i + taken + 2 < len(pieces) and pieces[i + taken + 1][:1] in ("X", "x"):
        more = _bytes(pieces[i + taken + 1])
        if not more:
            break
        raw, taken = raw + more, taken + 2
    return (_letters(raw, charset), taken) if raw else (None, taken)


def _meaning(code: str, marks: Delimiters) -> str | None:
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
    return _layout(code)


def _layout(code: str) -> str | None:
    """Formatting commands (v2.5.1 2.7.6); `.sp3` is three line ends, `.sk3` three spaces."""
    if code in _LAYOUT:
        return _LAYOUT[code]
    code = code.lower().strip() if code[:1] == "." else code
    command, count = code[:3], code[3:].lstrip(" +")
    if not count:
        return _LAYOUT.get(command) if command[:1] == "." else None
    if not _small(count.removeprefix("-") if command in (".in", ".ti") else count):
        return None
    return {".sp": "\n", ".sk": " ", ".in": "", ".ti": ""}[command] * abs(int(count)) if command in _COUNTED else None


_COUNTED = frozenset((".sp", ".sk", ".in", ".ti"))


def _small(count: str) -> bool:
    return count.isascii() and count.isdigit() and len(count) <= 2


def _bytes(code: str) -> bytes:
    """The bytes of `Xdd...`; nothing when the digits are no hexadecimal."""
    try:
        return bytes.fromhex(code[1:])
    except ValueError:
        return b""


def _letters(raw: bytes, charset: str) -> str:
    """Bytes as text of the message's charset, and of the likeliest where they do not fit it; a zero byte is no text."""
    try:
        text = raw.decode(charset)
    except (UnicodeDecodeError, LookupError):
        text = charsets.guess(raw)[0]
    return text.replace("\0", "")


def _switch(code: str) -> tuple[int, str] | None:
    """The charset that `Cxxyy` or `Mxxyyzz` switches to: which half of the byte, and its name."""
    return charsets.DESIGNATIONS.get(_bytes(code))


def _switched(pieces: list[str], switch: tuple[int, str], marks: Delimiters, charset: str) -> str | None:
    """The pieces after a switch of charset as text, with all further switches; nothing where they do not fit."""
    halves, out, code_next = ["", charset], [], False
    halves[switch[0]] = switch[1]
    last = len(pieces) - 1
    try:
        for at, piece in enumerate(pieces):
            if not code_next or at == last:
                out.append((marks.escape if code_next else "") + charsets.run(piece.encode(charset), *halves))
            elif known := _switch(piece) if piece[:1] in _SWITCHES else None:
                halves[known[0]] = known[1]
            else:
                out.append(_in_switched(piece, marks, halves))
            code_next = not code_next
    except (UnicodeError, LookupError):
        return None
    return "".join(out).replace("\0", "")


def _in_switched(code: str, marks: Delimiters, halves: list[str]) -> str:
    """Any other sequence inside text that has switched: bytes are those of the charset that it switched to."""
    raw = _bytes(code) if code[:1] in ("X", "x") else b""
    meaning = charsets.run(raw, *halves) if raw else _meaning(code, marks)
    return marks.escape + code + marks.escape if meaning is None else meaning


def escaper(marks: Delimiters = STANDARD) -> dict[int, str]:
    """The `str.translate` table that makes text safe to stand in a field: marks, line ends and control bytes."""
    e = marks.escape
    table = {n: f"{e}X{n:02X}{e}" for n in (*range(9), *range(11, 32))} | {9: "\t"}
    table |= {ord("\n"): f"{e}.br{e}", ord("\r"): f"{e}X0D{e}"}
    named = ("F", marks.field), ("S", marks.component), ("R", marks.repetition), ("E", e), ("T", marks.subcomponent)
    table |= {ord(mark): f"{e}{code}{e}" for code, mark in named if mark}
    return table
