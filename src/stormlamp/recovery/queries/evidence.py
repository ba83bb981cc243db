"""What an item says and what the EHR has told about its patient, gathered for the question whether the two contradict."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from stormlamp.charts import queries as charts
from stormlamp.charts.rules import Admission, Allergy, ChartEntry, Dose, EntryKind, Move
from stormlamp.charts.rules.identities import followed, standing_aliases
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.mirror import queries as mirror
from stormlamp.mirror.queries.stays import latest_visit, merged_by
from stormlamp.mirror.rules import Absence, Kind, Person, VisitStatus
from stormlamp.mirror.rules import Item as Told
from stormlamp.recovery.models import ItemStanding
from stormlamp.recovery.queries.items import identified
from stormlamp.recovery.rules import ItemState
from stormlamp.recovery.rules.conflicts import EhrAllergy, EhrDose, EhrPicture, EhrStay, Ours

_SEVERITIES = {"SV": "severe", "MO": "moderate", "MI": "mild", "U": "unknown"}


def ours(entry: ChartEntry, number: str, members: Collection[str]) -> Ours:
    """What an entry says, as far as the EHR could contradict it. `members`: every id of the same person."""
    body = entry.body
    told = Ours(what=entry.kind, occurred_at=entry.occurred_at, number=number)
    if isinstance(body, Admission | Move):
        stays = charts.entries_of(members, EntryKind.ADMISSION, EntryKind.MOVE)
        return replace(told, ward=body.ward, bed=body.bed, places=_places(stays))
    if isinstance(body, Allergy):
        return replace(told, substance=body.substance, code=body.code, severity=str(body.severity), reaction=body.reaction)
    if isinstance(body, Dose):
        amount = f"{body.value} {body.unit}".strip()
        doses = charts.entries_of(members, EntryKind.DOSE)
        return replace(told, drug=body.drug, amount=amount, given=body.given, echoes=_echoes(entry, doses))
    return told


def picture(patient: PatientId, person: Person | None, what: str, since_at: Moment) -> EhrPicture:
    """What the EHR holds of a patient that an item of this kind could contradict, and what of it was told since a moment.

    `person` is who the patient is to the EHR now.
    """
    if person is None:
        return EhrPicture()
    merged = _merged_away(patient)
    about_person = EhrPicture(
        died_at=person.deceased_at if person.as_of >= since_at else None,
        died_source=person.source.entry,
        merged_into=person.number if merged else "",
        merged_source=merged_by(patient) if merged else "",
        stay=_stay(person.patient, since_at),
    )
    if what in ("allergy", "no-known-allergies"):
        return _with_allergies(about_person, person.patient, since_at)
    if what == "dose":
        changed = mirror.items_changed_since(person.patient, since_at)
        return replace(about_person, doses=tuple(found for one in changed if (found := _dose(one))))
    return about_person


def _with_allergies(about: EhrPicture, patient: PatientId, since_at: Moment) -> EhrPicture:
    told = mirror.section(patient, Kind.ALLERGY)
    new = {one.key for one in mirror.items_changed_since(patient, since_at) if one.kind == Kind.ALLERGY}
    none = told.source if told.absence == Absence.STATED_NONE else None
    return replace(
        about,
        allergies=tuple(_allergy(one, one.key in new) for one in told.items if one.status != "entered-in-error" and not one.untold),
        none_stated=none.entry if none is not None and none.at >= since_at else "",
    )


def _merged_away(patient: PatientId) -> bool:
    """Whether the EHR merged a patient of its own into another, and not because an identification made here says so.

    A downtime number that the EHR took into one of its own is no contradiction: it said who that was, and what is left goes there.
    """
    head = mirror.canonical(patient)
    if charts.is_registered_here(patient):
        return False
    here = followed(patient, standing_aliases(identified()))
    said_here = here != patient and mirror.canonical(here) == head
    return head != patient and not said_here


def _stay(patient: PatientId, since_at: Moment) -> EhrStay | None:
    found = latest_visit(mirror.aliases(patient))
    if found is None or found[1] < since_at:
        return None
    visit, _ = found
    if visit.status == VisitStatus.OUT:
        over_at = visit.discharged_at
        return EhrStay(over_at=over_at, source=visit.entry) if over_at is not None and over_at >= since_at else None
    return EhrStay(ward=visit.place.ward, bed=visit.place.bed, source=visit.entry) if visit.present else None


def _allergy(told: Told, new: bool) -> EhrAllergy:
    return EhrAllergy(
        substance=told.display,
        code=told.code,
        severity=_SEVERITIES.get(told.flag, told.flag),
        reaction=told.text,
        new=new,
        source=told.source.entry,
    )


def _dose(told: Told) -> EhrDose | None:
    if told.resource.get("resourceType") != "MedicationAdministration" or told.effective_at is None:
        return None
    if told.status in ("not-done", "entered-in-error"):
        return None
    return EhrDose(drug=told.display, code=told.code, amount=told.text, at=told.effective_at, source=told.source.entry)


def _places(entries: Sequence[ChartEntry]) -> frozenset[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for entry in entries:
        if isinstance(entry.body, Admission | Move):
            found.add((entry.body.ward, entry.body.bed))
        if isinstance(entry.body, Move):
            found.add((entry.body.from_ward, entry.body.from_bed))
    return frozenset(found)


def _echoes(entry: ChartEntry, of_patient: Sequence[ChartEntry]) -> frozenset[Moment]:
    """When the same drug was given by entries that the EHR has accepted."""
    assert isinstance(entry.body, Dose)
    drug = entry.body.drug.casefold().strip()
    same = {
        one.id: one.occurred_at
        for one in of_patient
        if one.id != entry.id and isinstance(one.body, Dose) and one.body.drug.casefold().strip() == drug
    }
    rows = ItemStanding.objects.filter(pk__in=list(same), state=ItemState.ACCEPTED).order_by("pk")
    return frozenset(same[pk] for pk in rows.values_list("pk", flat=True))
