"""What the watch needs of the outside: a way to tell a person, questions that hospital systems and machines answer."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from stormlamp.mirror.rules.watch_host import Place, Reply


class Messenger(Protocol):
    """Ways to tell people: mail, SMS, a chat. Their addresses stay inside; `targets` are names that may be shown."""

    def targets(self) -> tuple[str, ...]:
        """The names of the ways, in the order of the settings."""

    def send(self, target: str, *, title: str, body: str) -> None:
        """Hand a message over; returns when the other side has taken it. Trouble when it has not."""


class Question(Protocol):
    """One kind of question to a system: it reads, and changes nothing there."""

    def ask(self, *, within: float) -> None:
        """Ask, and return when the answer has come. `within`: seconds. Trouble when none came or it was an error."""


class Machines(Protocol):
    """Machines on the network, which are asked whether they are there."""

    def ask(self, places: Sequence[Place]) -> Mapping[Place, Reply]:
        """Ask all of them side by side, and say of each whether it answered. Takes a few seconds at most; never raises."""
