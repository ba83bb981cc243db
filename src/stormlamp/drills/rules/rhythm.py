"""How a hospital's traffic follows the hour and the weekday: the same tables drive the messages and their expected counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import exp, sqrt
from zoneinfo import ZoneInfo

from stormlamp.drills.rules.dice import Random, dice
from stormlamp.drills.rules.hospital import Hospital
from stormlamp.kernel.moments import DAY, HOUR, Moment, to_datetime


class Interface(StrEnum):
    """The wires on which the hospital speaks."""

    ADT = "ADT"
    LAB = "LAB"
    ORDERS = "ORDERS"
    CLINICAL = "CLINICAL"


class Activity(StrEnum):
    """What starts by habit; everything else follows from these."""

    EMERGENCY_ARRIVAL = "emergency-arrival"
    PLANNED_ADMISSION = "planned-admission"
    BIRTH = "birth"
    DISCHARGE = "discharge"
    TRANSFER = "transfer"
    UPDATE = "update"
    LAB = "lab"
    CULTURE = "culture"
    IMAGING = "imaging"
    MEDICATION = "medication"
    VITALS = "vitals"
    NOTE = "note"
    DOSE = "dose"


@dataclass(frozen=True, slots=True)
class Echo:
    """Messages that one activity leads to on an interface: a share of them, between two delays in minutes."""

    interface: Interface
    share: float
    least: float = 0.0
    most: float = 0.0


ADMITTED_SHARE = 0.34
DOUBLE_SHARE = 0.03
CANCEL_ADMISSION_SHARE = 0.02
CANCEL_TRANSFER_SHARE = 0.03
CANCEL_DISCHARGE_SHARE = 0.02
EMERGENCY_LAB_SHARE = 0.6
LAB_CANCEL_SHARE = 0.03
STOP_SHARE = 0.15

EMERGENCY_STAY = (90.0, 300.0)
EMERGENCY_LAB = (10.0, 30.0)
SECOND_REGISTRATION = (3.0, 10.0)
MERGE = (20.0, 80.0)
CANCEL = (4.0, 20.0)
RESULT = (40.0, 100.0)
GROWTH = (360.0, 840.0)
REPORT = (60.0, 300.0)
FIRST_VITALS = (4.0, 15.0)

PER_DAY: dict[Activity, float] = {
    Activity.EMERGENCY_ARRIVAL: 120.0,
    Activity.PLANNED_ADMISSION: 26.0,
    Activity.BIRTH: 2.5,
    Activity.DISCHARGE: 0.0,  # balances what comes in; see `per_day`
    Activity.TRANSFER: 36.0,
    Activity.UPDATE: 50.0,
    Activity.LAB: 420.0,
    Activity.CULTURE: 30.0,
    Activity.IMAGING: 60.0,
    Activity.MEDICATION: 300.0,
    Activity.VITALS: 1500.0,
    Activity.NOTE: 500.0,
    Activity.DOSE: 70.0,
}

_ADT, _LAB, _ORDERS, _CLINICAL = Interface
ECHOES: dict[Activity, tuple[Echo, ...]] = {
    Activity.EMERGENCY_ARRIVAL: (
        Echo(_ADT, 1.0),
        Echo(_ADT, DOUBLE_SHARE, *SECOND_REGISTRATION),
        Echo(_ADT, 2 * DOUBLE_SHARE, *MERGE),  # the second visit is cancelled, then the numbers merged
        Echo(_ADT, 1.0, *EMERGENCY_STAY),  # admitted or sent home: one message either way
        Echo(_CLINICAL, 1.0, *FIRST_VITALS),
        Echo(_ORDERS, EMERGENCY_LAB_SHARE, *EMERGENCY_LAB),
        Echo(_LAB, EMERGENCY_LAB_SHARE * (1 - LAB_CANCEL_SHARE), EMERGENCY_LAB[0] + 40, EMERGENCY_LAB[1] + 100),
        Echo(_ORDERS, EMERGENCY_LAB_SHARE * LAB_CANCEL_SHARE, EMERGENCY_LAB[0] + 40, EMERGENCY_LAB[1] + 100),
    ),
    Activity.PLANNED_ADMISSION: (Echo(_ADT, 1.0), Echo(_ADT, CANCEL_ADMISSION_SHARE, *CANCEL)),
    Activity.BIRTH: (Echo(_ADT, 1.0),),
    Activity.DISCHARGE: (Echo(_ADT, 1.0), Echo(_ADT, CANCEL_DISCHARGE_SHARE, *CANCEL)),
    Activity.TRANSFER: (Echo(_ADT, 1.0), Echo(_ADT, CANCEL_TRANSFER_SHARE, *CANCEL)),
    Activity.UPDATE: (Echo(_ADT, 1.0),),
    Activity.LAB: (
        Echo(_ORDERS, 1.0),
        Echo(_LAB, 1 - LAB_CANCEL_SHARE, *RESULT),
        Echo(_ORDERS, LAB_CANCEL_SHARE, *RESULT),
    ),
    Activity.CULTURE: (Echo(_ORDERS, 1.0), Echo(_LAB, 1.0, *GROWTH)),
    Activity.IMAGING: (Echo(_ORDERS, 1.0), Echo(_CLINICAL, 1.0, *REPORT)),
    Activity.MEDICATION: (Echo(_ORDERS, 1.0),),
    Activity.VITALS: (Echo(_CLINICAL, 1.0),),
    Activity.NOTE: (Echo(_CLINICAL, 1.0),),
    Activity.DOSE: (Echo(_CLINICAL, 1.0),),
}

_FLAT = (1,) * 24
_DOORS = (3, 2, 2, 2, 2, 3, 4, 6, 9, 12, 13, 12, 11, 11, 11, 11, 11, 12, 12, 11, 10, 8, 6, 4)
_PLANNED = (0, 0, 0, 0, 0, 0, 3, 20, 22, 14, 8, 5, 3, 6, 6, 4, 2, 1, 0, 0, 0, 0, 0, 0)
_LEAVING = (1, 0, 0, 0, 0, 0, 1, 2, 5, 12, 18, 16, 9, 12, 12, 9, 6, 4, 3, 2, 1, 1, 1, 1)
_OFFICE = (1, 1, 1, 1, 1, 1, 3, 8, 14, 14, 13, 11, 7, 10, 12, 11, 9, 6, 4, 3, 2, 2, 1, 1)
_DRAWING = (3, 3, 3, 3, 4, 14, 30, 26, 14, 10, 9, 8, 7, 8, 9, 8, 7, 6, 6, 5, 4, 4, 4, 3)
_ROUNDS = (5, 3, 4, 3, 5, 10, 26, 18, 8, 7, 8, 14, 18, 10, 8, 8, 12, 18, 16, 9, 10, 18, 14, 7)
_WRITING = (3, 2, 3, 2, 4, 10, 14, 8, 7, 9, 12, 11, 9, 16, 14, 9, 8, 8, 7, 9, 16, 13, 6, 4)
_GIVING = (5, 2, 3, 2, 4, 6, 14, 12, 24, 10, 6, 10, 20, 10, 6, 6, 10, 20, 12, 8, 18, 20, 10, 5)

HOURS: dict[Activity, tuple[int, ...]] = {
    Activity.EMERGENCY_ARRIVAL: _DOORS,
    Activity.PLANNED_ADMISSION: _PLANNED,
    Activity.BIRTH: _FLAT,
    Activity.DISCHARGE: _LEAVING,
    Activity.TRANSFER: _OFFICE,
    Activity.UPDATE: _OFFICE,
    Activity.LAB: _DRAWING,
    Activity.CULTURE: _DRAWING,
    Activity.IMAGING: _OFFICE,
    Activity.MEDICATION: _OFFICE,
    Activity.VITALS: _ROUNDS,
    Activity.NOTE: _WRITING,
    Activity.DOSE: _GIVING,
}
# What Saturday and Sunday keep of a weekday.
WEEKEND: dict[Activity, tuple[float, float]] = {
    Activity.PLANNED_ADMISSION: (0.2, 0.35),
    Activity.DISCHARGE: (0.6, 0.4),
    Activity.TRANSFER: (0.6, 0.5),
    Activity.UPDATE: (0.4, 0.35),
    Activity.LAB: (0.65, 0.55),
    Activity.IMAGING: (0.45, 0.4),
    Activity.MEDICATION: (0.6, 0.55),
}


@lru_cache(maxsize=4096)
def hour_of_week(at_hour: int, zone: str) -> int:
    """The hour within the week, Monday midnight in the zone being 0, of a count of whole hours since the epoch."""
    local = to_datetime(Moment(at_hour * HOUR), ZoneInfo(zone))
    return local.weekday() * 24 + local.hour


def _weekday_factor(activity: Activity, day: int) -> float:
    return WEEKEND.get(activity, (1.0, 1.0))[day - 5] if day >= 5 else 1.0


@lru_cache(maxsize=1)
def per_day() -> dict[Activity, float]:
    """Weekday counts for 400 beds; as many leave in a week as come in."""
    weeks = {one: sum(_weekday_factor(one, day) for day in range(7)) for one in Activity}
    cancelled = 1 - CANCEL_ADMISSION_SHARE
    inside = PER_DAY[Activity.EMERGENCY_ARRIVAL] * ADMITTED_SHARE * weeks[Activity.EMERGENCY_ARRIVAL]
    inside += PER_DAY[Activity.PLANNED_ADMISSION] * cancelled * weeks[Activity.PLANNED_ADMISSION]
    inside += PER_DAY[Activity.BIRTH] * weeks[Activity.BIRTH]
    leaving = inside / (1 - CANCEL_DISCHARGE_SHARE) / weeks[Activity.DISCHARGE]
    return {**PER_DAY, Activity.DISCHARGE: leaving}


@lru_cache(maxsize=32)
def week(activity: Activity, beds: int) -> tuple[float, ...]:
    """Expected starts per hour of the week."""
    curve = HOURS[activity]
    daily = per_day()[activity] * beds / 400
    return tuple(daily * _weekday_factor(activity, day) * curve[hour] / sum(curve) for day in range(7) for hour in range(24))


@lru_cache(maxsize=32)
def expected_week(interface: Interface, beds: int) -> tuple[float, ...]:
    """Expected messages on an interface per hour of the week: every activity's starts, spread over its delays."""
    return tuple(
        sum(
            echo.share * _spread(week(activity, beds), hour, echo)
            for activity, echoes in ECHOES.items()
            for echo in echoes
            if echo.interface == interface
        )
        for hour in range(168)
    )


def _spread(starts: tuple[float, ...], hour: int, echo: Echo) -> float:
    """Mean of the starts that a delay between two bounds brings into an hour; ten points within the hour and the delay."""
    total = 0.0
    for step in range(10):
        delay = echo.least + (echo.most - echo.least) * (step + 0.5) / 10
        for minute in range(3, 60, 6):
            total += starts[int(hour + (minute - delay) / 60 // 1) % 168]
    return total / 100


def expected(hospital: Hospital, interface: Interface, at: Moment) -> float:
    """Messages that an interface usually brings in the hour of a moment."""
    return expected_week(interface, hospital.beds)[hour_of_week(at // HOUR, hospital.zone)]


def starts(hospital: Hospital, activity: Activity, at: Moment) -> float:
    """How often an activity usually starts in the hour of a moment."""
    return week(activity, hospital.beds)[hour_of_week(at // HOUR, hospital.zone)]


def habit(hospital: Hospital, *, weeks: int = 8, until: Moment | None = None) -> dict[tuple[Interface, Moment], int]:
    """Counts per interface and full hour (its start) of the weeks before `until`, without the messages themselves."""
    last = (hospital.opens_at if until is None else until) // HOUR
    return {
        (interface, at): count_around(dice(hospital.seed, interface, at), expected(hospital, interface, at))
        for at in _hours(last - weeks * 7 * DAY // HOUR, last)
        for interface in Interface
    }


def _hours(first: int, last: int) -> Iterator[Moment]:
    return (Moment(hour * HOUR) for hour in range(first, last))


def count_around(throw: Random, mean: float) -> int:
    """A Poisson count; by the normal curve where the mean is large enough for it."""
    if mean > 60:
        return max(0, round(throw.gauss(mean, sqrt(mean))))
    count, product, floor = 0, throw.random(), exp(-mean)
    while product > floor:
        count, product = count + 1, product * throw.random()
    return count
