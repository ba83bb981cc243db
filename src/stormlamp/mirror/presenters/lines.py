"""Lines in words: since when a sender is connected or gone, how its line ended, and how it usually uses it."""

from dataclasses import dataclass
from typing import Any

from stormlamp.kernel.moments import SECOND, Moment
from stormlamp.mirror.queries import lines as seen
from stormlamp.mirror.rules.alarms import Alarm
from stormlamp.mirror.rules.polls import Poll, PollStanding
from stormlamp.mirror.rules.settings import watch_settings
from stormlamp.mirror.rules.watch_line import Ended, Ending, Holding, Line, LineJudgement, LineStanding
from stormlamp.nodes.queries import home
from stormlamp.shell.words import age, duration, lazy, ngettext, percent, when, when_near
from stormlamp.shell.words import gettext as _

WORDS = {
    LineStanding.UP: lazy("up"),
    LineStanding.DOWN: lazy("down"),
    LineStanding.LOST: lazy("LINE LOST"),
    LineStanding.PER_MESSAGE: lazy("connects per message"),
    LineStanding.UNHEARD: lazy("not known"),
}
TONES = {LineStanding.UP: "done", LineStanding.DOWN: "neutral", LineStanding.LOST: "danger"}
POLL_WORDS = {
    PollStanding.ANSWERS: lazy("answers"),
    PollStanding.FAILING: lazy("no answer"),
    PollStanding.FAILS: lazy("NO ANSWER"),
    PollStanding.UNHEARD: lazy("not known"),
}
POLL_TONES = {PollStanding.ANSWERS: "done", PollStanding.FAILING: "need", PollStanding.FAILS: "danger"}
ENDINGS = {
    Ending.CLOSED: lazy("its sender closed it"),
    Ending.RESET: lazy("it was reset"),
    Ending.TIMED_OUT: lazy("it went dead without a word: the sender has no power, or the network is cut"),
    Ending.OURS: lazy("this node hung up"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """The line of an interface: a word, since when, sentences that explain it, and who is connected since when."""

    word: str = "–"
    tone: str = ""
    age: str = ""
    lines: tuple[str, ...] = ()
    peers: tuple[tuple[str, Moment], ...] = ()


NO_WIRE = Wire()


def wires(now: Moment, *, speed: float = 1.0) -> dict[str, Wire]:
    """The line of each interface that has one, by name; of a polled server, how it answers."""
    told = watch_settings(home().options)
    lines = seen.line_judgements(now, told, speed=speed)
    polls = seen.poll_standings(now, told, speed=speed)
    return {name: _line(*one, now) for name, one in lines.items()} | {name: _poll(*one, now) for name, one in polls.items()}


def line_reason(alarm: Alarm) -> str:
    """Why a line is called lost: how it ended, how it usually is, and what the limit is."""
    told: Any = alarm.evidence
    how = str(ENDINGS[Ending(told["how"])]) if told["how"] else ""
    began = _("Nobody has come back since this node began to listen.") if told["never_back"] else ""
    if not began:
        began = _("The line of {name} has been down since {at}: {how}.", name=alarm.subject, at=when(alarm.since_at), how=how)
    return f"{began} {_usual(told)} {_('The limit is {limit}.', limit=duration(told['limit']))}"


def poll_reason(alarm: Alarm) -> str:
    """Why a polled server is called away."""
    told: Any = alarm.evidence
    return _(
        "The questions to {name} have failed since {at}: {why}. It is asked every {every}.",
        name=alarm.subject,
        at=when(alarm.since_at),
        why=str(told["why"]) or "–",
        every=duration(told["every"] * SECOND),
    )


def _usual(told: Any) -> str:
    if told["set_by_hand"]:
        return _("The settings say that its sender holds the line.")
    if told["days"]:
        return _share_words(told["days"], told["share"])
    return _("It had been up for {age} without a break.", age=duration(told["lasted"]))


def _share_words(days: int, share: float) -> str:
    """Over the past 14 days it was up 99.9 % of the time."""
    return ngettext(
        "Over the past day it was up {share} of the time.",
        "Over the past {n} days it was up {share} of the time.",
        days,
        share=percent(share, 1),
    )


def _line(line: Line, told: LineJudgement, now: Moment) -> Wire:
    standing = told.standing
    if standing is LineStanding.UNHEARD:
        return Wire(word=str(WORDS[standing]), age=_("last told {age} ago", age=age(line.at, now)), lines=_past(line, told, now))
    return Wire(
        word=str(WORDS[standing]),
        tone=TONES.get(standing, ""),
        age="" if standing is LineStanding.PER_MESSAGE else _since(told.since, now),
        lines=_past(line, told, now),
        peers=line.peers,
    )


def _past(line: Line, told: LineJudgement, now: Moment) -> tuple[str, ...]:
    found = []
    if told.set_by_hand and told.holding is Holding.HELD:
        found.append(_("The settings say that its sender holds the line."))
    elif told.days:
        found.append(_share_words(told.days, told.share))
    if told.holding is Holding.CANNOT_TELL:
        found.append(_("Whether its sender holds the line is known after a day; until then a line that ends raises no alarm."))
    if told.holding is Holding.PER_MESSAGE:
        found.append(_("Its sender connects when it has something to say: a closed line means nothing, and its habit judges it."))
    if line.ended is not None:
        found.append(_ended(line.ended, now))
    return tuple(found)


def _ended(ended: Ended, now: Moment) -> str:
    return _(
        "The last connection, from {peer}, ended at {at} after {age}: {how}.",
        peer=ended.peer,
        at=when_near(ended.at, now),
        age=duration(ended.lasted),
        how=str(ENDINGS[ended.how]),
    )


def _poll(poll: Poll, told: PollStanding, now: Moment) -> Wire:
    said = _("answered {age} ago", age=age(poll.heard_at, now)) if poll.heard_at else _("never answered yet")
    lines = [_("It is asked every {every}; {said}.", every=duration(poll.every * SECOND), said=said)]
    if poll.failing_since:
        lines.append(_("No usable answer {since}: {why}.", since=_since(poll.failing_since, now), why=poll.why))
    return Wire(
        word=str(POLL_WORDS[told]),
        tone=POLL_TONES.get(told, ""),
        age=_since(poll.failing_since, now) if poll.failing_since else said,
        lines=tuple(lines),
    )


def _since(at: Moment, now: Moment) -> str:
    return _("since {at} ({age})", at=when_near(at, now), age=age(at, now))
