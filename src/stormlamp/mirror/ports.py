"""What the watch needs of the outside: a way to tell a person, and a question that a hospital system answers."""

from typing import Protocol


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
