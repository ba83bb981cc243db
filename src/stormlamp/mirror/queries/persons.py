"""Persons: by id, number, name, birth date, bed and ward."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count, Q

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.models import MirrorAlias, MirrorClass, MirrorIdentifier, MirrorPatient, MirrorVisit
from stormlamp.mirror.queries.deletions import records_deleted, stays_deleted
from stormlamp.mirror.queries.identities import canonicals, families
from stormlamp.mirror.queries.places import REFERENCE, as_told, places_named, references_to
from stormlamp.mirror.rules import OUTPATIENT, Away, Identifier, OpenStay, Person, Source, beds_of
from stormlamp.mirror.rules.names import asked_ways, natural, plain_number
from stormlamp.mirror.rules.questions import birth_dates

MOST = 900
Row = Mapping[str, Any]


def person(patient: PatientId) -> Person | None:
    """Who a patient is now, merges followed; None when no message told of them."""
    return next(iter(persons([patient])), None)


def persons(patients: Iterable[PatientId]) -> tuple[Person, ...]:
    """Several persons, merges followed, each once, in the order of the question."""
    wanted = list(dict.fromkeys(patients))
    return tuple(one for start in range(0, len(wanted), MOST) for one in _persons(wanted[start : start + MOST]))


def persons_by_mrn(text: str) -> tuple[Person, ...]:
    """Who has this number, `AUTHORITY:NUMBER` or bare; several when authorities share it."""
    authority, mark, number = text.strip().rpartition(":")
    told = MirrorIdentifier.objects.filter(plain=plain_number(number), number=number.strip())
    if mark:
        told = told.filter(authority__iexact=authority.strip())
    found = persons(PatientId(one) for one in told.order_by("patient").values_list("patient", flat=True).distinct())
    exact = tuple(one for one in found if one.mrn == number.strip())
    exact = tuple(one for one in exact if mark and one.authority.casefold() == authority.strip().casefold()) or exact
    return tuple(sorted(exact or found, key=lambda one: (one.authority, one.mrn, one.patient)))


def find_persons(text: str, limit: int = 50) -> tuple[Person, ...]:
    """Persons whom every word of the question fits: name, number, birth date, ward or bed. Best match first, then by name."""
    numbered = (*persons_by_mrn(text), *_in_bed(text)) if text.strip() else ()
    dates = birth_dates(text)
    if dates:
        told = MirrorPatient.objects.filter(Q(birth_date__in=dates))
        return _named(told.order_by("family", "given", "patient").values_list("patient", flat=True)[:limit], numbered, limit)
    fits = Q()
    for ways in asked_ways(text):
        fits &= _fits(ways)
    if not fits:
        return numbered[:limit]
    told = MirrorPatient.objects.filter(fits).order_by("family", "given", "patient")
    return _named(told.values_list("patient", flat=True)[: limit * 2], numbered, limit)


def ward_persons(ward: str) -> tuple[Person, ...]:
    """Who lies on a ward, by room and bed; whoever has open stays in several beds, once in each of them."""
    found = _present(Q(ward__in=references_to(ward)))
    there = (one for told in found for one in told.each_stay if one.ward == ward)
    return tuple(sorted(there, key=lambda one: (natural(one.room), natural(one.bed), one.patient)))


def unplaced_persons() -> tuple[Person, ...]:
    """Who is admitted, to a ward that nobody told, by name."""
    found = _present((Q(ward="") | Q(ward__startswith=REFERENCE)) & ~Q(visit_class__in=OUTPATIENT))
    there = (one for told in found for one in told.each_stay if one.unplaced)
    return tuple(sorted(there, key=lambda one: (one.family, one.given, one.patient)))


def bed_persons(ward: str, bed: str) -> tuple[Person, ...]:
    """Who lies in a bed of a ward; the bed's name in capitals or not."""
    found = _present(Q(ward=ward, bed__iexact=bed) | Q(ward__in=references_to(ward) - {ward}))
    return tuple(one for told in found for one in told.each_stay if one.ward == ward and one.bed.casefold() == bed.casefold())


def _present(there: Q) -> tuple[Person, ...]:
    """Everybody with an open stay of this kind, in order of id."""
    told = MirrorVisit.objects.filter(there, present=True).order_by("patient")
    return persons(PatientId(one) for one in told.values_list("patient", flat=True).distinct())


def wards() -> tuple[str, ...]:
    """Wards that patients lie on now, in natural order."""
    present = MirrorVisit.objects.filter(present=True).exclude(ward="").order_by("ward")
    told = set(present.values_list("ward", flat=True).distinct())
    named = places_named(told)
    return tuple(sorted({named[one].ward if one in named else one for one in told} - {""}, key=natural))


def unclaimed() -> int:
    """How many patients have values here whom no message has named: FHIR resources whose Patient has not come."""
    named = MirrorPatient.objects.values("patient")
    merged = MirrorAlias.objects.filter(joined=True).values("patient")
    told = MirrorClass.objects.exclude(patient__in=named).exclude(patient__in=merged)
    return int(told.aggregate(size=Count("patient", distinct=True))["size"])


def all_persons() -> tuple[Person, ...]:
    """Everybody the mirror knows, by name."""
    told = MirrorPatient.objects.order_by("family", "given", "patient").values_list("patient", flat=True)
    return persons(PatientId(one) for one in told)


def _fits(ways: Sequence[str]) -> Q:
    """One word of a question: it begins a word of the name, or is a number, a ward or a bed."""
    fits = Q()
    for way in ways:
        fits |= Q(search__contains=f" {way}")
    numbers = MirrorIdentifier.objects.filter(plain=plain_number(ways[0])).values("patient")
    beds = MirrorVisit.objects.filter(Q(ward__iexact=ways[0]) | Q(bed__iexact=ways[0]) | Q(room__iexact=ways[0]), present=True)
    return fits | Q(patient__in=numbers) | Q(patient__in=beds.values("patient"))


def _in_bed(text: str) -> tuple[Person, ...]:
    """Who lies in a bed of this very name, such as `3B-12`, which as a question would be two words."""
    bed = text.strip()
    found = _present(Q(bed__iexact=bed))
    return tuple(one for one in found if any(stay.bed.casefold() == bed.casefold() for stay in one.open_stays))


def _named(found: Iterable[str], first: tuple[Person, ...], limit: int) -> tuple[Person, ...]:
    known = {one.patient for one in first}
    rest = persons(PatientId(one) for one in found)
    return (*first, *(one for one in rest if one.patient not in known))[:limit]


def _persons(patients: Sequence[PatientId]) -> list[Person]:
    heads = canonicals(patients)
    kin = families(dict.fromkeys(heads.values()))
    everyone = sorted({one for members in kin.values() for one in members})
    rows = {row["patient"]: row for row in MirrorPatient.objects.filter(patient__in=everyone).order_by("patient").values()}
    numbers, stays = _numbers(everyone), _stays(everyone)
    gone, ended = records_deleted(kin), stays_deleted(everyone, {row["visit"] for told in stays.values() for row in told})
    found = []
    for head, members in kin.items():
        told = [rows[one] for one in members if one in rows]
        if told:
            main = rows.get(head) or max(told, key=lambda row: row["order"])
            newest = max(told, key=lambda row: row["order"])
            identifiers = tuple(dict.fromkeys(number for one in members for number in numbers[one]))
            flags = frozenset(flag for row in told for flag in str(row["flags"]).split())
            over = {visit: at for (who, visit), at in ended.items() if who in members}
            beds = beds_of(_open_stay(row, over.get(row["visit"])) for one in members for row in stays[one])
            found.append(_person(head, main, newest, identifiers, flags, beds, gone.get(head)))
    return as_told(found, kin)


def _numbers(patients: Sequence[str]) -> dict[str, list[Identifier]]:
    found: dict[str, list[Identifier]] = defaultdict(list)
    rows = MirrorIdentifier.objects.filter(patient__in=patients).order_by("patient", "type", "authority", "number", "id")
    for patient, type_, authority, number in rows.values_list("patient", "type", "authority", "number"):
        found[patient].append(Identifier(type=type_, authority=authority, number=number))
    return found


def _stays(patients: Sequence[str]) -> dict[str, list[Row]]:
    """Present visits of each patient, in order of key."""
    found: dict[str, list[Row]] = defaultdict(list)
    rows = list(MirrorVisit.objects.filter(patient__in=patients, present=True).order_by("stay").values())
    named = places_named(row["ward"] for row in rows)
    for row in rows:
        if (place := named.get(row["ward"])) is not None:
            row |= {"ward": place.ward, "room": place.room, "bed": place.bed}
        found[row["patient"]].append(row)
    return found


def _open_stay(row: Row, deleted_at: Moment | None) -> OpenStay:
    return OpenStay(
        ward=str(row["ward"]),
        room=str(row["room"]),
        bed=str(row["bed"]),
        visit=str(row["visit"]),
        visit_class=str(row["visit_class"]),
        admitted_at=_moment(row["admitted_at"]),
        stay_entry=str(row["entry"]),
        away=Away(row["away"]),
        whereabouts=str(row["whereabouts"]),
        pending=str(row["pending"]),
        aim=str(row["aim"]),
        stay_deleted_at=deleted_at,
    )


def _person(
    patient: PatientId,
    told: Row,
    newest: Row,
    identifiers: tuple[Identifier, ...],
    flags: frozenset[str],
    beds: tuple[OpenStay, ...],
    deleted_at: Moment | None,
) -> Person:
    return Person(
        patient=patient,
        mrn=str(told["mrn"]),
        authority=str(told["authority"]),
        identifiers=identifiers,
        family=str(told["family"]),
        given=str(told["given"]),
        prefix=str(told["prefix"]),
        birth_date=_text(told["birth_date"]),
        sex=str(told["sex"]),
        language=str(told["language"]),
        deceased_at=_moment(told["deceased_at"]),
        flags=flags,
        deleted_at=deleted_at,
        source=source_of(told),
        as_of=source_of(newest).at,
    ).lying(beds)


def source_of(row: Row) -> Source:
    """The source columns of a row as a value."""
    return Source(
        entry=str(row["entry"]),
        interface=str(row["interface"]),
        message=str(row["message"]),
        control_id=str(row["control_id"]),
        at=_moment(row["at"]) or Moment(0),
    )


def _moment(value: object) -> Moment | None:
    return Moment(value) if isinstance(value, int) else None


def _text(value: object) -> str | None:
    return str(value) if value else None
