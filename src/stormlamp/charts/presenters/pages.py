"""The chart page: the header, what is doubtful, the sections, the keys; every word chosen before the template sees it."""

from collections.abc import Callable
from dataclasses import dataclass

from stormlamp.charts.presenters import drugs, lines
from stormlamp.charts.presenters.boards import conflict_text
from stormlamp.charts.presenters.lines import Line, Standing
from stormlamp.charts.presenters.names import born_text, flags_text, name_of, number_text, place_text, sex_text, where_text
from stormlamp.charts.presenters.words import KINDS, allergy_text, confirmed_text, doubts_text, entry_text
from stormlamp.charts.queries import Chart, Who, canonical, people_of, rivals_of
from stormlamp.charts.queries import entry as written_entry
from stormlamp.charts.rules import ChartEntry, Conflict, Identification, NoKnownAllergies, PaperPeriod, Step
from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import MINUTE, Moment
from stormlamp.mirror import queries as mirror
from stormlamp.mirror.rules import Absence, Kind
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import lazy, listing, ngettext, when, when_near


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Who a page is about, as the identity strip shows it. `told` says what an empty allergy list means."""

    patient: PatientId
    name: str
    born: str
    sex: str
    place: str
    number: str
    warnings: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    told: str = ""
    masked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSection:
    """A section: its lines, its standing, and the key that writes into it (empty where it is read-only for this reader)."""

    kind: str
    title: str
    lines: tuple[Line, ...]
    standing: Standing
    ours: bool
    write: str = ""
    over: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLine:
    """One entry written here: what, when, by whom, and whether this reader may strike it."""

    entry: ChartEntry
    kind: str
    text: str
    at: str
    late: str
    doubt: str
    confirmed: str
    may_strike: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """Things that cannot both be so, in words; and the entries that contradict, each with its id."""

    words: str
    entries: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An identification on the page: who is said to be whom, by whom, and what this reader may do about it."""

    identification: Identification
    words: str
    may_confirm: bool
    may_undo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartPage:
    """All that the chart's template needs."""

    header: Header
    notices: tuple[str, ...]
    dangers: tuple[Danger, ...]
    sections: dict[str, PageSection]
    doses: tuple[Line, ...]
    written: tuple[WrittenLine, ...]
    claims: tuple[Claim, ...]
    newborns: tuple[tuple[PatientId, str], ...]
    mother: tuple[PatientId, str] | None
    actions: tuple[tuple[str, str, str], ...]
    stay: tuple[tuple[str, str], ...]
    messages: tuple[tuple[str, str], ...]
    may_write: bool


TITLES = {
    Kind.ALLERGY: lazy("Allergies"),
    Kind.PROBLEM: lazy("Problems"),
    Kind.MEDICATION: lazy("Medication"),
    Kind.RESULT: lazy("Results"),
    Kind.VITAL: lazy("Vital signs"),
    Kind.NOTE: lazy("Notes"),
    Kind.ORDER: lazy("Open orders"),
    Kind.CONTACT: lazy("Contacts"),
}
_WRITES: dict[str, str] = {Kind.ALLERGY: "allergy", Kind.MEDICATION: "dose", Kind.VITAL: "vitals", Kind.NOTE: "note"}


def header(who: Who, now: Moment, chart: Chart | None = None) -> Header:
    """The identity strip; with a chart its allergies stand first among the warnings."""
    return Header(
        patient=who.patient,
        name=name_of(who),
        born=born_text(who, now),
        sex=sex_text(who),
        place=place_text(who) or _("not in"),
        number=number_text(who),
        warnings=_warnings(chart) if chart else (),
        marks=(*_states(who, now), *flags_text(who), *_linked(who)),
        told=_no_allergies(chart) if chart else "",
        masked=who.masked,
    )


def chart_page(chart: Chart, reader: Actor) -> ChartPage:
    """The chart in words, for somebody who may do certain things."""
    who, now = chart.who, chart.at
    return ChartPage(
        header=header(who, now, chart),
        notices=tuple(notices(chart)),
        dangers=dangers(chart),
        sections={kind: _section(chart, kind, reader) for kind in TITLES},
        doses=lines.dose_lines(chart),
        written=tuple(_written(one, now, reader) for one in reversed(chart.entries)),
        claims=tuple(claim(one, now, reader) for one in chart.identifications if one.open or one.stands),
        newborns=tuple((one.patient, name_of(one)) for one in chart.newborns),
        mother=(who.mother.patient, name_of(who.mother)) if who.mother else None,
        actions=_actions(chart, reader),
        stay=_stay(chart),
        messages=_messages(who),
        may_write=reader.may("charts.write"),
    )


def notices(chart: Chart) -> list[str]:
    """What to know before trusting the page: paper, quarantine, another place."""
    found = [paper_notice(one, chart.at) for one in chart.paper]
    if chart.who.also:
        found.append(_several_stays(chart.who))
    if chart.who.person is not None and chart.who.person.deleted_at is not None:
        at = when_near(chart.who.person.deleted_at, chart.at)
        found.append(
            _("The EHR deleted this record ({at}). What it told before is still shown: ask why before you rely on it.", at=at)
        )
    if chart.newest_aside is not None:
        said = _(
            "The newest message about this patient, received {at}, is in quarantine.", at=when_near(chart.newest_aside, chart.at)
        )
        found.append(said)
    if chart.quarantined:
        found.append(
            ngettext(
                "{n} message about this patient is in quarantine: what it says is not shown here.",
                "{n} messages about this patient are in quarantine: what they say is not shown here.",
                chart.quarantined,
            )
        )
    return found


def _several_stays(who: Who) -> str:
    """That one chart may be that of two people: who merged them could not ask who lies in which bed."""
    places = (who.place, *who.also)
    return _(
        "{n} stays of this patient are open: {places}. "
        "If two patients were merged by mistake, this chart holds the values of both: check who lies in each bed.",
        n=len(places),
        places=listing([where_text(one) for one in places]),
    )


def dangers(chart: Chart) -> tuple[Danger, ...]:
    """What contradicts in this chart."""
    return tuple(_danger(chart, one) for one in chart.conflicts)


def entry_line(entry: ChartEntry, now: Moment) -> str:
    """Dose: furosemide 40 mg oral · 12:00 · Nora Peeters."""
    kind, said = str(KINDS[entry.kind]), entry_text(entry)
    named = said if said.startswith(kind) else f"{kind}: {said}"
    return f"{named} · {when_near(entry.occurred_at, now)} · {entry.author_name}"


def rivals(entry: ChartEntry, now: Moment) -> tuple[tuple[str, str], ...]:
    """What contradicts an entry, in words, each with its id; without one where a feed told it."""
    found = rivals_of(entry)
    told = {one.key: one for one in mirror.section(canonical(entry.patient), Kind.ALLERGY).items} if found else {}
    written = [(one.id, entry_line(one, now)) for one in (written_entry(key) for key in found if key not in told) if one]
    lines_told = [lines.told_line(told[key], now) for key in found if key in told]
    return (*written, *(("", " · ".join(part for part in (one.title, one.at, one.source) if part)) for one in lines_told))


def paper_notice(period: PaperPeriod, now: Moment) -> str:
    """That doses may have been given on paper, since (and until) when."""
    since = when_near(period.from_at, now)
    if period.until_at is None:
        return _("Doses may have been given on paper since {since}: look at the paper sheet first.", since=since)
    until = when_near(period.until_at, now)
    return _(
        "Doses may have been given on paper from {since} to {until}; its sheets are not entered yet.", since=since, until=until
    )


def _danger(chart: Chart, conflict: Conflict) -> Danger:
    people = people_of(conflict.patients, reader=chart.reader, now=chart.at)
    found = [one for one in chart.entries if one.id in conflict.entries]
    return Danger(words=conflict_text(conflict, people), entries=tuple((one.id, entry_line(one, chart.at)) for one in found))


def _warnings(chart: Chart) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.title for line in lines.shown(lines.allergy_lines(chart)) if line.danger))


def _no_allergies(chart: Chart) -> str:
    if _warnings(chart):
        return ""
    section = chart.sections[Kind.ALLERGY]
    asked = next((one.body for one in section.valid if isinstance(one.body, NoKnownAllergies)), None)
    if asked is not None:
        return allergy_text(asked)
    if section.told.absence == Absence.STATED_NONE:
        return _("Allergies: none, stated by the source")
    return _("Allergies: never received") if section.told.absence == Absence.NEVER_RECEIVED else _("Allergies: nothing received")


def _states(who: Who, now: Moment) -> tuple[str, ...]:
    return (_("died {at}", at=when_near(who.died_at, now)),) if who.died_at is not None else ()


def _linked(who: Who) -> tuple[str, ...]:
    """Other records that the EHR links with this one and keeps apart."""
    others = mirror.persons(mirror.linked(who.patient)) if who.person is not None else ()
    return tuple(_("linked with the record {number}", number=one.number) for one in others)


def _section(chart: Chart, kind: str, reader: Actor) -> PageSection:
    found = chart.sections[kind]
    told = _LINES[kind](chart) if kind in _LINES else tuple(lines.told_line(item, chart.at) for item in found.items)
    write = _WRITES.get(kind, "") if found.outage is not None and reader.may("charts.write") else ""
    return PageSection(
        kind=kind,
        title=str(TITLES[Kind(kind)]),
        lines=tuple(line for line in told if not line.over),
        standing=lines.standing(found, chart.at),
        ours=bool(found.valid),
        write=write,
        over=sum(line.over for line in told),
    )


_LINES: dict[str, Callable[[Chart], tuple[Line, ...]]] = {
    Kind.ALLERGY: lines.allergy_lines,
    Kind.PROBLEM: lines.problem_lines,
    Kind.MEDICATION: drugs.medication_lines,
    Kind.RESULT: lines.result_lines,
    Kind.VITAL: lines.vital_lines,
    Kind.NOTE: lines.note_lines,
    Kind.ORDER: lines.order_lines,
}


def _written(entry: ChartEntry, now: Moment, reader: Actor) -> WrittenLine:
    late = entry.written_at - entry.occurred_at > 5 * MINUTE
    return WrittenLine(
        entry=entry,
        kind=str(KINDS[entry.kind]),
        text=entry_text(entry),
        at=when(entry.occurred_at),
        late=_("written {at}", at=when_near(entry.written_at, now)) if late else "",
        doubt=doubts_text(entry),
        confirmed=confirmed_text(entry, now),
        may_strike=entry.struck is None and reader.may("charts.write"),
    )


def claim(found: Identification, now: Moment, reader: Actor) -> Claim:
    """An identification in words, and what this reader may do about it."""
    known = next(iter(people_of([found.is_patient], reader=reader, now=now)), None)
    name = f"{name_of(known)} ({number_text(known)})" if known else ""
    by = found.steps[0].author_name
    if found.stands:
        second = next(one.author_name for one in found.steps if one.step == Step.CONFIRMED)
        words = _("Identified as {name} by {one} and {other}.", name=name, one=by, other=second)
    else:
        words = _("{one} says that this is {name}. A second person has to confirm it.", one=by, name=name)
    may = reader.may("charts.identify")
    may_confirm = may and found.open and found.proposed_by != reader.account
    return Claim(identification=found, words=words, may_confirm=may_confirm, may_undo=may)


def _actions(chart: Chart, reader: Actor) -> tuple[tuple[str, str, str], ...]:
    """(label, route, key) of what this reader may write here now."""
    found: list[tuple[str, str, str]] = []
    keyed = (
        ("vitals", "vitals", _("Vital signs"), "v"),
        ("dose", "dose", _("Dose"), "m"),
        ("note", "note", _("Note"), "n"),
        ("allergy", "allergy", _("Allergy"), "a"),
    )
    if reader.may("charts.write"):
        found += [(label, f"charts:{route}", key) for name, route, label, key in keyed if name in chart.writable]
    return tuple(found)


def _messages(who: Who) -> tuple[tuple[str, str], ...]:
    """The messages that told who somebody is and where they lie."""
    if who.person is None:
        return ()
    label = _("Message about the place")
    places = [(f"{label} ({' '.join(filter(None, (one.ward, one.bed)))})", one.stay_entry) for one in who.person.open_stays]
    told = places if who.person.also else [(label, who.person.stay_entry)]
    found = ((_("Message about the identity"), who.person.source.entry), *told)
    return tuple((label, entry) for label, entry in found if entry)


def _stay(chart: Chart) -> tuple[tuple[str, str], ...]:
    """Where somebody lies, since when and who says so; and where the other source says."""
    place, rows = chart.who.place, []
    if chart.who.present:
        by = _("written here") if place.here else _("told by the EHR")
        since = when_near(place.since_at, chart.at) if place.since_at is not None else ""
        rows.append((_("Lies in"), " · ".join(part for part in (place_text(chart.who), since, by) if part)))
    for one in chart.who.also:
        since = when_near(one.since_at, chart.at) if one.since_at is not None else ""
        rows.append((_("Also shown"), " · ".join(part for part in (where_text(one), since, _("told by the EHR")) if part)))
    other = chart.who.other_place
    if other is not None and other.ward:
        by = _("written here") if other.here else _("the EHR's last word, from before")
        rows.append((_("Elsewhere"), " · ".join(part for part in (other.ward, other.bed, by) if part)))
    if chart.who.person is not None:
        rows.append((_("Identity"), _("EHR, as of {at}", at=when_near(chart.who.person.as_of, chart.at))))
    return tuple(rows)
