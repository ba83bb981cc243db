"""What printing needs from outside: something that turns a pack into bytes."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from stormlamp.paper.rules import LabelSheet, Statement, WardPack


class Printer(Protocol):
    """Turns packs and statements into PDF bytes; the same value gives the same bytes."""

    def print_pack(self, pack: WardPack) -> bytes:
        """One pack as one PDF document; raises Trouble when it cannot be set."""
        ...

    def print_statement(self, statement: Statement) -> bytes:
        """One statement as one page of PDF; raises Trouble when it cannot be set."""
        ...

    def print_labels(self, sheet: LabelSheet) -> bytes:
        """A sheet of labels as one PDF document; raises Trouble when it cannot be set."""
        ...

    def print_packs(self, packs: Iterable[WardPack]) -> Iterator[tuple[str, bytes]]:
        """Ward and PDF of many packs, in order, each as soon as it is ready."""
        ...
