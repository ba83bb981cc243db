"""The checks of the unattended story: waiting for something to become so, and saying what did not."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from stormlamp.kernel.refusals import Trouble
from stormlamp.nodes.queries import home


class StepFailed(Trouble):
    """A step of the story did not do what it promises."""

    def __init__(self, words: str) -> None:
        super().__init__(f"THE STORY FAILED: {words}", hint="the lines above say how far it got")


def wait_until(so: Callable[[], bool], what: str, *, within: float) -> float:
    """Wait until something is so; the seconds that it took. Raises StepFailed when it takes longer than `within`."""
    began = time.monotonic()
    while not so():
        if time.monotonic() - began > within:
            raise StepFailed(f"{what} took more than {within:.0f} s")
        time.sleep(0.1)
    return time.monotonic() - began


def demand(so: bool, what: str) -> None:
    """Raise StepFailed unless something is so."""
    if not so:
        raise StepFailed(what)


def told_by(*command: str) -> tuple[int, dict[str, Any]]:
    """Run another `stormlamp` command on this home with --json; its exit code and document."""
    words = [sys.executable, "-m", "stormlamp", *command, "--json", "--home", str(home().path)]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter and arguments
    try:
        document: dict[str, Any] = json.loads(ended.stdout)
    except json.JSONDecodeError:
        raise StepFailed(f"stormlamp {' '.join(command)} said: {ended.stdout}{ended.stderr}") from None
    return ended.returncode, document
