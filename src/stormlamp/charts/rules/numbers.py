"""Downtime numbers, `D-7F3AK-000123-4`: unique without asking anybody, safe to type and to say.

The prefix and the counter are the node's own, and the last sign is a check. Every sign is of Crockford's 32, so that a number
prints as Code 128 and is not misread. The check is one Reed-Solomon symbol over GF(32): each place has a weight of its own, so that
any one wrong sign and any two swapped signs, also far apart, are caught.
"""

import hashlib
import re

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
AUTHORITY = "STORMLAMP"
PREFIX_SIGNS, COUNTER_DIGITS = 5, 6

_VALUE = {sign: value for value, sign in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_NUMBER = re.compile(rf"D([{ALPHABET}]{{{PREFIX_SIGNS}}})(\d{{{COUNTER_DIGITS},}})([{ALPHABET}])")
_HEX_END = re.compile(r"[0-9a-f]{6}$")
_MODULUS = 0b100101  # x^5 + x^2 + 1, primitive over GF(2)


def node_prefix(node: str) -> str:
    """Five signs of a node: its own six hexadecimal digits written in base 32, so that two nodes never share one."""
    found = _HEX_END.search(node)
    value = int(found[0], 16) if found else int.from_bytes(hashlib.sha256(node.encode()).digest()[:3], "big") | 1 << 24
    return "".join(ALPHABET[value >> shift & 31] for shift in range(5 * (PREFIX_SIGNS - 1), -1, -5))


def downtime_number(node: str, counter: int) -> str:
    """The number of a node's `counter`-th registration."""
    prefix, digits = node_prefix(node), f"{counter:0{COUNTER_DIGITS}d}"
    return f"D-{prefix}-{digits}-{check_sign(prefix + digits)}"


def check_sign(signs: str) -> str:
    """The sign that closes a number."""
    total, weight = 0, 1
    for sign in reversed(signs):
        weight = _times_two(weight)
        total ^= _product(_VALUE[sign], weight)
    return ALPHABET[total]


def read_number(text: str) -> str | None:
    """A number as it was allotted, from what somebody typed or scanned; None when it is none or its check fails.

    Case, spaces and hyphens do not matter; O is read as 0, I and L as 1.
    """
    plain = re.sub(r"[\s\-]", "", text.upper())
    if not plain.startswith("D") or len(plain) < 1 + PREFIX_SIGNS + COUNTER_DIGITS + 1:
        return None
    plain = "D" + plain[1:].translate({ord("O"): "0", ord("I"): "1", ord("L"): "1"})
    found = _NUMBER.fullmatch(plain)
    if found is None or check_sign(found[1] + found[2]) != found[3]:
        return None
    return f"D-{found[1]}-{found[2]}-{found[3]}"


_COUNTED = re.compile(rf"D-[^-]+-([0-9]{{{COUNTER_DIGITS},18}})-.")


def counter_of(number: str) -> int:
    """The counter in an allotted number; 0 when another node wrote something that is none."""
    found = _COUNTED.fullmatch(number)
    return int(found[1]) if found else 0


def _times_two(value: int) -> int:
    doubled = value << 1
    return doubled ^ _MODULUS if doubled & 32 else doubled


def _product(one: int, other: int) -> int:
    total = 0
    while other:
        if other & 1:
            total ^= one
        one, other = _times_two(one), other >> 1
    return total
