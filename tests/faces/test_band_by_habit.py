"""The band by habit: a feed that is always quiet now leaves it alone, a silent one turns it red; nothing that waits is hidden."""

import pytest

from stormlamp.faces.presenters import band_now
from stormlamp.kernel.moments import HOUR, MINUTE, SECOND, Moment
from stormlamp.mirror import actions, queries
from stormlamp.shell.band import BandKind
from tests.makers import NOON, actor, after
from tests.mirror.makers import send
from tests.mirror.watching import a_watch, give_habit, speak, steady

pytestmark = pytest.mark.django_db


def first_alarm(told):
    """Look every minute from noon on; when the first alarm was raised."""
    for at in range(NOON, NOON + HOUR, MINUTE):
        told.look(Moment(at))
        if queries.open_alarms():
            return Moment(at)
    raise AssertionError("no alarm within an hour")


def test_a_feed_that_is_always_quiet_at_night_leaves_the_band_alone(home):
    evening = Moment(NOON + 10 * HOUR)
    give_habit("lab", until=evening)
    steady("lab", until=evening)
    night = after(evening, 3 * HOUR)
    told = a_watch()
    told.look(after(night, -MINUTE))
    told.look(night)
    band = band_now(None, night)
    assert band.kind is BandKind.NORMAL
    assert "as quiet as usual at this hour" in band.details


def test_an_improbably_silent_feed_turns_the_band_red_until_it_speaks(home):
    give_habit("lab")
    steady("lab", until=NOON)
    told = a_watch()
    told.look(NOON)
    at = first_alarm(told)
    assert band_now(None, at).kind is BandKind.STALE
    assert "1 open alarm" in band_now(None, at).details
    speak("lab", after(at, SECOND))
    told.look(after(at, 2 * SECOND))
    assert band_now(None, after(at, 2 * SECOND)).kind is BandKind.NORMAL


def test_a_silence_that_was_called_a_false_alarm_lets_the_band_go(home):
    give_habit("lab")
    steady("lab", until=NOON)
    told = a_watch()
    told.look(NOON)
    at = first_alarm(told)
    (alarm,) = queries.open_alarms()
    actions.close_alarm(actor("recovery-lead"), at, alarm=alarm.alarm, genuine=False, reason="service")
    assert band_now(None, at).kind is BandKind.NORMAL


def test_without_a_habit_or_a_watch_the_plain_five_minutes_hold(home):
    speak("lab", NOON)
    assert band_now(None, after(NOON, 4 * MINUTE)).kind is BandKind.NORMAL
    assert band_now(None, after(NOON, 6 * MINUTE)).kind is BandKind.STALE


def test_what_is_in_quarantine_is_counted_in_the_band(home):
    speak("lab", NOON)
    send(b"junk", interface="lab")
    assert "1 message in quarantine" in band_now(None, NOON).details
