"""Clinical values of a patient, by class, with what an empty class means."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.models import MirrorClass, MirrorDirectory, MirrorItem, MirrorPatient, MirrorSnapshot
from stormlamp.mirror.queries.identities import aliases
from stormlamp.mirror.queries.persons import source_of
from stormlamp.mirror.rules import KINDS, Item, Section, absence
from stormlamp.mirror.rules.sameness import joined

Row = Mapping[str, Any]
NO_CLASS, _DRUG = "other", "Medication/"


def section(patient: PatientId, kind: str) -> Section:
    """One class of a patient's values, newest first."""
    return _sections(aliases(patient), (kind,))[kind]


def sections(patient: PatientId) -> dict[str, Section]:
    """Every class of a patient's values, in the order of KINDS."""
    return _sections(aliases(patient), KINDS)


def items_changed_since(patient: PatientId, at: Moment) -> tuple[Item, ...]:
    """Values of a chart's classes that arrived at or after a moment, in the order of their arrival."""
    told = MirrorItem.objects.filter(patient__in=aliases(patient), category__in=KINDS, received_at__gte=at)
    return tuple(item_of(row) for row in told.order_by("received_at", "order", "id").values())


def patient_resource(patient: PatientId) -> dict[str, Any]:
    """The R4 Patient as last told, with every trait from the newest message that told it; empty when nobody did."""
    members = aliases(patient)
    rows = dict(MirrorPatient.objects.filter(patient__in=members).order_by("order").values_list("patient", "resource"))
    held = next((rows[one] for one in members if one in rows), None)
    found: dict[str, Any] = orjson.loads(bytes(held)) if held else {}
    return found


def _sections(members: Collection[PatientId], kinds: Iterable[str]) -> dict[str, Section]:
    wanted = tuple(kinds)
    held: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in MirrorItem.objects.filter(patient__in=members, category__in=wanted).order_by("at", "order", "id").values():
        held[row["category"]][row["key"]] = row
    _name_drugs(held["medication"])
    spoken: dict[str, Row] = {}
    classes = [f"{member}|{kind}" for member in members for kind in wanted]
    for said in MirrorClass.objects.filter(id__in=classes).order_by("at", "order", "id").values():
        spoken[said["category"]] = said if _stands(said, members) else {**said, "stated_none": False}
    lists: dict[str, list[Row]] = defaultdict(list)
    for listed in MirrorSnapshot.objects.filter(patient__in=members, category__in=wanted).order_by("order", "id").values():
        lists[listed["category"]].append(listed | {"keys": frozenset(listed["keys"].splitlines())})
    return {kind: _section(kind, held[kind].values(), spoken.get(kind), lists[kind]) for kind in wanted}


def _name_drugs(rows: dict[str, Row]) -> None:
    """Drugs that are resources of their own get the name that the directory has for them, whichever of the two came first."""
    wanted = {row["display"] for row in rows.values() if row["display"].startswith(_DRUG)}
    told = dict(MirrorDirectory.objects.filter(id__in=sorted(wanted)).order_by("id").values_list("id", "display")) if wanted else {}
    for key, row in rows.items():
        if name := told.get(row["display"]):
            rows[key] = {**row, "display": name}


def _stands(said: Row, members: Collection[PatientId]) -> bool:
    """Whether a statement that there is nothing was not deleted by its server since. FHIR's is a row of no class of the chart."""
    _, fhir, kind = str(said["message"]).partition("FHIR ")
    if not said["stated_none"] or not fhir:
        return True
    return bool(MirrorItem.objects.filter(patient__in=members, category=NO_CLASS, type=kind).exists())


def _section(kind: str, rows: Collection[Row], spoken: Row | None, lists: Sequence[Row]) -> Section:
    newest = sorted(rows, key=lambda row: (-_told_at(row), row["display"], row["key"]))
    tellings = [source_of(row) for row in (spoken, *newest) if row]
    source = max(tellings, key=lambda one: one.at, default=None)
    items = joined(_listed(row, lists) for row in newest)
    told = sum(item.untold is None for item in items)
    return Section(
        kind=kind,
        items=items,
        absence=absence(items=told, received=spoken is not None, stated_none=bool(spoken and spoken["stated_none"])),
        received_until=source.at if source else None,
        source=source,
    )


def _listed(row: Row, lists: Sequence[Row]) -> Item:
    """A value, and what the newest whole lists of each interface say of it: who tells it too, or that its source no longer does."""
    same = [one for one in lists if one["patient"] == row["patient"] and one["scope"] == row["scope"]]
    also = tuple(source_of(one) for one in same if one["interface"] != row["interface"] and row["key"] in one["keys"])
    own = next((one for one in same if one["interface"] == row["interface"] and one["order"] > row["order"]), None)
    gone = own is not None and row["key"] not in own["keys"] and not also
    return replace(item_of(row), also=also, untold=source_of(own) if gone and own is not None else None)


def _told_at(row: Row) -> int:
    """When it was true for the patient; where the source does not say, when it was told."""
    return int(row["at"] if row["effective_at"] is None else row["effective_at"])


def item_of(row: Row) -> Item:
    """A row as a value."""
    return Item(
        key=row["key"],
        kind=row["category"],
        display=row["display"],
        code=row["code"],
        text=row["text"],
        value=row["value"],
        unit=row["unit"],
        reference_range=row["reference_range"],
        flag=row["flag"],
        status=row["status"],
        effective_at=None if row["effective_at"] is None else Moment(row["effective_at"]),
        source=source_of(row),
        resource={"id": row["id"], **orjson.loads(bytes(row["resource"]))},
    )
