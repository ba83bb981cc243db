"""The simulated hospital, as rules: no clock, no network; dice from a seed, time comes in."""

from stormlamp.drills.rules.happenings import Happening, Kind, Visit
from stormlamp.drills.rules.hospital import Hospital
from stormlamp.drills.rules.life import Life
from stormlamp.drills.rules.rhythm import Interface, expected, habit

__all__ = ["Happening", "Hospital", "Interface", "Kind", "Life", "Visit", "expected", "habit"]
