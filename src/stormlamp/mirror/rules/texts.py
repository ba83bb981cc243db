"""Bytes as a person reads them."""

# Marks that turn the direction of writing or show nothing at all: a text must not look other than it is.
_HIDDEN = frozenset(
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2028\u2029\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad"
)


def readable(raw: bytes, charset: str = "") -> str:
    """Bytes as a person can read them: in a charset, else UTF-8, else windows-1252.

    Segment ends become lines, other controls become signs, and marks that would hide or turn text show their number.
    """
    if charset:
        text = raw.decode(charset, "replace")
    else:
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = raw.decode("windows-1252", "replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(_shown(one) for one in lines)


def _shown(letter: str) -> str:
    code = ord(letter)
    if code < 32 and letter != "\n":
        return chr(0x2400 + code)
    if code == 127:
        return "␡"
    if 128 <= code < 160 or letter in _HIDDEN:
        return f"⟨U+{code:04X}⟩"
    return letter
