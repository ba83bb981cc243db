"""The segments that most messages share. Those of a person or a visit are kept: they change far less than they are sent."""

from functools import lru_cache
from zoneinfo import ZoneInfo

from stormlamp.drills.rules.booking import diet
from stormlamp.drills.rules.catalogue import NO_KNOWN_ALLERGY, Coded
from stormlamp.drills.rules.happenings import Visit
from stormlamp.drills.rules.people import Person, Staff
from stormlamp.kernel.moments import HOUR, Moment
from stormlamp.mirror.wire.times import hl7_time
from stormlamp.mirror.wire.write import Component, Field, segment

_LANGUAGES = {"fr": "French", "nl": "Dutch", "de": "German", "en": "English"}
_RELATIONS = {
    "SPO": "Spouse",
    "CHD": "Child",
    "SIB": "Sibling",
    "FND": "Friend",
    "MTH": "Mother",
    "FTH": "Father",
}


@lru_cache(maxsize=4096)
def _hour_text(hour: int, zone: str) -> tuple[str, str]:
    text = hl7_time(Moment(hour * HOUR), ZoneInfo(zone))
    return text[:10], text[14:]


def time(at: Moment, zone: str) -> str:
    """A moment to the second, in the zone and with its offset (zones of whole hours, which is why an hour can be kept)."""
    hour, rest = divmod(at, HOUR)
    head, offset = _hour_text(hour, zone)
    minute, second = divmod(rest // 1_000_000, 60)
    return f"{head}{minute:02d}{second:02d}{offset}"


def named(staff: Staff) -> tuple[str, ...]:
    """XCN: code, family, given."""
    return (staff.code, staff.family, staff.given)


def coded(what: Coded, system: str = "LN") -> tuple[str, ...]:
    """CE: code, display, coding system."""
    return (what.code, what.display, system)


@lru_cache(maxsize=8192)
def pid(person: Person, authority: str, zone: str) -> str:
    """PID; the national number beside the hospital's own."""
    numbers: list[tuple[Component, ...]] = [(person.number, "", "", authority, "MR")]
    if person.niss:
        numbers.append((person.niss, "", "", "NISS", "NNBEL"))
    fields: dict[int, Field] = {
        1: 1,
        3: numbers,
        5: (person.family, person.given, "", "", "", "", "L"),
        7: f"{person.birth_date:%Y%m%d}",
        8: person.sex,
        11: (person.street, "", person.town, "", person.postcode, "BEL", "H"),
        13: (person.phone, "PRN", "PH"),
        15: (person.language, _LANGUAGES[person.language], "ISO639"),
    }
    if person.mother:
        fields |= {21: (person.mother, "", "", authority, "MR"), 24: "N", 25: person.birth_order}
    if person.dead_at:
        fields |= {29: time(Moment(person.dead_at), zone), 30: "Y"}
    return segment("PID", fields)


@lru_cache(maxsize=8192)
def surroundings(person: Person) -> tuple[str, ...]:
    """PD1 with the general practitioner, and NK1 where somebody is named."""
    pd1 = segment("PD1", {4: named(person.gp)})
    if (kin := person.contact) is None:
        return (pd1,)
    relation = (kin.relation, _RELATIONS[kin.relation], "HL70063")
    role = ("C", "Emergency Contact", "HL70131")
    contact: dict[int, Field] = {1: 1, 2: (kin.family, kin.given), 3: relation, 5: (kin.phone, "PRN", "PH"), 7: role}
    return (pd1, segment("NK1", contact))


def location(place: str, authority: str) -> tuple[str, ...]:
    """PL of a bed (`3B-12`), or of a ward where somebody waits."""
    ward, _, bed = place.partition("-")
    if not bed:
        return (ward, "", "", authority)
    return (ward, f"{ward}{(int(bed) + 1) // 2:02d}", place, authority)


@lru_cache(maxsize=8192)
def pv1(visit: Visit, authority: str, zone: str, service: str) -> str:
    """PV1 as the visit stands."""
    fields: dict[int, Field] = {
        1: 1,
        2: visit.patient_class,
        3: location(visit.place, authority),
        7: named(visit.attending),
        10: service,
        19: (visit.number, "", "", authority, "VN"),
        44: time(visit.admitted_at, zone),
    }
    if eaten := diet(visit):
        fields[38] = ("", eaten)
    if visit.was_at:
        fields[6] = location(visit.was_at, authority)
    if visit.discharged_at is not None:
        fields |= {36: visit.outcome, 45: time(visit.discharged_at, zone)}
    return segment("PV1", fields)


@lru_cache(maxsize=4096)
def stated(visit: Visit) -> tuple[str, ...]:
    """AL1 and DG1: allergies where there are some, "none known" where it was said, nothing where nobody asked."""
    lines = [
        segment("AL1", {1: n, 2: one.kind, 3: (one.code, one.display, "SCT"), 4: one.severity, 5: one.reaction})
        for n, one in enumerate(visit.allergies, 1)
    ]
    if visit.allergies_stated and not visit.allergies:
        lines.append(segment("AL1", {1: 1, 2: "DA", 3: coded(NO_KNOWN_ALLERGY, "SCT")}))
    for n, one in enumerate(visit.diagnoses, 1):
        lines.append(segment("DG1", {1: n, 3: coded(one, "I10"), 6: "W"}))
    return tuple(lines)
