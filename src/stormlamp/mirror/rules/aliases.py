"""Merged identities (A40): which patient a number belongs to now, found by following alias rows."""

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
