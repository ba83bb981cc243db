"""What looks odd in an entry. A doubt asks for a reason and stays marked; it never refuses what happened.

The ranges are those outside which a value is more often a slip of the pen than a patient; they are not limits of care.
"""

from collections.abc import Iterator

from stormlamp.charts.rules.bodies import Vitals
from stormlamp.kernel.moments import DAY, MINUTE, Moment

CLOCKS_DIFFER_BY = 2 * MINUTE
LONG_AGO = 7 * DAY

PLAUSIBLE: dict[str, tuple[float, float]] = {
    "temperature_c": (32, 42),
    "pulse_per_min": (30, 220),
    "breathing_per_min": (5, 50),
    "systolic_mmhg": (60, 250),
    "diastolic_mmhg": (30, 150),
    "spo2_percent": (70, 100),
    "oxygen_l_per_min": (0, 60),
    "pain_of_10": (0, 10),
    "glucose_mg_per_dl": (30, 600),
    "weight_kg": (0.4, 300),
}
# What no instrument shows: such a value is a slip for certain, so it is asked for again.
POSSIBLE: dict[str, tuple[float, float]] = {
    "temperature_c": (10, 50),
    "pulse_per_min": (0, 400),
    "breathing_per_min": (0, 150),
    "systolic_mmhg": (0, 350),
    "diastolic_mmhg": (0, 300),
    "spo2_percent": (0, 100),
    "oxygen_l_per_min": (0, 100),
    "pain_of_10": (0, 10),
    "glucose_mg_per_dl": (0, 2000),
    "weight_kg": (0.1, 700),
}


def vitals_doubts(vitals: Vitals) -> tuple[str, ...]:
    """The names of values outside the plausible range, and `diastolic-above-systolic`."""
    return tuple(_vitals_doubts(vitals))


def _vitals_doubts(vitals: Vitals) -> Iterator[str]:
    for name, (low, high) in PLAUSIBLE.items():
        value = getattr(vitals, name)
        if value is not None and not low <= value <= high:
            yield name
    if vitals.systolic_mmhg is not None and vitals.diastolic_mmhg is not None and vitals.diastolic_mmhg >= vitals.systolic_mmhg:
        yield "diastolic-above-systolic"


def time_doubts(occurred_at: Moment, written_at: Moment) -> tuple[str, ...]:
    """`in-the-future` beyond what clocks differ by, or `long-ago` beyond a week."""
    if occurred_at > written_at + CLOCKS_DIFFER_BY:
        return ("in-the-future",)
    return ("long-ago",) if occurred_at < written_at - LONG_AGO else ()
