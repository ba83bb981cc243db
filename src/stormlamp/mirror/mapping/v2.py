"""HL7 v2 messages to what a chart shows: ADT, ORU^R01 and ORM^O01, after the guide's message maps.

>>> from zoneinfo import ZoneInfo
>>> raw = b"MSH|^~\\\\&|LAB|HOSP|||20260113||ORU^R01|1|P|2.5\\rPID|||77^^^HOSP^MR\\rOBR|1||F1|GLU\\rOBX|1|NM|GLU||5.1|mmol/L\\r"
>>> mapped = to_resources(Message(raw), zone=ZoneInfo("Europe/Brussels"))
>>> [(item.kind.value, item.display, item.text) for item in mapped.items if item.kind is ItemKind.RESULT]
[('result', 'GLU', '5.1 mmol/L')]
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.mapping.mapped import (
    Identity,
    Item,
    ItemKind,
    Mapped,
    Merge,
    Movement,
    MovementKind,
    Resource,
    Stay,
)
from stormlamp.mirror.mapping.segments import allergies, dg1, in1, nk1, obx, orders, pid, pv1
from stormlamp.mirror.mapping.segments.orders import Order
from stormlamp.mirror.mapping.tables.encounters import EVENTS, MERGES
from stormlamp.mirror.mapping.types.identifiers import identity
from stormlamp.mirror.wire.hl7 import Message, Segment
from stormlamp.mirror.wire.times import parse_dtm

_ORDERS = frozenset(("ORU^R01", "ORM^O01"))


def not_mapped(message: Message) -> str:
    """Why a message of this type is not mapped; nothing when it is."""
    if message.type == "ADT":
        if message.trigger in EVENTS:
            return ""
    elif message.name in _ORDERS:
        return ""
    return f"message type {message.name} is not mapped yet"


def understood(message: Message) -> str:
    """Why a message cannot be mapped: its type, no patient segment, or no patient number. Nothing when it can."""
    if reason := not_mapped(message):
        return reason
    segment = message.first("PID")
    if segment is None:
        return f"{message.name} without a PID segment"
    return "" if pid.identity_of(segment, message) else f"{message.name} without a patient number (PID-3)"


def to_resources(message: Message, *, zone: dt.tzinfo) -> Mapped:
    """All that a message says about its patient. Times without an offset are read in `zone`. Never raises."""
    return _read(message, zone)[0]


def to_bundle(message: Message, *, zone: dt.tzinfo) -> Resource:
    """The message as an R4 Bundle of type collection, with the reports that a chart does not need.

    It needs no patient number: what is written out belongs to no chart.
    """
    mapped, reading = _read(message, zone, anybody=True)
    found = [mapped.patient, mapped.encounter.resource if mapped.encounter else None]
    found += [item.resource for item in mapped.items]
    if message.type == "ORU":
        found += [orders.report(order, reading.subject, zone) for order in reading.orders]
    entries = [{"resource": resource} for resource in found if resource]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


@dataclass(slots=True)
class _Reading:
    """A message while it is read, segment by segment."""

    zone: dt.tzinfo
    subject: dict[str, str] = field(default_factory=dict)
    sent_at: Moment | None = None
    items: list[Item] = field(default_factory=list)
    contacts: list[Resource] = field(default_factory=list)
    stated_none: set[ItemKind] = field(default_factory=set)
    orders: list[Order] = field(default_factory=list)


def _read(message: Message, zone: dt.tzinfo, *, anybody: bool = False) -> tuple[Mapped, _Reading]:
    reading = _Reading(zone)
    if reason := not_mapped(message):
        return Mapped(reason=reason), reading
    segment = message.first("PID")
    if segment is None:
        return Mapped(reason=f"{message.name} without a PID segment"), reading
    who = pid.identity_of(segment, message)
    if who is None and not anybody:
        return Mapped(reason=f"{message.name} without a patient number (PID-3)"), reading
    reading.subject = {"reference": "Patient/" + who.id if who else "Patient/unknown"}
    reading.sent_at = parse_dtm(message.sent_at, zone).at
    person = pid.patient(segment, who, zone)
    _walk(message, reading)
    _finish_orders(message, reading)
    return _mapped(message, reading, person, who), reading


def _mapped(message: Message, reading: _Reading, person: Resource, who: Identity | None) -> Mapped:
    moved = EVENTS.get(message.trigger) if message.type == "ADT" else None
    visit, extra, more = message.first("PV1"), message.first("PV2"), message.first("PD1")
    if more is not None:
        pid.add_pd1(person, more)
    if reading.contacts:
        person["contact"] = reading.contacts
    flags = pv1.person_flags(visit, extra, more)
    if "confidential" in flags:
        person["meta"] = {"security": pid.CONFIDENTIAL}
    if "deceasedDateTime" in person or person.get("deceasedBoolean"):
        flags |= {"deceased"}
    return Mapped(
        patient=person,
        identity=who,
        encounter=_stay(visit, extra, moved, reading),
        movement=Movement(moved, _moved_at(message, visit, moved, reading)) if moved else None,
        merges=_merges(message) if message.trigger in MERGES else (),
        items=_distinct(reading.items),
        stated_none=frozenset(reading.stated_none),
        flags=flags,
    )


def _stay(visit: Segment | None, extra: Segment | None, moved: MovementKind | None, reading: _Reading) -> Stay | None:
    if visit is None or len(visit.fields) < 3:
        return None
    found = pv1.stay(visit, moved, reading.subject, reading.zone)
    if extra is not None:
        pv1.add_pv2(found.resource, extra)
    return found


def _moved_at(message: Message, visit: Segment | None, moved: MovementKind, reading: _Reading) -> Moment | None:
    """When it happened (EVN-6), else when the stay says (PV1-44, PV1-45), else when it was recorded (EVN-2) or sent."""
    event, said = message.first("EVN"), []
    if event:
        said.append(event.text(6))
    if visit and moved in (MovementKind.ADMIT, MovementKind.REGISTER):
        said.append(visit.text(44))
    if visit and moved is MovementKind.DISCHARGE:
        said.append(visit.text(45))
    if event:
        said.append(event.text(2))
    return next((at for text in said if (at := parse_dtm(text, reading.zone).at) is not None), reading.sent_at)


def _merges(message: Message) -> tuple[Merge, ...]:
    """Each MRG with the PID before it: the PID survives."""
    found, surviving = [], None
    for segment in message.segments:
        if segment.name == "PID":
            surviving = pid.identity_of(segment, message)
        elif segment.name == "MRG" and surviving:
            prior = identity(segment, (1, 4), message)
            if prior and (prior.authority, prior.number) != (surviving.authority, surviving.number):
                found.append(Merge(surviving, prior))
    return tuple(found)


def _distinct(items: list[Item]) -> tuple[Item, ...]:
    """Items whose keys differ within their kind: a second one of the same key is numbered."""
    seen: dict[tuple[ItemKind, str], int] = {}
    for index, item in enumerate(items):
        place = (item.kind, item.key)
        count = seen[place] = seen.get(place, 0) + 1
        if count > 1:
            items[index] = replace(item, key=f"{item.key}#{count}")
    return tuple(items)


def _walk(message: Message, reading: _Reading) -> None:
    """Each segment once: the simple ones become items, the others are gathered under their order."""
    above: Segment | None = None
    for segment in message.segments:
        name = segment.name
        if name == "NTE":
            if above is not None and reading.orders:
                reading.orders[-1].notes.setdefault(id(above), []).append(segment)
            continue
        above = segment
        if name in _UNDER_ORDER:
            _gather(segment, reading)
        elif simple := _SIMPLE.get(name):
            simple(segment, reading)


_UNDER_ORDER = frozenset(("ORC", "OBR", "OBX", "RXO", "RXR"))


def _gather(segment: Segment, reading: _Reading) -> None:
    found, name = reading.orders, segment.name
    begins = name == "ORC" or (name == "OBR" and (not found or found[-1].obr is not None or found[-1].rxo is not None))
    if begins or not found:
        found.append(Order())
    order = found[-1]
    match name:
        case "OBX":
            order.obxs.append(segment)
        case "OBR":
            order.obr = segment
        case "ORC":
            order.orc = segment
        case "RXO":
            order.rxo = segment
        case "RXR":
            order.rxr = segment


def _finish_orders(message: Message, reading: _Reading) -> None:
    """Orders, medication and observations, once everything under each order is known."""
    about = (reading.subject, reading.zone, reading.sent_at)
    for order in reading.orders:
        order.settle()
        if order.rxo is not None:
            found = orders.medication(order, *about)
        else:
            found = orders.order(order, *about) if order.orc or order.obr else None
        if found:
            reading.items.append(found)
        if order.obxs:
            reading.items += obx.observations(order, *about)


def _allergy(segment: Segment, reading: _Reading) -> None:
    found = allergies.allergy(segment, reading.subject, reading.zone)
    if found is None:
        return
    if allergies.states_none(found.code, found.display):
        reading.stated_none.add(ItemKind.ALLERGY)
    else:
        reading.items.append(found)


def _problem(segment: Segment, reading: _Reading) -> None:
    if found := dg1.problem(segment, reading.subject, reading.zone):
        reading.items.append(found)


def _contact(segment: Segment, reading: _Reading) -> None:
    if found := nk1.contact(segment, reading.subject, reading.zone):
        reading.items.append(found[0])
        reading.contacts.append(found[1])


def _coverage(segment: Segment, reading: _Reading) -> None:
    if found := in1.coverage(segment, reading.subject, reading.zone):
        reading.items.append(found)


_SIMPLE = {"AL1": _allergy, "IAM": _allergy, "DG1": _problem, "NK1": _contact, "IN1": _coverage}
