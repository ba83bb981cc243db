"""What a search parameter finds in a resource: the values at a path, and whether one fits."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from stormlamp.mirror.rules.names import folded, matches, spellings
from stormlamp.mirror.rules.r4.catalogue import IMPLIED, Ask
from stormlamp.mirror.rules.r4.dates import Asked, told_spans

Resource = dict[str, Any]


def values(node: Any, path: str) -> Iterator[Any]:
    """Everything at a path, lists opened: `participant.actor`, `effective[x]`."""
    name, _, rest = path.partition(".")
    for found in _at(node, name):
        for one in found if isinstance(found, list) else [found]:
            if rest:
                yield from values(one, rest)
            else:
                yield one


def _at(node: Any, name: str) -> Iterator[Any]:
    if not isinstance(node, Mapping):
        return
    if name.endswith("[x]"):
        yield from (value for key, value in node.items() if key.startswith(name[:-3]))
    elif name in node:
        yield node[name]


def has_any(resource: Resource, paths: tuple[str, ...]) -> bool:
    """Whether a resource has a value at one of some paths."""
    return any(True for path in paths for _ in values(resource, path))


def token_fits(value: Any, system: str | None, code: str, *, implied: str = "") -> bool:
    """Whether a code, Coding, CodeableConcept, Identifier, ContactPoint or boolean has a system and code (R4 3.1.1.4.10).

    `system` is None where any will do, empty where there must be none; an empty `code` asks for the system alone. A bare code is of
    the system that its element implies; where that is not known here, of none.
    """
    if isinstance(value, bool):
        return system is None and code == ("true" if value else "false")
    if isinstance(value, str):
        return code in ("", value) and system in (None, implied)
    if not isinstance(value, Mapping):
        return False
    if "coding" in value:
        return any(token_fits(one, system, code) for one in value["coding"])
    held = value.get("code", value.get("value"))
    if held is None or (code and str(held).casefold() != code.casefold()):
        return False
    return system is None or value.get("system", "") == system


def string_fits(value: Any, text: str, modifier: str) -> bool:
    """Whether words of a text, or of any part of a HumanName, begin with the words asked; case and accents matter if `exact`."""
    if isinstance(value, Mapping):
        return any(
            string_fits(one, text, modifier) for part in value.values() for one in (part if isinstance(part, list) else [part])
        )
    if not isinstance(value, str):
        return False
    if modifier == "exact":
        return value == text
    if modifier == "contains":
        return folded(text) in folded(value)
    return bool(folded(text)) and matches(text, spellings(value))


def reference_fits(value: Any, text: str) -> bool:
    """Whether a Reference leads to `Type/id`, or to the bare id."""
    told = value.get("reference", "") if isinstance(value, Mapping) else value
    if not isinstance(told, str):
        return False
    wanted = "/".join(text.split("/")[-2:])
    return told == wanted or ("/" not in wanted and told.rpartition("/")[2] == wanted)


def fits(resource: Resource, kind: Ask, paths: tuple[str, ...], asked: "Wanted", zone: dt.tzinfo) -> bool:
    """Whether any value at the paths is what one alternative of a parameter asks for."""
    found = (value for path in paths for value in values(resource, path))
    if isinstance(asked, Asked):
        return any(asked.fits(span) for value in found for span in told_spans(value, zone))
    if kind is Ask.TOKEN:
        system, code = asked
        if paths == ("deceased[x]",):
            # R4 asks whether somebody has died: a day of death says so too, and who is not told to be dead is not.
            return code == ("true" if any(value is not False for value in found) else "false")
        implied = IMPLIED.get(f"{resource.get('resourceType', '')}.{paths[0]}", "")
        return any(token_fits(value, system, code, implied=implied) for value in found)
    modifier, text = asked
    if kind is Ask.STRING:
        return any(string_fits(value, text, modifier or "") for value in found)
    return any(reference_fits(value, text) for value in found)


Wanted = Asked | tuple[str | None, str]
