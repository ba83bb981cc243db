"""The appointment book as the feeds told it, and how those who are in it are reached."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment, parse_iso
from stormlamp.mirror.models import MirrorItem, MirrorPatient
from stormlamp.mirror.queries.identities import canonicals, families
from stormlamp.mirror.queries.persons import source_of
from stormlamp.mirror.rules import Source

_MOST = 500
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """One appointment. `what` are the service, the kind of appointment and what for, in the sender's words; `preparation` what the
    patient is to do before; `said` the words of the item, where some senders write more."""

    patient: PatientId
    starts_at: Moment
    ends_at: Moment | None
    clinic: str
    what: tuple[str, ...]
    said: str
    preparation: str
    places: tuple[str, ...]
    staff: tuple[str, ...]
    status: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How somebody is reached: numbers and addresses as told, and the language they speak (BCP 47 or the sender's word)."""

    phones: tuple[str, ...] = ()
    language: str = ""


def bookings(from_at: Moment, until_at: Moment) -> tuple[Booking, ...]:
    """Every appointment that begins between two moments, by time, clinic and patient; merges followed."""
    told = MirrorItem.objects.filter(type="Appointment", effective_at__gte=from_at, effective_at__lt=until_at)
    rows = list(told.order_by("effective_at", "display", "id").values())
    known = canonicals(PatientId(row["patient"]) for row in rows)
    return tuple(_booking(row, known.get(PatientId(row["patient"]), PatientId(row["patient"]))) for row in rows)


def reach_of(patients: Iterable[PatientId]) -> dict[PatientId, Reach]:
    """How each of some patients is reached; who is not in the answer, nothing was told about."""
    members = {member: patient for patient, family in families(list(patients)).items() for member in family}
    wanted, found = sorted(members), dict[PatientId, Reach]()
    for start in range(0, len(wanted), _MOST):
        rows = MirrorPatient.objects.filter(patient__in=wanted[start : start + _MOST]).order_by("order", "patient")
        for patient, resource, language in rows.values_list("patient", "resource", "language"):
            told = orjson.loads(bytes(resource)).get("telecom") or ()
            phones = tuple(str(one["value"]) for one in told if isinstance(one, dict) and one.get("value"))
            found[members[PatientId(patient)]] = Reach(phones=tuple(dict.fromkeys(phones)), language=language)
    return found


def words_of(concept: Mapping[str, Any]) -> str:
    """A CodeableConcept as it reads."""
    coding = next((one for one in concept.get("coding") or () if isinstance(one, dict)), {})
    return str(concept.get("text") or coding.get("display") or coding.get("code") or "")


def _booking(row: Row, patient: PatientId) -> Booking:
    resource = orjson.loads(bytes(row["resource"]))
    actors = [each.get("actor") or {} for each in resource.get("participant") or () if isinstance(each, dict)]
    services = (*(resource.get("serviceType") or ()), *(resource.get("serviceCategory") or ()))
    several = [*services, resource.get("appointmentType"), *(resource.get("reasonCode") or ())]
    what = (row["display"], *(words_of(each) for each in several if isinstance(each, dict)), str(resource.get("description", "")))
    prepare = (str(resource.get("patientInstruction", "")), str(resource.get("comment", "")), *_notes(resource))
    return Booking(
        patient=patient,
        starts_at=Moment(row["effective_at"] or 0),
        ends_at=_at(resource.get("end")),
        clinic=row["display"],
        what=tuple(dict.fromkeys(filter(None, what))),
        said=row["text"],
        preparation=", ".join(dict.fromkeys(filter(None, prepare))),
        places=tuple(_named(actors, "Location/")),
        staff=tuple(_named(actors, "Practitioner")),
        status=row["status"],
        source=source_of(row),
    )


def _named(actors: list[Any], kind: str) -> Iterator[str]:
    for one in actors:
        if isinstance(one, dict) and str(one.get("reference", "")).startswith(kind) and one.get("display"):
            yield str(one["display"])


def _notes(resource: Mapping[str, Any]) -> Iterator[str]:
    """Remarks: the extension by which R4 carries the notes of an appointment."""
    for one in resource.get("extension") or ():
        if isinstance(one, dict) and str(one.get("url", "")).endswith("Appointment.note"):
            yield str((one.get("valueAnnotation") or {}).get("text", ""))


def _at(said: object) -> Moment | None:
    try:
        return parse_iso(said) if isinstance(said, str) else None
    except ValueError:
        return None
