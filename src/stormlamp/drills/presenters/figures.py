"""The numbers beside each chapter."""

from collections.abc import Callable

from stormlamp.drills import queries
from stormlamp.drills.presenters.scenes import Number, Scene
from stormlamp.drills.presenters.words import ANSWERS, STATES
from stormlamp.drills.rules.steering import Status
from stormlamp.kernel.moments import Moment
from stormlamp.recovery.rules import ItemState
from stormlamp.shell.words import age, number, when
from stormlamp.shell.words import gettext as _
from stormlamp.verdict.rules import Answer


def numbers(of: int, status: Status, at: Moment) -> tuple[Number, ...]:
    """The figures of a chapter."""
    return tuple(_NUMBERS[of - 1](Scene(status=status, at=at, outage=queries.last_outage())))


def _figures_of_all(scene: Scene) -> tuple[Number, ...]:
    held = queries.ledger()
    feed = queries.oldest_feed(scene.at)
    quiet = age(feed.last_at, scene.at) if feed else _("none yet")
    return (
        Number(_("In the ledger from feeds"), number(held.feeds)),
        Number(_("In the ledger from people"), number(held.acts)),
        Number(_("Oldest clinical feed"), quiet, feed.interface if feed else "", "need" if scene.status.dark else ""),
    )


def _of_mirror(scene: Scene) -> tuple[Number, ...]:
    accepted = sum(one.accepted for one in scene.status.said.values())
    return (*_figures_of_all(scene), Number(_("Acknowledged to the simulator"), number(accepted), _("since it started")))


def _of_wires(scene: Scene) -> tuple[Number, ...]:
    aside, alarms = queries.in_quarantine(), queries.open_alarms()
    booked = sum(queries.on_lists(scene.at).values())
    return (
        *_figures_of_all(scene)[2:],
        Number(_("In quarantine"), number(aside), tone="need" if aside else ""),
        Number(_("Open alarms of the feed watch"), number(alarms), tone="need" if alarms else ""),
        Number(_("On today's lists"), number(booked), _("theatre, chemotherapy, radiotherapy, dialysis, infusions")),
    )


def _of_dark(scene: Scene) -> tuple[Number, ...]:
    since = when(Moment(scene.status.dark_since), "seconds") if scene.status.dark else ""
    state = Number(_("The hospital"), _("dark") if scene.status.dark else _("speaks"), since, "need" if scene.status.dark else "")
    return (*_figures_of_all(scene), state)


def _of_outage(scene: Scene) -> tuple[Number, ...]:
    if scene.outage is None:
        return (*_figures_of_all(scene), Number(_("Outage"), _("none declared")))
    state = _("running") if scene.running else _("over")
    return (*_figures_of_all(scene), Number(_("Outage"), state, _("since {at}", at=when(scene.outage.since_at))))


def _of_writing(scene: Scene) -> tuple[Number, ...]:
    status = scene.status
    work = _("{done} of {planned}", done=number(status.deeds), planned=number(status.deeds_planned))
    refused = _("{n} refused", n=number(len(status.deeds_refused))) if status.deeds_refused else ""
    return (
        *_figures_of_all(scene),
        Number(_("Entries of this outage"), number(queries.written(scene.outage))),
        Number(_("Deeds of the simulated staff"), work, refused),
    )


def _of_return(scene: Scene) -> tuple[Number, ...]:
    states = queries.handed_back()
    tones = {ItemState.REJECTED: "need", ItemState.CONFLICT: "need"}
    rows = (
        Number(str(STATES[state]), number(count), tone=tones.get(state, "") if count else "") for state, count in states.items()
    )
    total = Number(
        _("Items in all"), number(sum(states.values())), _("{n} messages at the EHR", n=number(scene.status.ehr.get("distinct", 0)))
    )
    return (*rows, total)


def _of_verdict(scene: Scene) -> tuple[Number, ...]:
    told = queries.normality(scene.at)
    still = sum(reason.answer != Answer.YES for reason in told.reasons)
    tone = "" if told.answer == Answer.YES else "need"
    return (
        Number(_("Back to normal?"), str(ANSWERS[told.answer]), tone=tone),
        Number(_("Criteria that do not say yes"), _("{done} of {planned}", done=number(still), planned=number(len(told.reasons)))),
        *_figures_of_all(scene)[2:],
    )


_NUMBERS: tuple[Callable[[Scene], tuple[Number, ...]], ...] = (
    _of_mirror,
    _of_wires,
    _of_dark,
    _of_outage,
    _figures_of_all,
    _of_writing,
    _figures_of_all,
    _of_outage,
    _of_return,
    _of_verdict,
)
