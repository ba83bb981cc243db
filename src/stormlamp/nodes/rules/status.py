"""What a node says of itself: no entry of the ledger, for it is of use only while it is new.

Durations instead of moments, so that a wrong clock does not spoil them: `running_for` and `signed_in_ago` in seconds; `free`,
`disk` and `database` in bytes; `battery` in percent, `plugged` 1 or 0; `behind` and `entries` count entries; `now` is its clock
(microseconds since 1970).
"""

from collections.abc import Mapping

Status = dict[str, str | int]
WORDS = ("version", "printer")
COUNTS = ("now", "entries", "behind", "running_for", "free", "disk", "database", "battery", "plugged", "signed_in_ago")
# What one node says of what it saw of another: seconds since, and entries lacking.
SEEN = ("met_ago", "has_ours_ago", "have_ago", "told_ago", "lacks", "lacking", "ahead")
LONGEST, LARGEST = 120, 1 << 62
MOST_NODES = 10_000


def sound(told: Mapping[str, str | int]) -> Status:
    """What is known of what a node says: other names, texts that are too long and numbers out of range are left out."""
    words = {name: told[name] for name in WORDS if isinstance(told.get(name), str) and len(str(told[name])) <= LONGEST}
    return words | {name: told[name] for name in (*COUNTS, *SEEN) if _is_count(told.get(name), signed=name == "ahead")}


def _is_count(value: str | int | None, *, signed: bool) -> bool:
    return isinstance(value, int) and (-LARGEST if signed else 0) <= value <= LARGEST
