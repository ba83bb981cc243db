"""Items of the FHIR door: by id, by type and patient, a page at a time; each page begins where the last one ended."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat

from stormlamp.kernel.moments import DAY, Moment
from stormlamp.mirror.models import MirrorItem, MirrorSnapshot
from stormlamp.mirror.rules.r4.dates import Asked

CHUNK = 500
FREQUENT = 2000
_COLUMNS = (
    "id", "patient", "type", "key", "entry", "interface", "received_at", "effective_at", "resource",
    "category", "scope", "order",
)  # fmt: skip
_LISTED = ("patient", "category", "scope", "interface", "order", "keys")
_SORTED = {"": "received_at", "_lastUpdated": "received_at", "date": "effective_at"}


@dataclass(frozen=True, slots=True)
class Held:
    """An item as it is kept."""

    id: str
    patient: str
    type: str
    key: str
    entry: str
    interface: str
    received_at: Moment
    effective_at: Moment | None
    resource: bytes
    category: str
    scope: str
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Which items: of a type, of some patients (None: of all), and what columns already tell."""

    type: str
    patients: Collection[str] | None = None
    ids: Collection[str] | None = None
    code: tuple[str | None, str] | None = None
    updated: tuple[Asked, ...] = ()
    dated: tuple[Asked, ...] = ()
    sort: str = ""
    descending: bool = False


def item(kind: str, number: str) -> Held | None:
    """One item by its type and id."""
    row = MirrorItem.objects.filter(id=number, type=kind).order_by("id").values_list(*_COLUMNS).first()
    return Held(*row) if row else None


def items(asked: Range, *, after: Sequence[Any] = ()) -> Iterator[Held]:
    """The items of a range in its order, from where a page ended: (sort value, id), or (id,) when sorted by that."""
    place = tuple(after)
    while True:
        rows = [Held(*row) for row in _page(asked, place).values_list(*_COLUMNS)[:CHUNK]]
        yield from rows
        if len(rows) < CHUNK:
            return
        place = place_of(asked, rows[-1])


def place_of(asked: Range, one: Held) -> tuple[Any, ...]:
    """Where a page ends that ends with this item."""
    return (one.id,) if asked.sort == "_id" else (getattr(one, _SORTED[asked.sort]), one.id)


def item_count(asked: Range) -> int:
    """How many items a range has."""
    return _found(asked).order_by("id").count()


def items_of(patients: Collection[str], kinds: Collection[str], *, since: Moment | None, after: str = "") -> QuerySet[MirrorItem]:
    """All items of a patient's ids, of some types, after an id; in the order of their ids."""
    found = _hidden(kinds).filter(patient__in=sorted(patients), id__gt=after)
    return (found if since is None else found.filter(received_at__gt=since)).order_by("id")


def held_items(patients: Collection[str], kinds: Collection[str], *, since: Moment | None, after: str, limit: int) -> list[Held]:
    """A page of a patient's items."""
    return [Held(*row) for row in items_of(patients, kinds, since=since, after=after).values_list(*_COLUMNS)[:limit]]


def items_of_patient(patients: Collection[str], kinds: Collection[str]) -> list[Held]:
    """All items of a patient's ids, of some types."""
    return [Held(*row) for row in items_of(patients, kinds, since=None).values_list(*_COLUMNS)]


def held_count(patients: Collection[str], kinds: Collection[str], *, since: Moment | None) -> int:
    """How many items a patient has."""
    return items_of(patients, kinds, since=since).count()


def items_by_key(patients: Collection[str], category: str, keys: Sequence[str]) -> list[Held]:
    """Items of a class by their keys, in the order of the keys; of one that several ids of a patient have, the newest."""
    rows = MirrorItem.objects.filter(patient__in=sorted(patients), category=category, key__in=list(keys))
    newest = {row[3]: Held(*row) for row in rows.order_by("at", "order", "id").values_list(*_COLUMNS)}
    return [newest[key] for key in keys if key in newest]


def no_longer_told(held: Collection[Held]) -> set[str]:
    """Ids of items that a newer whole list of their own source leaves out, and that no other source's list has."""
    lists: dict[tuple[str, str, str], list[tuple[str, str, frozenset[str]]]] = defaultdict(list)
    rows = MirrorSnapshot.objects.filter(patient__in=sorted({one.patient for one in held})).order_by("order", "id")
    for patient, category, scope, interface, order, keys in rows.values_list(*_LISTED):
        lists[patient, category, scope].append((interface, order, frozenset(keys.splitlines())))
    return {one.id for one in held if _left_out(one, lists[one.patient, one.category, one.scope])}


def _left_out(one: Held, lists: Sequence[tuple[str, str, frozenset[str]]]) -> bool:
    newer = any(interface == one.interface and order > one.order and one.key not in keys for interface, order, keys in lists)
    return newer and not any(interface != one.interface and one.key in keys for interface, _, keys in lists)


def types_held() -> tuple[str, ...]:
    """The types of which there is any item."""
    return tuple(MirrorItem.objects.order_by("type").values_list("type", flat=True).distinct())


def _found(asked: Range) -> QuerySet[MirrorItem]:
    every = asked.patients is None and asked.ids is None
    found = MirrorItem.objects.filter(type=asked.type) if every else _hidden([asked.type])
    if asked.patients is not None:
        found = found.filter(patient__in=sorted(asked.patients))
    if asked.ids is not None:
        found = found.filter(id__in=sorted(asked.ids))
    if asked.code is not None:
        found = _with_code(found, asked.type, asked.code, every=every)
    for one in asked.updated:
        found = found.filter(_received(one))
    for one in asked.dated:
        found = found.filter(_maybe_dated(one))
    return found


def _with_code(found: QuerySet[MirrorItem], kind: str, code: tuple[str | None, str], *, every: bool) -> QuerySet[MirrorItem]:
    """Those of a code. Of all patients a rare code is found by its index; a frequent one comes up soon in any order."""
    told = _coded("code", *code)
    if not every or MirrorItem.objects.filter(told, type=kind).order_by()[:FREQUENT].count() < FREQUENT:
        return found.filter(told)
    return found.alias(code_told=Concat("code", Value(""), output_field=TextField())).filter(_coded("code_told", *code))


def _hidden(kinds: Collection[str]) -> QuerySet[MirrorItem]:
    """Items of some types, for questions that another index answers: the planner would rather go through all of a type in order."""
    told = MirrorItem.objects.alias(kind_told=Concat("type", Value(""), output_field=TextField()))
    return told.filter(kind_told__in=sorted(kinds))


def _page(asked: Range, after: tuple[Any, ...]) -> QuerySet[MirrorItem]:
    found, down = _found(asked), asked.descending
    if asked.sort == "_id":
        found = found.filter(**{"id__lt" if down else "id__gt": after[0]}) if after else found
        return found.order_by("-id" if down else "id")
    column = _SORTED[asked.sort]
    if len(after) == 2:
        found = found.filter(_beyond(column, after[0], str(after[1]), down))
    first = F(column).desc(nulls_last=True) if down else F(column).asc(nulls_first=True)
    return found.order_by(first, "-id" if down else "id")


def _beyond(column: str, value: Any, last: str, down: bool) -> Q:
    """Rows after (value, id) in the order of a column; nothing is less than any value."""
    further = "lt" if down else "gt"
    if value is None:
        same = Q(**{f"{column}__isnull": True, f"id__{further}": last})
        return same if down else same | Q(**{f"{column}__isnull": False})
    return (
        Q(**{f"{column}__{further}": value})
        | Q(**{column: value, f"id__{further}": last})
        | (Q(**{f"{column}__isnull": True}) if down else Q())
    )


def _coded(column: str, system: str | None, code: str) -> Q:
    """The principal coding, as the column has it: `system|code`, or the code alone."""
    if system is None:
        return Q(**{column: code}) | Q(**{f"{column}__endswith": f"|{code}"})
    return Q(**{column: f"{system}|{code}" if system else code} if code else {f"{column}__startswith": f"{system}|"})


def _received(one: Asked) -> Q:
    """When an item reached the mirror; a moment, so that each comparison is one of two columns."""
    low, high = one.span.low, one.span.high
    shapes = {
        "eq": Q(received_at__gte=low, received_at__lt=high),
        "ne": Q(received_at__lt=low) | Q(received_at__gte=high),
        "gt": Q(received_at__gte=high),
        "sa": Q(received_at__gte=high),
        "ge": Q(received_at__gte=low),
        "lt": Q(received_at__lt=low),
        "eb": Q(received_at__lt=low),
        "le": Q(received_at__lt=high),
        "ap": Q(received_at__gte=low, received_at__lt=high),
    }
    return shapes[one.prefix]


def _maybe_dated(one: Asked) -> Q:
    """Items whose date may fit; the resource itself decides. A span that began earlier may reach into what is asked."""
    low, high = one.span.low - DAY, one.span.high + DAY  # a day is read in the hospital's zone on both sides, or nearly so
    shapes = {
        "eq": Q(effective_at__gte=low, effective_at__lt=high),
        "sa": Q(effective_at__gte=low),
        **dict.fromkeys(("lt", "le", "eb", "ap"), Q(effective_at__lt=high)),
    }
    return Q(effective_at__isnull=True) | shapes[one.prefix] if one.prefix in shapes else Q()
