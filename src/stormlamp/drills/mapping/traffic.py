"""What leaves the simulated hospital: (moment, interface, message), in order of time."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from stormlamp.drills.mapping.messages import Scribe
from stormlamp.drills.rules.happenings import Happening
from stormlamp.drills.rules.hospital import Hospital
from stormlamp.drills.rules.life import Life
from stormlamp.drills.rules.rhythm import Interface
from stormlamp.kernel.moments import Moment


class Sent(NamedTuple):
    """One message and when it leaves on which interface."""

    at: Moment
    interface: Interface
    message: bytes


class Voice:
    """A life and its scribe together: a hospital that speaks. Its control ids never repeat, through darkness and all."""

    def __init__(self, hospital: Hospital) -> None:
        self.life = Life(hospital)
        self._scribe = Scribe(hospital)

    def opening(self) -> Iterator[Sent]:
        """The messages that fill the beds, in order of time; use them up before anything else."""
        return self._say(self.life.opening())

    def until(self, until_at: Moment) -> Iterator[Sent]:
        """What is said from where the life stands until a moment."""
        return self._say(self.life.until(until_at))

    def changed_meanwhile(self, numbers: Iterable[str], at: Moment) -> Iterator[Sent]:
        """Updates with allergies that the EHR's own people noted during an outage."""
        return self._say(self.life.changed_meanwhile(numbers, at))

    def contradicted(self, number: str, code: str, at: Moment) -> Iterator[Sent]:
        """An update with the allergy of a code, otherwise than the ward noted it."""
        return self._say(self.life.contradicted(number, code, at))

    def retold(self, number: str, at: Moment) -> Iterator[Sent]:
        """Where somebody is, told when the hospital's systems have learnt it."""
        return self._say(self.life.retold(number, at))

    def _say(self, happenings: Iterable[Happening]) -> Iterator[Sent]:
        for one in happenings:
            yield Sent(one.at, one.interface, self._scribe.write(one))


def census_load(hospital: Hospital) -> Iterator[Sent]:
    """The messages of the last three days before the opening: after them every bed is full."""
    return Voice(hospital).opening()


def traffic(hospital: Hospital, from_at: Moment, until_at: Moment) -> Iterator[Sent]:
    """What the hospital says between two moments after its opening; it lives, unheard, from there to `from_at`.

    `traffic(h, a, b)` and `traffic(h, b, c)` are together `traffic(h, a, c)`, to the byte.
    """
    voice = Voice(hospital)
    for _ in voice.opening():
        pass
    return (sent for sent in voice.until(until_at) if sent.at >= from_at)
