"""What a message or a resource says, in the shape that projections and charts need. Resources are plain R4 dicts:
read them, never change them, for tables are shared between them. An `Item` and a `Mapped` are made for every resource of a feed:
as structs they cost a tenth of frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple, TypeAlias

import msgspec

from stormlamp.kernel.identifiers import PatientId, patient_id
from stormlamp.kernel.moments import Moment

Resource: TypeAlias = "dict[str, Any]"


class ItemKind(StrEnum):
    """The classes of a chart."""

    ALLERGY = "allergy"
    PROBLEM = "problem"
    MEDICATION = "medication"
    ORDER = "order"
    RESULT = "result"
    VITAL = "vital"
    NOTE = "note"
    CONTACT = "contact"
    COVERAGE = "coverage"
    ENCOUNTER = "encounter"
    APPOINTMENT = "appointment"
    PROCEDURE = "procedure"
    IMMUNIZATION = "immunization"
    REPORT = "report"
    SPECIMEN = "specimen"
    PLAN = "plan"
    FINANCE = "finance"
    OTHER = "other"


def fhir_id(whose: str, kind: str, key: str) -> str:
    """The id of something that a server or sender names: the same on every node, and known before it has come."""
    return blake2b(f"{whose}|{kind}|{key}".encode(), digest_size=16).hexdigest()


_OF_ITEMS = blake2b(digest_size=8)


@lru_cache(maxsize=4096)
def item_id(patient: str, kind: str, key: str) -> str:
    """The id of an item of a patient, in its table and at the FHIR door: the same on every node, and known before it has come.

    It begins with the patient's, so that what a message tells of one patient lies side by side in the index, and not on as many
    pages of the disk as it has values.
    """
    digest = _OF_ITEMS.copy()
    digest.update(f"{kind}|{key}".encode())
    return f"{patient}.{digest.hexdigest()}"


class MovementKind(StrEnum):
    """What a message does to where a patient is."""

    ADMIT = "admit"
    TRANSFER = "transfer"
    DISCHARGE = "discharge"
    REGISTER = "register"
    PREADMIT = "preadmit"
    UPDATE = "update"
    CANCEL_ADMIT = "cancel-admit"
    CANCEL_TRANSFER = "cancel-transfer"
    CANCEL_DISCHARGE = "cancel-discharge"
    TO_INPATIENT = "to-inpatient"
    TO_OUTPATIENT = "to-outpatient"
    SWAP = "swap"
    DEPART = "depart"
    ARRIVE = "arrive"
    TRANSIT = "transit"
    CANCEL_DEPART = "cancel-depart"
    CANCEL_ARRIVE = "cancel-arrive"
    PENDING_ADMIT = "pending-admit"
    PENDING_TRANSFER = "pending-transfer"
    PENDING_DISCHARGE = "pending-discharge"
    CANCEL_PENDING_ADMIT = "cancel-pending-admit"
    CANCEL_PENDING_TRANSFER = "cancel-pending-transfer"
    CANCEL_PENDING_DISCHARGE = "cancel-pending-discharge"
    CANCEL_PREADMIT = "cancel-preadmit"
    LEAVE = "leave"
    RETURN = "return"
    CANCEL_LEAVE = "cancel-leave"
    CANCEL_RETURN = "cancel-return"
    DELETE_VISIT = "delete-visit"
    DELETE_PERSON = "delete-person"


class Number(NamedTuple):
    """A patient number within its assigning authority, and its type (table 0203: `MR`, `SS`, ...)."""

    authority: str
    number: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who: the number that Stormlamp goes by, and every number that came with it (that one first)."""

    authority: str
    number: str
    numbers: tuple[Number, ...] = ()

    @property
    def id(self) -> PatientId:
        """The patient's id in Stormlamp."""
        return patient_id(self.authority, self.number)


class Place(NamedTuple):
    """Where, as the sender writes it."""

    ward: str = ""
    room: str = ""
    bed: str = ""
    facility: str = ""

    @property
    def text(self) -> str:
        """Ward, room and bed in one line."""
        return " / ".join(part for part in (self.ward, self.room, self.bed) if part)


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Stay:
    """An encounter: its R4 resource and what a census asks for. `class_code` is R4's (`IMP`, `EMER`, `AMB`)."""

    resource: Resource
    visit: str = ""
    class_code: str = ""
    place: Place = NOWHERE
    service: str = ""
    attending: str = ""
    admitted_at: Moment | None = None
    discharged_at: Moment | None = None
    status: str = ""


@dataclass(frozen=True, slots=True)
class Movement:
    """What happened to where the patient is, and when; `at` is unknown when the sender wrote no readable time.

    `aim` is a temporary (PV1-11) or pending (PV1-42) place, `account` the account of the stay (PID-18, else PV1-50; of an
    Encounter its `Encounter/id` in this store); `cleared` are the things that the sender says to delete (`place`, `admitted`,
    `discharged`). `undoes_at` is when what is cancelled had happened.
    """

    kind: MovementKind
    at: Moment | None
    aim: Place = NOWHERE
    account: str = ""
    cleared: frozenset[str] = frozenset()
    undoes_at: Moment | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Two numbers that are one person: `prior` is to be read as `surviving` from now on; `undone`: from now on no longer."""

    surviving: Identity
    prior: Identity
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Two records that their source links (A24) or unlinks (A37) and keeps apart: none takes the values of the other."""

    one: Identity
    other: Identity
    undone: bool = False


@dataclass(frozen=True, slots=True)
class StayMove:
    """A visit (`by` is `visit`) or all visits of an account (`account`) that belong elsewhere from now on: the table of
    `tables.encounters`. What has neither visit number nor account goes by its alternate visit id, as if that were its account."""

    by: str
    prior: Identity
    prior_number: str
    patient: Identity
    number: str


@dataclass(frozen=True, slots=True)
class Bed:
    """What a bed is like (NPU, table 0116: C closed, H housekeeping, O occupied, U unoccupied, K contaminated, I isolated)."""

    place: Place
    status: str


class Item(msgspec.Struct, frozen=True):
    """One thing on a chart. `key` is stable across updates of the same thing and unique within its kind and patient.

    `text` is what a person reads as its value: value with unit, reaction, dose, the note itself. `flag` is what calls
    for attention: abnormal flags as sent (`H`, `LL`), an allergy's severity, an order's priority, a diagnosis' type.
    """

    kind: ItemKind
    key: str
    resource: Resource
    effective_at: Moment | None = None
    code: str = ""
    system: str = ""
    display: str = ""
    text: str = ""
    status: str = ""
    flag: str = ""
    value: str = ""
    unit: str = ""
    range: str = ""


class Mapped(msgspec.Struct, frozen=True):
    """All that a message or resource says about one patient; `reason` tells why it is not understood, if it is not.

    `stated_none` are the classes for which the source states that there is nothing, which is not the same as silence.
    `flags` are about the person: `confidential`, `vip`, `deceased`. `directory` are the people, places and devices that it names,
    each with its own `id`. `others` are the further patients of the same message (A17, or results of several in one ORU).
    `nulls` are traits to delete (`birthDate`, `telecom/home`); `snapshots` the classes whose list replaces all that the same sender
    told before.
    """

    reason: str = ""
    patient: Resource | None = None
    identity: Identity | None = None
    encounter: Stay | None = None
    movement: Movement | None = None
    merges: tuple[Merge, ...] = ()
    items: tuple[Item, ...] = ()
    stated_none: frozenset[ItemKind] = frozenset()
    flags: frozenset[str] = frozenset()
    directory: tuple[Resource, ...] = ()
    others: tuple[Mapped, ...] = ()
    nulls: frozenset[str] = frozenset()
    snapshots: frozenset[ItemKind] = frozenset()
    links: tuple[Link, ...] = ()
    moves: tuple[StayMove, ...] = ()
    beds: tuple[Bed, ...] = ()

    @property
    def understood(self) -> bool:
        """Whether it could be mapped."""
        return not self.reason
