"""Character sets of HL7 v2 (MSH-18, table 0211), and what to do when bytes are not what the message says."""

from __future__ import annotations

import re
from functools import lru_cache

# By the letters and digits of their names: `8859/1`, `ISO 8859-1` and `ISO_8859-1` are one. ISO IR numbers are those of ISO 2375.
NAMES = (
    {
        "ASCII": "ascii",
        "USASCII": "ascii",
        "ISOIR6": "ascii",
        "ISOIR13": "shift_jis",
        "ISOIR14": "shift_jis",
        "ISOIR87": "euc_jp",
        "ISOIR159": "euc_jp",
        "ISOIR58": "gb2312",
        "ISOIR149": "euc_kr",
        "ISOIR165": "gb2312",
        "ISOIR166": "iso8859-11",
        "ISOIR192": "utf-8",
        "JISX0201": "shift_jis",
        "JISX0202": "iso2022_jp",
        "JISX0208": "euc_jp",
        "JISX0212": "euc_jp",
        "SHIFTJIS": "shift_jis",
        "SJIS": "shift_jis",
        "WINDOWS31J": "cp932",
        "CP932": "cp932",
        "EUCJP": "euc_jp",
        "ISO2022JP": "iso2022_jp",
        "ISO2022KR": "iso2022_kr",
        "GB180302000": "gb18030",
        "GB18030": "gb18030",
        "GBK": "gbk",
        "GB2312": "gb2312",
        "KSX1001": "euc_kr",
        "KSC5601": "euc_kr",
        "EUCKR": "euc_kr",
        "CP949": "cp949",
        "CNS116431992": "big5",
        "BIG5": "big5",
        "KOI8R": "koi8-r",
        "KOI8U": "koi8-u",
        "TIS620": "tis-620",
        "MACINTOSH": "mac-roman",
        "UNICODE": "utf-8",
        "UTF8": "utf-8",
        "UNICODEUTF8": "utf-8",
        **{f"{prefix}UTF{size}{order}": f"utf-{size}{'-' + order.lower() if order else ''}"
           for prefix in ("", "UNICODE") for size in (16, 32) for order in ("", "LE", "BE")},
        "LATIN1": "iso-8859-1",
        "LATIN9": "iso-8859-15",
    }
    | {f"{prefix}8859{part}": f"iso-8859-{part}" for prefix in ("", "ISO") for part in range(1, 17) if part != 12}
    | {f"ISOIR{number}": f"iso-8859-{part}" for number, part in (
        (100, 1), (101, 2), (109, 3), (110, 4), (144, 5), (127, 6), (126, 7), (138, 8), (148, 9), (157, 10), (179, 13), (199, 14),
        (203, 15), (226, 16))}
    | {f"{prefix}{page}": f"cp{page}" for prefix in ("WINDOWS", "CP", "MSWIN") for page in range(1250, 1259)}
    | {f"{prefix}{page}": f"cp{page}" for prefix in ("IBM", "CP", "DOS") for page in (437, 850, 852, 858, 865, 866)}
)  # fmt: skip

GUESSED = "charset guessed"
UNKNOWN = "charset unknown"
BOM = b"\xef\xbb\xbf"

_FAMILIES = {"utf-16-le": "utf-16", "utf-16-be": "utf-16", "utf-32-le": "utf-32", "utf-32-be": "utf-32"}
_MOST_SWITCHES = 100_000
_C1 = re.compile("[\x80-\x9f]")


@lru_cache(maxsize=256)
def python_name(declared: str) -> str:
    """Python's name of a charset as MSH-18 names it: UTF-8 where nothing is said, nothing where it is not known."""
    if not declared.strip():
        return "utf-8"
    return NAMES.get(re.sub(r"[^A-Z0-9]", "", re.sub(r":\d{4}$", "", declared.strip().upper())), "")


def decode(raw: bytes, declared: str) -> tuple[str, str, str]:
    """Bytes as text: (text, Python charset, flag). The flag is empty when the declared charset was right.

    These are bytes whose header can be read one byte a letter: UTF-16 and UTF-32 have come through `wide` before.
    """
    charset = python_name(declared)
    flag = "" if charset else UNKNOWN
    if raw[:3] == BOM or charset[:6] in ("utf-16", "utf-32"):
        flag = flag if charset == "utf-8" else GUESSED
        charset = "utf-8"
    try:
        text = _decoded(raw, charset or "utf-8")
    except (UnicodeDecodeError, LookupError):
        text, charset = guess(raw)
        return text, charset, GUESSED
    if charset == "iso-8859-1" and _C1.search(text):
        # What calls itself 8859/1 and has letters where 8859/1 has control codes is windows-1252: quotes, dashes, the euro.
        text, charset = guess(raw)
        flag = GUESSED
    return text, charset or "utf-8", flag


def _decoded(raw: bytes, charset: str) -> str:
    return switching(raw, charset) if 0 < raw.count(b"\x1b") < _MOST_SWITCHES else raw.decode(charset)


def guess(raw: bytes) -> tuple[str, str]:
    """The best reading of bytes whose charset is wrong or missing: UTF-8, then windows-1252, then latin-1, which takes any byte."""
    for charset in ("utf-8", "cp1252"):
        try:
            return raw.decode(charset), charset
        except UnicodeDecodeError:
            continue
    return raw.decode("iso-8859-1"), "iso-8859-1"


def wide(raw: bytes) -> str:
    """The name of the charset of two or four bytes a letter that these bytes are written in, or nothing."""
    if raw[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        return "utf-32"
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    for name in _FAMILIES:
        if raw[:16].startswith("MSH".encode(name)):
            return name
    return ""


def decode_wide(raw: bytes, charset: str, declared: str = "") -> tuple[str, str]:
    """Bytes of a wide charset as (text, flag); a half letter at the end, or another charset's name in MSH-18, is flagged."""
    said = python_name(declared)
    flag = "" if not declared.strip() or _FAMILIES.get(said, said) in (_FAMILIES.get(charset, charset), "utf-8") else GUESSED
    try:
        return raw.decode(charset), flag
    except UnicodeDecodeError:
        return raw.decode(charset, "replace"), GUESSED


# ISO 2022 (and HL7 v2.5.1 2.7.2, \Cxxyy\ and \Mxxyyzz\, which write the same bytes in hexadecimal): what each designation switches
# to, and whether it takes the low (0) or the high (1) half of the byte.
_SINGLE = {
    b"A": "1",
    b"B": "2",
    b"C": "3",
    b"D": "4",
    b"L": "5",
    b"G": "6",
    b"F": "7",
    b"H": "8",
    b"M": "9",
    b"T": "11",
    b"b": "15",
}
DESIGNATIONS: dict[bytes, tuple[int, str]] = {
    **dict.fromkeys((b"(B", b"(J"), (0, "")),
    **{b"-" + code: (1, f"iso-8859-{part}") for code, part in _SINGLE.items()},
    b")I": (1, "shift_jis"),
    b"(I": (0, "shift_jis"),
    **dict.fromkeys((b"$B", b"$@", b"$(B", b"$(@"), (0, "euc_jp")),
    b"$(D": (0, "euc_jp 3"),
    **dict.fromkeys((b"$A", b"$(A"), (0, "gb2312")),
    b"$(C": (0, "euc_kr"),
    b"$)C": (1, "euc_kr"),
    b"$)A": (1, "gb2312"),
}
_ESCAPED = re.compile(rb"\x1b([\x20-\x2f]+[\x30-\x7e])|([\r\n])")
_RUNS = re.compile(rb"([\x80-\xff]+)")


def switching(raw: bytes, charset: str) -> str:
    """Text that changes its charset on the way by the escapes of ISO 2022; every line begins in ASCII and `charset` again.

    Raises UnicodeDecodeError where the bytes are not what they switched to. An escape that is not known stays in the text.
    """
    halves, found, at = ["", charset], [], 0
    for match in _ESCAPED.finditer(raw):
        found.append(run(raw[at : match.start()], *halves))
        at = match.end()
        if match[2]:
            halves = ["", charset]
            found.append(match[2].decode())
        elif known := DESIGNATIONS.get(match[1]):
            halves[known[0]] = known[1]
        else:
            at = match.start()
    found.append(run(raw[at:], *halves))
    return "".join(found)


def run(raw: bytes, low: str, high: str) -> str:
    """Bytes with one charset in the low half and one in the high; an empty low one is ASCII."""
    if not low:
        return raw.decode(high)
    found = []
    for index, piece in enumerate(_RUNS.split(raw)):
        if index % 2:
            found.append(piece.decode(high))
        elif piece:
            found.append(_lifted(piece, low))
    return "".join(found)


def _lifted(raw: bytes, low: str) -> str:
    """Seven-bit bytes of a charset that Python knows by its eight-bit form; blanks and controls are themselves."""
    codec, third = low.removesuffix(" 3"), low.endswith(" 3")
    found = []
    for piece in re.split(rb"([\0-\x20\x7f]+)", raw):
        if piece[:1] <= b"\x20" or piece[:1] == b"\x7f":
            found.append(piece.decode("ascii"))
            continue
        high = bytes(byte | 0x80 for byte in piece)
        found.append((b"".join(b"\x8f" + high[at : at + 2] for at in range(0, len(high), 2)) if third else high).decode(codec))
    return "".join(found)
