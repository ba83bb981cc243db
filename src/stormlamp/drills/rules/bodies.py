"""How somebody's values drift: towards health as a rule, away from it now and then; never by jumps."""

from stormlamp.drills.rules.catalogue import CHILD_VITALS, VITALS, Analyte, Panel
from stormlamp.drills.rules.dice import Random
from stormlamp.drills.rules.happenings import MedicationOrder, Reading


class Body:
    """How ill somebody is (0 well, 1 very), the last value of each quantity, and the medicines that run."""

    __slots__ = ("illness", "medicines", "values", "vitals")

    def __init__(self, illness: float, *, child: bool) -> None:
        self.illness = illness
        self.vitals = CHILD_VITALS if child else VITALS
        self.values: dict[str, float] = {}
        self.medicines: dict[str, MedicationOrder] = {}

    def measure(self, throw: Random, panel: Panel) -> tuple[Reading, ...]:
        """The panel's values now; each measuring lets some time pass for the body."""
        worse = throw.random() < 0.02
        self.illness = min(1.0, self.illness + 0.35) if worse else self.illness * 0.96
        return tuple(self._reading(throw, analyte) for analyte in panel.analytes)

    def _reading(self, throw: Random, analyte: Analyte) -> Reading:
        middle, width = (analyte.low + analyte.high) / 2, analyte.high - analyte.low
        target = middle + self.illness * (analyte.ill - middle)
        last = self.values.get(analyte.code, target + throw.uniform(-0.2, 0.2) * width)
        value = last + 0.4 * (target - last) + throw.uniform(-0.09, 0.09) * width
        if analyte.unit == "%":
            value = min(value, 100.0)
        self.values[analyte.code] = value = max(value, 0.0)
        return reading(analyte, value)


def reading(analyte: Analyte, value: float) -> Reading:
    """A value as it is sent, with its range and flag."""
    places = analyte.decimals
    return Reading(
        analyte.code,
        analyte.display,
        f"{value:.{places}f}",
        analyte.unit,
        f"{analyte.low:.{places}f}-{analyte.high:.{places}f}",
        flag(analyte, round(value, places)),
    )


def flag(analyte: Analyte, value: float) -> str:
    """HL7 table 0078: N, L, H; LL and HH from two thirds of the way to very ill, on that side only."""
    if analyte.low <= value <= analyte.high:
        return "N"
    side, bound = ("L", analyte.low) if value < analyte.low else ("H", analyte.high)
    towards_ill = (analyte.ill < analyte.low) == (side == "L")
    return side * 2 if towards_ill and abs(value - bound) > 0.66 * abs(analyte.ill - bound) else side
