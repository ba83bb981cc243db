"""What paper prints: a chart's lines as the values of a ward pack, in the language of the moment."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from stormlamp.charts.presenters import drugs, lines, pages
from stormlamp.charts.presenters.boards import allergies_short
from stormlamp.charts.presenters.lines import Line
from stormlamp.charts.presenters.names import born_text, flags_text, name_of, own_marks, sex_text, told_at
from stormlamp.charts.queries import Chart, ChartSection, Who, unresolved_paper
from stormlamp.charts.rules import ChartEntry, Dose
from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import HOUR, Moment, to_datetime
from stormlamp.ledger.verifying import short_checkpoint
from stormlamp.mirror.rules import Absence, Kind
from stormlamp.nodes.queries import home
from stormlamp.paper import rules as paper
from stormlamp.shell import band
from stormlamp.shell.words import NO_BREAK, age, hospital_zone, language, lazy, when, when_near
from stormlamp.shell.words import gettext as _

PARTS = {
    "census": lazy("Census"),
    "handover": lazy("Hand-over sheet"),
    "summaries": lazy("A summary per patient"),
    "medications": lazy("A medication sheet per patient"),
}
_BANDS = {"normal": "normal", "outage": "outage", "rehearsal": "rehearsal", "stale": "stale", "unknown": "stale"}
HOURS, BEFORE = 24, 3


def ward_pack(
    ward: str, people: Sequence[Who], charts: Iterable[Chart], actor: Actor, now: Moment, parts: Collection[str]
) -> paper.WardPack:
    """The pack of a ward, with the parts that were asked for; whoever is shown in two of its beds has a line for each."""
    known = {one.who.patient: one for one in charts}
    told = tuple(replace(known[one.patient], who=one) for one in people if one.patient in known)
    once = tuple({one.who.patient: one for one in reversed(told)}.values())[::-1]
    notices = tuple(pages.paper_notice(one, now) for one in unresolved_paper(ward))
    standing = paper.Standing(words=frame_age(now, actor))
    return paper.WardPack(
        frame=frame(ward, actor, now),
        census=paper.Census(standing=standing, rows=tuple(_census_row(one, now) for one in people), notices=notices)
        if "census" in parts
        else None,
        handover=paper.HandoverSheet(standing=standing, rows=tuple(_handover_row(one) for one in told), notices=notices)
        if "handover" in parts
        else None,
        summaries=tuple(summary(one) for one in once) if "summaries" in parts else (),
        medications=tuple(medication_sheet(one) for one in once) if "medications" in parts else (),
    )


def house_census(wards: Mapping[str, Sequence[Who]], unplaced: Sequence[Who], actor: Actor, now: Moment) -> paper.WardPack:
    """Who lies where in the whole house, a sheet per ward; the last one has who is in and on no ward, as nobody told which."""
    standing = paper.Standing(words=frame_age(now, actor))
    sheets = [
        paper.Census(
            standing=standing,
            of=_("Ward {ward}", ward=ward),
            rows=tuple(_census_row(one, now) for one in people),
            notices=tuple(pages.paper_notice(one, now) for one in unresolved_paper(ward)),
        )
        for ward, people in wards.items()
    ]
    if unplaced or not sheets:
        rows = tuple(_unplaced_row(one, now) for one in unplaced)
        sheets.append(paper.Census(standing=standing, of=_("Admitted, ward not told"), rows=rows))
    return paper.WardPack(frame=replace(frame("", actor, now), ward=_("All wards")), house=tuple(sheets))


def patient_pack(chart: Chart, actor: Actor, now: Moment) -> paper.WardPack:
    """One patient's summary and medication sheet."""
    where = chart.who.place.ward or _("no ward")
    return paper.WardPack(frame=frame(where, actor, now), summaries=(summary(chart),), medications=(medication_sheet(chart),))


def frame(ward: str, actor: Actor, now: Moment) -> paper.PageFrame:
    """What every page repeats: the band's own words, the age, who printed, the checkpoint."""
    told = band.compose(actor, now)
    return paper.PageFrame(
        kind=paper.BandKind(_BANDS[told.kind]),
        band=told.text,
        hospital=home().hospital,
        ward=_("Ward {ward}", ward=ward),
        printed_at=when(now, "long"),
        printed_moment=now,
        as_of=when(told.as_of) if told.as_of is not None else _("not known"),
        checkpoint=short_checkpoint(f"{home().node}/acts"),
        language=paper.Language(language()),
        pack=new_id().replace("-", "")[:8].upper(),
        printed_by=actor.name,
    )


def frame_age(now: Moment, actor: Actor) -> str:
    """How old the picture of a ward is."""
    as_of = band.compose(actor, now).as_of
    if as_of is None:
        return _("no patient data received")
    return _("received until {at}, {age} old", at=when_near(as_of, now), age=age(as_of, now))


def summary(chart: Chart) -> paper.PatientSummary:
    """What is known of one patient, alerts and allergies first."""
    section = chart.sections
    return paper.PatientSummary(
        identity=_identity(chart),
        allergies=_allergies(chart),
        alerts=_alerts(chart),
        problems=paper.Problems(
            standing=_standing(section[Kind.PROBLEM], chart.at),
            rows=tuple(paper.Problem(text=_said(one), source=_source(one)) for one in lines.shown(lines.problem_lines(chart))),
        ),
        medications=paper.Medications(standing=_standing(section[Kind.MEDICATION], chart.at), rows=_drugs(chart)),
        vitals=paper.Vitals(
            standing=_standing(section[Kind.VITAL], chart.at), rows=tuple(_vital(one) for one in lines.vital_lines(chart))
        ),
        results=paper.Results(
            standing=_standing(section[Kind.RESULT], chart.at), rows=tuple(_result(one) for one in lines.result_lines(chart))
        ),
        orders=paper.Orders(
            standing=_standing(section[Kind.ORDER], chart.at),
            rows=tuple(paper.Order(text=_said(one), status=one.status, source=_source(one)) for one in lines.order_lines(chart)),
        ),
        notes=paper.Notes(
            standing=_standing(section[Kind.NOTE], chart.at),
            rows=tuple(_note(one) for one in lines.shown(lines.note_lines(chart)))[:6],
        ),
        notices=tuple(pages.notices(chart)),
    )


def medication_sheet(chart: Chart) -> paper.MedicationSheet:
    """Drugs against the hours from three before printing on; what was charted here stands in its box."""
    start = to_datetime(chart.at, hospital_zone()).replace(minute=0, second=0, microsecond=0) - dt.timedelta(hours=BEFORE)
    hours = [start + dt.timedelta(hours=step) for step in range(HOURS)]
    days: dict[str, int] = {}
    for hour in hours:
        name = f"{hour:%d.%m.%Y}"
        days[name] = days.get(name, 0) + 1
    return paper.MedicationSheet(
        identity=_identity(chart),
        allergies=_allergies(chart),
        medications=paper.Medications(
            standing=_standing(chart.sections[Kind.MEDICATION], chart.at), rows=_drugs(chart, first_hour=_moment_of(start))
        ),
        columns=tuple(f"{hour:%H}" for hour in hours),
        days=tuple(paper.GridDay(words=name, columns=count) for name, count in days.items()),
        now_column=BEFORE,
        notices=tuple(pages.notices(chart)),
    )


def _identity(chart: Chart) -> paper.Identity:
    who, now = chart.who, chart.at
    birth, old = _born(who, now)
    contact = next((line for line in (lines.told_line(one, now) for one in chart.sections[Kind.CONTACT].items)), None)
    return paper.Identity(
        bed=who.place.spot or who.place.ward,
        name=name_of(who),
        sex=sex_text(who),
        birth=birth,
        age=old,
        mrn=who.mrn or next(iter(who.downtime_numbers), ""),
        code=who.mrn or next(iter(who.downtime_numbers), ""),
        downtime_number=next(iter(who.downtime_numbers), "") if who.mrn else "",
        admitted=when_near(who.place.since_at, now) if who.place.since_at is not None else "",
        spoken_language=who.language,
        contact=f"{contact.title} {contact.text}".strip() if contact else "",
        mark=", ".join(own_marks(who)),
    )


def _allergies(chart: Chart) -> paper.Allergies:
    told = lines.shown(lines.allergy_lines(chart))
    rows = tuple(paper.Allergy(substance=one.title, reaction=one.text, source=_source(one), here=one.ours) for one in told)
    return paper.Allergies(standing=_standing(chart.sections[Kind.ALLERGY], chart.at), rows=rows)


def _alerts(chart: Chart) -> paper.Alerts:
    """No feed tells alerts yet: what contradicts here and the marks stand in their place."""
    page = pages.header(chart.who, chart.at, chart)
    rows = tuple(paper.Alert(text=text, here=True) for text in (*page.marks, *(one.words for one in pages.dangers(chart))))
    trust = paper.Trust.CURRENT if rows else paper.Trust.NEVER
    return paper.Alerts(standing=paper.Standing(words="" if rows else _("never received"), trust=trust), rows=rows)


def _drugs(chart: Chart, first_hour: Moment | None = None) -> tuple[paper.Medication, ...]:
    section = chart.sections[Kind.MEDICATION]
    told = lines.shown(drugs.medication_lines(chart))
    ordered = tuple(
        paper.Medication(
            drug=one.title,
            dose=one.text,
            route="",
            last_given=_narrow(one.more, one.given),
            next_due=_narrow(one.missed, one.due),
            source=_source(one),
            doses=_boxes(drugs.doses_of(section, one), first_hour),
        )
        for one in told
    )
    return (*ordered, *(_unordered(entry, chart.at, first_hour) for entry in drugs.doses_without_order(section)))


def _narrow(*parts: str) -> str:
    """Words of a narrow column, which may break between the day and the hour."""
    return " · ".join(part.replace(NO_BREAK, " ") for part in parts if part)


def _unordered(entry: ChartEntry, now: Moment, first_hour: Moment | None) -> paper.Medication:
    assert isinstance(entry.body, Dose)
    given = f"{when_near(entry.occurred_at, now)} {entry.author_name}" if entry.body.given else entry.body.omitted_because
    return paper.Medication(
        drug=entry.body.drug,
        dose=f"{entry.body.value} {entry.body.unit}".strip(),
        route=entry.body.route,
        last_given=given,
        here=True,
        doses=_boxes((entry,), first_hour),
    )


def _boxes(entries: Iterable[ChartEntry], first_hour: Moment | None) -> tuple[paper.Dose, ...]:
    if first_hour is None:
        return ()
    found: dict[int, paper.Dose] = {}
    for entry in sorted(entries, key=lambda one: one.occurred_at):
        column = (entry.occurred_at - first_hour) // HOUR
        if 0 <= column < HOURS and isinstance(entry.body, Dose):
            state = paper.DoseState.GIVEN if entry.body.given else paper.DoseState.OMITTED
            found[column] = paper.Dose(column=column, state=state, words=_signed(entry))
    return tuple(found.values())


def _signed(entry: ChartEntry) -> str:
    initials = "".join(word[0] for word in entry.author_name.split()[:2]).upper()
    return f"{when(entry.occurred_at, 'time')} {initials}"


def _vital(line: Line) -> paper.Vital:
    return paper.Vital(
        name=line.title,
        value=line.text,
        unit=line.unit,
        flag=line.flag,
        trend=line.trend,
        at=line.at,
        source=_by(line),
        here=line.ours,
    )


def _result(line: Line) -> paper.Result:
    return paper.Result(
        name=line.title,
        value=line.text,
        unit=line.unit,
        flag=line.flag,
        reference=line.reference,
        trend=line.trend,
        at=line.at,
        source=line.source,
    )


def _note(line: Line) -> paper.Note:
    return paper.Note(title=line.title, text=line.text, at=line.at, author=_by(line), source=_by(line, feed=True), here=line.ours)


def _census_row(who: Who, now: Moment) -> paper.CensusRow:
    birth, old = _born(who, now)
    names, absence = allergies_short(who)
    return paper.CensusRow(
        bed=who.place.spot,
        name=name_of(who),
        sex=sex_text(who),
        birth=birth,
        age=old,
        mrn=who.mrn or next(iter(who.downtime_numbers), ""),
        alerts=", ".join(flags_text(who)),
        allergies="" if who.masked else ", ".join(names) or absence,
        here=who.place.here,
    )


def _unplaced_row(who: Who, now: Moment) -> paper.CensusRow:
    """Somebody whose bed nobody told; what their source calls the place stands with the notes."""
    words = told_at(who)
    return replace(_census_row(who, now), bed="–", notes=_("Place, as told: {place}", place=words) if words else "")


def _handover_row(chart: Chart) -> paper.HandoverRow:
    row = _census_row(chart.who, chart.at)
    vitals = " · ".join(f"{one.title} {one.text} {one.unit}".strip() for one in lines.vital_lines(chart)[:4])
    flagged = " · ".join(f"{one.title} {one.text} {one.flag}" for one in lines.result_lines(chart) if one.flag not in ("", "N"))
    return paper.HandoverRow(
        bed=row.bed,
        name=row.name,
        sex=row.sex,
        birth=row.birth,
        age=row.age,
        mrn=row.mrn,
        alerts=row.alerts,
        allergies=row.allergies,
        diagnosis=", ".join(one.title for one in lines.shown(lines.problem_lines(chart))[:3]),
        now=" · ".join(part for part in (vitals, flagged) if part),
        next=" · ".join(one.title for one in lines.order_lines(chart)[:4]),
        here=row.here,
    )


def _born(who: Who, now: Moment) -> tuple[str, str]:
    """Birth date and age; of the unknown, that it is not known, and the estimated range."""
    if who.masked:
        return "", ""
    if who.birth_date is None and who.age_from is not None:
        return _("not known"), _("about {low} to {high} y", low=who.age_from, high=who.age_to)
    birth, _mark, old = born_text(who, now).partition(" (")
    return birth, old.removesuffix(")")


def _standing(section: ChartSection, now: Moment) -> paper.Standing:
    told = lines.standing(section, now)
    trust = paper.Trust.OLD if told.old else paper.Trust.CURRENT
    if section.told.absence == Absence.STATED_NONE:
        trust = paper.Trust.NONE_STATED
    elif section.told.absence == Absence.NEVER_RECEIVED:
        trust = paper.Trust.NEVER
    return paper.Standing(words=told.words, trust=trust)


def _said(line: Line) -> str:
    return f"{line.title}: {line.text}" if line.text else line.title


def _source(line: Line) -> str:
    return " · ".join(part for part in (line.source, line.at) if part)


def _by(line: Line, *, feed: bool = False) -> str:
    return line.source if line.ours != feed else ""


def _moment_of(at: dt.datetime) -> Moment:
    return Moment(int(at.timestamp()) * 1_000_000)
