"""A message while it is mapped: who it is about, what has been found so far, and whom and what it names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any, TypeVar

from msgspec.structs import replace

from stormlamp.kernel.moments import Moment, to_datetime
from stormlamp.mirror.mapping.mapped import Identity, Item, ItemKind, Resource, fhir_id, item_id
from stormlamp.mirror.mapping.resources.items import item
from stormlamp.mirror.mapping.table import Convert
from stormlamp.mirror.wire.hl7 import Message, Segment
from stormlamp.mirror.wire.times import parse_dtm

T = TypeVar("T")
NOBODY = "unknown"
_MOST = 20_000
_MOST_SEGMENTS = 2_000
# What is longer is said once, and would fill the memory.
_LONGEST = 1_000


@dataclass(slots=True)
class Reading:
    """`whole` also makes what no chart needs: message header, provenance, accounts. `named` are people, places and devices."""

    message: Message
    zone: dt.tzinfo
    whole: bool
    who: Identity | None
    whom: str
    subject: dict[str, str]
    own: str
    dialect: int
    sent_at: Moment | None
    items: list[Item]
    encounter: dict[str, str] | None
    keys: dict[str, int]
    named: dict[str, Resource]
    beside: list[Resource]
    patient: Resource | None

    def __init__(self, message: Message, zone: dt.tzinfo = dt.UTC, *, whole: bool = False) -> None:
        self.message = message
        self.zone = zone
        self.whole = whole
        self.who = None
        self.whom = NOBODY
        self.subject = {"reference": f"Patient/{NOBODY}"}
        self.own = message.facility or message.application
        marks = message.marks
        self.dialect = _dialect(
            (marks.field, marks.component, marks.subcomponent, marks.escape, message.charset, self.own, zone, whole)
        )
        self.sent_at = parse_dtm(message.sent_at, zone).at
        self.items = []
        self.encounter = None
        self.keys = {}
        self.named = {}
        self.beside = []
        self.patient = None

    @property
    def recorded(self) -> str:
        """When the message was sent, as an instant, for what needs one: nobody looks at a clock here."""
        return to_datetime(self.sent_at or Moment(0), self.zone).isoformat(timespec="seconds")

    def about(self, who: Identity | None) -> None:
        """Say whom the following segments are about."""
        self.who = who
        self.whom = who.id if who else NOBODY
        self.subject = {"reference": f"Patient/{self.whom}"}

    def add(self, resource: Resource, key: str, at: Moment | None = None) -> dict[str, str]:
        """Something about the patient, known by `key`; gives the reference to it. `at` is for one that has no time of its own.

        A key that this message has used already for its class gets a number.
        """
        found = item(resource, zone=self.zone, key=key)
        if found is None:
            raise TypeError(f"{resource['resourceType']} is not about a patient")
        if found.effective_at is None and at is not None:
            found = replace(found, effective_at=at)
        return self.put(found)

    def put(self, found: Item) -> dict[str, str]:
        """An item that is ready; gives the reference to it."""
        number = item_id(self.whom, found.kind._value_, found.key)
        taken = self.keys[number] = self.keys.get(number, 0) + 1
        if taken > 1:
            found = replace(found, key=f"{found.key}#{taken}")
            number = item_id(self.whom, found.kind._value_, found.key)
        self.items.append(found)
        return {"reference": f"{found.resource['resourceType']}/{number}"}

    def refer(self, kind_of_resource: str, kind: ItemKind, key: str) -> dict[str, str]:
        """The reference to something about the patient, whether it is in this message or was told before."""
        return {"reference": f"{kind_of_resource}/{item_id(self.whom, kind.value, key)}"}

    def name(self, resource: Resource, *parts: str, display: str = "") -> dict[str, str]:
        """A person, place, organisation or device, known by `parts` (authority and number, or its words); gives its reference.

        In a whole bundle each field has its own, as the guide's maps make one per field: two that share a number may differ in
        what is said of them, and who is the same is for a chart to say. Only places, devices and mere assigners are shared there.
        """
        kind = resource["resourceType"]
        if self.whole:
            parts = (*parts, str(resource), str(len(self.named)) if _of_its_own(resource) else "")
        number = _entry_id("", kind, "|".join(parts))
        place = f"{kind}/{number}"
        entry = {"resourceType": kind, "id": number, **resource}
        held = self.named.get(place)
        self.named[place] = {**held, **entry} if held else entry
        found = {"reference": place}
        if display:
            found["display"] = display
        return found

    def amend(self, reference: dict[str, str] | None, more: Resource) -> None:
        """Say more of something that is named already; nothing when there is no reference, or nothing more to say."""
        place = reference["reference"] if reference else ""
        if place in self.named:
            self.named[place] = {**self.named[place], **more}

    def resources(self) -> list[Resource]:
        """Everything, each with its id, for a bundle: what stands beside, the patient, their items, the directory."""
        patient = [{**self.patient, "id": self.patient.get("id", NOBODY)}] if self.patient else []
        items = [{**each.resource, "id": item_id(self.whom, each.kind.value, each.key)} for each in self.items]
        return [*self.beside, *patient, *items, *self.named.values()]

    def keep(self, resource: Resource, *parts: str) -> dict[str, str]:
        """A resource of the bundle that no chart and no directory holds; gives its reference."""
        return self.once(resource, self.whom, *parts, str(len(self.beside)))

    def once(self, resource: Resource, *parts: str) -> dict[str, str]:
        """A resource that a message has once, however many patients it tells of; gives its reference."""
        number = fhir_id(self.message.control_id, resource["resourceType"], "|".join(parts))
        self.beside.append({**resource, "id": number})
        return {"reference": f"{resource['resourceType']}/{number}"}


_NUMBERS = count()
_entry_id = lru_cache(maxsize=8192)(fhir_id)


@lru_cache(maxsize=1024)
def _dialect(_marks: tuple[Any, ...]) -> int:
    """A small number for all that the meaning of a raw piece depends on, so that remembered conversions have short keys."""
    return next(_NUMBERS)


def remembered(convert: Callable[[Reading, Segment, str], Any]) -> Convert:
    """Convert each piece of text once: a feed says the same wards, doctors and codes all day. The value is shared, never changed.

    Directory entries that the conversion named are named again each time. The memory is bounded: when it is full it is emptied.
    """
    held: dict[tuple[int, str], tuple[Any, dict[str, Resource]]] = {}

    def converted(reading: Reading, segment: Segment, raw: str) -> Any:
        if reading.whole:
            return convert(reading, segment, raw)
        key = (reading.dialect, raw)
        known = held.get(key)
        if known is None:
            if len(held) >= _MOST:
                held.clear()
            outer, reading.named = reading.named, {}
            try:
                known = (convert(reading, segment, raw), reading.named)
            finally:
                reading.named = outer
            if len(raw) < _LONGEST:
                held[key] = known
        if known[1]:
            _name_again(reading, known[1])
        return known[0]

    converted.__doc__ = convert.__doc__
    converted.__name__ = convert.__name__
    return converted


def _of_its_own(resource: Resource) -> bool:
    """Whether a whole bundle has one for each field: people, their roles, and organisations that are more than a number."""
    kind = resource["resourceType"]
    return kind in ("Practitioner", "PractitionerRole") or (
        kind == "Organization" and ("name" in resource or "address" in resource)
    )


def _name_again(reading: Reading, entries: dict[str, Resource]) -> None:
    """Directory entries of a remembered conversion; what is known of them already stays."""
    for place, entry in entries.items():
        held = reading.named.setdefault(place, entry)
        if held is not entry:
            reading.named[place] = {**entry, **held}


def recalled(read: Callable[[Reading, Segment], T], *, apart: Sequence[int] = ()) -> Callable[[Reading, Segment], T]:
    """What a whole segment says, once for as long as the sender repeats it: PID and PV1 of a stay are in every message.

    Fields `apart` do not count and are empty for `read`: the caller reads them each time. What is given is shared, and never
    changed: `copied` gives elements and lists of one's own.
    """
    held: dict[tuple[int, str], tuple[T, dict[str, Resource]]] = {}

    def of(reading: Reading, segment: Segment) -> T:
        fields = segment.fields
        if apart:
            fields, last = fields.copy(), len(fields)
            for number in apart:
                if number < last:
                    fields[number] = ""
        key = (reading.dialect, segment.marks.field.join(fields))
        known = held.get(key)
        if known is None:
            if len(held) >= _MOST_SEGMENTS:
                held.clear()
            outer, reading.named = reading.named, {}
            try:
                known = (read(reading, Segment(segment.name, fields, segment.message)), reading.named)
            finally:
                reading.named = outer
            if len(key[1]) < _LONGEST:
                held[key] = known
        if known[1]:
            _name_again(reading, known[1])
        return known[0]

    return of


def copied(found: Resource) -> Resource:
    """A resource with elements and lists of its own; what is in them stays shared."""
    return {name: value.copy() if isinstance(value, list) else value for name, value in found.items()}
