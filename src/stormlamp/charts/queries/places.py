"""Beds and wards: who lies where, and whether a class may be written there."""

from collections.abc import Sequence

from stormlamp.charts.queries import entries
from stormlamp.charts.queries.people import Who, people
from stormlamp.charts.rules import writable
from stormlamp.charts.rules.conflicts import Conflict, ConflictKind
from stormlamp.charts.rules.papers import same_ward
from stormlamp.charts.rules.stays import beds_shared
from stormlamp.incident import queries as incident
from stormlamp.incident.rules import SERVICE_OF_CLASS, OutageView
from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.mirror import queries as mirror
from stormlamp.mirror.rules.names import natural


def wards() -> tuple[str, ...]:
    """Wards that anybody lies on, by a feed or by what was written here, in natural order."""
    here = {one.ward for one in entries.stays().values() if one.occupies and one.ward}
    return tuple(sorted(here | set(mirror.wards()), key=natural))


def ward_named(text: str) -> str:
    """The ward that somebody means, as the feeds write it; the text itself where nobody lies on such a ward yet."""
    return next((one for one in wards() if same_ward(one, text)), text.strip())


def census(ward: str, *, reader: Actor | None = None, now: Moment) -> tuple[Who, ...]:
    """Who lies on a ward now, by bed; two in one bed are both there, and who may lie in two beds is in each of them."""
    told = [one.patient for one in mirror.ward_persons(ward)]
    written = [patient for patient, stay in entries.stays(ward=ward).items() if stay.occupies]
    found = people([*told, *written], reader=reader, now=now)
    there = [one for told in found for one in told.each_place if one.present and one.place.ward == ward and not one.mistaken]
    by_room = len({one.place.bed for one in there}) < len({(one.place.room, one.place.bed) for one in there})
    return tuple(sorted(there, key=lambda one: (*_place_key(one, by_room), one.patient)))


def unplaced(*, reader: Actor | None = None, now: Moment) -> tuple[Who, ...]:
    """Who is admitted, to a ward that nobody told: they lie somewhere, and are on no ward's list."""
    found = people([one.patient for one in mirror.unplaced_persons()], reader=reader, now=now)
    return tuple(one for told in found for one in told.each_place if one.unplaced)


def patients_in_bed(*, ward: str, bed: str, room: str = "", now: Moment) -> tuple[PatientId, ...]:
    """Who lies in a bed; a place without a bed is nobody's. The same bed of another room is another bed, where both are told."""
    if not bed:
        return ()
    told = [one.patient for one in mirror.bed_persons(ward, bed)]
    written = [patient for patient, stay in entries.stays(ward=ward, bed=bed).items() if stay.occupies]
    found = people([*told, *written], now=now)
    return tuple(
        sorted(
            one.patient
            for told_of in found
            for one in told_of.each_place
            if one.present and one.place.ward == ward and one.place.bed.casefold() == bed.casefold() and not one.mistaken
            if not (room and one.place.room) or one.place.room.casefold() == room.casefold()
        )
    )


def beds_twice(told: tuple[Who, ...]) -> tuple[Conflict, ...]:
    """Beds of a census that hold more than one patient."""
    shared = beds_shared((one.place.ward, one.place.room, one.place.bed, one.patient) for one in told)
    return tuple(
        Conflict(kind=ConflictKind.SAME_BED, patients=tuple(PatientId(one) for one in patients), ward=ward, bed=bed)
        for (ward, bed), patients in shared.items()
    )


def writing(record_class: str, ward: str, *, at: Moment, occurred_at: Moment | None = None) -> OutageView | None:
    """The outage under which a class may be written in a ward; None: its own system is up, here it is read-only."""
    return writable(SERVICE_OF_CLASS[record_class], ward, incident.all_outages(), at=at, occurred_at=occurred_at)


def writable_classes(wards: Sequence[str], *, at: Moment) -> dict[str, OutageView | None]:
    """For each class of the record, the outage under which it may be written now in any of somebody's wards."""
    outages = incident.all_outages()
    found = {name: (writable(service, ward, outages, at=at) for ward in wards) for name, service in SERVICE_OF_CLASS.items()}
    return {name: next((outage for outage in told if outage is not None), None) for name, told in found.items()}


def _place_key(one: Who, by_room: bool) -> tuple[tuple[tuple[int, int, str], ...], ...]:
    """Beds in the order in which people count them: by bed where beds of a ward differ, else by room and bed."""
    room, bed = natural(one.place.room), natural(one.place.bed or one.place.room)
    return (room, bed) if by_room else (bed, room)
