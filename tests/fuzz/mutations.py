"""Ways to spoil a message or a resource: the accidents of real wires, and what an attacker would try."""

import random
import re

_LENGTH = 48_000
_TOKENS = re.compile(rb"[|^~&\\\r\n\x0b\x1c\"{}\[\]:,]")
_ODD = [
    *(
        b"\r",
        b"\n",
        b"\r\n",
        b"\0",
        b"\x0b",
        b"\x1c",
        b"\x1c\r",
        b"\x1b$B",
        b"\x1b(B",
        b"\x1b-F",
        b"|",
        b"||||",
        b"^",
        b"^^^",
        b"~",
        b"&",
    ),
    *(
        b"\\",
        b"\\F\\",
        b"\\X",
        b"\\XC3\\",
        b"\\XZZ\\",
        b"\\.br\\",
        b"\\.sp99\\",
        b"\\M2442\\",
        b"\\C2D46\\",
        b"\\C2842\\",
        b"\\Zx\\",
        b'""',
    ),
    *(
        b"MSH|^~\\&|",
        b"\rMSH|^~\\&|",
        b"MSH",
        b"FHS|",
        b"BHS|",
        b"BTS|3\r",
        b"FTS|1\r",
        b"DSC|",
        b"ADD|",
        b"\rPID|",
        b"\rOBX|",
        b"\rMRG|",
    ),
    *(b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\xe9", b"\x80", b"\xed\xa0\x80", "é".encode(), "山".encode(), "\U0001f600".encode()),
    *(
        b"8859/1",
        b"UNICODE UTF-16",
        b"ISO IR87",
        b"ASCII~ISO IR87",
        b"klingon",
        b"0",
        b"-1",
        b"1e999",
        b"99999999999999999999",
        b"NaN",
    ),
    *(
        b"20260230",
        b"00000000",
        b"0001",
        b"99991231235959.9999+1400",
        b"00010101000000-1400",
        b"2026-01-01T00:00:00Z",
        b"9999-12-31",
    ),
    *(
        b"null",
        b"true",
        b"[]",
        b"{}",
        b'{"a":',
        b"[[[[",
        b'"\\ud800"',
        b'"\\u0000"',
        b"1.0",
        b'"Patient/1"',
        b'"#"',
        b'"urn:uuid:"',
        b'""',
    ),
    *(b'"resourceType":"Patient"', b'"resourceType":"Bundle"', b'"contained":[]', b'"reference":""', b'"value":null'),
]


def spoilt(raw: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """An input after one to five accidents."""
    for _ in range(1 + int(rng.random() ** 2 * 5)):
        raw = rng.choice(_WAYS)(raw, others, rng)[:_LENGTH]
    return raw


def _two(raw: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(raw) + 1)
    return start, min(len(raw), start + int(rng.random() ** 3 * 200))


def _marks(raw: bytes, rng: random.Random) -> tuple[int, int]:
    """The ends of something between two marks."""
    places = [match.start() for match in _TOKENS.finditer(raw)]
    if len(places) < 2:
        return _two(raw, rng)
    first = rng.randrange(len(places) - 1)
    return places[first] + 1, places[min(len(places) - 1, first + 1 + int(rng.random() ** 3 * 6))]


def _put(raw: bytes, _: list[bytes], rng: random.Random) -> bytes:
    at, _end = _two(raw, rng)
    return raw[:at] + rng.choice(_ODD) + raw[at:]


def _replace(raw: bytes, _: list[bytes], rng: random.Random) -> bytes:
    start, end = _marks(raw, rng)
    return raw[:start] + rng.choice(_ODD) + raw[end:]


def _empty(raw: bytes, _: list[bytes], rng: random.Random) -> bytes:
    start, end = _marks(raw, rng)
    return raw[:start] + raw[end:]


def _flip(raw: bytes, _: list[bytes], rng: random.Random) -> bytes:
    if not raw:
        return bytes([rng.randrange(256)])
    at = rng.randrange(len(raw))
    return raw[:at] + bytes([rng.randrange(256)]) + raw[at + 1 :]


def _drop(raw: bytes, _: list[bytes], rng: random.Random) -> bytes:
    start, end = _two(raw, rng)
    return raw[:start] + raw[end:]


def _again(raw: bytes, _: list[bytes], rng: random.Random) -> bytes:
    start, end = _marks(raw, rng)
    return raw[:end] + raw[start:end] * rng.choice((1, 1, 2, 5, 50)) + raw[end:]


def _cut(raw: bytes, _: list[bytes], rng: random.Random) -> bytes:
    return raw[: rng.randrange(len(raw) + 1)]


def _splice(raw: bytes, others: list[bytes], rng: random.Random) -> bytes:
    other = rng.choice(others)
    start, end = _marks(other, rng)
    at, to = _marks(raw, rng)
    return raw[:at] + other[start:end] + raw[to:]


def _line(raw: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """A line of another message, here."""
    lines = raw.split(b"\r")
    lines.insert(rng.randrange(len(lines) + 1), rng.choice(rng.choice(others).split(b"\r")))
    return b"\r".join(lines)


def _shuffle(raw: bytes, _: list[bytes], rng: random.Random) -> bytes:
    head, *lines = raw.split(b"\r")
    rng.shuffle(lines)
    return b"\r".join((head, *lines))


def _marked(raw: bytes, _: list[bytes], rng: random.Random) -> bytes:
    """Other delimiters, all through or in the header only."""
    old, new = rng.sample((b"|", b"^", b"~", b"\\", b"&", b"#", b"$", b"\xa7", b"a"), 2)
    return raw.replace(old, new) if rng.random() < 0.5 else raw[:9].replace(old, new) + raw[9:]


def _recoded(raw: bytes, _: list[bytes], rng: random.Random) -> bytes:
    try:
        return raw.decode().encode(rng.choice(("utf-16", "utf-16-be", "utf-32", "latin-1", "shift_jis")))
    except (UnicodeDecodeError, UnicodeEncodeError):
        return raw


_WAYS = (
    _put,
    _put,
    _replace,
    _replace,
    _replace,
    _empty,
    _flip,
    _drop,
    _again,
    _cut,
    _splice,
    _splice,
    _line,
    _shuffle,
    _marked,
    _recoded,
)
