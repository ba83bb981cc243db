"""What a chapter is made of, and what its words rest on."""

from dataclasses import dataclass

from stormlamp.drills.presenters.words import CHAPTERS
from stormlamp.drills.rules.steering import Status
from stormlamp.incident.rules import OutageView
from stormlamp.kernel.moments import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A button: `steer` steers the simulator; `login` makes the visitor that person and goes to `href`."""

    label: str
    href: str = ""
    login: str = ""
    steer: str = ""
    primary: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One screen of the story."""

    number: int
    title: str
    told: tuple[str, ...]
    simulated: str
    steps: tuple[Step, ...]

    @property
    def next(self) -> int:
        """The chapter that follows; 0 after the last."""
        return self.number + 1 if self.number < CHAPTERS else 0


@dataclass(frozen=True, slots=True)
class Number:
    """One figure of a chapter."""

    label: str
    figure: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Title:
    """A chapter in the list of all: whether it has happened."""

    number: int
    title: str
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the words of a chapter rest on."""

    status: Status
    at: Moment
    outage: OutageView | None

    @property
    def running(self) -> bool:
        """Whether the outage has not been ended yet."""
        return self.outage is not None and self.outage.is_open(self.at)
