"""One week of one simulated hospital, lived once for every test that reads it."""

from functools import lru_cache

from stormlamp.drills.mapping.traffic import Voice, census_load, traffic
from stormlamp.drills.rules import Hospital, Life
from stormlamp.kernel.moments import DAY, HOUR, Moment, parse_iso

MONDAY = parse_iso("2026-01-12T05:00:00Z")
NORTHGATE = Hospital(seed=7, opens_at=MONDAY)


def after(hours: float) -> Moment:
    """A moment some hours after the opening."""
    return Moment(MONDAY + int(hours * HOUR))


@lru_cache(maxsize=1)
def lived_week():
    """Everything that happens: the opening, then seven days."""
    life = Life(NORTHGATE)
    opening = tuple(life.opening())
    return opening, tuple(life.until(Moment(MONDAY + 7 * DAY)))


@lru_cache(maxsize=1)
def spoken_day():
    """Every message of the opening and the first day."""
    return (*census_load(NORTHGATE), *traffic(NORTHGATE, MONDAY, after(24)))


def opened() -> Voice:
    """A hospital that is full, and about to speak."""
    voice = Voice(NORTHGATE)
    for _ in voice.opening():
        pass
    return voice
