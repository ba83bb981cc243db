"""What a search finds: a page of resources, where it ends, how many there are, and whose they are."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import orjson
from django.db.models import Q

from stormlamp.kernel.moments import to_datetime
from stormlamp.mirror.api.giving import given_item, given_items, given_listed, given_persons
from stormlamp.mirror.queries.r4 import directory as places
from stormlamp.mirror.queries.r4 import items as things
from stormlamp.mirror.queries.r4 import persons
from stormlamp.mirror.rules.r4.catalogue import DIRECTORY
from stormlamp.mirror.rules.r4.dates import Asked
from stormlamp.mirror.rules.r4.reading import Wanted
from stormlamp.mirror.rules.r4.searching import Filter, Search, Unreadable

Resource = dict[str, Any]
PRINCIPAL = "without a patient, code finds only the first coding of each resource; name a patient to look at every coding"
_ALL_OF_IT = 2**31
# Parameters whose date is the one that the mirror sorts by.
_DATED = {"Observation": "date", "Procedure": "date", "Appointment": "date", "Immunization": "date", "ServiceRequest": "authored"}


@dataclass(slots=True)
class Found:
    """A page. `next_place` is None on the last one, `total` where nobody counted; `patients` are those who were looked at."""

    resources: list[Resource] = field(default_factory=list)
    next_place: tuple[Any, ...] | None = None
    total: int | None = None
    patients: set[str] = field(default_factory=set)
    note: str = ""


def found_by(asked: Search, zone: dt.tzinfo) -> Found:
    """What a search finds."""
    if asked.type.name == "Patient":
        return _persons(asked, zone)
    return _listed(asked, zone) if asked.type.name in DIRECTORY else _items(asked, zone)


# ------------------------------------------------------------------------------------------------------------------- items


def _items(asked: Search, zone: dt.tzinfo) -> Found:
    patients = _asked_patients(asked)
    span, rest = _range(asked, patients)
    held = things.items(span, after=asked.page)
    fitting = (one for one in held if rest.fits(given_item(one, one.patient, []), zone)) if rest.filters else held
    page = list(islice(fitting, 0 if asked.counted_only else asked.count + 1))
    shown = page[: asked.count]
    found = Found(given_items(shown), note=PRINCIPAL if span.code is not None else "")
    if len(page) > len(shown):
        found.next_place = things.place_of(span, shown[-1])
    found.patients = set(persons.survivors({one.patient for one in shown}).values()) if shown else set()
    if patients and not shown:
        found.patients = set(persons.survivors(persons.known_patients(patients)).values())
    if asked.total == "accurate" or asked.counted_only or (asked.total != "none" and patients is not None):
        found.total = things.item_count(span) if not rest.filters else _counted(span, rest, zone)
    return found


def _counted(span: things.Range, rest: Search, zone: dt.tzinfo) -> int:
    return sum(1 for one in things.items(span) if rest.fits(given_item(one, one.patient, []), zone))


def _asked_patients(asked: Search) -> set[str] | None:
    """Every id of the patients that a search names; None when it names none."""
    if asked.patients is None and asked.numbers is None:
        return None
    wanted = set(asked.patients) if asked.patients is not None else None
    if asked.numbers is not None:
        numbered = {one for number in asked.numbers if isinstance(number, tuple) for one in _numbered(number)}
        wanted = numbered if wanted is None else wanted & numbered
    return {one for members in persons.kin(sorted(wanted or ())).values() for one in members}


def _range(asked: Search, patients: set[str] | None) -> tuple[things.Range, Search]:
    """What the columns answer, and the filters that only the resources can."""
    code = asked.filter("code") or asked.filter("vaccine-code") if patients is None else None
    wanted = code.wanted[0] if code and len(code.wanted) == 1 and isinstance(code.wanted[0], tuple) else None
    filters = tuple(one for one in asked.filters if wanted is None or one is not code)
    dated = asked.filter(_DATED.get(asked.type.name, ""))
    near = tuple(one for one in dated.wanted if isinstance(one, Asked)) if dated and len(dated.wanted) == 1 else ()
    span = things.Range(
        type=asked.type.name,
        patients=patients,
        ids=asked.ids,
        code=wanted,
        updated=asked.updated,
        dated=near,
        sort=asked.sort or ("date" if near and patients is None else ""),
        descending=asked.descending,
    )
    return span, replace(asked, filters=filters)


# ----------------------------------------------------------------------------------------------------------------- patients


def _persons(asked: Search, zone: dt.tzinfo) -> Found:
    """Patients. A merged record that fits stands for the patient that it was merged into."""
    fits = _fitting(asked, zone)
    rest = tuple(one for one in asked.filters if one.param.name != "identifier")
    wide = [(_of_systems(one), one.negative) for one in asked.filters if one.param.name == "identifier" and _is_wide(one)]

    def fitting_one(patient: str, told: Resource) -> bool:
        return all((patient in some) is not negative for some, negative in wide) and all(one.fits(told, zone) for one in rest)

    heirs = {patient for patient, told in persons.aliased_rows(fits) if fitting_one(patient, told)}
    wanted = set(persons.survivors(heirs).values())
    after = str(asked.page[0]) if asked.page else ""
    standing = persons.unmerged() & fits | Q(patient__in=sorted(wanted))
    rows = persons.patient_rows(standing, after=after, descending=asked.descending)
    fitting = (patient for patient, told in rows if patient in wanted or fitting_one(patient, told))
    page = list(islice(fitting, 0 if asked.counted_only else asked.count + 1))
    shown = page[: asked.count]
    found = Found(given_persons(persons.told_of(shown)), patients=set(shown))
    if len(page) > len(shown):
        found.next_place = (shown[-1],)
    if asked.total == "accurate" or asked.counted_only or (asked.total != "none" and not found.next_place and not asked.page):
        every = persons.patient_rows(standing)
        found.total = sum(1 for patient, told in every if patient in wanted or fitting_one(patient, told))
    return found


def _fitting(asked: Search, zone: dt.tzinfo) -> Q:
    """What columns tell of the rows that may fit; the traits decide."""
    fits = persons.EVERYBODY
    if asked.ids is not None:
        fits &= Q(patient__in=asked.ids)
    for date in asked.updated:
        fits &= persons.updated(date)
    for one in asked.filters:
        name = one.param.name
        if one.missing is not None or (name == "identifier" and _is_wide(one)):
            continue
        if name == "identifier":
            numbered = {patient for number in one.wanted if isinstance(number, tuple) for patient in _numbered(number)}
            fits &= ~Q(patient__in=sorted(numbered)) if one.negative else Q(patient__in=sorted(numbered))
        elif name in ("name", "family", "given") and not one.negative:
            named = Q()
            for said in one.wanted:
                named |= persons.named(str(said[1])) if isinstance(said, tuple) and said[0] != "contains" else persons.EVERYBODY
            fits &= named
        elif name == "gender" and not one.negative and all(said[1] for said in one.wanted if isinstance(said, tuple)):
            fits &= Q(sex__in=[said[1] for said in one.wanted if isinstance(said, tuple)])
        elif name == "birthdate":
            fits &= _born(one.wanted, zone)
    return fits


def _born(wanted: Iterable[Wanted], zone: dt.tzinfo) -> Q:
    """Years in which somebody may be born, told whole or in part."""
    fits = Q()
    for one in wanted:
        if isinstance(one, Asked):
            low, high = (to_datetime(at, zone).year for at in (one.span.low, one.span.high))
            after = Q(birth_date__gte=f"{low:04}") if one.prefix in ("eq", "ge", "gt", "sa", "ap") else Q()
            before = Q(birth_date__lt=f"{high + 1:04}") if one.prefix in ("eq", "le", "lt", "eb", "ap") else Q()
            fits |= (after & before) or Q(birth_date__isnull=False)
    return fits


def _is_wide(asked: Filter) -> bool:
    """Whether an identifier is asked for by its system alone, or whether there is any: that is of too many to name each."""
    return asked.missing is not None or any(isinstance(one, tuple) and not one[1] for one in asked.wanted)


def _of_systems(asked: Filter) -> set[str]:
    """Patients with a number that is asked for, by its system alone too; of `:missing=true` those without any."""
    if asked.missing is not None:
        every = {patient for patient, _ in persons.patient_rows(persons.EVERYBODY)}
        return every - persons.numbered(None, "") if asked.missing else persons.numbered(None, "")
    return {patient for number in asked.wanted if isinstance(number, tuple) for patient in persons.numbered(*number)}


def _numbered(number: tuple[str | None, str]) -> set[str]:
    if not number[1]:
        raise Unreadable("a patient's identifier needs a number here", "value")
    return persons.numbered(*number)


# ---------------------------------------------------------------------------------------------------------------- directory


def _listed(asked: Search, zone: dt.tzinfo) -> Found:
    page = list(islice(_in_directory(asked, zone, asked.page), 0 if asked.counted_only else asked.count + 1))
    shown = page[: asked.count]
    found = Found(given_listed(shown))
    if len(page) > len(shown):
        found.next_place = (shown[-1].id,)
    if asked.total == "accurate" or asked.counted_only:
        found.total = sum(1 for _ in _in_directory(asked, zone, ()))
    return found


def _in_directory(asked: Search, zone: dt.tzinfo, after: tuple[Any, ...]) -> Iterator[places.Listed]:
    rows: Iterator[places.Listed]
    if asked.ids is not None:
        known = places.listed([f"{asked.type.name}/{one}" for one in asked.ids])
        rows = (one for one in known if not after or one.id > str(after[0]))
    else:
        rows = places.directory(asked.type.name, after=str(after[0]) if after else "", descending=asked.descending)
    for one in rows:
        if all(each.fits_at(one.received_at) for each in asked.updated) and asked.fits(orjson.loads(one.resource), zone):
            yield one
