"""Answers, criteria and reasons in the reader's language; what may be said to the public."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.utils.module_loading import import_string

from stormlamp.kernel.moments import Moment
from stormlamp.shell.words import LANGUAGE_NAMES, lazy, listing, ngettext, number, speaking, when
from stormlamp.shell.words import gettext as _
from stormlamp.verdict.rules import Answer, Criterion, Reason, Told, Verdict, why

CAUSES_TOLD = 3

ANSWERS: dict[str, str] = {
    Answer.YES: lazy("Yes"),
    Answer.PARTLY: lazy("Partly"),
    Answer.NO: lazy("No"),
    Answer.CANNOT_TELL: lazy("Cannot tell"),
}
LOOKS = {Answer.YES: "yes", Answer.PARTLY: "partly", Answer.NO: "no", Answer.CANNOT_TELL: "cannot"}
TAGS = {Answer.YES: "done", Answer.PARTLY: "need", Answer.NO: "danger", Answer.CANNOT_TELL: "info"}
CRITERIA: dict[str, str] = {
    Criterion.OUTAGE: lazy("The outage is over"),
    Criterion.FEEDS: lazy("Feeds are back at their habit"),
    Criterion.HANDBACK: lazy("What was written here is in the EHR"),
    Criterion.CONFLICTS: lazy("Contradictions are settled"),
    Criterion.REJECTIONS: lazy("Rejections are settled"),
    Criterion.QUARANTINE: lazy("Nothing new is in quarantine"),
    Criterion.PAPER: lazy("Paper is entered"),
    Criterion.IDENTITIES: lazy("Everybody is identified"),
    Criterion.LEDGER: lazy("The ledger is whole"),
    Criterion.ASIDE: lazy("Nothing is set aside"),
    Criterion.TABLES: lazy("The tables are current"),
}
OWNERS: dict[str, str] = {
    Criterion.OUTAGE: lazy("incident lead"),
    Criterion.FEEDS: lazy("recovery lead"),
    Criterion.HANDBACK: lazy("recovery lead"),
    Criterion.CONFLICTS: lazy("medical lead"),
    Criterion.REJECTIONS: lazy("recovery lead"),
    Criterion.QUARANTINE: lazy("recovery lead"),
    Criterion.PAPER: lazy("shift lead"),
    Criterion.IDENTITIES: lazy("front desk"),
    Criterion.LEDGER: lazy("auditor"),
    Criterion.ASIDE: lazy("administrator"),
    Criterion.TABLES: lazy("administrator"),
}


Evidence = Mapping[str, Told]


def sentence_of(reason: Reason) -> str:
    """What the reason rests on, in the reader's language; a code of a newer version is shown as it is."""
    say = _SAID.get(reason.code)
    return say(reason.evidence) if say else reason.code


def headline(told: Verdict) -> str:
    """The sentence under the large word."""
    if told.answer == Answer.YES:
        return _("Patient records are back to normal: every criterion says so.")
    first = why(told)
    said = [sentence_of(one) for one in first[:CAUSES_TOLD]]
    if len(first) > CAUSES_TOLD:
        said.append(ngettext("And {n} more reason.", "And {n} more reasons.", len(first) - CAUSES_TOLD))
    causes = " ".join(said)
    if told.answer == Answer.CANNOT_TELL:
        return _("It cannot be told yet, because: {causes}", causes=causes)
    return _("Not normal yet, because: {causes}", causes=causes)


def public_words(told: Verdict) -> str:
    """What may be said to the public: no numbers of patients, nothing that is not known."""
    match told.answer:
        case Answer.YES:
            return _("Our patient records are working normally again. We have checked this, and keep checking it.")
        case Answer.PARTLY:
            return _(
                "Our patient records are available again. We are still completing them with what was written during the outage."
            )
        case Answer.NO:
            return _("Our patient records are not yet back to normal. Care goes on. We will say more as soon as we know more.")
        case _:
            return _("We do not yet know whether our patient records are fully back to normal. We are checking, and will tell you.")


def role_name(role: str) -> str:
    """A role in the reader's language, by what STORMLAMP_ROLE_NAME names; its code otherwise."""
    path: str | None = getattr(settings, "STORMLAMP_ROLE_NAME", None)
    return str(import_string(path)(role)) if path and role else role


def public_in_all_languages(told: Verdict) -> tuple[tuple[str, str, str], ...]:
    """(code, the language's own name, what may be said) in each language."""
    found = []
    for code, name in LANGUAGE_NAMES.items():
        with speaking(code):
            found.append((code, name, public_words(told)))
    return tuple(found)


def _outage_runs(told: Evidence) -> str:
    return _("An outage of patient records has been running since {at}.", at=_at(told["since"]))


def _feeds_below(told: Evidence) -> str:
    return _("Feeds that send far less than in the same hours of other weeks: {feeds}.", feeds=_figures(told))


def _feeds_unknown(told: Evidence) -> str:
    return _("Too little history, or too short a time since the end, to compare: {feeds}.", feeds=_names(told["feeds"]))


def _feeds_at_habit(told: Evidence) -> str:
    return _("Feeds send what they send in the same hours of other weeks: {feeds}.", feeds=_figures(told))


def _handback_open(told: Evidence) -> str:
    waiting, sent = _count(told["waiting"]), _count(told["sent"])
    parts = [_("Items not in the EHR yet: {left} of {total}.", left=_number(waiting + sent), total=_number(told["total"]))]
    if sent:
        parts.append(ngettext("For {n} of them no answer was read yet.", "For {n} of them no answer was read yet.", sent))
    return " ".join(parts)


def _conflicts_open(told: Evidence) -> str:
    n = _count(told["count"])
    return ngettext("{n} contradiction waits for a person.", "{n} contradictions wait for a person.", n)


def _rejections_open(told: Evidence) -> str:
    n = _count(told["count"])
    return ngettext("{n} item was rejected by the EHR.", "{n} items were rejected by the EHR.", n)


def _quarantine_open(told: Evidence) -> str:
    n = _count(told["count"])
    new = ngettext(
        "{n} message since the outage began is kept but not understood.",
        "{n} messages since the outage began are kept but not understood.",
        n,
    )
    return f"{new} {_older(told)}".strip()


def _quarantine_all(told: Evidence) -> str:
    n = _count(told["count"])
    return ngettext("{n} message is kept but not understood.", "{n} messages are kept but not understood.", n)


def _quarantine_older(told: Evidence) -> str:
    return " ".join((_("Nothing since the outage began."), _older(told)))


def _older(told: Evidence) -> str:
    n = _count(told["older"])
    return ngettext("{n} older one is kept too.", "{n} older ones are kept too.", n) if n else ""


def _paper_open(told: Evidence) -> str:
    n, wards = _count(told["count"]), _names(told["wards"])
    return ngettext(
        "The sheets of {n} time on paper are neither entered nor declared lost: {wards}.",
        "The sheets of {n} times on paper are neither entered nor declared lost: {wards}.",
        n,
        wards=wards,
    )


def _identities_open(told: Evidence) -> str:
    unknown, unconfirmed = _count(told["unknown"]), _count(told["unconfirmed"])
    parts = []
    if unknown:
        parts.append(ngettext("{n} patient is still unknown.", "{n} patients are still unknown.", unknown))
    if unconfirmed:
        said = ngettext(
            "{n} identification waits for a second person.", "{n} identifications wait for a second person.", unconfirmed
        )
        parts.append(said)
    return " ".join(parts)


def _ledger_faulty(told: Evidence) -> str:
    return _(
        "Entries of the ledger are not as they were written: {n}. First: {first}.", n=_number(told["count"]), first=told["first"]
    )


def _aside_open(told: Evidence) -> str:
    return ngettext("{n} entry is set aside.", "{n} entries are set aside.", _count(told["count"]))


def _tables_behind(told: Evidence) -> str:
    n = _count(told["count"])
    return ngettext("{n} entry of the ledger is not in the tables yet.", "{n} entries of the ledger are not in the tables yet.", n)


_SAID: dict[str, Callable[[Evidence], str]] = {
    "outage-runs": _outage_runs,
    "outage-over": lambda _told: _("Every declared outage of patient records has been ended."),
    "no-outage": lambda _told: _("No outage of patient records was ever declared here."),
    "no-feeds": lambda _told: _("No clinical feed has been received, so nothing can be compared."),
    "feeds-below": _feeds_below,
    "feeds-unknown": _feeds_unknown,
    "feeds-at-habit": _feeds_at_habit,
    "handback-nothing": lambda _told: _("No outage wrote anything, so there is nothing to hand back."),
    "handback-done": lambda told: _("All {n} items have ended in the EHR or with a named person.", n=_number(told["total"])),
    "handback-open": _handback_open,
    "conflicts-open": _conflicts_open,
    "rejections-open": _rejections_open,
    "quarantine-all": _quarantine_all,
    "quarantine-open": _quarantine_open,
    "quarantine-older": _quarantine_older,
    "paper-open": _paper_open,
    "identities-open": _identities_open,
    "ledger-unchecked": lambda _told: _("The ledger has never been verified here."),
    "ledger-faulty": _ledger_faulty,
    "ledger-check-old": lambda told: _("The ledger was last verified at {at}, more than a day ago.", at=_at(told["checked"])),
    "ledger-whole": lambda told: _("Each of {n} entries is as it was written.", n=_number(told["entries"])),
    "aside-open": _aside_open,
    "tables-current": lambda _told: _("The tables hold what the ledger holds."),
    "tables-behind": _tables_behind,
    **{
        code: lambda _told: _("None is open.")
        for code in ("conflicts-none", "rejections-none", "quarantine-none", "paper-none", "identities-none", "aside-none")
    },
}


def _figures(told: Evidence) -> str:
    rows = zip(_texts(told["feeds"]), _texts(told["came"]), _texts(told["usual"]), strict=True)
    return listing(
        [_("{feed} ({n}, usually {usual})", feed=feed, n=number(came), usual=number(usual)) for feed, came, usual in rows]
    )


def _names(value: Told) -> str:
    return listing(_texts(value))


def _texts(value: Told) -> list[str]:
    return [str(value)] if isinstance(value, int | str) else [str(one) for one in value]


def _count(value: Told) -> int:
    return value if isinstance(value, int) else 0


def _at(value: Told) -> str:
    return when(Moment(value)) if isinstance(value, int) else when(None)


def _number(value: Told) -> str:
    return number(str(value))
