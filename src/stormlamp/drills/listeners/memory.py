"""What befell the simulated life from outside, kept so that a simulator that starts again stands where it stood.

The life itself is its seed: lived again to the same moment, with the same blows at the same places, it is the same life.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from stormlamp.drills.mapping.traffic import Sent, Voice
from stormlamp.kernel.moments import Moment

BLOWS = "blows.jsonl"


class Blow(msgspec.Struct, frozen=True, kw_only=True):
    """One thing from outside, when the life had been lived up to `lived_to`."""

    kind: str
    lived_to: int
    until: int = 0
    number: str = ""
    bed: str = ""
    code: str = ""


class LivedVoice:
    """A voice with its memory: `speak` goes on from where it stands, each blow is noted before it falls."""

    def __init__(self, voice: Voice, folder: Path) -> None:
        self.voice = voice
        self.lived_to = voice.life.hospital.opens_at
        self._file = folder / BLOWS

    def wake(self, said_to: Moment) -> None:
        """Live again, unheard, what was lived before: the opening, every blow, and the rest up to what was said."""
        for _ in self.voice.opening():
            pass
        for blow in self._remembered():
            self._live_to(Moment(blow.lived_to))
            list(self._fall(blow))
        self._live_to(said_to)

    def speak(self, until_at: Moment) -> Iterator[Sent]:
        """What is said until a moment."""
        if until_at > self.lived_to:
            self.lived_to = until_at
            yield from self.voice.until(until_at)

    def befalls(self, kind: str, *, until: int = 0, number: str = "", bed: str = "", code: str = "") -> tuple[Sent, ...]:
        """Let something happen from outside; gives what the hospital says about it.

        `dark`: nothing was told until then. `left`, `moved`, `retold`: a patient by number. `contradicted`: with an allergy's code.
        `taken`: a bed.
        """
        blow = Blow(kind=kind, lived_to=self.lived_to, until=until, number=number, bed=bed, code=code)
        with self._file.open("ab") as file:
            file.write(msgspec.json.encode(blow) + b"\n")
        return tuple(self._fall(blow))

    def _fall(self, blow: Blow) -> Iterator[Sent]:
        life = self.voice.life
        match blow.kind:
            case "dark":
                life.stand_still(Moment(blow.lived_to), Moment(blow.until))
                self.lived_to = Moment(blow.until)
            case "left":
                life.left_meanwhile(blow.number, Moment(blow.until))
            case "moved":
                life.moved_meanwhile(blow.number, blow.bed)
            case "taken":
                life.taken_meanwhile(blow.bed)
            case "retold":
                yield from self.voice.retold(blow.number, Moment(blow.until))
            case _:
                yield from self.voice.contradicted(blow.number, blow.code, Moment(blow.until))

    def _live_to(self, at: Moment) -> None:
        for _ in self.speak(at):
            pass

    def _remembered(self) -> tuple[Blow, ...]:
        lines = self._file.read_bytes().splitlines() if self._file.exists() else []
        return tuple(msgspec.json.decode(line, type=Blow) for line in lines)
