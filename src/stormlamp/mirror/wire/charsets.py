"""Character sets of HL7 v2 (MSH-18, table 0211), and what to do when bytes are not what the message says."""

from __future__ import annotations

NAMES = {
    "": "utf-8",
    "ASCII": "ascii",
    "8859/1": "iso-8859-1",
    "8859/2": "iso-8859-2",
    "8859/3": "iso-8859-3",
    "8859/4": "iso-8859-4",
    "8859/5": "iso-8859-5",
    "8859/6": "iso-8859-6",
    "8859/7": "iso-8859-7",
    "8859/8": "iso-8859-8",
    "8859/9": "iso-8859-9",
    "8859/15": "iso-8859-15",
    "ISO IR6": "ascii",
    "ISO IR14": "shift_jis",
    "ISO IR87": "iso2022_jp",
    "ISO IR159": "iso2022_jp_1",
    "GB 18030-2000": "gb18030",
    "KS X 1001": "euc_kr",
    "CNS 11643-1992": "big5",
    "BIG-5": "big5",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UNICODE UTF-16": "utf-16",
    "UNICODE UTF-32": "utf-32",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "WINDOWS-1252": "windows-1252",
    "CP1252": "windows-1252",
    "ISO-8859-1": "iso-8859-1",
    "ISO-8859-15": "iso-8859-15",
    "LATIN1": "iso-8859-1",
}

GUESSED = "charset guessed"
UNKNOWN = "charset unknown"


def decode(raw: bytes, declared: str) -> tuple[str, str, str]:
    """Bytes as text: (text, Python charset, flag). The flag is empty when the declared charset was right."""
    charset = NAMES.get(declared.strip().upper())
    flag = "" if charset else UNKNOWN
    try:
        return raw.decode(charset or "utf-8"), charset or "utf-8", flag
    except UnicodeDecodeError:
        text, charset = guess(raw)
        return text, charset, GUESSED


def guess(raw: bytes) -> tuple[str, str]:
    """The best reading of bytes whose charset is wrong or missing: UTF-8, then windows-1252, then latin-1."""
    for charset in ("utf-8", "windows-1252"):
        try:
            return raw.decode(charset), charset
        except UnicodeDecodeError:
            continue
    return raw.decode("iso-8859-1"), "iso-8859-1"


def wide(raw: bytes) -> str:
    """The name of the two-byte charset that these bytes are written in, or nothing."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if raw[:6] == b"M\0S\0H\0":
        return "utf-16-le"
    return "utf-16-be" if raw[:6] == b"\0M\0S\0H" else ""
