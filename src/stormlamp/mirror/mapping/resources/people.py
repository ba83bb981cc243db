"""Patient and Encounter: who, and where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from stormlamp.mirror.mapping.mapped import NOWHERE, Identity, Number, Place, Resource, Stay
from stormlamp.mirror.mapping.resources.reading import coding, contained, moment, text, thing, things, words
from stormlamp.mirror.mapping.tables.person import IDENTIFIER_RANK
from stormlamp.mirror.rules.locations import WARD, Levels, lies_in

_FLAGS = {"R": "confidential", "V": "confidential", "VIP": "vip", "CEL": "vip", "EMP": "staff"}


Places = Callable[[str], Levels]


def number(identifier: Resource) -> Number | None:
    """An Identifier as a number within its authority: its system, else its assigner."""
    value = text(identifier, "value").strip()
    authority = text(identifier, "system") or text(thing(identifier, "assigner"), "display")
    return Number(authority, value, coding(thing(identifier, "type"))[0]) if value else None


def identity(resource: Resource, authority: str) -> Identity | None:
    """Who a Patient is: its record number before other numbers; without any, its id on the server `authority`."""
    numbers = [found for each in things(resource, "identifier") if (found := number(each))]
    numbers = [each if each.authority else Number(authority, each.number, each.type) for each in numbers]
    if not numbers and (own := text(resource, "id")):
        numbers = [Number(authority, own)]
    return _by_rank(numbers)


def identity_inside(resource: Resource) -> Identity | None:
    """Who a Patient inside of another resource is: only a number of an authority tells, for its id means nothing elsewhere."""
    numbers = [found for each in things(resource, "identifier") if (found := number(each)) and found.authority]
    return _by_rank(numbers) if text(resource, "resourceType") == "Patient" else None


def _by_rank(numbers: list[Number]) -> Identity | None:
    if not numbers:
        return None
    best = min(numbers, key=lambda each: IDENTIFIER_RANK.get(each.type.upper(), 5))
    return Identity(best.authority, best.number, tuple(dict.fromkeys((best, *numbers))))


def flags(resource: Resource) -> frozenset[str]:
    """What masks a name (security labels of the Patient), and death."""
    labels = {text(label, "code") for label in things(thing(resource, "meta"), "security")}
    found = {_FLAGS[label] for label in labels if label in _FLAGS}
    if resource.get("deceasedBoolean") is True or text(resource, "deceasedDateTime"):
        found.add("deceased")
    return frozenset(found)


def stay(resource: Resource, zone: dt.tzinfo, places: Places, here: Callable[[str], str]) -> Stay:
    """Encounter: the place is what the active locations say, else the last one named.

    `places` tells what a reference to a Location means, and what that is part of: a bed, its room, its ward. One that it does not
    tell goes by its id in this store, which is `here`, and which the directory can name. Words alone (`display`) are no ward: they
    are shown as they are (`queries.places.as_told`), and nobody guesses which of ward, room or bed they mean.
    """
    period = thing(resource, "period")
    ended = text(period, "end")
    numbers = [found.number for each in things(resource, "identifier") if (found := number(each))]
    return Stay(
        resource=resource,
        visit=numbers[0] if numbers else text(resource, "id"),
        class_code=text(thing(resource, "class"), "code"),
        place=_place(resource, places, here),
        service=words(thing(resource, "serviceType")),
        attending=_attending(resource),
        admitted_at=moment(text(period, "start"), zone),
        discharged_at=moment(ended, zone),
        status=text(resource, "status"),
    )


def _place(resource: Resource, places: Places, here: Callable[[str], str]) -> Place:
    if "location" not in resource:
        return NOWHERE
    locations = things(resource, "location")
    active = [each for each in locations if text(each, "status") == "active"] or locations[-1:]
    if not active:
        return NOWHERE
    of = text(thing(resource, "serviceProvider"), "display")
    told = [_levels(resource, each, places) for each in active]
    if found := lies_in(told):
        return Place(found.ward, found.room, found.bed, of)
    reference = text(thing(active[-1], "location"), "reference")
    ward = next((name for (level, name), *_ in told if level == WARD), "")
    if not ward and _around(resource, reference, places):
        ward = told[-1][0][1]
    return Place(ward or here(reference), facility=of)


def _levels(resource: Resource, location: Resource, places: Places) -> list[tuple[str, str]]:
    """What one location of an Encounter is and is part of, the smallest first; the Encounter's own words before the place's."""
    named, own = thing(location, "location"), coding(thing(location, "physicalType"))[0]
    (level, name), *above = _around(resource, text(named, "reference"), places) or (("", ""),)
    return [(own or level, text(named, "display") or name), *above]


def _around(resource: Resource, reference: str, places: Places) -> Levels:
    """A place and what it is part of, one inside of the Encounter among them; nothing for one that nobody told."""
    if reference[:1] != "#":
        return places(reference)
    inside = contained(resource, reference)
    if not inside:
        return ()
    own = coding(thing(inside, "physicalType"))[0], text(inside, "name")
    return (own, *places(text(thing(inside, "partOf"), "reference")))


def _attending(resource: Resource) -> str:
    participants = things(resource, "participant")
    chosen = [each for each in participants if "type" in each and "ATND" in {coding(kind)[0] for kind in things(each, "type")}]
    return next((said for each in chosen or participants if (said := text(thing(each, "individual"), "display"))), "")
