"""When the disk or the database file fails: which errors are the world's and not ours, and what helps against each."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, OperationalError

from stormlamp.kernel.refusals import Trouble

# SQLite's primary result codes (https://www.sqlite.org/rescode.html): what helps, and whether trying again may.
_HINTS: dict[int, tuple[str, bool]] = {
    5: ("another process is writing for long; try again", True),
    6: ("another process is writing for long; try again", True),
    7: ("the computer is out of memory; stop what else runs", True),
    8: ("the disk or the file is read-only: check how it is mounted and who owns it", True),
    10: ("the disk could not be read or written: check it and its free space", True),
    11: ("the database file was damaged: keep it for evidence and restore a copy", False),
    13: ("the disk is full: make space; what was not written was not acknowledged either", True),
    14: ("check that the home's folder is there, who owns it, and its free space", True),
    15: ("another process holds the database in an odd state; try again", True),
    26: ("is this the key of this home (--key-file)? otherwise the database file was damaged: restore a copy", False),
}
_OLDER_TABLES = ("no such table", "no such column", "has no column named")
_ELSEWHERE = ("check the database, its disk and its network", True)


def trouble_of(error: Error, what: str) -> Trouble | None:
    """The Trouble that an error of the database stands for; None when it is a fault in a statement, which is a bug."""
    if any(words in str(error) for words in _OLDER_TABLES):
        return Trouble(
            f"{what}: {error}", hint="this home is of an older version: start `stormlamp up` once, which changes its tables"
        )
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    elsewhere = _ELSEWHERE if isinstance(error, OperationalError) else None
    found = elsewhere if code is None else _HINTS.get(code & 0xFF)
    return None if found is None else Trouble(f"{what}: {error}", hint=found[0], retry=found[1])


@contextmanager
def told_as_trouble(what: str) -> Iterator[None]:
    """Turn a failing disk or file into Trouble; every other error stays what it is."""
    try:
        yield
    except Error as error:
        if trouble := trouble_of(error, what):
            raise trouble from error
        raise
