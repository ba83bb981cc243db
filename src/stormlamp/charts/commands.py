"""`stormlamp patients | chart | census | pack`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from django.conf import settings

from stormlamp.charts import queries
from stormlamp.charts.mapping import bundle
from stormlamp.charts.presenters import lines, names, pages, papers
from stormlamp.charts.presenters.words import entry_text
from stormlamp.charts.queries import Chart, Who
from stormlamp.kernel.actors import Actor, system
from stormlamp.kernel.moments import Moment, iso
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import clock
from stormlamp.mirror import queries as mirror
from stormlamp.mirror.api.giving import given_of_chart
from stormlamp.paper import print_pack

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Pdf = Annotated[Path | None, typer.Option("--pdf", help="Write a PDF there.", dir_okay=False)]


def patients(
    search: Annotated[str, typer.Option(help="Name, birth date, bed, ward, MRN or downtime number.")] = "",
    ward: Annotated[str, typer.Option(help="Only those who lie on this ward.")] = "",
    as_json: AsJson = False,
) -> None:
    """List patients, each with the number that `chart` takes.

    Example: stormlamp patients --home H --ward 3B --json
    """
    now, ward = clock.now(), queries.ward_named(ward) if ward else ""
    found = queries.find(search, now=now, limit=100_000) if search else queries.census(ward, now=now) if ward else None
    told = queries.everybody(now=now) if found is None else found
    if ward:
        told = tuple(face for one in told for face in one.each_place if face.present and face.place.ward == ward)
    numbers = _unambiguous(told)
    if as_json:
        typer.echo(json.dumps([as_document(one, numbers[one.patient]) for one in told]))
        return
    for one in told:
        place = names.place_text(one) or "-"
        typer.echo(f"{numbers[one.patient]:<24} {names.name_of(one):<36} {names.born_text(one, now):<20} {place}")
    typer.echo(f"{len(told)} in all")


def chart(
    mrn: Annotated[str, typer.Argument(help="The MRN as `patients` prints it, or a downtime number.")],
    as_json: AsJson = False,
    fhir: Annotated[bool, typer.Option("--fhir", help="Print a FHIR R4 Bundle of type collection.")] = False,
    pdf: Pdf = None,
) -> None:
    """Show one patient's chart.

    Example: stormlamp chart --home H STLUC:4711 --fhir
    """
    by, now = _operator(), clock.now()
    who = _the_one(mrn, now)
    found = queries.see_chart(by, now, patient=who.patient)
    assert found is not None
    if pdf is not None:
        _write(pdf, print_pack(papers.patient_pack(found, by, now)))
    if fhir:
        typer.echo(json.dumps(_bundle(found), ensure_ascii=False))
    elif as_json:
        typer.echo(json.dumps(chart_document(found), ensure_ascii=False))
    elif pdf is None:
        _print_chart(found)


def census(
    ward: Annotated[str, typer.Option(help="One ward; every ward when not given.")] = "", as_json: AsJson = False, pdf: Pdf = None
) -> None:
    """Who lies where.

    Example: stormlamp census --home H --ward 3B --pdf census.pdf
    """
    by, now, ward = _operator(), clock.now(), queries.ward_named(ward) if ward else ""
    wards = (ward,) if ward else queries.wards()
    told = {one: queries.census(one, now=now) for one in wards}
    if not ward and (nowhere := queries.unplaced(now=now)):
        told[""] = nowhere
    if pdf is not None:
        sheets = {name: told[name] for name in wards}
        of_ward = papers.ward_pack(ward, told[ward], (), by, now, {"census"}) if ward else None
        _write(pdf, print_pack(of_ward or papers.house_census(sheets, told.get("", ()), by, now)))
    if as_json:
        everybody = [one for people in told.values() for one in people]
        numbers = _unambiguous(tuple(everybody))
        document = [
            {"ward": name, "patients": [as_document(one, numbers[one.patient]) for one in who]} for name, who in told.items()
        ]
        typer.echo(json.dumps(document))
    elif pdf is None:
        for name, people in told.items():
            nobody = "" if people else f"  (wards with patients: {', '.join(queries.wards()) or 'none'})"
            typer.echo(f"{name or 'Admitted, ward not told'}: {len(people)}{nobody}")
            for one in people:
                also = "".join(f"  ({words})" for words in names.also_text(one))
                bed = one.place.spot or names.told_at(one) or "-"
                typer.echo(f"  {bed:<10} {names.name_of(one):<36} {names.born_text(one, now)}{also}")


def pack(
    ward: Annotated[str, typer.Option(help="Which ward.")], pdf: Annotated[Path, typer.Option(help="Where to.", dir_okay=False)]
) -> None:
    """Print a ward's pack: census, hand-over sheet, a summary and a medication sheet per patient.

    Example: stormlamp pack --home H --ward 3B --pdf ward-3b.pdf
    """
    by, now, ward = _operator(), clock.now(), queries.ward_named(ward)
    people = queries.census(ward, now=now)
    if not people and ward not in queries.wards():
        raise typer.BadParameter(f"nobody lies on a ward {ward!r}; wards: {', '.join(queries.wards()) or 'none'}")
    charts = tuple(found for one in people if (found := queries.see_chart(by, now, patient=one.patient)) is not None)
    _write(pdf, print_pack(papers.ward_pack(ward, people, charts, by, now, frozenset(papers.PARTS))))
    typer.echo(f"{pdf}: {len(people)} patients")


def as_document(who: Who, number: str) -> dict[str, Any]:
    """A patient as JSON. `mrn` is the form that `chart` takes."""
    return {
        "mrn": number,
        "name": names.name_of(who),
        "family": who.family,
        "given": who.given,
        "birth_date": who.birth_date,
        "sex": who.sex,
        "ward": who.place.ward if who.present else "",
        "room": who.place.room if who.present else "",
        "bed": who.place.bed if who.present else "",
        "told_at": names.told_at(who),
        "also": [{"ward": one.ward, "room": one.room, "bed": one.bed} for one in who.also],
        "downtime_numbers": list(who.downtime_numbers),
        "flags": [str(flag) for flag in who.flags],
        "patient": who.patient,
    }


def chart_document(found: Chart) -> dict[str, Any]:
    """A chart as JSON: identity, notices, sections with their standing, and what was written here."""
    page = pages.chart_page(found, _operator())
    return {
        **as_document(found.who, found.who.number),
        "at": iso(found.at),
        "notices": list(page.notices),
        "conflicts": [one.words for one in page.dangers],
        "allergies_in_short": list(page.header.warnings) or page.header.told,
        "sections": {kind: _section_document(found, kind, section) for kind, section in page.sections.items()},
        "written": [
            {
                "id": one.id,
                "kind": one.kind,
                "text": entry_text(one),
                "occurred_at": iso(one.occurred_at),
                "written_at": iso(one.written_at),
                "author": one.author_name,
                "outage": one.outage,
                "struck": None if one.struck is None else {"by": one.struck.author_name, "reason": one.struck.reason},
                "confirmed": [{"by": said.author_name, "at": iso(said.at), "reason": said.reason} for said in one.confirmed],
            }
            for one in found.entries
        ],
    }


def _section_document(found: Chart, kind: str, section: pages.PageSection) -> dict[str, Any]:
    told = found.sections[kind].told
    return {
        "absence": str(told.absence),
        "received_until": None if told.received_until is None else iso(told.received_until),
        "source": None
        if told.source is None
        else {
            "interface": told.source.interface,
            "message": told.source.message,
            "control_id": told.source.control_id,
            "sent": iso(told.source.at),
            "entry": told.source.entry,
        },
        "standing": section.standing.words,
        "lines": [_line_document(line) for line in section.lines],
    }


def _line_document(line: lines.Line) -> dict[str, Any]:
    names_of = ("title", "text", "unit", "flag", "reference", "status", "at", "source", "trend", "more")
    told = {name: getattr(line, name) for name in names_of if getattr(line, name)}
    if (message := line.told) is not None:
        told |= {"message": message.message, "control_id": message.control_id, "sent": iso(message.at), "entry": message.entry}
    return {**told, "written_here": line.ours, "struck": line.struck}


def _bundle(found: Chart) -> dict[str, Any]:
    told = [(item.key, item.resource) for section in found.sections.values() for item in section.items if item.resource]
    person = mirror.patient_resource(found.who.patient)
    around = given_of_chart(found.who.members, [person, *(dict(resource) for _, resource in told)])
    told += [(f"{one['resourceType']}/{one['id']}", one) for one in around]
    return bundle(found.who.patient, person, told, found.entries, at=found.at)


def _print_chart(found: Chart) -> None:
    page = pages.chart_page(found, _operator())
    head = page.header
    typer.echo(f"{head.name}  {head.sex}  {head.born}  {head.number}  {head.place}")
    for words in (*head.marks, *(one.words for one in page.dangers), *page.notices):
        typer.echo(f"! {words}")
    typer.echo(f"! {', '.join(head.warnings) or head.told}")
    for section in page.sections.values():
        typer.echo(f"\n{section.title} ({section.standing.words})")
        for line in section.lines:
            mark = "struck: " if line.struck else "* " if line.ours else "  "
            parts = (line.title, line.text, line.unit, line.flag, line.status and f"({line.status})")
            said = " ".join(part for part in parts if part)
            typer.echo(f"  {mark}{said}  [{line.at} {line.source}]")


def _the_one(number: str, now: Moment) -> Who:
    """Who has this number; a usage error with the list where several do, or nobody."""
    found = queries.by_number(number, now=now)
    if len(found) == 1:
        return found[0]
    if not found:
        raise typer.BadParameter(f"nobody has the number {number}", param_hint="MRN")
    raise typer.BadParameter(f"{number} belongs to several: {', '.join(one.number for one in found)}", param_hint="MRN")


def _unambiguous(told: tuple[Who, ...]) -> dict[str, str]:
    """The bare number where one patient has it, `AUTHORITY:NUMBER` where several do, the downtime number where there is none.

    `:NUMBER` is the number that no authority gave, where another patient has the same from one.
    """
    count: dict[str, int] = {}
    for one in queries.everybody(now=clock.now()) if len(told) < 1000 else {one.patient: one for one in told}.values():
        count[one.mrn] = count.get(one.mrn, 0) + 1
    return {one.patient: one.mrn if one.mrn and count.get(one.mrn, 0) == 1 else _whole(one) for one in told}


def _whole(who: Who) -> str:
    return f":{who.mrn}" if who.person is not None and not who.person.authority else who.number


def _operator() -> Actor:
    return system(settings.HOME.node)


def _write(place: Path, content: bytes) -> None:
    try:
        place.write_bytes(content)
    except OSError as error:
        raise Trouble(f"{place} cannot be written: {error}", hint="choose another folder") from error
