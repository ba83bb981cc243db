"""What every entry needs before it is written: a patient, a class that may be written here, and a reason where it looks odd."""

from typing import TypedDict

from stormlamp.charts.actions.refusals import Doubtful, NoSuchPatient, ReadOnlyHere
from stormlamp.charts.queries import people, places
from stormlamp.charts.rules.doubts import time_doubts
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment


class Header(TypedDict):
    """The fields that every entry shares."""

    entry: str
    patient: PatientId
    occurred_at: Moment
    ward: str
    outage: str
    doubts: tuple[str, ...]
    although: str


def header(
    record_class: str,
    *,
    at: Moment,
    entry: str,
    patient: PatientId,
    occurred_at: Moment,
    although: str,
    doubts: tuple[str, ...] = (),
    ward: str | None = None,
) -> Header:
    """The shared fields of an entry; `ward` is where it is written, else the patient's own, of several one where it may be.

    Raises NoSuchPatient, ReadOnlyHere; Doubtful where something looks odd and nobody said why it is so.
    """
    if ward is None:
        found = people.who(patient, now=at)
        if found is None:
            raise NoSuchPatient(patient=patient)
        open_there = (one for one in found.wards if places.writing(record_class, one, at=at, occurred_at=occurred_at))
        ward = next(open_there, found.wards[0])
    outage = places.writing(record_class, ward, at=at, occurred_at=occurred_at)
    if outage is None:
        raise ReadOnlyHere(record_class=record_class, ward=ward)
    told = (*time_doubts(occurred_at, at), *doubts)
    if told and not although.strip():
        raise Doubtful(doubts=told)
    return Header(
        entry=entry,
        patient=patient,
        occurred_at=occurred_at,
        ward=ward,
        outage=outage.id,
        doubts=told,
        although=although.strip() if told else "",
    )
