"""Where the guide's paths lead in a bundle: `performer[2](Organization.address)` follows the reference to the Organization."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from stormlamp.mirror.mapping.mapped import Resource

_TOKEN = re.compile(r"\[[^\]]*\]|\w+|[().|$=]")
_DEEPEST = 5

# Slips of the guide's spelling: what its line says, and the element that R4 has.
ERRATA = {
    "occurneceTiming": "occurrenceTiming",
    "occurrenceTIming": "occurrenceTiming",
    "organziation": "organization",
    "payer": "payor",
    "practioner": "practitioner",
    "uri": "url",
    "valueSampedData": "valueSampledData",
    "coveragePeriod": "period",
    "Practitioner": "practitioner",
    "doseForm": "form",
}
# Elements that the guide leaves out of a path, or puts beside its place in R4.
LOOSE = {
    "occurrenceTiming.boundsDuration": "occurrenceTiming.repeat.boundsDuration",
    "occurrenceTiming.boundsPeriod": "occurrenceTiming.repeat.boundsPeriod",
    "occurrenceTiming.duration": "occurrenceTiming.repeat.duration",
    "content.data": "content.attachment.data",
    "content.url": "content.attachment.url",
    "content.contentType": "content.attachment.contentType",
    "recorder.reference(": "recorder(",
    "code.value": "code",
    "participant.actor(Location.identifier)": "participant.actor(Location)",
    "medicationReference(Medication": "medication(Medication",
}


def steps(path: str) -> list[str]:
    """A path as steps; one that leads to another resource begins with `>`."""
    path = re.sub(r"\[[^\]]*\]", "", path.split("=")[0]).strip()
    for said, meant in LOOSE.items():
        if path.startswith(said):
            path = path.replace(said, meant, 1)
            break
    found: list[str] = []
    opened = False
    for piece in _TOKEN.findall(path):
        if piece == "(":
            opened = True
        elif piece.isidentifier() and piece != "this":
            if opened and piece[0].isupper():
                found.append(">" + piece)
            elif piece in ERRATA and not (piece == "Practitioner" and opened):
                found.append(ERRATA[piece])
            else:
                found.append(piece)
            opened = False
        elif piece == "|":
            opened = True
    return found


class Places:
    """The resources of a bundle, and what stands at a path in them."""

    def __init__(self, bundle: Resource) -> None:
        self.resources = [entry["resource"] for entry in bundle.get("entry", ())]
        self.by_reference = {f"{one['resourceType']}/{one['id']}": one for one in self.resources if "id" in one}
        self.bundle = bundle

    def at(self, resource: str, path: str) -> list[Any]:
        """The values at a path in every resource of a type."""
        nodes: list[Any] = [self.bundle] if resource == "Bundle" else [o for o in self.resources if o["resourceType"] == resource]
        ways = steps(path)
        for at, step in enumerate(ways):
            if step.startswith(">"):
                several = {step[1:], *(one[1:] for one in ways if one.startswith(">"))} if "|" in path else {step[1:]}
                nodes = [found for node in nodes for found in self._follow(node, several)]
            else:
                nodes = [found for node in nodes for found in _inside(node, step, last=at == len(ways) - 1)]
        return nodes

    def _follow(self, node: Any, kinds: set[str]) -> Iterator[Any]:
        if not isinstance(node, dict):
            return
        found = self.by_reference.get(node.get("reference", ""))
        if found is not None and found["resourceType"] in kinds:
            yield found
        elif found is None:
            yield node

    def says(self, node: Any, wanted: Iterable[str], depth: int = 0) -> bool:
        """Whether a value, or what it refers to, holds one of the wanted texts."""
        if isinstance(node, dict):
            told = self.by_reference.get(node.get("reference", "")) if depth < _DEEPEST else None
            inside = [value for name, value in node.items() if name not in ("id", "resourceType", "subject", "patient")]
            return any(self.says(value, wanted, depth + 1) for value in (inside if told is None else [*inside, told]))
        if isinstance(node, list):
            return any(self.says(value, wanted, depth) for value in node)
        said = str(node).lower() if isinstance(node, bool) else str(node)
        return any(one == said or (len(one) > 3 and one in said) for one in wanted)


def _inside(node: Any, step: str, *, last: bool) -> Iterator[Any]:
    """An element by its name; a choice (`value`) by the beginning of its name; `_birthDate` where a primitive is extended."""
    if not isinstance(node, dict):
        return
    for name, value in node.items():
        if name in (step, "_" + step) or (name.startswith(step) and name[len(step) : len(step) + 1].isupper()):
            if isinstance(value, list):
                yield from value
            else:
                yield value
    if step == "text" and last and "display" in node:
        yield node["display"]
