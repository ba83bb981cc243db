"""Merged identities (A40) and moved visits (A45): whose a number is now, found by following alias rows."""

from collections.abc import Mapping


def survivor(patient: str, aliases: Mapping[str, tuple[str, str]]) -> str:
    """The patient that a chain of merges ends in. `aliases` gives for a merged patient (surviving patient, order).

    Contradicting merges can make a ring; then the newest merge of the ring says who survives.
    """
    seen: dict[str, None] = {}
    while patient in aliases:
        if patient in seen:
            ring = list(seen)[list(seen).index(patient) :]
            return aliases[max(ring, key=lambda one: (aliases[one][1], one))][0]
        seen[patient] = None
        patient = aliases[patient][0]
    return patient


def visit_key(patient: str, by: str, number: str) -> str:
    """What a moved visit (`by` is `visit`) or account (`account`) is known by."""
    return f"{patient}|{by}|{number}"


Moves = Mapping[str, tuple[str, str]]


def owner(patient: str, visit: str, account: str, heads: Mapping[str, str], moves: Moves) -> tuple[str, str]:
    """Whose a visit is now, and its number. `heads` follows merges; `moves` gives for a `visit_key` (key that it is now, order)."""
    for one in dict.fromkeys((patient, heads.get(patient, patient))):
        for by, number in (("visit", visit), ("account", account)):
            key = visit_key(one, by, number)
            if number and key in moves:
                now, _, at = survivor(key, moves).split("|", 2)
                return heads.get(now, now), at if by == "visit" else visit
    return heads.get(patient, patient), visit
