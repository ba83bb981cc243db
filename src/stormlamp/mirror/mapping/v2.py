"""HL7 v2 messages to R4, after the guide's message maps: for charts (`to_resources`), or whole (`to_bundle`).

>>> from zoneinfo import ZoneInfo
>>> raw = b"MSH|^~\\\\&|LAB|HOSP|||20260113||ORU^R01|1|P|2.5\\rPID|||77^^^HOSP^MR\\rOBR|1||F1|GLU\\rOBX|1|NM|GLU||5.1|mmol/L\\r"
>>> mapped = to_resources(Message(raw), zone=ZoneInfo("Europe/Brussels"))
>>> [(item.kind.value, item.display, item.text) for item in mapped.items if item.kind is ItemKind.RESULT]
[('result', 'GLU', '5.1 mmol/L')]
"""

from __future__ import annotations

import datetime as dt

from msgspec.structs import replace

from stormlamp.mirror.mapping.groups import GROUPS
from stormlamp.mirror.mapping.groups.group import Group
from stormlamp.mirror.mapping.groups.person import Person
from stormlamp.mirror.mapping.mapped import Mapped, Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.segments import msh, pid
from stormlamp.mirror.mapping.tables.encounters import EVENTS
from stormlamp.mirror.mapping.tables.messages import MESSAGES
from stormlamp.mirror.wire.hl7 import Message, Segment


def not_mapped(message: Message) -> str:
    """Why a message of this type is not mapped; nothing when it is."""
    known = EVENTS if message.type == "ADT" else MESSAGES.get(message.type, ())
    return "" if message.trigger in known else f"message type {message.name} is not mapped yet"


def understood(message: Message) -> str:
    """Why a message cannot be mapped: its type, no patient segment, or no patient number. Nothing when it can."""
    if reason := not_mapped(message):
        return reason
    segment = message.first("PID")
    if segment is None:
        return f"{message.name} without a PID segment"
    return "" if pid.identity_of(segment, message) else f"{message.name} without a patient number (PID-3)"


def to_resources(message: Message, *, zone: dt.tzinfo) -> Mapped:
    """All that a message says about its patient, and about further ones in `others`. Times without an offset are read in `zone`."""
    if reason := understood(message):
        return Mapped(reason=reason)
    found = [_mapped(message, run, Reading(message, zone)) for run in _runs(message)]
    return replace(found[0], others=tuple(found[1:])) if len(found) > 1 else found[0]


def to_bundle(message: Message, *, zone: dt.tzinfo) -> Resource:
    """The whole message as an R4 Bundle of type message.

    It needs no patient number: what is written out belongs to no chart.
    """
    resources: dict[str, Resource] = {}
    envelope: Resource = {}
    for run in _runs(message):
        reading = Reading(message, zone, whole=True)
        _mapped(message, run, reading)
        envelope = envelope or msh.envelope(reading)
        for resource in reading.resources():
            resources.setdefault(f"{resource['resourceType']}/{resource['id']}", resource)
    order = sorted(resources, key=lambda place: not place.startswith("MessageHeader/"))
    entries = [{"fullUrl": f"urn:stormlamp:{place}", "resource": resources[place]} for place in order]
    return {"resourceType": "Bundle", **envelope, "entry": entries}


def _runs(message: Message) -> list[list[Segment]]:
    """The segments of each patient: what stands before the first PID belongs to all of them."""
    if len(message.all("PID")) < 2:
        return [message.segments]
    head: list[Segment] = []
    runs: list[list[Segment]] = []
    for segment in message.segments:
        if segment.name == "PID":
            runs.append([*head, segment])
        else:
            (runs[-1] if runs else head).append(segment)
    return runs or [head]


def _mapped(message: Message, run: list[Segment], reading: Reading) -> Mapped:
    who = next((pid.identity_of(segment, message) for segment in run if segment.name == "PID"), None)
    reading.about(who)
    person, groups = _gathered(run)
    for group in (person, *groups):
        group.finish(reading)
    reading.patient = person.patient
    return Mapped(
        patient=person.patient,
        identity=who,
        encounter=person.stay,
        items=tuple(reading.items),
        stated_none=frozenset(person.stated_none),
        flags=person.flags,
        directory=tuple(reading.named.values()),
    )


def _gathered(run: list[Segment]) -> tuple[Person, list[Group]]:
    """Each segment in the group that takes it; a group is made when its first segment comes."""
    person = Person()
    groups: dict[type[Group], Group] = {}
    last: Group = person
    for segment in run:
        name = segment.name
        if name not in last.takes:
            kind = TAKERS.get(name)
            if kind is None:
                continue
            last = person if kind is Person else groups.setdefault(kind, kind())
        last.take(segment)
    return person, [groups[kind] for kind in GROUPS if kind in groups]


TAKERS: dict[str, type[Group]] = {name: kind for kind in reversed(GROUPS) for name in kind.takes}
