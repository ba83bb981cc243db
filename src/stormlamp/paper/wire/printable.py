"""Text as it can be set on paper: nothing vanishes, what cannot be drawn is named, nothing reorders a line."""

import re
import unicodedata
from collections.abc import Set

LONGEST_WORD = 24
_BREAK_EVERY = 8
_BREAK = "\u200b"
_JOINERS = frozenset("\u200b\u200c\u200d\u00ad")
_LOOKALIKES = str.maketrans({"⚠": "(!)", "\t": " ", "\r": ""})
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")


def printable(text: str, drawable: Set[int]) -> tuple[str, bool]:
    """The text with each undrawable run as "[U+674E U+660E]", and whether there was one.

    Controls and marks that reorder a line (Unicode Bidi class LRE..PDI) are named too: a name must read as it was sent.
    """
    if text.isascii() and text.isprintable():
        return _with_breaks(text), False
    text = unicodedata.normalize("NFC", text.translate(_LOOKALIKES))
    drawn = [char in _JOINERS or char == "\n" or (ord(char) in drawable and _harmless(char)) for char in text]
    if all(drawn):
        return _with_breaks(text), False
    return _with_breaks(_named(text, drawn)), True


def shortened(text: str, most: int, words: str) -> str:
    """A text that fits a table row that may not split: its start, and how much is missing in `words` with {count}."""
    if len(text) <= most:
        return text
    return f"{text[:most].rstrip()} … ({words.format(count=len(text) - most)})"


def _harmless(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def _named(text: str, drawn: list[bool]) -> str:
    parts: list[str] = []
    run: list[str] = []
    for char, shown in zip(text, drawn, strict=True):
        if shown and run:
            parts.append(f"[{' '.join(run)}]")
            run.clear()
        (parts if shown else run).append(char if shown else f"U+{ord(char):04X}")
    return "".join(parts) + (f"[{' '.join(run)}]" if run else "")


def _with_breaks(text: str) -> str:
    return _LONG_WORD.sub(lambda word: _BREAK.join(_slices(word.group())), text)


def _slices(word: str) -> list[str]:
    return [word[start : start + _BREAK_EVERY] for start in range(0, len(word), _BREAK_EVERY)]
