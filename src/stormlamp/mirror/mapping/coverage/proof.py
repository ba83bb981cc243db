"""The proof: a value that nothing else has goes into each field that the guide maps, and must surface where the guide says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from stormlamp.mirror.mapping.coverage.maps import Line, lines
from stormlamp.mirror.mapping.coverage.paths import Places
from stormlamp.mirror.mapping.coverage.samples import samples
from stormlamp.mirror.mapping.v2 import to_bundle
from stormlamp.mirror.wire.hl7 import Message


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the guide's mapped source fields surface; `missing` gives the reason for each that does not.

    A field counts when at least one line that carries its value is met; one that only sets fixed values, when one of these is.
    `lines` and `met` count every line of the guide, so that a field which is met in one resource and not in another shows.
    """

    fields: int
    covered: int
    missing: dict[str, str]
    lines: int
    met: int

    @property
    def share(self) -> float:
        """Covered fields of all."""
        return self.covered / self.fields if self.fields else 0.0


def prove(*, progress: Callable[[int, int], None] = lambda _done, _of: None) -> Coverage:
    """Run every line of the guide through the mapping; `progress` is told (lines done, of all)."""
    every = lines()
    by_field: dict[str, list[tuple[Line, str]]] = {}
    for number, line in enumerate(every):
        by_field.setdefault(line.name, []).append((line, unmet(line, number)))
        progress(number + 1, len(every))
    missing = {}
    for name, proven in by_field.items():
        carrying = [reason for line, reason in proven if not line.fixed] or [reason for _, reason in proven]
        if all(carrying):
            missing[name] = "; ".join(dict.fromkeys(reason for reason in carrying if reason))
    met = sum(not reason for proven in by_field.values() for _, reason in proven)
    return Coverage(len(by_field), len(by_field) - len(missing), missing, len(every), met)


def unmet(line: Line, number: int) -> str:
    """Why a line's value does not surface at its path; nothing when it does in every message that proves it."""
    for sample in samples(line, number):
        places = Places(to_bundle(Message(sample.message), zone=dt.UTC))
        if not any(places.says(node, sample.wanted) for node in places.at(line.resource, line.path)):
            return f"{line.table}: no {' or '.join(sample.wanted)} at {line.resource}.{line.path}"
        if line.fixed or line.name == "MSH-9":
            continue
        before = Places(to_bundle(Message(sample.without), zone=dt.UTC))
        if any(before.says(node, sample.wanted) for node in before.at(line.resource, line.path)):
            return f"{line.table}: {line.resource}.{line.path} says it without the field too"
    return ""
