"""Programme lists: theatre, chemotherapy, radiotherapy, dialysis, infusion; diets and blood by ward."""

import datetime as dt
from collections.abc import Iterable, Mapping

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from stormlamp.charts import queries
from stormlamp.charts.forms.programmes import BringForm
from stormlamp.charts.presenters import programmes as words
from stormlamp.charts.presenters import treatments
from stormlamp.charts.queries import Who
from stormlamp.charts.rules import EntryKind
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment, moment, to_datetime
from stormlamp.kernel.refusals import Refusal
from stormlamp.mirror import actions as mirror_actions
from stormlamp.mirror import queries as mirror
from stormlamp.mirror.rules import Programme, Slot
from stormlamp.shell.request import StaffRequest, page, render, say
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import hospital_zone, sentence

AHEAD = 30


@page("charts.read", methods=("GET",))
def programmes(request: StaffRequest) -> HttpResponse:
    """Every list with how many are on it that day, and the wards' diet and blood lists."""
    day = _day(request)
    counts = mirror.programme_counts(day=day.isoformat(), **_span(day))
    bring = BringForm(initial={"day": day}) if request.actor.may("programmes.bring") else None
    return render(request, "charts/programmes.html", {**_frame(day), "counts": counts, "bring": bring, "wards": queries.wards()})


@page("charts.read", methods=("GET",))
def programme(request: StaffRequest, programme: str) -> HttpResponse:
    """One list for one day."""
    if programme not in set(Programme):
        raise Http404
    asked, day, now = Programme(programme), _day(request), request.arrived_at
    slots = mirror.slots(asked, day=day.isoformat(), **_span(day))
    who = _whom({one.patient for one in slots if one.patient is not None}, request)
    given = _given(slots, who, now)
    rows = [words.slot_row(slot, who.get(slot.patient) if slot.patient else None, now, given.get(slot, ())) for slot in slots]
    return render(request, "charts/programme.html", {**_frame(day), "programme": asked, "rows": rows})


@page("charts.find", methods=("GET",))
def book(request: StaffRequest) -> HttpResponse:
    """The appointment book of a day, with phone and language; how many are booked on each of the next 30 days."""
    day, now = _day(request), request.arrived_at
    booked = mirror.bookings(**_span(day))
    who = _whom({one.patient for one in booked}, request)
    reach = mirror.reach_of(who[one].patient for one in {one.patient for one in booked} if one in who)
    rows = [words.book_row(one, who[one.patient], reach.get(who[one.patient].patient), now) for one in booked if one.patient in who]
    clinics = tuple(dict.fromkeys(row.clinic for row in rows))
    asked = request.GET.get("clinic", "")
    shown = [row for row in rows if row.clinic == asked] if asked in clinics else rows
    context = {**_frame(day), "rows": shown, "clinics": clinics, "clinic": asked if asked in clinics else "", "ahead": _ahead(day)}
    return render(request, "charts/book.html", context)


@page("charts.read", methods=("GET",))
def diets(request: StaffRequest, ward: str) -> HttpResponse:
    """Beds, diets and allergies of a ward, for kitchen and porters."""
    now = request.arrived_at
    people = queries.census(ward, reader=request.actor, now=now)
    told = mirror.diets(one.patient for one in people)
    rows = [words.meal_row(one, told.get(one.patient, ()), now) for one in people]
    return render(request, "charts/diets.html", {"ward": ward, "rows": rows})


@page("charts.read", methods=("GET",))
def blood(request: StaffRequest, ward: str) -> HttpResponse:
    """Blood group, antibodies and transfusions of everybody on a ward."""
    now = request.arrived_at
    people = queries.census(ward, reader=request.actor, now=now)
    told = mirror.blood(one.patient for one in people if not one.masked)
    rows = [words.blood_row(one, told.get(one.patient, {}), now) for one in people]
    return render(request, "charts/blood.html", {"ward": ward, "rows": rows})


@page("programmes.bring", methods=("POST",))
def bring(request: StaffRequest) -> HttpResponse:
    """Read a department's list from a file."""
    form = BringForm(request.POST, request.FILES)
    if not form.is_valid():
        say(request, _("Choose the list, the day and a CSV file."), "error")
        return redirect("charts:programmes")
    told = form.answers()
    try:
        mirror_actions.read_programme(request.actor, request.arrived_at, **told)
    except Refusal as refusal:
        say(request, sentence(refusal), "error")
        return redirect("charts:programmes")
    say(request, _("The list was read."))
    return redirect(f"{reverse('charts:programme', args=[told['programme']])}?day={told['day'].isoformat()}")


def _whom(patients: Iterable[PatientId], request: StaffRequest) -> dict[PatientId, Who]:
    """Who some patients are, by each of their ids."""
    people = queries.people_of(patients, reader=request.actor, now=request.arrived_at)
    return {member: one for one in people for member in (one.patient, *one.members)}


def _given(slots: Iterable[Slot], who: Mapping[PatientId, Who], now: Moment) -> dict[Slot, tuple[str, ...]]:
    """What was given of each treatment to whom the reader may see."""
    seen = {slot: one for slot in slots if slot.patient and (one := who.get(slot.patient)) is not None and not one.masked}
    patients = {one.patient for one in seen.values()}
    told, known = mirror.given(patients), mirror.regimens(patients)
    written = queries.entries_of([member for one in seen.values() for member in one.members], EntryKind.DOSE)
    found = {}
    for slot, one in seen.items():
        charted = [entry for entry in written if entry.patient in one.members]
        found[slot] = treatments.given_words(slot, told.get(one.patient, ()), charted, known.get(one.patient, ()), now)
    return found


def _ahead(day: dt.date) -> list[tuple[dt.date, int]]:
    """How many are booked on each of the 30 days from a day on."""
    counts = dict.fromkeys((day + dt.timedelta(days=ahead) for ahead in range(AHEAD)), 0)
    until_at = _span(day + dt.timedelta(days=AHEAD - 1))["until_at"]
    for one in mirror.bookings(_span(day)["from_at"], until_at):
        counts[to_datetime(one.starts_at, hospital_zone()).date()] += one.status.lower() not in words.OFF
    return list(counts.items())


def _day(request: StaffRequest) -> dt.date:
    """The day that was asked for, today in the hospital's zone if none or none that can be read."""
    try:
        return dt.date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return to_datetime(request.arrived_at, hospital_zone()).date()


def _span(day: dt.date) -> dict[str, Moment]:
    """From midnight to midnight in the hospital's zone."""
    start = dt.datetime.combine(day, dt.time(), hospital_zone())
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), hospital_zone())
    return {"from_at": moment(start), "until_at": moment(end)}


def _frame(day: dt.date) -> dict[str, object]:
    one = dt.timedelta(days=1)
    return {
        "day": day,
        "before": (day - one).isoformat(),
        "after": (day + one).isoformat(),
        "words": words,
        "lists": tuple(Programme),
    }
