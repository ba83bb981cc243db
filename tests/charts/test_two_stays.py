"""Two who both lie in a bed are merged: each ward keeps them on its list, and says so, until the EHR ends one of the stays."""

import json
import re

import pytest
from django.urls import reverse
from typer.testing import CliRunner

from stormlamp.charts import actions, queries
from stormlamp.charts.actions.refusals import NotIn, ReadOnlyHere
from stormlamp.charts.presenters import pages, papers
from stormlamp.charts.queries import places
from stormlamp.charts.rules import EntryKind, Leaving, Note, NoteKind
from stormlamp.faces.commands import app
from stormlamp.kernel.identifiers import new_id, patient_id
from stormlamp.kernel.moments import HOUR, MINUTE
from stormlamp.paper import print_pack
from tests.charts.ward import MARIE, MORNING, NORA, a_ward, admitted, an_outage, ended, feed, head, pid, stamp
from tests.makers import NOON, after
from tests.paper.reading import flat

pytestmark = pytest.mark.django_db
RIA = patient_id("STLUC", "4720")
LATER = after(MORNING, 30 * MINUTE)
ON_3B, ON_4A = "also shown in bed 1 on ward 4A: 2 open stays", "also shown in bed 12 on ward 3B: 2 open stays"


def merged(*, ward="4A", bed="1", at=LATER):
    """Marie (3B, bed 12) and Ria, who lies elsewhere, are one to the EHR from now on."""
    a_ward()
    admitted("4720", "Peeters^Ria", "19600101", ward=ward, bed=bed, at=after(MORNING, MINUTE))
    event("A40", "MRG|4720^^^STLUC^MR", at=at)


def event(trigger, *segments, at, who=None):
    feed((head(f"ADT^{trigger}", at), f"EVN|{trigger}|{stamp(at)}", who or pid(), *segments), at=at)


def beds(ward, now=NOON):
    return [(one.patient, one.place.bed) for one in queries.census(ward, now=now)]


def others(now=NOON):
    who = queries.who(MARIE, now=now)
    return [(one.ward, one.bed) for one in (who.place, *who.also)]


def page(site, route, *args, **how):
    return site("nora", **how).get(reverse(f"charts:{route}", args=args)).content.decode()


def written(act, **told):
    return act(NORA, NOON, entry=new_id(), patient=MARIE, **told)


# ------------------------------------------------------------------------------------------------- lists


def test_each_ward_lists_them_in_its_own_bed_and_says_the_other(home, site):
    merged()
    assert (MARIE, "12") in beds("3B")
    assert beds("4A") == [(MARIE, "1")]
    assert ON_3B in page(site, "ward", "3B")
    assert ON_4A in page(site, "ward", "4A")
    assert "ook getoond in bed 1 op afdeling 4A: 2 open verblijven" in page(site, "ward", "3B", language="nl")


def test_what_the_wards_page_counts_is_what_each_list_holds(home, site):
    merged()
    told = page(site, "wards")
    counts = {ward: len(queries.census(ward, now=NOON)) for ward in queries.wards()}
    assert counts == {"3B": 2, "4A": 1}
    assert told.count("1 is shown in another bed too") == 2
    assert re.findall(r">(3B|4A)</a>.*?<td class=.num.>(\d+)</td>", told) == [(ward, str(count)) for ward, count in counts.items()]


def test_two_beds_of_one_ward_are_two_lines_of_it(home, site):
    merged(ward="3B", bed="20")
    assert [bed for patient, bed in beds("3B") if patient == MARIE] == ["12", "20"]
    assert queries.conflicts_of_ward("3B", now=NOON) == ()
    assert "also shown in bed 20 on ward 3B" in page(site, "ward", "3B")
    assert "also shown in bed 12 on ward 3B" in page(site, "ward", "3B")


def test_the_same_bed_told_twice_is_one_line_without_a_mark(home):
    merged(ward="3B", bed="12")
    assert others() == [("3B", "12")]


def test_an_admission_whose_ward_nobody_told_stays_among_those(home, site):
    merged(ward="", bed="")
    assert [one.patient for one in queries.unplaced(now=NOON)] == [MARIE]
    assert others() == [("3B", "12"), ("", "")]
    assert "also shown on a ward that was not told: 2 open stays" in page(site, "ward", "3B")
    assert ON_4A in page(site, "wards")


def test_a_ward_where_the_patient_is_on_leave_says_so_and_the_other_does_not(home):
    merged()
    event("A21", "PV1|1|I|3B^3B-R12^12^STLUC||||||||||||||||V4711", at=after(LATER, MINUTE))
    marks = {ward: pages.header(one, NOON).marks for ward in ("3B", "4A") for one in queries.census(ward, now=NOON) if one.also}
    assert marks == {"3B": ("on leave", ON_3B), "4A": (ON_4A,)}


def test_once_the_ehr_ends_one_stay_the_other_stands_alone(home):
    merged()
    event("A03", "PV1|1|I|4A^4A-R1^1^STLUC||||||||||||||||V4720", at=after(LATER, MINUTE))
    assert others() == [("3B", "12")]
    assert beds("4A") == []


def test_an_unmerge_gives_each_their_own(home):
    merged()
    event("A37", pid("4720", "Peeters^Ria"), at=after(LATER, MINUTE))
    assert beds("4A") == [(RIA, "1")]
    assert others() == [("3B", "12")]


def test_a_clinic_visit_lists_an_inpatient_a_second_time_only_with_a_bed_or_chair(home):
    a_ward()
    event("A04", "PV1|1|O|EYES||||||||||||||||E1", at=LATER)
    assert (others(), beds("EYES")) == ([("3B", "12")], [])
    event("A04", "PV1|1|R|DIAL^^C4||||||||||||||||D1", at=after(LATER, MINUTE))
    assert (others(), beds("DIAL")) == ([("3B", "12"), ("DIAL", "C4")], [(MARIE, "C4")])


# ------------------------------------------------------------------------------------------------- chart and paper


def test_the_chart_says_in_its_band_and_above_it_that_two_stays_are_open(home, site):
    merged()
    shown = page(site, "chart", MARIE)
    assert ON_4A in shown
    assert "2 stays of this patient are open: in bed 1 on ward 4A and in bed 12 on ward 3B." in shown
    assert "Message about the place (4A 1)" in shown
    assert "Message about the place (3B 12)" in shown


def test_the_message_that_put_them_into_either_bed_can_be_read(home, site):
    merged()
    person = queries.who(MARIE, now=NOON).person
    for stay in (person, *person.also):
        assert site("nora").get(reverse("charts:source", args=[MARIE, stay.stay_entry])).status_code == 200


def test_the_printed_pack_of_each_ward_has_them_in_its_bed_with_the_mark(home):
    merged()
    for ward, bed, mark in (("3B", "12", ON_3B), ("4A", "1", ON_4A)):
        people = queries.census(ward, now=NOON)
        charts = [queries.chart(one.patient, now=NOON) for one in people]
        told = papers.ward_pack(ward, people, charts, NORA, NOON, frozenset(papers.PARTS))
        for rows in (told.census.rows, told.handover.rows):
            assert [(row.bed, mark in row.alerts) for row in rows if row.mrn == "4711"] == [(bed, True)]
        assert [one.identity.bed for one in told.summaries if one.identity.mrn == "4711"] == [bed]
        assert mark in flat(print_pack(told))


def test_the_pack_of_a_ward_with_both_beds_has_two_lines_and_one_summary(home):
    merged(ward="3B", bed="20")
    people = queries.census("3B", now=NOON)
    told = papers.ward_pack("3B", people, [queries.chart(one.patient, now=NOON) for one in people], NORA, NOON, papers.PARTS)
    for rows in (told.census.rows, told.handover.rows):
        assert [row.bed for row in rows if row.mrn == "4711"] == ["12", "20"]
    assert [one.identity.mrn for one in told.summaries].count("4711") == 1


def test_the_command_line_tells_both_beds_and_keeps_the_plain_number(home):
    merged()
    run = CliRunner().invoke
    listed = json.loads(run(app, ["census", "--json"]).stdout)
    rows = {one["ward"]: [(who["mrn"], who["bed"], who["also"]) for who in one["patients"]] for one in listed}
    assert ("4711", "12", [{"ward": "4A", "room": "4A-R1", "bed": "1"}]) in rows["3B"]
    assert rows["4A"] == [("4711", "1", [{"ward": "3B", "room": "3B-R12", "bed": "12"}])]
    (there,) = json.loads(run(app, ["patients", "--ward", "4A", "--json"]).stdout)
    assert (there["ward"], there["bed"]) == ("4A", "1")
    assert ON_4A in run(app, ["census", "--ward", "4A"]).stdout


# ------------------------------------------------------------------------------------------------- writing


def test_an_outage_of_either_ward_lets_its_nurses_write(home):
    merged()
    said = Note(kind=NoteKind.NURSING, text="Slept well")
    with pytest.raises(ReadOnlyHere):
        written(actions.write_note, note=said, occurred_at=NOON)
    for ward in ("3B", "4A"):
        outage = an_outage(wards=(ward,))
        written(actions.write_note, note=said, occurred_at=NOON)
        assert queries.entries_of([MARIE], EntryKind.NOTE)[-1].ward == ward
        assert "note" in queries.chart(MARIE, now=NOON).writable
        ended(outage, at=NOON)


@pytest.mark.parametrize(("ward", "bed", "other"), [("4A", "1", ("3B", "12")), ("3B", "12", ("4A", "1"))])
def test_a_move_written_here_is_of_the_bed_they_left_and_the_other_ward_keeps_them(home, ward, bed, other):
    merged()
    an_outage()
    written(actions.move_patient, ward="5C", bed="7", from_ward=ward, from_bed=bed, moved_at=NOON)
    assert others() == [("5C", "7"), other]
    assert MARIE not in [patient for patient, _ in beds(ward)]
    assert (MARIE, other[1]) in beds(other[0])


@pytest.mark.parametrize(("ward", "bed", "other"), [("4A", "1", ("3B", "12")), ("3B", "12", ("4A", "1"))])
def test_a_discharge_written_here_leaves_the_other_bed(home, ward, bed, other):
    merged()
    an_outage()
    written(actions.discharge_patient, to=Leaving.HOME, from_ward=ward, from_bed=bed, left_at=NOON)
    assert others() == [other]
    assert queries.who(MARIE, now=NOON).present


def test_nobody_leaves_a_bed_that_they_are_not_shown_in(home):
    merged()
    an_outage()
    with pytest.raises(NotIn):
        written(actions.move_patient, ward="5C", bed="7", from_ward="4A", from_bed="2", moved_at=NOON)


def test_the_form_asks_which_bed_they_leave_only_where_there_are_two(home, site):
    merged()
    an_outage()
    asked = page(site, "move", MARIE)
    assert "Which bed they leave" in asked
    assert "in bed 1 on ward 4A" in asked
    told = {"entry": new_id(), "ward": "4A", "bed": "3", "leaves": "0", "occurred_at": "2026-01-13T12:00"}
    assert "Which bed they leave" in page(site, "discharge", MARIE)
    assert "Which bed they leave" not in page(site, "move", patient_id("STLUC", "4712"))
    assert site("nora").post(reverse("charts:move", args=[MARIE]), told).status_code == 302
    assert others() == [("4A", "3"), ("3B", "12")]


def test_a_bed_of_an_open_stay_is_taken_in_either_ward(home):
    merged()
    assert places.patients_in_bed(ward="4A", bed="1", now=NOON) == (MARIE,)
    assert places.patients_in_bed(ward="3B", bed="12", now=NOON) == (MARIE,)


def test_a_newer_word_of_the_ehr_counts_again_for_both_beds(home):
    merged()
    outage = an_outage(since=after(NOON, -HOUR))
    written(actions.move_patient, ward="5C", bed="7", from_ward="4A", from_bed="1", moved_at=NOON)
    ended(outage, at=after(NOON, MINUTE))
    event("A08", "PV1|1|I|3B^3B-R12^12^STLUC||||||||||||||||V4711", at=after(NOON, HOUR))
    assert others(after(NOON, HOUR)) == [("4A", "1"), ("3B", "12")]
