"""Alarms about the wires: what may go wrong, what people answer, and who was told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from stormlamp.kernel.moments import Moment

Figure = int | float | str


class AlarmKind(StrEnum):
    """What is wrong with a subject: an interface, a probe, the node itself, or a node's copy of another's entries."""

    SILENT = "silent"
    SLOW = "slow"
    ERRORS = "errors"
    BACKLOG = "backlog"
    LINE_LOST = "line-lost"
    POLL_FAILS = "poll-fails"
    HOST_GONE = "host-gone"
    PROBE_SLOW = "probe-slow"
    PROBE_DOWN = "probe-down"
    COPY_OLD = "copy-old"
    NODE_LATE = "node-late"


class Answer(StrEnum):
    """What became of an alarm: somebody looks at it, the subject came back by itself, or a person says whether it was true."""

    ACKNOWLEDGED = "acknowledged"
    BACK = "back"
    TRUE = "true"
    FALSE = "false"


# What a probe says of its system, it also says of the interfaces that it speaks for.
PROBES = (AlarmKind.PROBE_SLOW, AlarmKind.PROBE_DOWN)
JUDGED = (Answer.TRUE, Answer.FALSE)
CLOSING = (Answer.BACK, *JUDGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerGiven:
    """One answer to an alarm, with its words, by whom and when."""

    answer: Answer
    words: str
    by: str
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One try to tell somebody: through which door (no secrets in it), whether it was reached, and why not."""

    target: str
    reached: bool
    why: str
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm with all that was said about it since. `evidence` holds the figures of the moment it was raised."""

    alarm: str
    kind: AlarmKind
    subject: str
    since_at: Moment
    raised_at: Moment
    evidence: Mapping[str, Figure]
    answers: tuple[AnswerGiven, ...] = ()
    told: tuple[Told, ...] = ()

    @property
    def interfaces(self) -> tuple[str, ...]:
        """The interfaces that it is about: its subject, or those that a probe speaks for."""
        if self.kind in PROBES:
            return tuple(filter(None, str(self.evidence.get("interfaces", "")).split("\n")))
        return (self.subject,)

    @property
    def closed(self) -> AnswerGiven | None:
        """What closed it: the first answer that closes; None while it is open."""
        return next((one for one in self.answers if one.answer in CLOSING), None)

    @property
    def judged(self) -> AnswerGiven | None:
        """The newest word of a person on whether it was true; None while nobody has said."""
        return next((one for one in reversed(self.answers) if one.answer in JUDGED), None)

    @property
    def acknowledged(self) -> AnswerGiven | None:
        """Who looks at it; None while nobody does."""
        return next((one for one in self.answers if one.answer is Answer.ACKNOWLEDGED), None)

    @property
    def reached(self) -> frozenset[str]:
        """The targets that took the message."""
        return frozenset(one.target for one in self.told if one.reached)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How many alarms a subject has raised, and how many of them people called true and false."""

    raised: int = 0
    true: int = 0
    false: int = 0

    @property
    def false_share(self) -> float | None:
        """The share of false ones among those that somebody judged; None when nobody has judged any."""
        judged = self.true + self.false
        return self.false / judged if judged else None


def score(alarms: Iterable[Alarm]) -> Score:
    """Alarms counted by what people said of them."""
    judged = [None if one.judged is None else one.judged.answer for one in alarms]
    return Score(raised=len(judged), true=judged.count(Answer.TRUE), false=judged.count(Answer.FALSE))


def untold(alarm: Alarm, targets: Sequence[str]) -> tuple[str, ...]:
    """Which targets have not been reached about an alarm."""
    return tuple(one for one in targets if one not in alarm.reached)
