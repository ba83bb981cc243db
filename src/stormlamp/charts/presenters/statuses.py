"""What a feed's value or order has come to, in the reader's language; the codes are those of FHIR R4."""

from stormlamp.shell.words import lazy

STATUSES = {
    "active": lazy("active"),
    "draft": lazy("draft"),
    "on-hold": lazy("on hold"),
    "registered": lazy("expected"),
    "preliminary": lazy("preliminary"),
    "partial": lazy("partial"),
    "amended": lazy("amended"),
    "corrected": lazy("corrected"),
    "appended": lazy("amended"),
    "cancelled": lazy("cancelled"),
    "entered-in-error": lazy("entered in error: do not use"),
    "unknown": lazy("state not known"),
}


def status_word(code: str) -> str:
    """A state in words; one that nobody named stands as it came."""
    return str(STATUSES[code]) if code in STATUSES else code
