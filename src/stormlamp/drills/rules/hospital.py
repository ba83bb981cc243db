"""The simulated hospital: its wards, beds and staff. Neutral names: it stands nowhere."""

from dataclasses import dataclass
from functools import lru_cache

from stormlamp.drills.rules.dice import dice
from stormlamp.drills.rules.people import Staff, staff_member
from stormlamp.kernel.moments import Moment

EMERGENCY = "ED"
MATERNITY = "5A"
NEONATAL = "5N"
INTENSIVE_CARE = "ICU"
NAME = "Northgate Hospital"


@dataclass(frozen=True, slots=True)
class Ward:
    """A ward: `beds` are full on an ordinary day, `spare` are there for a bad one; ages in years."""

    code: str
    name: str
    specialty: str
    beds: int
    ages: tuple[int, int] = (18, 92)

    @property
    def spare(self) -> int:
        """Beds that stand empty while the hospital is full."""
        return max(1, self.beds // 8)

    def labels(self) -> tuple[str, ...]:
        """Every bed of the ward, as written on its door: `3B-12`."""
        return tuple(f"{self.code}-{bed:02d}" for bed in range(1, self.beds + self.spare + 1))


WARDS = (
    Ward("1A", "Geriatrics", "geriatrics", 30, (75, 98)),
    Ward("1B", "Geriatric rehabilitation", "rehabilitation", 26, (70, 96)),
    Ward("2A", "General medicine", "medicine", 32),
    Ward("2B", "Pulmonology", "pulmonology", 26, (35, 90)),
    Ward("2C", "Gastroenterology", "gastroenterology", 26),
    Ward("3A", "General surgery", "surgery", 32),
    Ward("3B", "Orthopaedics", "orthopaedics", 30),
    Ward("3C", "Urology and vascular surgery", "urology", 26, (30, 90)),
    Ward("4A", "Cardiology", "cardiology", 28, (40, 92)),
    Ward("4B", "Neurology and stroke unit", "neurology", 26, (25, 92)),
    Ward("4C", "Nephrology", "nephrology", 18, (30, 88)),
    Ward(MATERNITY, "Maternity", "maternity", 20, (19, 42)),
    Ward(NEONATAL, "Nursery and neonatal care", "neonatal", 14, (0, 0)),
    Ward("5B", "Paediatrics", "paediatrics", 22, (0, 14)),
    Ward("6A", "Oncology", "oncology", 26, (30, 86)),
    Ward(INTENSIVE_CARE, "Intensive care", "intensive care", 18, (25, 88)),
)
# Bays of the emergency department are no inpatient beds: they come on top.
EMERGENCY_WARD = Ward(EMERGENCY, "Emergency department", "emergency", 36, (1, 95))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hospital:
    """A hospital that is full at `opens_at`; the same seed and opening tell the same story, message for message."""

    seed: int
    opens_at: Moment
    beds: int = 400
    authority: str = "NORTHGATE"
    zone: str = "Europe/Brussels"

    @property
    def wards(self) -> tuple[Ward, ...]:
        """The wards with inpatient beds, in the order of their codes."""
        return wards_for(self.beds)

    def ward(self, code: str) -> Ward:
        """A ward by its code, the emergency department among them; KeyError when there is none."""
        return _by_code(self.beds)[code]


@dataclass(frozen=True, slots=True)
class Payroll:
    """Who works where: physicians and nurses by ward code; general practitioners of the town."""

    physicians: dict[str, tuple[Staff, ...]]
    nurses: dict[str, tuple[Staff, ...]]
    gps: tuple[Staff, ...]


@lru_cache(maxsize=8)
def wards_for(beds: int) -> tuple[Ward, ...]:
    """The wards scaled to a number of beds; never fewer than two in one, the remainder in the largest."""
    whole = sum(ward.beds for ward in WARDS)
    sizes = [max(2, beds * ward.beds // whole) for ward in WARDS]
    largest = max(range(len(sizes)), key=sizes.__getitem__)
    sizes[largest] += beds - sum(sizes)
    if sizes[largest] < 2:
        raise ValueError(f"a hospital of {len(WARDS)} wards needs more than {beds} beds")
    return tuple(Ward(ward.code, ward.name, ward.specialty, size, ward.ages) for ward, size in zip(WARDS, sizes, strict=True))


@lru_cache(maxsize=8)
def _by_code(beds: int) -> dict[str, Ward]:
    return {ward.code: ward for ward in (*wards_for(beds), EMERGENCY_WARD)}


@lru_cache(maxsize=8)
def payroll(seed: int, beds: int) -> Payroll:
    """The staff of a hospital: three physicians and eight nurses a ward, two dozen general practitioners."""
    throw = dice(seed, "payroll")
    physicians, nurses = {}, {}
    for number, code in enumerate(_by_code(beds)):
        physicians[code] = tuple(staff_member(throw, code=f"P{number:02d}{one}", profession="physician") for one in range(3))
        craft = "midwife" if code == MATERNITY else "nurse"
        nurses[code] = tuple(staff_member(throw, code=f"N{number:02d}{one}", profession=craft) for one in range(8))
    gps = tuple(staff_member(throw, code=f"G{one:03d}", profession="gp") for one in range(24))
    return Payroll(physicians, nurses, gps)
