"""One sender at a time: two that hand back side by side would ask an EHR the same thing twice."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stormlamp.kernel.refusals import Trouble


@contextmanager
def turn(home: Path) -> Iterator[None]:
    """Hold the home's turn to send; Trouble when another process has it. The lock goes with the process that holds it."""
    with (home / "handback.lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            hint = "wait for it, or stop it on the Return page"
            raise Trouble("another process is handing back", hint=hint, retry=True) from error
        yield
