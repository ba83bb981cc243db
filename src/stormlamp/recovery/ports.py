"""What the hand-back needs of the outside: one message there, its acknowledgement back."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The acknowledgement whose MSA-2 names the message that was sent; `strays` counts others that came meanwhile."""

    code: str
    text: str
    raw: bytes
    strays: int = 0


class Ehr(Protocol):
    """An EHR at the end of a wire."""

    def send(self, raw: bytes, control_id: str) -> Answer:
        """Send one message and wait for its acknowledgement; Trouble when none came, and the connection is closed then."""

    def close(self) -> None:
        """Hang up."""
