"""What is booked for the people in the house: theatre, dialysis, chemotherapy, radiotherapy, infusions; and their blood groups."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stormlamp.drills.rules.dice import Random, dice
from stormlamp.drills.rules.happenings import Visit
from stormlamp.drills.rules.hospital import Hospital, payroll
from stormlamp.drills.rules.people import Staff
from stormlamp.kernel.moments import DAY, HOUR, MINUTE, Moment

_DIETS = ("Low salt", "Diabetic", "Soft", "Gluten-free", "Low potassium", "Fluid only")
_GROUPS = (("O pos", 0.38), ("A pos", 0.34), ("B pos", 0.08), ("O neg", 0.07), ("A neg", 0.06), ("AB pos", 0.04), ("B neg", 0.03))
_OPERATIONS = ("Hip replacement", "Knee replacement", "Cholecystectomy", "Hernia repair", "Prostate resection", "Femoral bypass")


@dataclass(frozen=True, slots=True)
class Booking:
    """A place and time that is kept for somebody."""

    number: str
    visit: Visit
    service: str
    what: str
    place: str
    starts_at: Moment
    minutes: int
    by: Staff


@dataclass(frozen=True, slots=True)
class BloodTest:
    """A finding of the blood bank, by LOINC."""

    visit: Visit
    code: str
    display: str
    value: str
    taken_at: Moment


@dataclass(frozen=True, slots=True)
class _Clinic:
    service: str
    specialties: frozenset[str]
    places: tuple[str, ...]
    first: int
    minutes: int
    most: int


_CLINICS = (
    _Clinic("Operating theatre", frozenset({"surgery", "orthopaedics", "urology"}), ("OR 1", "OR 2", "OR 3", "OR 4"), 8, 105, 16),
    _Clinic("Dialysis", frozenset({"nephrology"}), ("Chair 1", "Chair 2", "Chair 3", "Chair 4"), 7, 240, 8),
    _Clinic("Chemotherapy", frozenset({"oncology"}), ("Bay 1", "Bay 2", "Bay 3"), 9, 120, 9),
    _Clinic("Radiotherapy", frozenset({"oncology"}), ("LINAC 1",), 8, 15, 12),
    _Clinic("Infusion clinic", frozenset({"gastroenterology"}), ("Infusion chair 1", "Infusion chair 2"), 10, 90, 4),
)


def bookings(hospital: Hospital, present: Sequence[Visit], midnight: Moment) -> Iterator[Booking]:
    """The book of the day that begins at `midnight` and of the next, for those who lie in; the same for the same seed."""
    throw, staff = dice(hospital.seed, midnight, "book"), payroll(hospital.seed, hospital.beds)
    for day in range(2):
        for clinic in _CLINICS:
            wanted = [one for one in present if hospital.ward(one.ward).specialty in clinic.specialties]
            for turn, visit in enumerate(throw.sample(wanted, min(clinic.most, len(wanted)))):
                seat, line = turn % len(clinic.places), turn // len(clinic.places)
                at = Moment(midnight + day * DAY + clinic.first * HOUR + line * clinic.minutes * MINUTE)
                yield Booking(
                    number=f"B{day}{clinic.service[:2].upper()}{turn:03d}",
                    visit=visit,
                    service=clinic.service,
                    what=_what(throw, clinic.service),
                    place=clinic.places[seat],
                    starts_at=at,
                    minutes=clinic.minutes,
                    by=throw.choice(staff.physicians[visit.ward]),
                )


def blood_tests(hospital: Hospital, present: Sequence[Visit]) -> Iterator[BloodTest]:
    """Blood groups of most people in the house, antibody screens of some, a few with antibodies."""
    throw = dice(hospital.seed, hospital.opens_at, "blood")
    groups, weights = zip(*_GROUPS, strict=True)
    for visit in present:
        if throw.random() < 0.7:
            at = Moment(visit.admitted_at + int(throw.uniform(10, 120)) * MINUTE)
            yield BloodTest(visit, "882-1", "ABO and Rh group", throw.choices(groups, weights)[0], at)
            if throw.random() < 0.4:
                found = "anti-K" if throw.random() < 0.06 else "negative"
                yield BloodTest(visit, "890-4", "Blood group antibody screen", found, at)


def diet(visit: Visit) -> str:
    """What somebody is to eat; most people anything."""
    turn = sum(map(ord, visit.person.number)) % 17
    return _DIETS[turn] if turn < len(_DIETS) else ""


def _what(throw: Random, service: str) -> str:
    if service == "Operating theatre":
        return throw.choice(_OPERATIONS)
    if service == "Chemotherapy":
        return f"FOLFOX cycle {throw.randint(1, 6)}/6, oxaliplatin 85 mg/m2"
    if service == "Radiotherapy":
        return f"Fraction {throw.randint(1, 25)}/25, 2 Gy"
    return {"Dialysis": "Haemodialysis", "Infusion clinic": "Infliximab 5 mg/kg"}[service]
