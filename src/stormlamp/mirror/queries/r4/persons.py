"""Patients of the FHIR door: what is known under an id, merges followed both ways, and who is searched for."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import orjson
from django.db.models import OuterRef, Q, QuerySet, Subquery

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.models import MirrorAlias, MirrorIdentifier, MirrorItem, MirrorMessage, MirrorPatient
from stormlamp.mirror.queries.identities import canonicals, families
from stormlamp.mirror.rules import Identifier, State
from stormlamp.mirror.rules.names import asked_ways, plain_number
from stormlamp.mirror.rules.r4.dates import Asked
from stormlamp.mirror.rules.r4.persons import Told, system_of
from stormlamp.mirror.rules.r4.shaping import Origin

CHUNK = 200
EVERYBODY = Q(patient__gt="")
Row = Mapping[str, Any]
_RECEIVED = Subquery(MirrorMessage.objects.filter(entry=OuterRef("entry")).order_by("entry").values("received_at")[:1])


def kin(patients: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each id, every id that means the same patient, the surviving one first."""
    found = families([PatientId(one) for one in patients])
    return {str(one): tuple(map(str, members)) for one, members in found.items()}


def survivors(patients: Iterable[str]) -> dict[str, str]:
    """For each id, the one it was merged into in the end."""
    return {str(one): str(into) for one, into in canonicals([PatientId(one) for one in patients]).items()}


def numbered(system: str | None, number: str) -> set[str]:
    """Patients of a number, or of any without one (R4 3.1.1.4.10).

    `system` is the URI that goes out with it, or the name of who assigned it; None is any, empty one that goes out without a URI.
    """
    found = MirrorIdentifier.objects.filter(plain=plain_number(number)) if number else MirrorIdentifier.objects.all()
    rows = [
        (patient, authority, held)
        for patient, authority, held in found.order_by("patient", "id").values_list("patient", "authority", "number")
        if not number or held.casefold() == number.casefold()
    ]
    if system is None:
        return {patient for patient, _, _ in rows}
    told = _told_systems(found, everybody=not number)
    return {
        patient
        for patient, authority, held in rows
        if system in told.get((patient, held), (system_of(authority),)) or (system and system == authority)
    }


def known_patients(ids: Collection[str]) -> set[str]:
    """Those of some ids that anything was told of."""
    wanted = sorted(ids)
    named = MirrorPatient.objects.filter(patient__in=wanted).order_by("patient").values_list("patient", flat=True)
    counted = MirrorIdentifier.objects.filter(patient__in=wanted).order_by("id").values_list("patient", flat=True)
    return {*named, *counted}


def told_of(ids: Sequence[str]) -> tuple[Told, ...]:
    """What is known under some ids, in their order; those that nobody told of are left out."""
    wanted = list(dict.fromkeys(ids))
    kin_of = kin(wanted)
    everyone = sorted({one for members in kin_of.values() for one in members})
    rows = _rows(everyone)
    numbers, spoken = _numbers(everyone), _spoken([one for one in wanted if one not in rows])
    found = []
    for one in wanted:
        members = kin_of[one] if kin_of[one][0] == one else (one,)
        told = [rows[each] for each in members if each in rows]
        row = rows.get(one) or max(told, key=lambda each: each["order"], default=None) or spoken.get(one)
        if row is not None:
            known = (kin_of[one][0], *(each for each in kin_of[one][1:] if each in rows))
            found.append(_told(one, known, row, told, [number for each in members for number in numbers[each]]))
    return tuple(found)


def patient_rows(fits: Q, *, after: str = "", descending: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Ids and traits of the patients whose row fits, merged ones too, in the order of their ids."""
    order = "-patient" if descending else "patient"
    while True:
        found = MirrorPatient.objects.filter(fits)
        if after:
            found = found.filter(**{"patient__lt" if descending else "patient__gt": after})
        rows = list(found.order_by(order).values_list("patient", "resource")[:CHUNK])
        for patient, resource in rows:
            yield patient, orjson.loads(bytes(resource))
        if len(rows) < CHUNK:
            return
        after = rows[-1][0]


def aliased_rows(fits: Q) -> Iterator[tuple[str, dict[str, Any]]]:
    """The same of merged patients alone."""
    yield from patient_rows(fits & Q(patient__in=MirrorAlias.objects.filter(joined=True).values("patient")))


def unmerged() -> Q:
    """Rows of patients that nobody merged into another."""
    return ~Q(patient__in=MirrorAlias.objects.filter(joined=True).values("patient"))


def named(text: str) -> Q:
    """Rows where every word of a text begins a word of a name, in one of the ways to write it."""
    fits = Q()
    for ways in asked_ways(text):
        one = Q()
        for way in ways:
            one |= Q(search__contains=way)
        fits &= one
    return fits or EVERYBODY


def updated(asked: Asked) -> Q:
    """Rows whose newest message reached the mirror when asked."""
    low, high = asked.span.low, asked.span.high
    ends = {"gt": (high, None), "sa": (high, None), "ge": (low, None), "lt": (None, low), "eb": (None, low), "le": (None, high)}
    at, until = ends.get(asked.prefix, (low, high))
    spoken = MirrorMessage.objects.filter(state__in=[state.value for state in State])  # its index leads by state and arrival
    spoken = spoken if at is None else spoken.filter(received_at__gte=at)
    spoken = spoken if until is None else spoken.filter(received_at__lt=until)
    inside = Q(entry__in=spoken.values("entry"))
    return ~inside if asked.prefix == "ne" else inside


def patient_ids(*, since: Moment | None) -> Iterator[str]:
    """Every id of a patient, merged ones too, of whom a message told after a moment."""
    after = ""
    while True:
        found = MirrorPatient.objects.filter(patient__gt=after)
        if since is not None:
            found = found.annotate(received=_RECEIVED).filter(received__gt=since)
        rows = list(found.order_by("patient").values_list("patient", flat=True)[:CHUNK])
        yield from rows
        if len(rows) < CHUNK:
            return
        after = rows[-1]


def _told_systems(numbers: QuerySet[MirrorIdentifier], *, everybody: bool) -> dict[tuple[str, str], set[str]]:
    """For a patient and a number, the systems that the patient's traits give it, which may differ from the assigner's name."""
    rows = patient_rows(EVERYBODY if everybody else Q(patient__in=numbers.values("patient")))
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for patient, traits in rows:
        for one in traits.get("identifier", ()):
            found[patient, str(one.get("value", ""))].add(str(one.get("system", "")))
    return found


def _rows(patients: Sequence[str]) -> dict[str, Row]:
    found = MirrorPatient.objects.filter(patient__in=patients).annotate(received=_RECEIVED).order_by("patient")
    columns = ("patient", "resource", "flags", "entry", "interface", "order", "at", "received")
    return {row["patient"]: row for row in found.values(*columns)}


def _spoken(patients: Sequence[str]) -> dict[str, Row]:
    """Patients whose own record has not come: the newest value stands for when they were heard of."""
    found: dict[str, Row] = {}
    if patients:
        rows = MirrorItem.objects.filter(patient__in=patients).order_by("received_at", "id")
        for row in rows.values("patient", "entry", "interface", "order", "received_at"):
            at = row["received_at"]
            found[row["patient"]] = {**row, "resource": b"{}", "flags": "", "received": at, "at": at}
    return found


def _numbers(patients: Sequence[str]) -> dict[str, list[Identifier]]:
    found: dict[str, list[Identifier]] = defaultdict(list)
    rows = MirrorIdentifier.objects.filter(patient__in=patients).order_by("patient", "type", "authority", "number", "id")
    for patient, kind, authority, number in rows.values_list("patient", "type", "authority", "number"):
        found[patient].append(Identifier(type=kind, authority=authority, number=number))
    return found


def _told(patient: str, members: tuple[str, ...], row: Row, told: list[Row], numbers: list[Identifier]) -> Told:
    newest = max(told, key=lambda each: each["order"], default=row)
    traits = bytes(row["resource"])
    version = blake2b(traits + newest["entry"].encode() + "|".join(members).encode(), digest_size=8).hexdigest()
    received = newest["received"] if newest["received"] is not None else newest["at"]
    return Told(
        patient=patient,
        survivor=members[0],
        merged=members[1:],
        traits=orjson.loads(traits),
        identifiers=tuple(dict.fromkeys(numbers)),
        flags=frozenset(flag for each in told for flag in str(each["flags"]).split()),
        origin=Origin(entry=newest["entry"], interface=newest["interface"], received_at=Moment(received), version=version),
    )
