"""The pages of outages, through the site as people reach it."""

import pytest
from django.test import RequestFactory
from django.urls import resolve, reverse

from stormlamp.incident import actions, queries
from stormlamp.incident.rules import OutageKind
from stormlamp.kernel.moments import HOUR
from stormlamp.ledger import clock
from stormlamp.shell.words import when
from tests.makers import actor, after

pytestmark = pytest.mark.django_db
LEAD = actor("incident-lead")


def answer(path, who=LEAD, post=None):
    """The response to a signed-in person, without the session that sign-in keeps."""
    made = RequestFactory()
    request = made.get(path) if post is None else made.post(path, post)
    request.actor, request.arrived_at = who, clock.now()
    request._messages = []
    found = resolve(path)
    return found.func(request, *found.args, **found.kwargs)


def form(**told):
    said = {"outage": "o1", "services": ["records"], "since_at": "13.01.2026 06:32", "kind": "cyber", "confirmation": "outage"}
    return {**said, **told}


@pytest.fixture
def running(home):
    now = clock.now()
    actions.declare_outage(
        LEAD,
        now,
        outage="o1",
        kind=OutageKind.CYBER,
        services=("records", "medication"),
        wards=(),
        since_at=after(now, -2 * HOUR),
        reason="servers off",
    )
    return "o1"


def test_an_outage_is_declared_by_three_answers_and_a_word(home):
    told = answer(reverse("incident:declare"), post=form())
    assert (told.status_code, told.url) == (302, "/outage/o1/")
    assert queries.outage("o1").kind == OutageKind.CYBER


@pytest.mark.parametrize("wrong", [{"confirmation": "yes"}, {"services": []}, {"since_at": "yesterday"}, {"kind": ""}])
def test_a_form_that_is_not_whole_declares_nothing_and_says_why(home, wrong):
    told = answer(reverse("incident:declare"), post=form(**wrong))
    assert told.status_code == 200
    assert b"error-summary" in told.content
    assert queries.all_outages() == ()


def test_a_refusal_is_said_on_the_form(running):
    told = answer(reverse("incident:declare"), post=form(outage="o2"))
    assert b"already declared" in told.content


def test_the_list_and_the_outage_show_what_runs(running):
    for path in (reverse("incident:outages"), reverse("incident:outage", args=["o1"])):
        told = answer(path)
        assert told.status_code == 200
        assert b"Patient records" in told.content


def test_an_outage_is_ended_from_its_page(running):
    now = clock.now()
    assert answer(reverse("incident:end", args=["o1"])).status_code == 200
    cut_over = when(after(now, HOUR), "stamp").replace("\xa0", " ")
    said = {"ending": "e1", "services": ["records", "medication"], "cut_over_at": cut_over, "note": ""}
    assert answer(reverse("incident:end", args=["o1"]), post=said).status_code == 302
    assert len(queries.outage("o1").endings) == 1
    assert queries.outage("o1").is_open(now)


def test_a_nurse_sees_outages_but_cannot_declare(running):
    nurse = actor("nurse")
    assert answer(reverse("incident:outages"), who=nurse).status_code == 200
    assert answer(reverse("incident:declare"), who=nurse, post=form()).status_code == 403
