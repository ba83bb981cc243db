"""The watch at work: alarms as facts, people's answers, and what the band says."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stormlamp.kernel.moments import DAY, HOUR, MINUTE, SECOND, Moment
from stormlamp.kernel.refusals import NotAllowed
from stormlamp.ledger import rebuilding
from stormlamp.mirror import actions, queries
from stormlamp.mirror.actions import watching as acts
from stormlamp.mirror.facts import AlarmAcknowledged, AlarmClosed, AlarmEnded, AlarmRaised, AlarmTold
from stormlamp.mirror.queries import watch as seen
from stormlamp.mirror.rules.alarms import AlarmKind, Answer, score
from tests.convergence import assert_converges
from tests.makers import NOON, actor, after
from tests.mirror.makers import send
from tests.mirror.watching import WATCH, a_watch, give_habit, speak, steady

pytestmark = pytest.mark.django_db
LEAD = actor("recovery-lead")


@pytest.fixture
def lab(home):
    """A laboratory feed with a habit, which stopped at noon; its watch has looked all the time."""
    give_habit("lab")
    steady("lab", until=NOON)
    told = a_watch()
    told.look(after(NOON, -HOUR))
    told.look(NOON)
    return told


def look_until(told, until, *, from_at=NOON, every=15 * SECOND):
    """Look every 15 seconds, as `up` does; when the first alarm was raised."""
    for at in range(from_at, until + 1, every):
        told.look(Moment(at))
        if queries.open_alarms():
            return Moment(at)
    return None


def test_a_feed_that_stops_raises_one_alarm_with_its_figures_and_turns_the_band(lab):
    assert queries.open_alarms() == ()
    assert queries.currency(NOON).silent is False
    raised_at = look_until(lab, after(NOON, 20 * MINUTE))
    (alarm,) = queries.open_alarms()
    assert (alarm.kind, alarm.subject, alarm.raised_at) == (AlarmKind.SILENT, "lab", raised_at)
    assert alarm.since_at == NOON - MINUTE // 2
    assert alarm.evidence["once_in"] >= 3000
    assert alarm.evidence["came"] == 0
    lab.look(after(raised_at, MINUTE))
    assert len(queries.open_alarms()) == 1, "an alarm that stands is not raised again"
    assert queries.currency(raised_at).silent is True
    assert queries.currency(raised_at).oldest.interface == "lab"
    assert rebuilding.differences() == []


def test_the_alarm_comes_within_a_look_of_the_silence_being_improbable(lab):
    raised_at = look_until(lab, after(NOON, 20 * MINUTE))
    before = queries.open_alarms()[0].evidence["once_in"]
    assert before < 3000 * 10, "it did not wait until it was a hundred times more improbable"
    assert raised_at - NOON < 20 * MINUTE


def test_when_the_feed_is_back_the_alarm_ends_by_itself(lab):
    at = look_until(lab, after(NOON, 20 * MINUTE))
    speak("lab", after(at, SECOND), after(at, 2 * SECOND))
    lab.look(after(at, 15 * SECOND))
    assert queries.open_alarms() == ()
    (past,) = queries.past_alarms()
    assert past.closed.answer is Answer.BACK
    assert queries.currency(after(at, 15 * SECOND)).silent is False


def test_a_feed_that_never_speaks_at_night_leaves_the_band_alone_all_night(home):
    evening, midnight = Moment(NOON + 10 * HOUR), Moment(NOON + 15 * HOUR)
    give_habit("lab", until=evening, night=0.0)
    steady("lab", until=evening, minutes=60)
    told = a_watch()
    told.look(Moment(evening - 2 * HOUR))
    assert look_until(told, midnight, from_at=evening, every=10 * MINUTE) is None
    told.look(midnight)
    assert queries.currency(midnight).silent is False


def test_a_false_alarm_is_counted_lets_the_band_go_and_is_not_raised_again(lab):
    at = look_until(lab, after(NOON, 20 * MINUTE))
    (alarm,) = queries.open_alarms()
    actions.close_alarm(LEAD, at, alarm=alarm.alarm, genuine=False, reason="the analyser is serviced")
    lab.look(after(at, 5 * MINUTE))
    assert queries.open_alarms() == ()
    assert queries.currency(after(at, 5 * MINUTE)).silent is False
    assert queries.alarm_scores()["lab"].false_share == 1.0
    assert queries.alarm(alarm.alarm).judged.words == "the analyser is serviced"


def test_an_alarm_that_somebody_closed_as_true_keeps_the_band_red_until_the_feed_speaks(lab):
    at = look_until(lab, after(NOON, 20 * MINUTE))
    (alarm,) = queries.open_alarms()
    actions.close_alarm(LEAD, at, alarm=alarm.alarm, genuine=True, reason="cable")
    lab.look(after(at, MINUTE))
    assert queries.open_alarms() == ()
    assert queries.currency(after(at, MINUTE)).silent is True
    assert queries.alarm_scores()["lab"].false_share == 0.0


def test_one_that_ended_by_itself_can_still_be_judged_and_the_newest_word_counts(lab):
    at = look_until(lab, after(NOON, 20 * MINUTE))
    (alarm,) = queries.open_alarms()
    speak("lab", after(at, SECOND))
    lab.look(after(at, 15 * SECOND))
    actions.close_alarm(LEAD, at, alarm=alarm.alarm, genuine=True, reason="cable")
    actions.close_alarm(LEAD, after(at, 1), alarm=alarm.alarm, genuine=False, reason="no, a planned pause")
    assert score([queries.alarm(alarm.alarm)]).false == 1


def test_somebody_who_looks_at_it_is_named_and_it_stays_open(lab):
    look_until(lab, after(NOON, 20 * MINUTE))
    (alarm,) = queries.open_alarms()
    actions.acknowledge_alarm(LEAD, NOON, alarm=alarm.alarm, note="calling the laboratory")
    (alarm,) = queries.open_alarms()
    assert (alarm.acknowledged.by, alarm.acknowledged.words) == (LEAD.name, "calling the laboratory")


def test_answers_need_the_right_a_reason_and_an_alarm(lab):
    look_until(lab, after(NOON, 20 * MINUTE))
    (alarm,) = queries.open_alarms()
    with pytest.raises(NotAllowed):
        actions.close_alarm(actor("nurse"), NOON, alarm=alarm.alarm, genuine=True, reason="x")
    with pytest.raises(NotAllowed):
        acts.end_alarm(LEAD, NOON, alarm=alarm.alarm)
    with pytest.raises(actions.WhyIsMissing):
        actions.close_alarm(LEAD, NOON, alarm=alarm.alarm, genuine=True, reason=" ")
    with pytest.raises(actions.NoSuchAlarm):
        actions.acknowledge_alarm(LEAD, NOON, alarm="nothing", note="")
    with pytest.raises(actions.AlarmStands):
        acts.raise_alarm(WATCH, NOON, alarm="two", what=AlarmKind.SILENT, subject="lab", since_at=NOON, evidence={})
    actions.close_alarm(LEAD, NOON, alarm=alarm.alarm, genuine=True, reason="cable")
    with pytest.raises(actions.AlarmIsClosed):
        actions.acknowledge_alarm(LEAD, NOON, alarm=alarm.alarm, note="")


def test_without_a_past_the_plain_limit_of_the_settings_holds(home):
    speak("lab", NOON)
    told = a_watch({"watch": {"silent_after": 30, "lab": {"silent_after": 10}}})
    told.look(NOON)
    assert queries.currency(NOON).silent is None
    told.look(after(NOON, 9 * MINUTE))
    assert queries.open_alarms() == ()
    told.look(after(NOON, 11 * MINUTE))
    (alarm,) = queries.open_alarms()
    assert alarm.evidence["limit"] == 10 * MINUTE


def test_an_interface_that_the_settings_leave_out_is_not_watched_and_its_alarms_end(home):
    speak("lab", NOON)
    told = a_watch({"watch": {"silent_after": 10}})
    told.look(NOON)
    told.look(after(NOON, 11 * MINUTE))
    assert len(queries.open_alarms()) == 1
    a_watch({"watch": {"lab": {"ignore": True}}}).look(after(NOON, 12 * MINUTE))
    assert queries.open_alarms() == ()


def test_a_feed_that_sends_a_tenth_of_its_habit_is_slow_and_ends_when_it_is_back(home):
    give_habit("lab")
    start = Moment(NOON - 2 * HOUR)
    told = a_watch()
    told.look(start)
    speak("lab", *(Moment(at) for at in range(start - HOUR, start, MINUTE)))
    speak("lab", *(Moment(at) for at in range(start, NOON, 8 * MINUTE)))
    at = look_until(told, NOON, from_at=start, every=MINUTE)
    (alarm,) = queries.open_alarms()
    assert alarm.kind is AlarmKind.SLOW
    assert alarm.evidence["came"] < alarm.evidence["expected"] / 2
    speak("lab", *(Moment(one) for one in range(at, at + HOUR, MINUTE // 2)))
    told.look(after(at, HOUR))
    assert queries.open_alarms() == ()


def test_a_feed_of_which_much_is_suddenly_not_understood_raises_an_alarm(home):
    speak("lab", *(Moment(NOON - number * MINUTE) for number in range(80, 1, -1)))
    odd = [b"MSH|^~\\&|A|B|C|D|20260113||ZZZ^Z99|%d|P|2.5\rPID|1||7\r" % number for number in range(15)]
    send(*odd, interface="lab", at=after(NOON, -MINUTE))
    told = a_watch()
    told.look(NOON)
    (alarm,) = queries.open_alarms()
    assert (alarm.kind, alarm.evidence["aside"], alarm.since_at) == (AlarmKind.ERRORS, 15, NOON)
    told.look(after(NOON, 2 * HOUR))
    assert [one.kind for one in queries.open_alarms()] != [AlarmKind.ERRORS]


def test_a_watch_that_was_only_started_again_has_heard_what_came_meanwhile_and_a_node_that_was_down_has_not(home):
    give_habit("lab")
    steady("lab", until=NOON)
    a_watch().look(after(NOON, -2 * MINUTE))
    a_watch().look(after(NOON, -MINUTE))
    assert seen.seen_by_watch(NOON)[seen.NODE]["since"] == NOON - 2 * MINUTE
    later = after(NOON, 3 * HOUR)
    fresh = a_watch()
    fresh.look(later)
    assert queries.open_alarms() == (), "the senders get the time to come back"
    assert look_until(fresh, after(later, HOUR), from_at=later, every=MINUTE) is not None


def test_nobody_watches_when_the_watch_has_not_looked_for_two_minutes(lab):
    assert seen.seen_by_watch(after(NOON, MINUTE)) != {}
    assert seen.seen_by_watch(after(NOON, 3 * MINUTE)) == {}
    assert queries.currency(after(NOON, 3 * MINUTE)).silent is None


def test_what_came_while_an_alarm_was_true_is_no_habit(lab):
    at = look_until(lab, after(NOON, 20 * MINUTE))
    (alarm,) = queries.open_alarms()
    actions.close_alarm(LEAD, at, alarm=alarm.alarm, genuine=True, reason="cable")
    speak("lab", after(NOON, DAY))
    fresh = a_watch()
    fresh.look(after(NOON, DAY))
    assert fresh._known["lab"].learned is not None
    assert fresh._known["lab"].learned.profile.hours < 5 * 168 + 24


ALARMS = st.sampled_from(["one", "two"])
FACTS = st.one_of(
    st.builds(AlarmRaised, alarm=ALARMS, what=st.sampled_from(["silent", "slow", "of-a-newer-version"]), subject=st.just("lab"),
              since_at=st.just(NOON), evidence=st.just({"came": 1, "once_in": 2.5, "why": "x"})),
    st.builds(AlarmAcknowledged, alarm=ALARMS, note=st.just("")),
    st.builds(AlarmEnded, alarm=ALARMS),
    st.builds(AlarmClosed, alarm=ALARMS, genuine=st.booleans(), reason=st.just("why")),
    st.builds(AlarmTold, alarm=ALARMS, target=st.just("mail"), reached=st.booleans(), why=st.just("")),
)  # fmt: skip
TOLD = st.lists(st.tuples(st.integers(0, 3).map(lambda second: after(NOON, second * SECOND)), FACTS), max_size=6)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stories=st.fixed_dictionaries({"hub/acts": TOLD, "ward/acts": TOLD}), data=st.data())
def test_alarms_and_their_answers_converge(home, stories, data):
    assert_converges(stories, data)
    queries.open_alarms()
    queries.past_alarms()
