"""The simulated hospital, as rules: no clock, no network; dice from a seed, time comes in."""

from stormlamp.drills.rules.deeds import StaffDeed
from stormlamp.drills.rules.filing import Cabinet, Temper
from stormlamp.drills.rules.happenings import Happening, Kind, Visit
from stormlamp.drills.rules.hospital import Hospital
from stormlamp.drills.rules.life import Life
from stormlamp.drills.rules.rhythm import Interface, expected, habit
from stormlamp.drills.rules.script import outage_script

__all__ = [
    "Cabinet",
    "Happening",
    "Hospital",
    "Interface",
    "Kind",
    "Life",
    "StaffDeed",
    "Temper",
    "Visit",
    "expected",
    "habit",
    "outage_script",
]
