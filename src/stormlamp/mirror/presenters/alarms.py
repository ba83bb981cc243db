"""Alarms in words: what is wrong, why we think so, what became of it, and who was told."""

from typing import Any

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.presenters.chances import silence_words, slowness_words, usual_words
from stormlamp.mirror.presenters.copies import copy_reason
from stormlamp.mirror.presenters.lines import line_reason, poll_reason
from stormlamp.mirror.presenters.soon import host_reason
from stormlamp.mirror.rules.alarms import PROBES, Alarm, AlarmKind, Answer, Score
from stormlamp.shell.words import age, duration, lazy, listing, number, percent, when, when_near
from stormlamp.shell.words import gettext as _

ALARMS = {
    AlarmKind.SILENT: lazy("silent"),
    AlarmKind.SLOW: lazy("slow"),
    AlarmKind.ERRORS: lazy("many not understood"),
    AlarmKind.BACKLOG: lazy("tables behind"),
    AlarmKind.LINE_LOST: lazy("line lost"),
    AlarmKind.POLL_FAILS: lazy("does not answer"),
    AlarmKind.HOST_GONE: lazy("machine gone"),
    AlarmKind.PROBE_SLOW: lazy("answers slowly"),
    AlarmKind.PROBE_DOWN: lazy("does not answer"),
    AlarmKind.COPY_OLD: lazy("copy is old"),
    AlarmKind.NODE_LATE: lazy("not in step"),
}
ANSWERS = {
    Answer.ACKNOWLEDGED: lazy("looks at it"),
    Answer.BACK: lazy("came back by itself"),
    Answer.TRUE: lazy("true"),
    Answer.FALSE: lazy("false alarm"),
}
DANGER = (
    AlarmKind.SILENT, AlarmKind.BACKLOG, AlarmKind.LINE_LOST, AlarmKind.POLL_FAILS, AlarmKind.HOST_GONE, AlarmKind.PROBE_DOWN,
    AlarmKind.COPY_OLD, AlarmKind.NODE_LATE,
)  # fmt: skip


def alarm_title(alarm: Alarm) -> str:
    """Feed lab is silent."""
    name = _named(alarm)
    if alarm.kind is AlarmKind.SILENT:
        return _("Feed {name} is silent", name=name)
    if alarm.kind is AlarmKind.SLOW:
        return _("Feed {name} sends less than usual", name=name)
    if alarm.kind is AlarmKind.ERRORS:
        return _("Feed {name} sends much that is not understood", name=name)
    if alarm.kind is AlarmKind.LINE_LOST:
        return _("The line of {name} is down", name=name)
    if alarm.kind is AlarmKind.HOST_GONE:
        return _("The machine that sends {name} no longer answers", name=name)
    if alarm.kind is AlarmKind.PROBE_SLOW:
        return _("{name} answers slowly", name=name)
    if alarm.kind in (AlarmKind.PROBE_DOWN, AlarmKind.POLL_FAILS):
        return _("{name} does not answer", name=name)
    if alarm.kind is AlarmKind.COPY_OLD:
        return _("The copy of the hub on {name} is old", name=name)
    if alarm.kind is AlarmKind.NODE_LATE:
        return _("Node {name} is not in step with the hub", name=name)
    if alarm.subject:
        return _("What arrives is not yet on the charts of {name}", name=name)
    return _("What arrives is not yet on the charts")


def _named(alarm: Alarm) -> str:
    """What an alarm is about: a probe's system with the interfaces that it speaks for."""
    if alarm.kind not in PROBES or not alarm.interfaces:
        return alarm.subject
    return _("{name} (for {interfaces})", name=alarm.subject, interfaces=listing(alarm.interfaces))


def alarm_tone(alarm: Alarm) -> str:
    """Red where data is being lost or is old, amber where somebody should look."""
    return "danger" if alarm.kind in DANGER else "need"


def alarm_reason(alarm: Alarm) -> str:
    """Why we think so, from the figures of the moment it was raised."""
    told: Any = alarm.evidence
    if alarm.kind in (AlarmKind.SILENT, AlarmKind.SLOW):
        return _feed_reason(alarm)
    if alarm.kind is AlarmKind.ERRORS:
        return _(
            "In the last hour {aside} of {total} were not understood ({share}); {usual} are usual. The limit is plain:"
            " ten points above, and four times, what is usual.",
            aside=number(told["aside"]),
            total=number(told["total"]),
            share=percent(told["share"], 1),
            usual=percent(told["usual_share"], 1),
        )
    if alarm.kind is AlarmKind.BACKLOG:
        return _(
            "{n} messages are kept safely, and wait to be read into the charts for more than two minutes.", n=number(told["behind"])
        )
    if alarm.kind in (AlarmKind.COPY_OLD, AlarmKind.NODE_LATE):
        return copy_reason(alarm)
    if alarm.kind is AlarmKind.LINE_LOST:
        return line_reason(alarm)
    if alarm.kind is AlarmKind.POLL_FAILS:
        return poll_reason(alarm)
    if alarm.kind is AlarmKind.HOST_GONE:
        return host_reason(alarm)
    if alarm.kind is AlarmKind.PROBE_DOWN:
        return _("Three questions in a row had no answer: {why}.", why=str(told.get("why") or "–"))
    return _probe_reason(told)


def alarm_state(alarm: Alarm) -> str:
    """What became of it."""
    judged, closed, seen = alarm.judged, alarm.closed, alarm.acknowledged
    if judged is not None:
        true = judged.answer is Answer.TRUE
        said = _("called true by {name}", name=judged.by) if true else _("called a false alarm by {name}", name=judged.by)
        return f"{said}: {judged.words}"
    if closed is not None:
        return _("came back at {at}, after {age}", at=when(closed.at, "time"), age=duration(closed.at - alarm.since_at))
    if seen is not None:
        said = _("{name} looks at it since {at}", name=seen.by, at=when(seen.at, "time"))
        return f"{said}: {seen.words}" if seen.words else said
    return _("open: nobody has answered")


def alarm_now_words(alarm: Alarm, now: Moment) -> str:
    """Since when, and how long that is."""
    return _("since {at} ({age})", at=when_near(alarm.since_at, now), age=age(alarm.since_at, now))


def told_words(alarm: Alarm, telling: dict[str, Any]) -> str:
    """Who was told, or that nobody could be."""
    reached = [one for one in alarm.told if one.reached]
    failed = [one for one in alarm.told if not one.reached and one.target not in alarm.reached]
    said = []
    if reached:
        names = listing([f"{one.target} {when(one.at, 'time')}" for one in reached])
        said.append(_("told through {names}", names=names))
    if failed:
        said.append(_("NOT reached: {names}", names=listing(sorted({f"{one.target} ({one.why})" for one in failed}))))
    if failed and not reached:
        said.insert(0, _("Nobody could be told."))
    if said or alarm.closed:
        return " · ".join(said)
    if telling.get("ways") and telling.get("outside"):
        return _("being told: {whom}", whom=_whom(telling))
    return telling_words(telling)


def telling_words(telling: dict[str, Any]) -> str:
    """Whom the node tells of alarms, or why nobody is told."""
    if not telling:
        return _("Nobody is told: the watch does not run.")
    if not telling.get("outside"):
        return _("This is an exercise or a demonstration: nobody outside is told.")
    if telling.get("trouble"):
        return _("Nobody can be told: {why}.", why=str(telling["trouble"]))
    if not telling.get("ways"):
        return _("Nobody is told: home.toml names no address in [alarms].")
    return _("Told of alarms: {whom}.", whom=_whom(telling))


def _whom(telling: dict[str, Any]) -> str:
    return str(telling.get("whom") or "") or listing(telling["ways"])


def false_words(score: Score | None) -> str:
    """How many alarms there were, and which share of those that were judged was false."""
    if score is None or not score.raised:
        return _("no alarm yet")
    share = score.false_share
    if share is None:
        return _("{n} so far, none judged yet", n=number(score.raised))
    return _(
        "{n} so far; of {judged} judged {false} were false ({share})",
        n=number(score.raised),
        judged=number(score.true + score.false),
        false=number(score.false),
        share=percent(share),
    )


def message_words(alarm: Alarm, *, hospital: str, now: Moment) -> tuple[str, str]:
    """(title, body) of what a person is sent: no patient, no secret, and where to look."""
    title = f"Stormlamp {hospital}: {alarm_title(alarm)}"
    lines = [
        f"{alarm_title(alarm)}, {alarm_now_words(alarm, now)}.",
        alarm_reason(alarm),
        _("Open Stormlamp, Feeds, Alarms: say that you look at it, and afterwards whether it was true."),
    ]
    return title, "\n\n".join(lines)


def _feed_reason(alarm: Alarm) -> str:
    told: Any = alarm.evidence
    at = Moment(told["at"])
    if told.get("limit"):
        return _(
            "Nothing came for {age}. How improbable that is cannot be told yet: there is too little past."
            " The plain limit is {limit}.",
            age=duration(at - alarm.since_at),
            limit=duration(told["limit"]),
        )
    usual = usual_words(at, told["usual"], told["low"], told["high"])
    if alarm.kind is AlarmKind.SILENT:
        said = silence_words(quiet=at - told["from_at"], expected=told["expected"], once_in=told["once_in"])
    else:
        window = at - told["from_at"]
        said = slowness_words(window=window, came=told["came"], expected=told["expected"], once_in=told["once_in"])
    return f"{usual} {said}"


def _probe_reason(told: Any) -> str:
    last, limit = number(round(told["millis"])), int(told.get("slow_after") or 0)
    if told["usual"]:
        return _(
            "Four answers in a row took too long, the last one {last} ms; usual at this hour: half within {usual} ms,"
            " 95 of 100 within {high} ms.",
            last=last,
            usual=number(round(told["usual"])),
            high=number(round(told["high"])),
        )
    return _("Four answers in a row took longer than {limit} ms, the last one {last} ms.", limit=number(limit), last=last)
