"""What is signed stays, with its reasons; what falls back opens again."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stormlamp.kernel.moments import HOUR, MINUTE
from stormlamp.kernel.refusals import NotAllowed
from stormlamp.ledger import rebuilding
from stormlamp.shell.words import speaking
from stormlamp.verdict import actions, presenters, queries, rules
from stormlamp.verdict.facts import LedgerChecked, SignedReason, VerdictSigned
from stormlamp.verdict.rules import Answer, Criterion
from tests.charts.ward import NORA
from tests.convergence import assert_converges
from tests.makers import NOON, after
from tests.verdict import hospital
from tests.verdict.hospital import NOW, SIGNS

pytestmark = pytest.mark.django_db
SOON = after(NOW, MINUTE)


def told(at=NOW):
    return queries.records_verdict(at)


def reopened(at=NOW):
    return rules.reopened([one.told.answer for one in queries.signed_verdicts()], told(at).answer)


def test_a_signature_keeps_the_answer_and_every_reason_as_it_stood(home):
    hospital.put_right()
    hospital.write_a_note(at=NOW)
    then = told()
    actions.sign(SIGNS, NOW, note="Rik sends it tonight.", seen=then.stand)
    hospital.accept_everything()
    (signed,) = queries.signed_verdicts()
    assert (signed.told, signed.by, signed.note) == (then, "Mia Dubois", "Rik sends it tonight.")
    assert presenters.headline(signed.told) == "Not normal yet, because: Items not in the EHR yet: 1 of 5."
    with speaking("fr"):
        assert presenters.headline(signed.told).startswith("Pas encore normal")
    assert told().answer == Answer.YES


def test_a_signature_stands_until_the_verdict_says_something_else(home):
    hospital.put_right()
    actions.sign(SIGNS, NOW)
    assert queries.signature_that_stands(told(SOON)) is not None
    hospital.write_a_note(at=NOW)
    assert queries.signature_that_stands(told(SOON)) is None
    assert queries.signature_that_stands(told(SOON)) == queries.signed_verdict("no such entry")


def test_a_yes_that_falls_back_opens_again_and_stays_signed(home):
    hospital.put_right()
    actions.sign(SIGNS, NOW)
    assert not reopened()
    hospital.on_paper(entered=False)
    assert reopened()
    assert queries.signed_verdicts()[0].told.answer == Answer.YES
    actions.sign(SIGNS, SOON)
    assert [one.told.answer for one in queries.signed_verdicts()] == [Answer.YES, Answer.PARTLY]


def test_nobody_signs_what_they_have_not_read(home):
    hospital.put_right()
    seen = told().stand
    hospital.on_paper(entered=False)
    with pytest.raises(actions.VerdictChanged):
        actions.sign(SIGNS, NOW, seen=seen)
    assert queries.signed_verdicts() == ()


def test_signing_needs_the_right(home):
    with pytest.raises(NotAllowed):
        actions.sign(NORA, NOW)


def test_a_form_sent_twice_signs_once(home):
    for _ in range(2):
        actions.sign(SIGNS, NOW, once="11111111-1111-4111-8111-111111111111")
    assert len(queries.signed_verdicts()) == 1


def test_the_tables_are_the_same_after_a_rebuild(home):
    hospital.put_right()
    actions.sign(SIGNS, NOW, note="x")
    before = told(SOON), queries.signed_verdicts()
    rebuilding.rebuild()
    assert (told(SOON), queries.signed_verdicts()) == before
    assert rebuilding.differences() == []


def a_reason(answer):
    return SignedReason(criterion=str(Criterion.PAPER), answer=str(answer), code="paper-none", evidence="{}", as_of=NOON)


checks = st.builds(
    lambda faults: LedgerChecked(ok=not faults, entries=9, faults=tuple(faults)), st.lists(st.just("n/acts:3: changed"), max_size=2)
)
signatures = st.builds(
    lambda answer, note: VerdictSigned(
        service="records", answer=str(answer), reasons=(a_reason(answer),), note=note, role="recovery-lead"
    ),
    st.sampled_from(list(Answer)),
    st.sampled_from(["", "checked"]),
)
stories = st.lists(st.tuples(st.integers(0, 3).map(lambda hour: after(NOON, hour * HOUR)), checks | signatures), max_size=5)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.fixed_dictionaries({"north/acts": stories, "south/acts": stories, "west/acts": stories}), data=st.data())
def test_checks_and_signatures_of_several_nodes_converge(home, told, data):
    assert_converges(told, data)
    facts = [one for story in told.values() for _, one in story]
    assert len(queries.signed_verdicts()) == sum(isinstance(one, VerdictSigned) for one in facts)
