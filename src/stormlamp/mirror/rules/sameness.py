"""Whether two sources speak of the same thing. Only what is certain counts; a likeness of words does not.

Two values of one patient and kind from different interfaces are the same when they share a number of a known system, or, for
allergies and problems, a code of one. Where one interface has two such values nothing is certain, and all stay apart. The same
thing told alike is shown once, with all its sources; told otherwise, each is shown and names the others.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from stormlamp.mirror.rules.pictures import Item, Kind, Source

BY_CODE = frozenset((Kind.ALLERGY, Kind.PROBLEM))
LOCAL = "urn:stormlamp:"
_STATES = ("clinicalStatus", "verificationStatus", "criticality", "status")


def joined(items: Iterable[Item]) -> tuple[Item, ...]:
    """Values of one kind, those that are the same as one; in the order given, the newest telling of each thing in its place."""
    found = list(items)
    gone: set[int] = set()
    for group in _groups(found):
        group = [index for index in group if index not in gone]
        newest = max(group, key=lambda index: (found[index].source.at, found[index].key), default=-1)
        for index in group:
            if index != newest and _agree(found[newest].resource, found[index].resource):
                found[newest] = replace(found[newest], also=_with(found[newest].also, found[index].source))
                gone.add(index)
        rest = [index for index in group if index not in gone]
        for index in rest:
            others = [found[other].source for other in rest if other != index]
            found[index] = replace(found[index], otherwise=tuple(dict.fromkeys((*found[index].otherwise, *others))))
    return tuple(item for index, item in enumerate(found) if index not in gone)


def _with(sources: tuple[Source, ...], one: Source) -> tuple[Source, ...]:
    return sources if one in sources else (*sources, one)


def _groups(items: Sequence[Item]) -> Iterator[list[int]]:
    """Places of values that share a mark, at most one of each interface."""
    by_mark: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        if item.untold is None:
            for mark in _marks(item):
                by_mark[mark].append(index)
    for group in dict.fromkeys(tuple(one) for one in by_mark.values()):
        if len(group) > 1 and len({items[index].source.interface for index in group}) == len(group):
            yield list(group)


def _marks(item: Item) -> frozenset[tuple[str, ...]]:
    """What a value is certainly known by."""
    resource = item.resource
    numbers = {
        ("number", str(one["system"]), str(one["value"]), item.code)
        for one in _things(resource.get("identifier"))
        if _known(one.get("system")) and one.get("value")
    }
    code = resource.get("code")
    if item.kind not in BY_CODE or not isinstance(code, Mapping):
        return frozenset(numbers)
    codes = {
        ("code", str(one["system"]), str(one["code"]))
        for one in _things(code.get("coding"))
        if _known(one.get("system")) and one.get("code")
    }
    return frozenset(numbers | codes)


def _known(system: object) -> bool:
    return isinstance(system, str) and bool(system) and not system.startswith(LOCAL)


def _agree(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether nothing that one source says of a state or a reaction is said otherwise by the other; silence is no contradiction."""
    if any(_codes(one.get(name)) != _codes(other.get(name)) for name in _STATES if one.get(name) and other.get(name)):
        return False
    reactions = _reactions(one), _reactions(other)
    return not all(reactions) or reactions[0] == reactions[1]


def _codes(value: object) -> frozenset[str]:
    if isinstance(value, Mapping):
        return frozenset(str(each.get("code", "")).casefold() for each in _things(value.get("coding")))
    return frozenset((str(value).casefold(),))


def _reactions(resource: Mapping[str, Any]) -> frozenset[str]:
    """Manifestations by their words."""
    found: set[str] = set()
    for reaction in _things(resource.get("reaction")):
        for said in _things(reaction.get("manifestation")):
            coding = next(_things(said.get("coding")), {})
            found.add(str(said.get("text") or coding.get("display") or coding.get("code") or "").casefold())
    return frozenset(found - {""})


def _things(value: object) -> Iterator[Mapping[str, Any]]:
    return (one for one in value if isinstance(one, Mapping)) if isinstance(value, list) else iter(())
