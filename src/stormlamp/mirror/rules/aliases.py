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


def followed(moves: Moves, heads: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Moves between people as they are now: a visit that was moved to a number which was merged later has moved with it."""
    found: dict[str, tuple[str, str]] = {}
    for key, (to, order) in moves.items():
        now, into = _now(key, heads), _now(to, heads)
        if now not in found or found[now][1] < order:
            found[now] = (into, order)
    return found


def renamed(patient: str, account: str, moves: Moves) -> str:
    """What an account of a patient is called now, as long as it stays with that patient."""
    key = visit_key(patient, "account", account)
    if not account or key not in moves:
        return account
    now, _, number = survivor(key, moves).split("|", 2)
    return number if now == patient else account


def accounts_moved(moves: Moves) -> frozenset[str]:
    """Accounts that came from another patient or got another number: each is a visit's."""
    told = (key.split("|", 2) for moved, (to, _) in moves.items() for key in (moved, to))
    return frozenset(number for _, by, number in told if by == "account")


def owner(patient: str, visit: str, account: str, heads: Mapping[str, str], moves: Moves) -> tuple[str, str, str]:
    """Whose a visit is now, its number and its account. `heads` follows merges; `moves`, `followed` too, moves.

    The moves are followed in the order in which they were told, those of the visit and those of its account alike: what was given
    away and came back is back.
    """
    now = heads.get(patient, patient)
    for key, (to, _) in sorted(moves.items(), key=lambda one: (one[1][1], one[0])):
        whose, by, number = key.split("|", 2)
        if number and (whose, number) == (now, visit if by == "visit" else account):
            now, _, moved = to.split("|", 2)
            visit, account = (moved, account) if by == "visit" else (visit, moved)
    return now, visit, account


def _now(key: str, heads: Mapping[str, str]) -> str:
    patient, by, number = key.split("|", 2)
    return visit_key(heads.get(patient, patient), by, number)
