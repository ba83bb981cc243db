"""The last known picture of a patient, as frozen values: what the mirror gives to every other room."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, Self

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.rules.movements import Place
from stormlamp.mirror.rules.visits import OUTPATIENT, Away


class Kind(StrEnum):
    """The classes of clinical content that the mirror keeps per patient."""

    ALLERGY = "allergy"
    PROBLEM = "problem"
    MEDICATION = "medication"
    ORDER = "order"
    RESULT = "result"
    VITAL = "vital"
    NOTE = "note"
    CONTACT = "contact"


KINDS: tuple[str, ...] = tuple(kind.value for kind in Kind)


class Absence(StrEnum):
    """What an empty class means; it never means "none" unless the source said so."""

    STATED_NONE = "stated-none"
    NEVER_RECEIVED = "never-received"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a value comes from: its ledger entry and interface, the message (`ORU^R01`, or `Bundle`), and when it was sent.

    `at` is the sender's time of the message, the time of its arrival where it has none or lies ahead of it.
    """

    entry: str
    interface: str
    message: str
    control_id: str
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """A number that somebody gave the patient: type (`MR`, `NNBEL`, `SS`, ...), authority, and the number."""

    type: str
    authority: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStay:
    """Where somebody lies by one open visit. `stay_entry` is the message that last changed it.

    Who is `away` keeps the bed and is at `whereabouts`; `pending` is the step that is planned next (`pending-transfer`, ...), `aim`
    where to. `stay_deleted_at` is when a FHIR server deleted the Encounter.
    """

    ward: str = ""
    room: str = ""
    bed: str = ""
    visit: str = ""
    visit_class: str = ""
    admitted_at: Moment | None = None
    stay_entry: str = ""
    away: Away = Away.NOT
    whereabouts: str = ""
    pending: str = ""
    aim: str = ""
    stay_deleted_at: Moment | None = None

    @property
    def unplaced(self) -> bool:
        """Whether they are admitted and nobody told to which ward."""
        return bool(self.stay_entry) and not self.ward and self.visit_class not in OUTPATIENT

    @property
    def place(self) -> tuple[str, str, str]:
        """Ward, room and bed; the bed's name in capitals or not is the same bed."""
        return self.ward, self.room, self.bed.casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(OpenStay):
    """Who a patient is and where they lie, as last told. `birth_date` is ISO text, possibly partial (`1951`, `1951-03`).

    `ward`, `room`, `bed` are empty unless the patient is in. `as_of` is the time of the newest message about them.
    `flags` are `confidential`, `vip`, `deceased`. `told_at` are the words that a source has for the place of somebody whose ward it
    did not name. `deleted_at` is when a FHIR server deleted every record that it had of them.
    `also` are open stays that name other beds, as after a merge of two who both lie in one: nobody can tell which is over.
    """

    patient: PatientId
    mrn: str
    authority: str
    identifiers: tuple[Identifier, ...] = ()
    family: str = ""
    given: str = ""
    prefix: str = ""
    birth_date: str | None = None
    sex: str = ""
    language: str = ""
    deceased_at: Moment | None = None
    told_at: str = ""
    flags: frozenset[str] = frozenset()
    deleted_at: Moment | None = None
    also: tuple[OpenStay, ...] = ()
    source: Source
    as_of: Moment

    @property
    def open_stays(self) -> tuple[OpenStay, ...]:
        """Every open stay that names a bed of its own, that in front first."""
        return (self, *self.also)

    @property
    def each_stay(self) -> tuple[Self, ...]:
        """The person once for each bed that an open stay names, every time with that stay in front."""
        if not self.also:
            return (self,)
        beds = (OpenStay(**{name: getattr(self, name) for name in _STAY}), *self.also)
        return tuple(self.lying((one, *(other for other in beds if other is not one))) for one in beds)

    def lying(self, beds: tuple[OpenStay, ...]) -> Self:
        """The person with the first of some open stays in front and the others beside it."""
        return replace(self, **{name: getattr(beds[0], name) for name in _STAY}, also=beds[1:]) if beds else self

    @property
    def number(self) -> str:
        """The unambiguous form of the MRN, `AUTHORITY:NUMBER`."""
        return f"{self.authority}:{self.mrn}" if self.authority else self.mrn


_STAY = tuple(one.name for one in fields(OpenStay))


def beds_of(stays: Iterable[OpenStay]) -> tuple[OpenStay, ...]:
    """Of somebody's open stays those that say where they lie, the one in front first; each bed once.

    In front is the one that the newest admission with a ward opened; a visit to a clinic takes nobody out of a bed. A visit as an
    outpatient says of who has another that they lie there too only if it names a bed or chair.
    """
    found: dict[tuple[str, str, str], OpenStay] = {}
    for one in sorted(stays, key=_in_front, reverse=True):
        if not found or one.bed or one.visit_class not in OUTPATIENT:
            found.setdefault(one.place, one)
    return tuple(found.values())


def _in_front(stay: OpenStay) -> tuple[bool, bool, int, str]:
    return stay.visit_class not in OUTPATIENT, bool(stay.ward), stay.admitted_at or 0, stay.visit


@dataclass(frozen=True, slots=True)
class BedState:
    """What a bed is like by HL7 table 0116: C closed, H housekeeping, O occupied, U unoccupied, K contaminated, I isolated."""

    place: Place
    status: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One clinical value. `text` is what a person reads as its value; `code` is `system|code` where there is a system.

    `flag` calls for attention (`H`, `LL`; an allergy's severity, an order's priority); `resource` is its R4 JSON.
    `effective_at` is when it was true for the patient (observed, ordered, started); None when the source does not say.
    `also` are other sources that tell the same, `otherwise` those that tell the same thing differently; `untold` is the newer list
    of its source in which it is missing: it is no longer told, and not lost.
    """

    key: str
    kind: str
    display: str
    code: str = ""
    text: str = ""
    value: str = ""
    unit: str = ""
    reference_range: str = ""
    flag: str = ""
    status: str = ""
    effective_at: Moment | None = None
    source: Source
    also: tuple[Source, ...] = ()
    otherwise: tuple[Source, ...] = ()
    untold: Source | None = None
    resource: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """All values of one kind, newest first, and what it means when there are none.

    `received_until` is the time of the newest message that spoke of this kind, `source` that message.
    """

    kind: str
    items: tuple[Item, ...]
    absence: Absence
    received_until: Moment | None = None
    source: Source | None = None


def absence(*, items: int, received: bool, stated_none: bool) -> Absence:
    """What a class without values says; with values that are still told it was received, whatever was stated before."""
    if items:
        return Absence.RECEIVED
    if stated_none:
        return Absence.STATED_NONE
    return Absence.RECEIVED if received else Absence.NEVER_RECEIVED
