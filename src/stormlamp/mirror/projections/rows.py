"""What a batch of entries says, gathered as rows per table: within a batch the latest of a key is kept, so each is written once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from stormlamp.kernel.moments import MINUTE, Moment
from stormlamp.ledger import Entry
from stormlamp.mirror.facts import FhirReceived, Hl7Received, MessageCorrected, TooLargeReceived
from stormlamp.mirror.mapping.mapped import (
    Bed,
    Identity,
    Item,
    ItemKind,
    Link,
    Mapped,
    Merge,
    MovementKind,
    Number,
    Resource,
    Stay,
    StayMove,
    item_id,
)
from stormlamp.mirror.mapping.resources.reading import display_of
from stormlamp.mirror.mapping.updates import OF_A_VISIT
from stormlamp.mirror.rules import State
from stormlamp.mirror.rules.abouts import about_row
from stormlamp.mirror.rules.aliases import visit_key
from stormlamp.mirror.rules.names import plain_number, spellings

Row = dict[str, Any]
Held = Mapping[str, Any]
SKEW = 5 * MINUTE
_LONGEST = 2_000
NULLS = "_nulls"


class ItemRow(NamedTuple):
    """A row of `MirrorItem`, in the order in which its columns are written: of no table are there more."""

    id: str
    patient: str
    category: str
    scope: str
    key: str
    type: str
    code: str
    display: str
    text: str
    value: str
    unit: str
    reference_range: str
    flag: str
    status: str
    effective_at: Moment | None
    order: str
    entry: str
    interface: str
    message: str
    control_id: str
    at: Moment
    received_at: Moment
    resource: bytes


class Listed(NamedTuple):
    """The latest of a batch that names something of the directory: `raw` is None where it was deleted."""

    order: str
    source: Row
    resource: Resource
    raw: bytes | None


@dataclass(slots=True)
class Telling:
    """One entry while it is read: its place in the order of things, and the source columns that its rows share.

    `source` has them by name, `sources` in the order of an item's columns, without `order`.
    """

    entry: Entry[Hl7Received] | Entry[MessageCorrected] | Entry[FhirReceived] | Entry[TooLargeReceived]
    key: str
    order: str
    received_at: Moment
    source: Row = field(default_factory=dict)
    sources: tuple[str, str, str, str, Moment, Moment] = ("", "", "", "", Moment(0), Moment(0))

    def named(self, message: str, control_id: str, sent_at: Moment | None, until_at: Moment | None = None) -> None:
        """Say what the message is; a sender's clock that runs ahead is not believed.

        What was told later stands: by the sender's time, then (HLC, origin, sequence). A time of the day or hour only can mean any
        moment until `until_at`, and means the latest, as it was then told not later than it arrived.
        """
        received = self.received_at
        at = received if sent_at is None or sent_at > received + SKEW else sent_at
        ranked = max(at, min(until_at, received)) if until_at is not None else at
        interface = self.entry.fact.interface
        self.source = {
            "order": f"{max(0, ranked // 1000) << 16:016x}.{self.order}",
            "entry": self.key,
            "interface": interface,
            "message": message,
            "control_id": control_id,
            "at": at,
        }
        self.sources = (self.key, interface, message, control_id, at, received)

    @property
    def rank(self) -> str:
        """Text that sorts by when it was told."""
        return str(self.source["order"])


@dataclass(slots=True)
class Batch:
    """Rows of every table, by primary key."""

    messages: dict[str, Row] = field(default_factory=dict)
    numbers: dict[str, Row] = field(default_factory=dict)
    tellings: dict[str, Row] = field(default_factory=dict)
    identifiers: dict[str, Row] = field(default_factory=dict)
    aliases: dict[str, Row] = field(default_factory=dict)
    links: dict[str, Row] = field(default_factory=dict)
    moves: dict[str, Row] = field(default_factory=dict)
    movements: dict[str, Row] = field(default_factory=dict)
    beds: dict[str, Row] = field(default_factory=dict)
    snapshots: dict[str, Row] = field(default_factory=dict)
    items: dict[str, ItemRow] = field(default_factory=dict)
    classes: dict[str, Row] = field(default_factory=dict)
    directory: dict[str, Listed] = field(default_factory=dict)
    abouts: dict[str, Row] = field(default_factory=dict)

    def tells_of(self, entry: str, *patients: str) -> None:
        """Note whom an entry tells of beside the patient of its row."""
        for patient in patients:
            self.abouts[f"{entry}|{patient}"] = about_row(entry, patient)

    def add(self, telling: Telling, mapped: Mapped, part: int = 0) -> None:
        """All that one message or resource says about its patient; `part` numbers the resources of one entry."""
        for resource in mapped.directory:
            self._list(telling, resource)
        for bed in mapped.beds:
            latest(self.beds, _bed_row(telling, bed))
        who = mapped.identity
        if who is None:
            return
        patient = who.id
        if mapped.patient is not None:
            self._tell(telling, patient, who, mapped)
        self._identify(patient, who)
        for merge in mapped.merges:
            self._merge(telling, merge)
            if merge.undone or merge.surviving.id != patient:  # else the two are one, and found by the patient of the row
                self.tells_of(telling.key, merge.surviving.id, merge.prior.id)
        for link in mapped.links:
            latest(self.links, _link_row(telling, link))
            self.tells_of(telling.key, link.one.id, link.other.id)
        for move in mapped.moves:
            latest(self.moves, _move_row(telling, move))
            self.tells_of(telling.key, move.prior.id, move.patient.id)
        if mapped.movement is not None:
            self._move(telling, patient, mapped, part)
        self._items(telling, patient, mapped)
        for number, other in enumerate(mapped.others, 1):
            if other.identity is not None:
                self.tells_of(telling.key, other.identity.id)
            self.add(telling, other, part + number)

    def _list(self, telling: Telling, resource: Resource) -> None:
        """Feeds name the same wards and doctors all day, most of them as the very same value, that was read once."""
        place, rank = f"{resource['resourceType']}/{resource['id']}", telling.rank
        held = self.directory.get(place)
        if held is None or held.order <= rank:
            raw = held.raw if held is not None and held.resource is resource else orjson.dumps(resource)
            self.directory[place] = Listed(rank, telling.source, resource, raw)

    def strike_off(self, place: str, order: str, source: Row) -> None:
        """A server's deletion of something of the directory."""
        held = self.directory.get(place)
        if held is None or held.order <= order:
            self.directory[place] = Listed(order, source, {}, None)

    def _tell(self, telling: Telling, patient: str, who: Identity, mapped: Mapped) -> None:
        assert mapped.patient is not None
        deleted = {NULLS: sorted(mapped.nulls)} if mapped.nulls else {}
        traits = orjson.dumps(mapped.patient | deleted)
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

    def _merge(self, telling: Telling, merge: Merge) -> None:
        surviving, prior = merge.surviving, merge.prior
        self._identify(surviving.id, surviving)
        self._identify(prior.id, prior)
        if prior.id != surviving.id:
            about = {"patient": prior.id, "survivor": surviving.id, "joined": not merge.undone}
            row = {"id": f"{prior.id}|{surviving.id}", **about, "order": telling.rank, "entry": telling.key}
            latest(self.aliases, row)

    def _move(self, telling: Telling, patient: str, mapped: Mapped, part: int) -> None:
        moved, stay = mapped.movement, mapped.encounter or Stay(resource={})
        assert moved is not None
        key, told_at = f"{telling.key}|{part}", telling.source["at"]
        self.movements[key] = {
            "id": key,
            "patient": patient,
            "visit": "" if moved.kind is MovementKind.DELETE_PERSON else stay.visit,
            "account": moved.account,
            "step": moved.kind.value,
            "at": told_at if moved.at is None or moved.at > telling.received_at + SKEW else moved.at,
            "order": f"{telling.rank}|{part:06d}",
            "ward": stay.place.ward,
            "room": stay.place.room,
            "bed": stay.place.bed,
            "aim_ward": moved.aim.ward,
            "aim_room": moved.aim.room,
            "aim_bed": moved.aim.bed,
            "visit_class": stay.class_code,
            "admitted_at": stay.admitted_at,
            "discharged_at": stay.discharged_at,
            "undoes_at": moved.undoes_at,
            "cleared": " ".join(sorted(moved.cleared)),
            "entry": telling.key,
        }

    def _items(self, telling: Telling, patient: str, mapped: Mapped) -> None:
        stay = mapped.encounter
        visit = stay.visit if stay is not None else ""
        for item in mapped.items:
            kind, raw = item.resource.get("resourceType", ""), orjson.dumps(item.resource)
            number, scope = item_id(patient, item.kind._value_, item.key), visit if item.kind in OF_A_VISIT else ""
            self.place(item_row(telling, patient, item, number, kind, raw, telling.rank, scope))
        for listed in mapped.snapshots:
            keys = [item.key for item in mapped.items if item.kind is listed]
            latest(self.snapshots, _snapshot_row(telling, patient, listed, keys, visit if listed in OF_A_VISIT else ""))
        for kind in {item.kind.value for item in mapped.items} | {one.value for one in mapped.stated_none}:
            row = {
                "id": f"{patient}|{kind}",
                "patient": patient,
                "category": kind,
                "stated_none": any(one.value == kind for one in mapped.stated_none),
                **telling.source,
            }
            latest(self.classes, row)

    def place(self, row: ItemRow) -> None:
        """An item, unless a later one of the same key is there."""
        held = self.items.get(row.id)
        if held is None or held.order <= row.order:
            self.items[row.id] = row


def latest(rows: dict[str, Row], row: Row, *, key: str = "id") -> None:
    """Keep a row unless a later one of the same key is there; of one entry's equals the last stands."""
    held = rows.get(row[key])
    if held is None or held["order"] <= row["order"]:
        rows[row[key]] = row


@lru_cache(maxsize=16)
def zone_of(name: str) -> ZoneInfo:
    """The zone that a fact names."""
    return ZoneInfo(name)


def item_row(
    telling: Telling, patient: str, item: Item, number: str, kind: str, raw: bytes, order: str, scope: str = ""
) -> ItemRow:
    """The row of an item under its id in this store (`number`), as the resource of type `kind` that `raw` is."""
    return ItemRow(
        number,
        patient,
        item.kind._value_,
        scope,
        item.key,
        kind,
        f"{item.system}|{item.code}" if item.system else item.code,
        item.display,
        item.text,
        item.value,
        item.unit,
        item.range,
        item.flag,
        item.status,
        item.effective_at,
        order,
        *telling.sources,
        raw,
    )


def _snapshot_row(telling: Telling, patient: str, kind: ItemKind, keys: list[str], scope: str) -> Row:
    return {
        "id": f"{patient}|{kind.value}|{telling.source['interface']}|{scope}",
        "patient": patient,
        "category": kind.value,
        "scope": scope,
        "keys": "\n".join(sorted(keys)),
        **telling.source,
    }


def _link_row(telling: Telling, link: Link) -> Row:
    one, other = sorted((link.one.id, link.other.id))
    row = {"id": f"{one}|{other}", "one": one, "other": other, "linked": not link.undone}
    return row | {"order": telling.rank, "entry": telling.key}


def _move_row(telling: Telling, move: StayMove) -> Row:
    return {
        "id": visit_key(move.prior.id, move.by, move.prior_number),
        "patient": move.prior.id,
        "to_patient": move.patient.id,
        "to_key": visit_key(move.patient.id, move.by, move.number),
        "order": telling.rank,
        "entry": telling.key,
    }


def _bed_row(telling: Telling, bed: Bed) -> Row:
    place = bed.place
    about = {"ward": place.ward, "room": place.room, "bed": place.bed, "status": bed.status}
    return {"id": f"{place.ward}|{place.room}|{place.bed}", **about, **telling.source}


def directory_row(place: str, told: Listed) -> Row:
    """The row of something of the directory; what was deleted is of no type, so that nothing finds it but its id."""
    raw = told.raw
    if raw is None:
        return {"id": place, "type": "", "display": "", "search": "", "resource": b"{}", **told.source, "order": told.order}
    return {**(_shown_again(raw) if len(raw) < _LONGEST else _shown(raw)), **told.source, "id": place}


def _shown(raw: bytes) -> Row:
    """What the directory says of a resource."""
    resource = orjson.loads(raw)
    shown = display_of(resource)
    search = "".join(f" {word}" for word in spellings(shown).split())
    return {"type": resource["resourceType"], "display": shown, "search": search, "resource": raw}


_shown_again = lru_cache(maxsize=4096)(_shown)


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
        "practice": False,
        "digest": told.digest,
        "size": len(told.raw),
        "understood": 0,
        "not_understood": 0,
        "broken": 0,
        "parts": b"",
    }
