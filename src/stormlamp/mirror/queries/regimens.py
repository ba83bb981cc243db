"""Which drugs a regimen has, as the orders and plans of a patient tell by its name: `FOLFOX` is oxaliplatin and fluorouracil."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from stormlamp.kernel.identifiers import PatientId
from stormlamp.mirror.models import MirrorItem
from stormlamp.mirror.queries.bookings import words_of
from stormlamp.mirror.queries.identities import families

_ORDER, _PLANS = "MedicationRequest", ("CarePlan", "RequestGroup")
_NEVER = frozenset(("entered-in-error", "revoked", "cancelled", "draft"))
_MOST = 500
Resource = Mapping[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Regimen:
    """What a plan, a group of orders or the note of an order is called, and the drugs that are ordered under it."""

    name: str
    drugs: tuple[str, ...]


def regimens(patients: Iterable[PatientId]) -> dict[PatientId, tuple[Regimen, ...]]:
    """The regimens of some patients by their names, one of the same name as one; who is not in the answer has none."""
    members = {member: patient for patient, family in families(list(patients)).items() for member in family}
    wanted, rows = sorted(members), defaultdict[PatientId, list[Row]](list)
    for start in range(0, len(wanted), _MOST):
        told = MirrorItem.objects.filter(patient__in=wanted[start : start + _MOST], type__in=(_ORDER, *_PLANS)).order_by("id")
        for row in told.exclude(status__in=_NEVER).values("patient", "id", "type", "display", "resource"):
            rows[members[PatientId(row["patient"])]].append({**row, "resource": orjson.loads(bytes(row["resource"]))})
    return {patient: _together(_named(some)) for patient, some in rows.items()}


def _together(told: Iterable[tuple[str, list[str]]]) -> tuple[Regimen, ...]:
    names: dict[str, list[str]] = defaultdict(list)
    for name, drugs in told:
        names[name] += drugs
    return tuple(Regimen(name, tuple(dict.fromkeys(drugs))) for name, drugs in names.items() if drugs)


def _named(rows: list[Row]) -> Iterator[tuple[str, list[str]]]:
    """Names and drugs: an order is of the plan that points to it, or that it points to, of its group, and of what its note says."""
    orders = {f"{_ORDER}/{row['id']}": row for row in rows if row["type"] == _ORDER and row["display"]}
    for row in rows:
        if row["type"] in _PLANS:
            place, plan = f"{row['type']}/{row['id']}", row["resource"]
            ordered = {*_references(plan), *(one for one, order in orders.items() if place in _references(order["resource"]))}
            drugs = [orders[one]["display"] for one in sorted(ordered & orders.keys())]
            yield row["display"], [*drugs, *_products(plan)]
    for row in orders.values():
        group = row["resource"].get("groupIdentifier")
        notes = row["resource"].get("note")
        told = [group.get("value")] if isinstance(group, dict) else []
        told += [one.get("text") for one in notes if isinstance(one, dict)] if isinstance(notes, list) else []
        for name in told:
            if isinstance(name, str):
                yield name, [row["display"]]


def _references(resource: Resource) -> Iterator[str]:
    """Where the steps of a plan, or what an order is based on, lead."""
    steps = [one.get("reference") for one in _things(resource, "activity")]
    steps += [one.get("resource") for one in _things(resource, "action")]
    for one in (*_things(resource, "basedOn"), *(step for step in steps if isinstance(step, dict))):
        if isinstance(one.get("reference"), str):
            yield one["reference"]


def _products(plan: Resource) -> Iterator[str]:
    """The drugs that a plan itself names."""
    for one in _things(plan, "activity"):
        detail = one.get("detail")
        product = detail.get("productCodeableConcept") if isinstance(detail, dict) else None
        if isinstance(product, dict) and (words := words_of(product)):
            yield words


def _things(resource: Resource, name: str) -> list[Resource]:
    listed = resource.get(name)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
