"""Names folded for search: without accents, case and marks; letters that people write in two ways match both ways."""

import re
import unicodedata
from functools import lru_cache

# Left out of a word, which goes on behind them.
_MARKS = "'’`´"
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ŋ": "n", "ĳ": "ij"}
)
_LONG = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})


@lru_cache(maxsize=65536)
def folded(text: str) -> str:
    """The words of a text, folded, single spaces between them: `Müller-Løvås` is `muller lovas`."""
    return _folded(text, _PLAIN)


@lru_cache(maxsize=65536)
def spellings(text: str) -> str:
    """The folded words of a text and, where they differ, the words spelled out: `müller` is `muller mueller`."""
    plain, long = folded(text), _folded(unicodedata.normalize("NFC", text).lower().translate(_LONG), _PLAIN)
    known = plain.split()
    return " ".join([*known, *(word for word in long.split() if word not in known)])


def matches(asked: str, kept: str) -> bool:
    """Whether each word of a question begins some word of a kept text; `kept` comes from `spellings`."""
    words = kept.split()
    return all(any(word.startswith(way) for way in ways for word in words) for ways in asked_ways(asked))


def asked_ways(asked: str) -> tuple[tuple[str, ...], ...]:
    """The words of a question, each in the ways it may be kept: `Müller` as `muller` and `mueller`."""
    plain = unicodedata.normalize("NFKC", asked)  # letters in another dress are letters of a word
    words = "".join(letter if letter.isalnum() or letter in _MARKS or unicodedata.combining(letter) else " " for letter in plain)
    return tuple(tuple(spellings(word).split()) for word in words.split() if folded(word))


def _folded(text: str, table: dict[int, str]) -> str:
    if text.isascii():
        letters = text.lower()
    else:
        split = unicodedata.normalize("NFKD", text.lower().translate(table)).lower()  # of letters in another dress too
        letters = "".join(letter for letter in split if not unicodedata.combining(letter)).translate(table)
    for mark in _MARKS:
        letters = letters.replace(mark, "")
    return " ".join("".join(letter if letter.isalnum() else " " for letter in letters).split())


@lru_cache(maxsize=8192)
def plain_number(text: str) -> str:
    """A number without the marks that people write into it: `51.03.12-123.45` is `51031212345`."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts `3B-2` before `3B-12`."""
    parts = (part for part in re.split(r"([0-9]+)", text) if part)
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part.lower()) for part in parts)
