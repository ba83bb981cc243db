"""How things go wrong: the rules say no (Refusal), or the world failed (Trouble). Anything else is a bug."""

from typing import ClassVar


class Refusal(Exception):
    """The rules say no: a code and facts; the face finds the words."""

    code: ClassVar[str] = "kernel.refusal"

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        self.facts = facts


class NotAllowed(Refusal):
    """The actor lacks the right that the act needs."""

    code = "kernel.not-allowed"


class AlreadyDone(Refusal):
    """The same request was carried out before, and what it wrote has since been removed for good."""

    code = "kernel.already-done"


class Trouble(Exception):
    """A disk, peer or network failed: what to try, and whether trying again may help."""

    def __init__(self, message: str, *, hint: str = "", retry: bool = False) -> None:
        super().__init__(message)
        self.hint = hint
        self.retry = retry
