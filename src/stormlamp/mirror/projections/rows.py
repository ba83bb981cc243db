"""What a batch of entries says, gathered as rows per table: within a batch the latest of a key is kept, so each is written once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from stormlamp.kernel.moments import MINUTE, Moment
from stormlamp.ledger import Entry
from stormlamp.mirror.facts import FhirReceived, Hl7Received
from stormlamp.mirror.mapping.mapped import Identity, Item, Mapped, Number, Resource, Stay, fhir_id
from stormlamp.mirror.mapping.resources.reading import display_of
from stormlamp.mirror.rules import State
from stormlamp.mirror.rules.names import plain_number, spellings

Row = dict[str, Any]
Held = Mapping[str, Any]
SKEW = 5 * MINUTE


@dataclass(slots=True)
class Telling:
    """One entry while it is read: its place in the order of things, and the source columns that its rows share."""

    entry: Entry[Hl7Received] | Entry[FhirReceived]
    key: str
    order: str
    received_at: Moment
    source: Row = field(default_factory=dict)

    def named(self, message: str, control_id: str, sent_at: Moment | None) -> None:
        """Say what the message is; a sender's clock that runs ahead is not believed."""
        received = self.received_at
        self.source = {
            "order": self.order,
            "entry": self.key,
            "interface": self.entry.fact.interface,
            "message": message,
            "control_id": control_id,
            "at": received if sent_at is None or sent_at > received + SKEW else sent_at,
        }


@dataclass(slots=True)
class Batch:
    """Rows of every table, by primary key."""

    messages: dict[str, Row] = field(default_factory=dict)
    tellings: dict[str, Row] = field(default_factory=dict)
    identifiers: dict[str, Row] = field(default_factory=dict)
    aliases: dict[str, Row] = field(default_factory=dict)
    movements: dict[str, Row] = field(default_factory=dict)
    items: dict[str, Row] = field(default_factory=dict)
    classes: dict[str, Row] = field(default_factory=dict)
    directory: dict[str, Row] = field(default_factory=dict)

    def add(self, telling: Telling, mapped: Mapped, part: int = 0) -> None:
        """All that one message or resource says about its patient; `part` numbers the resources of one entry."""
        for resource in mapped.directory:
            latest(self.directory, _directory_row(telling, resource))
        who = mapped.identity
        if who is None:
            return
        patient = who.id
        if mapped.patient is not None:
            self._tell(telling, patient, who, mapped)
        self._identify(patient, who)
        for merge in mapped.merges:
            self._merge(telling, merge.surviving, merge.prior)
        if mapped.movement is not None:
            self._move(telling, patient, mapped, part)
        self._items(telling, patient, mapped)
        for number, other in enumerate(mapped.others, 1):
            self.add(telling, other, part + number)

    def _tell(self, telling: Telling, patient: str, who: Identity, mapped: Mapped) -> None:
        traits = orjson.dumps(mapped.patient)
        flags = " ".join(sorted(mapped.flags))
        content = blake2b(traits + f"|{who.authority}|{who.number}|{flags}".encode(), digest_size=12).hexdigest()
        row = {
            "id": f"{patient}|{content}",
            "patient": patient,
            "traits": traits,
            "mrn": who.number,
            "authority": who.authority,
            "flags": flags,
            **telling.source,
        }
        latest(self.tellings, row)

    def _identify(self, patient: str, who: Identity) -> None:
        for authority, number, kind in who.numbers or (Number(who.authority, who.number),):
            key = f"{patient}|{kind}|{authority}|{number}"
            self.identifiers[key] = {
                "id": key,
                "patient": patient,
                "type": kind,
                "authority": authority,
                "number": number,
                "plain": plain_number(number),
            }

    def _merge(self, telling: Telling, surviving: Identity, prior: Identity) -> None:
        self._identify(surviving.id, surviving)
        self._identify(prior.id, prior)
        if prior.id != surviving.id:
            row = {"patient": prior.id, "survivor": surviving.id, "order": telling.order, "entry": telling.key}
            latest(self.aliases, row, key="patient")

    def _move(self, telling: Telling, patient: str, mapped: Mapped, part: int) -> None:
        moved, stay = mapped.movement, mapped.encounter or Stay(resource={})
        assert moved is not None
        key = f"{telling.key}|{part}"
        self.movements[key] = {
            "id": key,
            "stay": f"{patient}|{stay.visit}",
            "patient": patient,
            "visit": stay.visit,
            "step": moved.kind.value,
            "at": telling.source["at"] if moved.at is None else moved.at,
            "order": f"{telling.order}|{part:06d}",
            "ward": stay.place.ward,
            "room": stay.place.room,
            "bed": stay.place.bed,
            "visit_class": stay.class_code,
            "admitted_at": stay.admitted_at,
            "discharged_at": stay.discharged_at,
            "entry": telling.key,
        }

    def _items(self, telling: Telling, patient: str, mapped: Mapped) -> None:
        for item in mapped.items:
            latest(self.items, _item_row(telling, patient, item))
        for kind in {item.kind.value for item in mapped.items} | {one.value for one in mapped.stated_none}:
            row = {
                "id": f"{patient}|{kind}",
                "patient": patient,
                "category": kind,
                "stated_none": any(one.value == kind for one in mapped.stated_none),
                **telling.source,
            }
            latest(self.classes, row)


def latest(rows: dict[str, Row], row: Row, *, key: str = "id") -> None:
    """Keep a row unless a later one of the same key is there; of one entry's equals the last stands."""
    held = rows.get(row[key])
    if held is None or held["order"] <= row["order"]:
        rows[row[key]] = row


@lru_cache(maxsize=16)
def zone_of(name: str) -> ZoneInfo:
    """The zone that a fact names."""
    return ZoneInfo(name)


def _item_row(telling: Telling, patient: str, item: Item) -> Row:
    kind = item.kind.value
    return {
        "id": f"{patient}|{kind}|{item.key}",
        "patient": patient,
        "category": kind,
        "key": item.key,
        "type": item.resource.get("resourceType", ""),
        "fhir_id": fhir_id(patient, kind, item.key),
        "code": f"{item.system}|{item.code}" if item.system else item.code,
        "display": item.display,
        "text": item.text,
        "value": item.value,
        "unit": item.unit,
        "reference_range": item.range,
        "flag": item.flag,
        "status": item.status,
        "effective_at": item.effective_at,
        "resource": orjson.dumps(item.resource),
        "received_at": telling.received_at,
        **telling.source,
    }


def _directory_row(telling: Telling, resource: Resource) -> Row:
    kind, shown = resource["resourceType"], display_of(resource)
    return {
        "id": f"{kind}/{resource['id']}",
        "type": kind,
        "display": shown,
        "search": "".join(f" {word}" for word in spellings(shown).split()),
        "resource": orjson.dumps(resource),
        **telling.source,
    }


def message_row(telling: Telling) -> Row:
    """An entry's row before it is read."""
    told = telling.entry.fact
    return {
        "entry": telling.key,
        "order": telling.order,
        "channel": told.channel,
        "interface": told.interface,
        "state": State.BROKEN.value,
        "reason": "",
        "place": -1,
        "message": "",
        "version": "",
        "control_id": "",
        "sent_at": None,
        "received_at": told.received_at,
        "patient": "",
        "flags": "",
        "digest": told.digest,
        "size": len(told.raw),
        "understood": 0,
        "not_understood": 0,
        "broken": 0,
        "parts": b"",
    }
