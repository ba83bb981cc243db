"""Ward, room and bed out of places that are part of each other: a bed, its room, its ward, its building (R4 Location.partOf)."""

from collections.abc import Iterable, Iterator, Sequence

from stormlamp.mirror.rules.movements import Place

# Codes of http://terminology.hl7.org/CodeSystem/location-physical-type: rooms and beds, and what is larger than a ward.
_BED, _ROOM, WARD, _LARGER = "bd", "ro", "wa", frozenset(("lvl", "bu", "si", "jdn"))
Levels = Sequence[tuple[str, str]]


def lies_in(told: Sequence[Levels]) -> Place | None:
    """Where somebody lies who is at some places, each told as what it is and its name, followed by those that it is part of.

    The ward is what says that it is one, else the first that is neither room, bed, nor larger. None where no room or bed is named.
    """
    found = {level: name for levels in reversed(told) for level, name in reversed(levels) if name}
    if not {_BED, _ROOM} & found.keys():
        return None
    ward = found.get(WARD) or next(_around(told), "")
    return Place(ward, found.get(_ROOM, ""), found.get(_BED, "")) if ward else None


def _around(told: Iterable[Levels]) -> Iterator[str]:
    return (name for levels in told for level, name in levels if name and level not in _LARGER | {_BED, _ROOM})
