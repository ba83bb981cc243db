"""What cannot both be so: struck out where it is wrong, confirmed where both are so after all."""

import pytest
from django.urls import reverse

from stormlamp.charts import actions, queries
from stormlamp.charts.actions import refusals
from stormlamp.charts.rules import Allergy, Dose
from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import MINUTE
from stormlamp.kernel.refusals import NotAllowed
from stormlamp.ledger import rebuilding
from tests.charts.ward import BEN, JOZEF, LEAD, MARIE, NORA, a_ward, an_outage, unknown_man
from tests.makers import NOON, after, an_actor

pytestmark = pytest.mark.django_db
MORPHINE = Dose(drug="Morphine", value="2", unit="mg")


@pytest.fixture
def dark(home):
    a_ward()
    return an_outage()


def given(by, minutes=0, patient=MARIE, dose=MORPHINE):
    """Chart a dose as given; returns the entry's id."""
    at = after(NOON, minutes * MINUTE)
    return actions.chart_dose(by, at, entry=new_id(), patient=patient, given_at=at, dose=dose).entry


def asked(by=NORA, patient=MARIE):
    """Write that somebody was asked and knows of no allergy; returns the entry's id."""
    return actions.record_no_allergies(by, NOON, entry=new_id(), patient=patient, occurred_at=NOON, asked="the patient").entry


def allergic(by=BEN, patient=JOZEF, substance="latex"):
    """Record an allergy; returns the entry's id."""
    allergy = Allergy(substance=substance)
    return actions.record_allergy(by, NOON, entry=new_id(), patient=patient, occurred_at=NOON, allergy=allergy).entry


def confirm(entry, by=BEN, reason="both given on the doctor's word"):
    return actions.confirm_entry(by, after(NOON, 20 * MINUTE), entry=entry, reason=reason)


def contradictions(patient=MARIE):
    """The entries that contradict in a chart; the whole house and the ward say the same."""
    chart = queries.chart(patient, now=NOON)
    assert chart is not None
    house = [one for one in queries.contradictions(NOON) if patient in one.patients]
    ward = [one for one in queries.conflicts_of_ward("3B", now=NOON) if patient in one.patients]
    assert list(chart.conflicts) == house == ward
    return [set(one.entries) for one in chart.conflicts]


class TestDoses:
    def test_a_dose_that_two_people_charted_contradicts_until_somebody_confirms_either(self, dark):
        one, other = given(NORA), given(BEN, 5)
        assert contradictions() == [{one, other}]
        fact = confirm(other)
        assert (fact.patient, fact.beside) == (MARIE, (one,))
        assert contradictions() == []
        (said,) = queries.entry(other).confirmed
        assert (said.author_name, said.reason, said.beside) == ("Ben Claes", "both given on the doctor's word", (one,))
        assert queries.entry(one).confirmed == ()

    def test_a_third_dose_after_that_is_a_new_contradiction(self, dark):
        one, other = given(NORA), given(BEN, 5)
        confirm(other)
        third = given(LEAD, 10)
        assert sorted(map(sorted, contradictions())) == sorted([sorted({one, third}), sorted({other, third})])

    def test_a_strike_outweighs_a_confirmation_and_settles_too(self, dark):
        one, other = given(NORA), given(BEN, 5)
        confirm(one)
        actions.strike_entry(BEN, NOON, entry=one, reason="never given")
        assert contradictions() == []
        third = given(LEAD, 10)
        assert contradictions() == [{other, third}]

    def test_an_omitted_dose_and_another_hour_contradict_nothing(self, dark):
        given(NORA, -40)
        given(BEN)
        given(LEAD, 5, dose=Dose(drug="Morphine", value="2", unit="mg", given=False, omitted_because="asleep"))
        assert contradictions() == []


class TestAllergies:
    def test_none_known_beside_what_the_feed_told_can_be_confirmed(self, dark):
        none = asked()
        assert contradictions() == [{none}]
        confirm(none, reason="tested, the old record is wrong")
        assert contradictions() == []

    def test_none_known_beside_what_somebody_wrote_is_settled_per_pair(self, dark):
        none, latex, nuts = asked(patient=JOZEF), allergic(), allergic(substance="nuts")
        assert contradictions(JOZEF) == [{none, latex, nuts}]
        confirm(latex)
        assert contradictions(JOZEF) == [{none, nuts}]
        confirm(none)
        assert contradictions(JOZEF) == []
        iodine = allergic(substance="iodine")
        assert contradictions(JOZEF) == [{none, iodine}]

    def test_what_is_written_of_one_person_under_two_numbers_is_confirmed_as_one(self, dark):
        man = unknown_man()
        none, latex = asked(patient=man.patient), allergic()
        actions.propose_identification(NORA, NOON, identification="i", patient=man.patient, is_patient=JOZEF, reason="his wife")
        actions.confirm_identification(BEN, NOON, identification="i")
        assert contradictions(JOZEF) == [{none, latex}]
        assert confirm(none).beside == (latex,)
        assert contradictions(JOZEF) == []


class TestActs:
    def test_the_author_may_confirm_their_own_entry(self, dark):
        given(NORA)
        confirm(given(BEN, 5), by=BEN)
        assert contradictions() == []

    def test_it_takes_an_entry_that_stands_a_reason_and_the_right(self, dark):
        entry = given(NORA)
        with pytest.raises(refusals.NoSuchEntry):
            confirm("nothing")
        with pytest.raises(refusals.ReasonMissing):
            confirm(entry, reason=" ")
        with pytest.raises(NotAllowed):
            confirm(entry, by=an_actor("charts.read"))
        actions.strike_entry(BEN, NOON, entry=entry, reason="wrong patient")
        with pytest.raises(refusals.AlreadyStruck):
            confirm(entry)
        assert queries.entry(entry).confirmed == ()

    def test_confirmations_are_there_again_after_a_rebuild(self, dark):
        given(NORA)
        confirm(given(BEN, 5))
        assert rebuilding.differences() == []


def page(route, *args):
    return reverse(f"charts:{route}", args=args)


def text_of(answer):
    return answer.content.decode()


class TestPages:
    def test_the_callout_leads_to_each_entry_and_there_it_can_be_confirmed(self, site, dark):
        one, other = given(NORA), given(BEN, 5)
        chart = text_of(site("nora").get(page("chart", MARIE)))
        callout = chart[chart.index("This cannot both be so") :]
        assert callout.index(page("strike", one)) < callout.index(page("strike", other)) < callout.index("chart-first")
        shown = text_of(site("nora").get(page("strike", other)))
        assert "It is right although another entry contradicts it" in shown
        assert page("strike", one) in shown
        assert site("nora").post(page("confirm-entry", other), {"once": new_id(), "reason": "two orders"}).status_code == 302
        chart = text_of(site("nora").get(page("chart", MARIE)))
        assert "This cannot both be so" not in chart
        assert chart.count("confirmed by Nora Peeters") == 2
        assert "two orders" in chart
        assert "It is right although" not in text_of(site("nora").get(page("strike", other)))

    def test_what_the_feed_told_stands_beside_what_it_contradicts(self, site, dark):
        shown = text_of(site("nora").get(page("strike", asked())))
        assert "It is right although another entry contradicts it" in shown
        assert "Penicillin" in shown

    def test_a_confirmation_without_a_reason_is_asked_for_it(self, site, dark):
        given(NORA)
        other = given(BEN, 5)
        shown = text_of(site("nora").post(page("confirm-entry", other), {"once": new_id(), "reason": ""}))
        assert 'href="#confirm_reason"' in shown
        assert contradictions() != []
        assert site("nora").get(page("confirm-entry", other)).status_code == 405
        assert site("clara").post(page("confirm-entry", other), {"once": new_id(), "reason": "x"}).status_code == 403
        assert site("nora").post(page("confirm-entry", "nothing"), {"once": new_id(), "reason": "x"}).status_code == 404

    def test_a_struck_entry_is_not_confirmed_and_the_page_says_so(self, site, dark):
        entry = given(NORA)
        actions.strike_entry(BEN, NOON, entry=entry, reason="wrong patient")
        shown = text_of(site("nora").post(page("confirm-entry", entry), {"once": new_id(), "reason": "x"}))
        assert "already struck out by Ben Claes" in shown

    @pytest.mark.parametrize("language", ["fr", "nl", "de"])
    def test_the_page_speaks_the_readers_language(self, site, dark, language):
        given(NORA)
        shown = text_of(site("nora", language=language).get(page("strike", given(BEN, 5))))
        assert "It is right" not in shown
