"""What an unknown patient is called until somebody knows: a word and a number that are easy to say, and no invented birth date."""

import hashlib
from collections.abc import Collection

WORDS = (
    "ACORN", "ALDER", "AMBER", "ASPEN", "BIRCH", "CEDAR", "CLOVER", "CORAL", "DAHLIA", "FERN", "HAZEL", "HERON", "HOLLY", "IRIS",
    "IVORY", "JADE", "LARCH", "LILAC", "LOTUS", "MAPLE", "MIMOSA", "OAK", "OLIVE", "ONYX", "OPAL", "ORCHID", "POPLAR", "QUARTZ",
    "ROWAN", "SORREL", "TULIP", "WILLOW",
)  # fmt: skip
FIRST, LAST = 10, 99


def alias(registration: str, taken: Collection[str]) -> str:
    """The alias of a registration, such as OAK-17: the same each time for the same id, and none of those taken."""
    start = int.from_bytes(hashlib.sha256(registration.encode()).digest()[:4], "big")
    numbers = LAST - FIRST + 1
    for step in range(len(WORDS) * numbers):
        place = (start + step) % (len(WORDS) * numbers)
        name = f"{WORDS[place // numbers]}-{FIRST + place % numbers}"
        if name not in taken:
            return name
    return f"{WORDS[start % len(WORDS)]}-{registration.upper()}"


def age_range_is_sound(age_from: int | None, age_to: int | None) -> bool:
    """Whether an estimated age is a range of years that a person can have, or is not given at all."""
    if age_from is None and age_to is None:
        return True
    return age_from is not None and age_to is not None and 0 <= age_from <= age_to <= 125
