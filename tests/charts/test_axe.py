"""The pages of charts in a real browser: no accessibility fault, no complaint, none wider than a ward's screen."""

import datetime as dt

import pytest
from django.urls import reverse

from stormlamp.charts import actions
from stormlamp.charts.rules import Admission, FlagKind
from stormlamp.mirror import queries as mirror
from stormlamp.mirror.actions import read_programme as bring_list
from stormlamp.mirror.rules import Programme
from tests.charts.test_writing import dose, move, note, vitals
from tests.charts.ward import BEN, JOZEF, LEAD, MARIE, MORNING, NORA, a_ward, an_outage, unknown_man
from tests.makers import NOON
from tests.shell.browser import visiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(site, home):
    """Every page of charts, with something of each kind on it, by address."""
    a_ward()
    an_outage()
    unknown = unknown_man(to=Admission(ward="3B", bed="13")).patient
    told = note()
    vitals(pulse_per_min=88, systolic_mmhg=104, diastolic_mmhg=62)
    dose()
    move()
    actions.strike_entry(BEN, NOON, entry=told.entry, reason="wrong patient")
    actions.propose_identification(NORA, NOON, identification="i", patient=unknown, is_patient=JOZEF, reason="wife")
    actions.open_paper(NORA, NOON, period="p", ward="3B", from_at=MORNING)
    actions.close_paper(NORA, NOON, period="p", until_at=NOON)
    actions.open_paper(NORA, NOON, period="q", ward="3B", from_at=NOON)
    actions.set_flag(LEAD, NOON, patient=JOZEF, flag=FlagKind.STAFF, reason="works here")
    listed = b"number;start;place;what\n4711;soon;Chair 1;Dialysis\n99;08:00;Chair 2;Dialysis\n"
    bring_list(LEAD, NOON, programme=Programme.DIALYSIS, day=dt.date(2026, 1, 13), source="chairs.csv", raw=listed)
    forms = ("vitals", "dose", "note", "allergy", "no-allergies", "move", "admit", "discharge", "death", "newborn")
    routes = [("wards",), ("ward", "3B"), ("pack", "3B"), ("find",), ("register",), ("papers",), ("paper-close", "q")]
    routes += [("paper-settle", "p"), ("reveal", JOZEF), ("chart", MARIE), ("chart", unknown), ("identify", unknown), ("undo", "i")]
    routes += [(form, MARIE) for form in forms] + [("strike", dose(drug="morphine").entry)]
    routes += [("book",), ("programmes",), ("programme", "theatre"), ("diets", "3B"), ("blood", "3B")]
    routes += [("source", MARIE, mirror.person(MARIE).source.entry)]
    asked = [reverse(f"charts:{route}", args=args) for route, *args in routes]
    asked += [
        reverse("charts:find") + "?q=janssens",
        reverse("charts:register") + "?unknown=1",
        reverse("charts:ward", args=["3B"]) + "?as=cards",
    ]
    leads = [reverse("charts:flags", args=[MARIE]), reverse("charts:programmes") + "?day=2026-01-13"]
    leads += [reverse("charts:programme", args=["dialysis"]) + "?day=2026-01-13"]

    def read(language):
        found = {address: site("nora", language=language).get(address) for address in asked}
        found |= {address: site("ines", language=language).get(address) for address in leads}
        assert {address: one.status_code for address, one in found.items() if one.status_code != 200} == {}
        return {f"/{place}": one.content.decode() for place, one in enumerate(found.values())}, list(found)

    return read


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_of_charts_is_without_accessibility_faults_on_a_wards_screen(pages, language):
    html, addresses = pages(language)
    faults = []
    with visiting(html) as visit:
        for place, address in zip(html, addresses, strict=True):
            page = visit.open(place)
            faults += [f"{address} {fault}" for fault in visit.violations()]
            if page.evaluate("document.documentElement.scrollWidth") > 1366:
                faults.append(f"{address} is wider than the screen")
        assert faults == []
        assert visit.complaints == []
