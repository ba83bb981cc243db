"""The sections of a chart as lines, the same for screen and paper: each with source and age, and whether it was written here."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from stormlamp.charts.presenters.statuses import status_word
from stormlamp.charts.presenters.words import (
    NOTE_KINDS,
    SIGN_NAMES,
    allergy_text,
    confirmed_text,
    dose_text,
    doubts_text,
    severity_word,
)
from stormlamp.charts.queries import Chart, ChartSection
from stormlamp.charts.rules import Allergy, ChartEntry, Dose, NoKnownAllergies, Note, Vitals
from stormlamp.charts.rules.signs import SIGN_OF_LOINC, SIGNS
from stormlamp.kernel.moments import HOUR, Moment
from stormlamp.mirror.rules import Absence, Item, Kind, Source
from stormlamp.shell.words import age, when_near
from stormlamp.shell.words import gettext as _

OLD_AFTER: dict[str, int] = {Kind.VITAL: 12 * HOUR, Kind.RESULT: 72 * HOUR}
TREND = 5
OVER = frozenset({"completed", "revoked", "cancelled", "stopped", "entered-in-error", "inactive", "resolved"})
_WITHDRAWN = frozenset({"cancelled", "entered-in-error"})
_ORDER_OF_SIGN = {name: place for place, name in enumerate(("blood_pressure", *(sign.field for sign in SIGNS)))}
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a section. `trend` are earlier values, the newest first; `figures` the numbers of a sparkline, oldest first.

    `told` is the message that a feed's value came with. `given` is who told that a drug was last given as `more` says, empty for
    somebody here; `missed` is when it was due of late and nobody told that it was given, `due` when it is due next.
    """

    title: str
    text: str = ""
    unit: str = ""
    flag: str = ""
    reference: str = ""
    at: str = ""
    source: str = ""
    old: bool = False
    ours: bool = False
    trend: str = ""
    figures: tuple[float | None, ...] = ()
    status: str = ""
    more: str = ""
    doubt: str = ""
    confirmed: str = ""
    danger: bool = False
    over: bool = False
    entry: ChartEntry | None = None
    key: str = ""
    told: Source | None = None
    given: str = ""
    missed: str = ""
    due: str = ""

    @property
    def struck(self) -> bool:
        """Whether somebody struck it out."""
        return self.entry is not None and self.entry.struck is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a section's list means: `none` stated, `never` received, `until` when, or empty where it has lines; and its age."""

    absent: str
    at: str
    source: str
    words: str
    old: bool


@dataclass(frozen=True, slots=True)
class _Reading:
    """One value of a vital sign."""

    at: Moment | None
    text: str
    unit: str
    flag: str
    source: str
    entry: ChartEntry | None
    told: Source | None = None


def standing(section: ChartSection, now: Moment) -> Standing:
    """Source and age of a section, and what it means when there is nothing in it."""
    told, at = section.told, ""
    source = told.source.interface if told.source else ""
    if told.received_until is not None:
        at = when_near(told.received_until, now)
    if told.absence == Absence.NEVER_RECEIVED:
        return Standing(absent="never", at="", source="", words=_("never received"), old=False)
    if told.absence == Absence.STATED_NONE:
        words = _("None, stated by the source · {source} · {at}", source=source, at=at)
        return Standing(absent="none", at=at, source=source, words=words, old=False)
    old = told.received_until is not None and now - told.received_until > OLD_AFTER.get(section.kind, 24 * HOUR)
    words = _("received until {at} · {source} · {age} old", at=at, source=source, age=age(told.received_until, now))
    return Standing(absent="" if told.items else "until", at=_("received until {at}", at=at), source=source, words=words, old=old)


def allergy_lines(chart: Chart) -> tuple[Line, ...]:
    """What the feeds told and what was written here, the written ones with their author."""
    section = chart.sections[Kind.ALLERGY]
    ours = (_allergy_line(entry, chart.at) for entry in sorted(section.entries, key=lambda one: one.order))
    return (*(_told_allergy(item, chart.at) for item in section.items), *ours)


def problem_lines(chart: Chart) -> tuple[Line, ...]:
    """Diagnoses and problems, those that are over last."""
    told = [_plain(item, chart.at) for item in chart.sections[Kind.PROBLEM].items]
    return tuple(sorted(told, key=lambda line: line.over))


def order_lines(chart: Chart) -> tuple[Line, ...]:
    """Open orders."""
    return tuple(line for item in chart.sections[Kind.ORDER].items if not (line := _plain(item, chart.at)).over)


def dose_lines(chart: Chart) -> tuple[Line, ...]:
    """Doses charted here, the newest first; struck ones stay."""
    doses = sorted(chart.sections[Kind.MEDICATION].entries, key=lambda one: (-one.occurred_at, one.order))
    return tuple(_dose_line(entry, entry.body, chart.at) for entry in doses if isinstance(entry.body, Dose))


def note_lines(chart: Chart) -> tuple[Line, ...]:
    """Notes of the feeds and of people here, the newest first."""
    section = chart.sections[Kind.NOTE]
    told = [(item.effective_at or item.source.at, _told_note(item, chart.at)) for item in section.items]
    ours = [(one.occurred_at, _note_line(one, one.body, chart.at)) for one in section.entries if isinstance(one.body, Note)]
    return tuple(line for _at, line in sorted([*told, *ours], key=lambda pair: -pair[0]))


def result_lines(chart: Chart) -> tuple[Line, ...]:
    """Per analysis the newest value with its earlier ones; one that was withdrawn since stands beside the value that holds."""
    series: dict[str, list[Item]] = defaultdict(list)
    for item in chart.sections[Kind.RESULT].items:
        series[item.code or item.display].append(item)
    return tuple(_result_line(held, chart.at) for items in series.values() for held in _held(items))


def _held(items: list[Item]) -> Iterator[list[Item]]:
    valid = [item for item in items if item.status not in _WITHDRAWN]
    if valid:
        yield valid
    if items[0].status in _WITHDRAWN:
        yield items[:1]


def vital_lines(chart: Chart) -> tuple[Line, ...]:
    """Per vital sign the newest value with its earlier ones, whether a feed told it or somebody here; both pressures as one."""
    readings: dict[str, list[_Reading]] = defaultdict(list)
    names: dict[str, str] = {}
    for key, name, reading in _readings(chart.sections[Kind.VITAL]):
        names.setdefault(key, name)
        readings[key].append(reading)
    _join_pressures(readings, names)
    keys = sorted(readings, key=lambda key: (_ORDER_OF_SIGN.get(key, 99), names[key]))
    return tuple(_vital_line(names[key], readings[key], chart.at) for key in keys)


def _told_allergy(item: Item, now: Moment) -> Line:
    parts = (item.text, severity_word(item.flag), *_beside(item, now))
    return Line(
        title=item.display,
        text=", ".join(part for part in parts if part and part != item.display),
        at=told_at(item, now),
        source=item.source.interface,
        told=item.source,
        danger=True,
        over=item.status in OVER,
    )


def _allergy_line(entry: ChartEntry, now: Moment) -> Line:
    assert isinstance(entry.body, Allergy | NoKnownAllergies)
    known = isinstance(entry.body, Allergy)
    title, _mark, text = allergy_text(entry.body).partition(": ") if known else (allergy_text(entry.body), "", "")
    return _ours(entry, now, title=title, text=text, danger=known)


def _plain(item: Item, now: Moment) -> Line:
    return Line(
        title=item.display,
        text=", ".join(part for part in (item.text, *_beside(item, now)) if part and part != item.display),
        flag="",
        status=status_word(item.status),
        at=told_at(item, now),
        source=item.source.interface,
        told=item.source,
        over=item.status in OVER,
    )


def _beside(item: Item, now: Moment) -> tuple[str, ...]:
    """What else is known of who tells it: other sources, alike or not, and that its own no longer does."""
    found = []
    if item.untold is not None:
        found.append(_("no longer told since {at}", at=when_near(item.untold.at, now)))
    if item.also:
        found.append(_("also told by {sources}", sources=", ".join(sorted({one.interface for one in item.also}))))
    if item.otherwise:
        found.append(_("told otherwise by {sources}", sources=", ".join(sorted({one.interface for one in item.otherwise}))))
    return tuple(found)


def _dose_line(entry: ChartEntry, dose: Dose, now: Moment) -> Line:
    return _ours(entry, now, title=dose_text(dose), status="" if dose.given else "omitted")


def _told_note(item: Item, now: Moment) -> Line:
    over = item.status in OVER - {"completed"}
    return Line(
        title=item.display,
        text=item.text,
        status=status_word(item.status) if over else "",
        at=told_at(item, now),
        source=item.source.interface,
        told=item.source,
        over=over,
    )


def _note_line(entry: ChartEntry, note: Note, now: Moment) -> Line:
    return _ours(entry, now, title=str(NOTE_KINDS[note.kind]), text=note.text)


def _result_line(items: list[Item], now: Moment) -> Line:
    newest, earlier = items[0], items[1:TREND]
    at = newest.effective_at or newest.source.at
    figures = tuple(_figure(item.value) for item in reversed(items[: 2 * TREND]))
    return Line(
        title=newest.display,
        text=_without_unit(newest),
        unit=newest.unit,
        flag="" if newest.status in _WITHDRAWN else newest.flag,
        reference=newest.reference_range,
        at=told_at(newest, now),
        source=newest.source.interface,
        told=newest.source,
        old=now - at > OLD_AFTER[Kind.RESULT],
        trend=" · ".join(_without_unit(item) for item in earlier),
        figures=figures if sum(one is not None for one in figures) > 1 else (),
        status="" if newest.status in ("final", "unknown") else status_word(newest.status),
    )


def _readings(section: ChartSection) -> Iterator[tuple[str, str, _Reading]]:
    for item in section.items:
        if item.status in _WITHDRAWN:
            continue
        sign = SIGN_OF_LOINC.get(item.code.rpartition("|")[2])
        key = sign.field if sign else item.code or item.display
        name, unit = (str(SIGN_NAMES[sign.field]), sign.unit) if sign else (item.display, item.unit)
        at, source = item.effective_at or item.source.at, item.source
        yield key, name, _Reading(at, _without_unit(item), unit, item.flag, source.interface, None, source)
    for entry in section.valid:
        assert isinstance(entry.body, Vitals)
        for sign in SIGNS:
            value = getattr(entry.body, sign.field)
            if value is not None:
                text = f"{value:g}" if isinstance(value, float) else str(value)
                flag = "?" if sign.field in entry.doubts else ""
                told = _Reading(entry.occurred_at, text, sign.unit, flag, entry.author_name, entry)
                yield sign.field, str(SIGN_NAMES[sign.field]), told


def _join_pressures(readings: dict[str, list[_Reading]], names: dict[str, str]) -> None:
    lower = {one.at: one for one in readings.get("diastolic_mmhg", ())}
    joined = []
    for upper in list(readings.get("systolic_mmhg", ())):
        if (other := lower.pop(upper.at, None)) is not None:
            text = f"{upper.text}/{other.text}"
            joined.append(replace(upper, text=text, flag=upper.flag or other.flag))
            readings["systolic_mmhg"].remove(upper)
            readings["diastolic_mmhg"].remove(other)
    if joined:
        readings["blood_pressure"], names["blood_pressure"] = joined, str(SIGN_NAMES["blood_pressure"])
    for key in ("systolic_mmhg", "diastolic_mmhg"):
        if not readings.get(key):
            readings.pop(key, None)


def _vital_line(name: str, readings: list[_Reading], now: Moment) -> Line:
    told = sorted(readings, key=lambda one: -(one.at or 0))
    newest, figures = told[0], tuple(_figure(one.text) for one in reversed(told[: 2 * TREND]))
    return Line(
        title=name,
        text=newest.text,
        unit="" if newest.unit == "ACVPU" else newest.unit,
        flag="" if newest.flag == "?" else newest.flag,
        at=when_near(newest.at, now),
        source=newest.source,
        told=newest.told,
        old=newest.at is not None and now - newest.at > OLD_AFTER[Kind.VITAL],
        ours=newest.entry is not None,
        trend=" · ".join(one.text for one in told[1:TREND]),
        figures=figures if sum(one is not None for one in figures) > 1 else (),
        doubt=doubts_text(newest.entry) if newest.entry and newest.flag == "?" else "",
    )


def _ours(entry: ChartEntry, now: Moment, *, title: str, text: str = "", status: str = "", danger: bool = False) -> Line:
    return Line(
        title=title,
        text=text,
        status=status,
        at=when_near(entry.occurred_at, now),
        source=entry.author_name,
        ours=True,
        doubt=doubts_text(entry),
        confirmed=confirmed_text(entry, now),
        danger=danger,
        entry=entry,
    )


def told_at(item: Item, now: Moment) -> str:
    """When a value was so, else when it was told."""
    return when_near(item.effective_at or item.source.at, now)


def _without_unit(item: Item) -> str:
    return (item.text.removesuffix(item.unit) if item.unit else item.text).strip() or item.value


def _figure(text: str) -> float | None:
    found = _NUMBER.match(text.strip())
    return float(found[0]) if found else None


def told_line(item: Item, now: Moment) -> Line:
    """A value of a feed as it stands: title, text, time, source."""
    return _plain(item, now)


def shown(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines that hold: neither struck nor over."""
    return tuple(line for line in lines if not line.struck and not line.over)
