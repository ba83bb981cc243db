"""Reading R4 JSON that may be odd: whatever is not shaped as the standard says reads as nothing."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.wire.times import read_dtm


def things(node: Resource, name: str) -> list[Resource]:
    """The objects of a list (or the only one, where a list was forgotten)."""
    value = node.get(name)
    if value is None:
        return []
    if isinstance(value, list):
        # Nearly every list has one thing, or is whole.
        return value if len(value) == 1 and type(value[0]) is dict else [each for each in value if isinstance(each, dict)]
    return [value] if isinstance(value, dict) else []


def thing(node: Resource, name: str) -> Resource:
    """One object, the first of a list, or an empty one."""
    value = node.get(name)
    if value is None:
        return {}
    if type(value) is dict:
        return value
    if isinstance(value, list):
        for each in value:
            if isinstance(each, dict):
                return each
    return value if isinstance(value, dict) else {}


def text(node: Resource, name: str) -> str:
    """Text or a number as text."""
    value = node.get(name)
    return value if type(value) is str else "" if value is None else plain(value)


def plain(value: Any) -> str:
    """A primitive as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, str | int | float) else ""


def coding(concept: Resource) -> tuple[str, str, str]:
    """Code, system and words of a CodeableConcept."""
    if not concept:
        return "", "", ""
    first = thing(concept, "coding")
    code = text(first, "code")
    return code, text(first, "system"), text(concept, "text") or text(first, "display") or code


def words(concept: Resource) -> str:
    """The words of a CodeableConcept."""
    if not concept:
        return ""
    return text(concept, "text") or text(first := thing(concept, "coding"), "display") or text(first, "code")


def codes(node: Resource, name: str) -> set[str]:
    """Every code of a list of CodeableConcepts."""
    if name not in node:
        return set()
    return {text(each, "code") for concept in things(node, name) for each in things(concept, "coding")}


def quantity(node: Resource) -> tuple[str, str]:
    """Value and unit of a Quantity."""
    if not node:
        return "", ""
    value = text(node, "value")
    return text(node, "comparator") + value if "comparator" in node else value, text(node, "unit") or text(node, "code")


def range_text(node: Resource) -> str:
    """A Range, or a reference range, as `3.5 - 5.3`."""
    if not node:
        return ""
    if said := text(node, "text"):
        return said
    low, high = quantity(thing(node, "low"))[0], quantity(thing(node, "high"))[0]
    if low and high:
        return f"{low} - {high}"
    return f">= {low}" if low else f"<= {high}" if high else ""


def at(node: Resource, *names: str, zone: dt.tzinfo) -> Moment | None:
    """The first readable time among fields; of a Period its start."""
    for name in names:
        value = node.get(name)
        if value is None:
            continue
        said = text(value, "start") if isinstance(value, dict) else plain(value)
        if said and (found := moment(said, zone)) is not None:
            return found
    return None


@lru_cache(maxsize=8192)
def moment(said: str, zone: dt.tzinfo) -> Moment | None:
    """The moment of R4 time text; a partial date is its first moment in the hospital's zone."""
    if len(said) in (4, 7):
        said = said.replace("-", "")
    return read_dtm(said, zone).at


def key_of(resource: Resource, code: str, time: str = "") -> str:
    """A resource's own id; one without an id goes by its number, or by what it says."""
    kind, own = text(resource, "resourceType"), text(resource, "id")
    if not own:
        own = text(thing(resource, "identifier"), "value") or f"{code}|{time}"
    return f"{kind}/{own}"


def notes(resource: Resource) -> str:
    """What people wrote beside it."""
    if "note" not in resource:
        return ""
    return "\n".join(filter(None, (text(note, "text") for note in things(resource, "note"))))


def reason(resource: Resource) -> str:
    """Why it is done: `reasonCode`, or what `reasonReference` is called."""
    if "reasonCode" not in resource and "reasonReference" not in resource:
        return ""
    said = [words(each) for each in things(resource, "reasonCode")]
    said += [text(each, "display") for each in things(resource, "reasonReference")]
    return ", ".join(filter(None, said))


def names(node: Resource) -> str:
    """What a Reference, or the member of a team, is called."""
    if not node:
        return ""
    named = thing(node, "member") or thing(node, "actor") or node
    role = words(thing(node, "role"))
    said = text(named, "display") or text(thing(named, "identifier"), "value") or text(named, "reference")
    return f"{said} ({role})" if said and role else said or role


def span(period: Resource) -> str:
    """A Period by its days, `2026-01-13 - 2026-01-15`; nothing when it has no end."""
    if not period:
        return ""
    start, end = text(period, "start")[:10], text(period, "end")[:10]
    return "" if not end else end if start == end or not start else f"{start} - {end}"


def name_text(name: Resource) -> str:
    """A HumanName in the order in which it is read aloud."""
    if said := text(name, "text"):
        return said
    lists = (name.get(part) for part in ("prefix", "given"))
    front = [plain(each) for found in lists for each in (found if isinstance(found, list) else [found])]
    return " ".join(filter(None, (*front, text(name, "family"))))


def display_of(resource: Resource) -> str:
    """What a person, place, organisation or device is called: its name, else its number."""
    name = resource.get("name")
    if isinstance(name, str) and name:
        return name
    said = name_text(thing(resource, "name")) or words(thing(resource, "code"))
    return said or text(thing(resource, "deviceName"), "name") or text(thing(resource, "identifier"), "value")


def contained(resource: Resource, reference: str) -> Resource:
    """What a resource holds inside under `#name`; empty when there is none."""
    wanted = reference.removeprefix("#")
    return next((each for each in things(resource, "contained") if text(each, "id") == wanted), {})
