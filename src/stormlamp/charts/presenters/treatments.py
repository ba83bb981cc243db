"""What was given of a booked treatment, in words: the newest dose of each of its drugs, whoever told of it."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from stormlamp.charts.rules import ChartEntry, Dose
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.rules import Item, Slot, is_of_treatment
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import when_near


class _Giving(NamedTuple):
    """One dose: when, of what, how much, and who told."""

    at: Moment
    drug: str
    dose: str
    teller: str


def given_words(slot: Slot, told: Iterable[Item], charted: Iterable[ChartEntry], now: Moment) -> tuple[str, ...]:
    """The newest dose of each drug of a treatment, by what the feeds told and what was charted here; the newest first.

    Which drugs a treatment has, its booking says (`is_of_treatment`); of any other drug nothing is said here.
    """
    newest: dict[str, _Giving] = {}
    for one in (*_told(slot, told), *_charted(slot, charted)):
        name = one.drug.casefold().partition(" ")[0]
        if name not in newest or newest[name].at < one.at:
            newest[name] = one
    return tuple(_words(one, now) for one in sorted(newest.values(), key=lambda one: (-one.at, one.drug)))


def _told(slot: Slot, items: Iterable[Item]) -> Iterator[_Giving]:
    for item in items:
        if is_of_treatment(slot.programme, (slot.what, slot.note), item.display, item.code):
            dose = "" if item.text == item.display else item.text.removeprefix(item.display).strip(" ,·")
            yield _Giving(item.effective_at or item.source.at, item.display, dose, item.source.interface)


def _charted(slot: Slot, entries: Iterable[ChartEntry]) -> Iterator[_Giving]:
    for entry in entries:
        body = entry.body
        named = isinstance(body, Dose) and body.given and entry.struck is None
        if isinstance(body, Dose) and named and is_of_treatment(slot.programme, (slot.what, slot.note), body.drug):
            yield _Giving(entry.occurred_at, body.drug, f"{body.value} {body.unit}".strip(), entry.author_name)


def _words(one: _Giving, now: Moment) -> str:
    what = f"{one.drug} {one.dose}".strip()
    return _("last given {what}: {at}, told by {teller}", what=what, at=when_near(one.at, now), teller=one.teller)
