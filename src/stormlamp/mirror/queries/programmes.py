"""Programme lists: theatre, chemotherapy, radiotherapy, dialysis, infusion; diets; and what a transfusion needs to know."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.models import MirrorItem, MirrorProgramme
from stormlamp.mirror.queries.bookings import bookings, words_of
from stormlamp.mirror.queries.identities import families
from stormlamp.mirror.queries.persons import persons_by_mrn, source_of
from stormlamp.mirror.queries.sections import item_of
from stormlamp.mirror.rules import BloodFinding, Item, Line, Person, Programme, Slot, Source
from stormlamp.mirror.rules.names import folded
from stormlamp.mirror.rules.programmes import blood_finding, course_of, programme_of
from stormlamp.mirror.rules.questions import birth_dates

_LINES = msgspec.json.Decoder(tuple[Line, ...])
_BLOOD = ("result", "vital", "procedure", "order", "note")
_OVER = frozenset(("revoked", "entered-in-error", "finished", "cancelled", "completed"))
_NEVER = frozenset(("entered-in-error", "revoked", "cancelled", "not-done"))
_GIVEN = frozenset(("completed", "in-progress", "unknown", ""))
_MOST = 500
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diet:
    """What a patient is to eat, as the stay or a diet order says; `words`, and `without` what must not be, are the source's own."""

    words: tuple[str, ...]
    without: tuple[str, ...]
    source: Source


def slots(programme: Programme, *, day: str, from_at: Moment, until_at: Moment) -> tuple[Slot, ...]:
    """Everybody on a list for a day: what the feeds booked between two moments, and the files for that day; by time, then place."""
    booked = (slot for slot in _booked(from_at, until_at) if slot.programme is programme)
    found = [*booked, *_from_files(programme, day)]
    return tuple(sorted(found, key=lambda one: (one.starts_at is None, one.starts_at or 0, one.place, one.number, one.what)))


def programme_counts(*, day: str, from_at: Moment, until_at: Moment) -> dict[Programme, int]:
    """How many are on each list for a day."""
    counts = dict.fromkeys(Programme, 0)
    for slot in _booked(from_at, until_at):
        counts[slot.programme] += 1
    for programme in Programme:
        counts[programme] += sum(1 for _ in _from_files(programme, day))
    return counts


def diets(patients: Iterable[PatientId]) -> dict[PatientId, tuple[Diet, ...]]:
    """What each of some patients is to eat; who is not in the answer, nothing was told about."""
    found: dict[PatientId, list[Diet]] = defaultdict(list)
    for patient, row in _items(patients, ("encounter", "plan")):
        resource = orjson.loads(bytes(row["resource"]))
        words, without = _diet_words(resource), _words(resource, "excludeFoodModifier")
        if (words or without) and row["status"] not in _OVER:
            found[patient].append(Diet(words=words, without=without, source=source_of(row)))
    return {patient: tuple(sorted(each, key=lambda one: -one.source.at)) for patient, each in found.items()}


def blood(patients: Iterable[PatientId]) -> dict[PatientId, dict[BloodFinding, tuple[Item, ...]]]:
    """Blood group, antibodies and transfusions of some patients, newest first; a group that was told twice shows twice."""
    found: dict[PatientId, dict[BloodFinding, list[Item]]] = defaultdict(lambda: defaultdict(list))
    for patient, row in _items(patients, _BLOOD):
        kind = blood_finding(row["code"], row["display"])
        if kind is not None and row["status"] not in _NEVER:
            found[patient][kind].append(item_of(row))
    return {patient: {kind: _newest_first(each) for kind, each in kinds.items()} for patient, kinds in found.items()}


def given(patients: Iterable[PatientId]) -> dict[PatientId, tuple[Item, ...]]:
    """Every dose that the feeds say was given to some patients, newest first."""
    found: dict[PatientId, list[Item]] = defaultdict(list)
    for patient, row in _items(patients, ("medication",)):
        if row["type"] == "MedicationAdministration" and row["status"] in _GIVEN:
            found[patient].append(item_of(row))
    return {patient: _newest_first(each) for patient, each in found.items()}


def _newest_first(items: list[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda one: (-(one.effective_at or one.source.at), one.key)))


def _items(patients: Iterable[PatientId], kinds: tuple[str, ...]) -> Iterator[tuple[PatientId, Row]]:
    """The rows of some kinds of some patients, merged numbers included, each with the patient asked for."""
    members = {member: patient for patient, family in families(list(patients)).items() for member in family}
    wanted = sorted(members)
    for start in range(0, len(wanted), _MOST):
        rows = MirrorItem.objects.filter(patient__in=wanted[start : start + _MOST], category__in=kinds).order_by("order", "id")
        for row in rows.values():
            yield members[PatientId(row["patient"])], row


def _booked(from_at: Moment, until_at: Moment) -> Iterator[Slot]:
    for one in bookings(from_at, until_at):
        programme = programme_of((*one.what, one.said, *one.places))
        if programme is None:
            continue
        cycle, fraction, dose = course_of((*one.what, one.said))
        yield Slot(
            programme=programme,
            patient=one.patient,
            number="",
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            place=", ".join(one.places),
            what=" · ".join(one.what),
            cycle=cycle,
            dose=dose,
            fraction=fraction,
            staff=one.staff,
            status=one.status,
            note=one.preparation,
            source=one.source,
        )


def _from_files(programme: Programme, day: str) -> Iterator[Slot]:
    for row in MirrorProgramme.objects.filter(programme=programme.value, day=day).order_by("source"):
        for line in _LINES.decode(bytes(row.lines)):
            who = persons_by_mrn(line.number) if line.number else ()
            doubt = "several people have this number" if len(who) > 1 else _differs(line, who[0]) if who else ""
            yield Slot(
                programme=programme,
                patient=who[0].patient if len(who) == 1 else None,
                number=line.number,
                name=line.name,
                born=line.born,
                starts_at=line.starts_at,
                ends_at=line.ends_at,
                place=line.place,
                what=line.what,
                cycle=line.cycle,
                dose=line.dose,
                fraction=line.fraction,
                status=line.status,
                note=line.note,
                fault=", ".join(filter(None, (line.fault, doubt))),
                file=row.source,
                read_at=Moment(row.read_at),
            )


def _differs(line: Line, who: Person) -> str:
    """What a line says of its patient that is not so of whoever has its number: one of the two is somebody else."""
    born = birth_dates(line.born)
    if born and who.birth_date and who.birth_date not in born:
        return f"born: {line.born}"
    if line.name and who.family and not (set(folded(who.family).split()) & set(folded(line.name).split())):
        return f"name: {line.name}"
    return ""


def _diet_words(resource: dict[str, Any]) -> tuple[str, ...]:
    """What to serve: kinds of diet, textures, thickness of drinks, supplements, tube feeding, wishes, instructions."""
    if resource.get("resourceType") == "Encounter":
        return _words(resource.get("hospitalization"), "dietPreference")
    if resource.get("resourceType") != "NutritionOrder":
        return ()
    oral, tube = resource.get("oralDiet") or {}, resource.get("enteralFormula") or {}
    textures = [each.get("modifier") for each in oral.get("texture") or () if isinstance(each, dict)]
    extra = resource.get("supplement") or ()
    said = (
        *_words(oral, "type"),
        *(words_of(each) for each in textures if isinstance(each, dict)),
        *_words(oral, "fluidConsistencyType"),
        *(words_of(each.get("type") or {}) or str(each.get("productName", "")) for each in extra if isinstance(each, dict)),
        words_of(tube.get("baseFormulaType") or {}) or str(tube.get("baseFormulaProductName", "")),
        *_words(resource, "foodPreferenceModifier"),
        str(oral.get("instruction", "")),
        str(tube.get("administrationInstruction", "")),
    )
    return tuple(dict.fromkeys(filter(None, said)))


def _words(resource: Any, name: str) -> tuple[str, ...]:
    """The concepts of an element as they read."""
    said = resource.get(name) if isinstance(resource, dict) else None
    return tuple(dict.fromkeys(filter(None, (words_of(each) for each in said or () if isinstance(each, dict)))))
