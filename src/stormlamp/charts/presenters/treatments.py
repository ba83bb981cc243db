"""What was given of a booked treatment, in words: the newest dose of each of its drugs, whoever told of it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from stormlamp.charts.presenters.programmes import OFF
from stormlamp.charts.rules import ChartEntry, Dose
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.queries import Regimen
from stormlamp.mirror.rules import Item, Programme, Slot, is_of_treatment
from stormlamp.mirror.rules.programmes import names_regimen
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import when_near


class _Giving(NamedTuple):
    """One dose: when, of what, how much, and who told."""

    at: Moment
    drug: str
    dose: str
    teller: str


def given_words(
    slot: Slot, told: Iterable[Item], charted: Iterable[ChartEntry], known: Iterable[Regimen], now: Moment
) -> tuple[str, ...]:
    """The newest dose of each drug of a treatment, by what the feeds told and what was charted here; the newest first.

    Which drugs a treatment has, its booking says (`is_of_treatment`), or the patient's orders and plans (`known`) under the name
    that the booking has. Where neither tells, that is said of chemotherapy; of any other drug nothing is said here.
    """
    booked = (slot.what, slot.note)
    drugs = [drug for one in known if names_regimen(booked, one.name) for drug in one.drugs]
    newest: dict[str, _Giving] = {}
    for one in (*_told(slot, told, drugs), *_charted(slot, charted, drugs)):
        name = one.drug.casefold().partition(" ")[0]
        if name not in newest or newest[name].at < one.at:
            newest[name] = one
    found = tuple(_words(one, now) for one in sorted(newest.values(), key=lambda one: (-one.at, one.drug)))
    if found or drugs or slot.dose or slot.programme is not Programme.CHEMOTHERAPY or slot.status.lower() in OFF:
        return found
    return (_("what was given of it cannot be told: the booking names no drug, and no order or plan has its name"),)


def _told(slot: Slot, items: Iterable[Item], drugs: Sequence[str]) -> Iterator[_Giving]:
    for item in items:
        if is_of_treatment(slot.programme, (slot.what, slot.note, *drugs), item.display, item.code):
            dose = "" if item.text == item.display else item.text.removeprefix(item.display).strip(" ,·")
            yield _Giving(item.effective_at or item.source.at, item.display, dose, item.source.interface)


def _charted(slot: Slot, entries: Iterable[ChartEntry], drugs: Sequence[str]) -> Iterator[_Giving]:
    for entry in entries:
        body = entry.body
        named = isinstance(body, Dose) and body.given and entry.struck is None
        if isinstance(body, Dose) and named and is_of_treatment(slot.programme, (slot.what, slot.note, *drugs), body.drug):
            yield _Giving(entry.occurred_at, body.drug, f"{body.value} {body.unit}".strip(), entry.author_name)


def _words(one: _Giving, now: Moment) -> str:
    what = f"{one.drug} {one.dose}".strip()
    return _("last given {what}: {at}, told by {teller}", what=what, at=when_near(one.at, now), teller=one.teller)
