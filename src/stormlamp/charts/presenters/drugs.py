"""Drugs as ordered: when each was last given, by whom it was told, and when it is due."""

from stormlamp.charts.presenters.lines import OVER, Line, told_at
from stormlamp.charts.presenters.statuses import status_word
from stormlamp.charts.queries import Chart, ChartSection
from stormlamp.charts.rules import Body, ChartEntry, Dose
from stormlamp.kernel.moments import HOUR, Moment
from stormlamp.mirror.rules import Item, Kind, dues
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import hospital_zone, when_near

# How long a dose that was due stays on the page, and how far ahead the next one is told.
LATE, SOON = 4 * HOUR, 7 * 24 * HOUR
_GIVEN = frozenset({"completed", "in-progress", "unknown", ""})
_NOT_NOW = frozenset({"on-hold", "draft", "not-done"})


def medication_lines(chart: Chart) -> tuple[Line, ...]:
    """Drugs as ordered, those that are stopped last, each with when it was last given and is due; then what no order asked for."""
    section = chart.sections[Kind.MEDICATION]
    ordered = [item for item in section.items if not _is_giving(item)]
    answered = {id(one) for item in ordered for one in _givings(item, section)}
    given = [one for one in section.items if _is_giving(one) and one.status in _GIVEN and id(one) not in answered]
    others = {one.code or one.display: one for one in reversed(given)}
    found = [_drug_line(item, section, chart.at) for item in (*ordered, *others.values())]
    return tuple(sorted(found, key=lambda line: line.over))


def doses_of(section: ChartSection, drug: Line) -> tuple[ChartEntry, ...]:
    """The doses charted here that answer an ordered drug."""
    item = next(one for one in section.items if one.key == drug.key)
    return tuple(one for one in section.valid if isinstance(one.body, Dose) and _answers(one.body, item))


def doses_without_order(section: ChartSection) -> tuple[ChartEntry, ...]:
    """The doses charted here of drugs that no order names."""
    doses = (one for one in section.valid if isinstance(one.body, Dose))
    return tuple(one for one in doses if not any(_answers(one.body, item) for item in section.items))


def _drug_line(item: Item, section: ChartSection, now: Moment) -> Line:
    last = next((one for one in section.valid if isinstance(one.body, Dose) and one.body.given and _answers(one.body, item)), None)
    giving = max(_givings(item, section), key=_given_at, default=None)
    by_feed = giving is not None and (last is None or _given_at(giving) > last.occurred_at)
    told, given_at = "", 0
    if giving is not None and by_feed:
        told, given_at = _("last given {at}", at=when_near(Moment(_given_at(giving)), now)), _given_at(giving)
    elif last is not None:
        told = _("last given {at} by {name}", at=when_near(last.occurred_at, now), name=last.author_name)
        given_at = last.occurred_at
    missed, due = _due(item, given_at, now)
    return Line(
        title=item.display,
        text="" if item.text == item.display else item.text.removeprefix(item.display).strip(" ,·"),
        status=status_word(item.status),
        at=told_at(item, now),
        source=item.source.interface,
        told=item.source,
        more=told,
        key=item.key,
        over=item.status in OVER and not _is_giving(item),
        given=giving.source.interface if giving is not None and by_feed else "",
        missed=missed,
        due=due,
    )


def _due(item: Item, given_at: int, now: Moment) -> tuple[str, str]:
    """When it was due of late and is due next. What was due before the order was told, or before it was last given, is done."""
    if item.status in OVER | _NOT_NOW:
        return "", ""
    since = Moment(max(given_at, item.source.at, now - LATE))
    told = dues(item.resource, since=since, until=Moment(now + SOON), zone=hospital_zone())
    late, next_ = [at for at in told if at <= now], [at for at in told if at > now]
    return when_near(late[-1], now) if late else "", when_near(next_[0], now) if next_ else ""


def _is_giving(item: Item) -> bool:
    return item.resource.get("resourceType") == "MedicationAdministration"


def _givings(item: Item, section: ChartSection) -> list[Item]:
    """What the feeds told of doses that were given of a drug: by the order that they answer, else by its code or name."""
    if _is_giving(item):
        return [item]
    return [one for one in section.items if _is_giving(one) and one.status in _GIVEN and _is_of(one, item)]


def _is_of(giving: Item, order: Item) -> bool:
    named = (giving.resource.get("request") or {}).get("reference", "")
    if named and order.key.startswith("MedicationRequest/"):
        return bool(named == order.key)
    return bool(giving.code and giving.code == order.code) or giving.display.casefold() == order.display.casefold()


def _given_at(giving: Item) -> int:
    return giving.effective_at or giving.source.at


def _answers(dose: Body, item: Item) -> bool:
    assert isinstance(dose, Dose)
    return dose.medication == item.key or (not dose.medication and item.display.casefold().startswith(dose.drug.casefold().strip()))
