"""An interface with a habit, and a watch that looks at it."""

from zoneinfo import ZoneInfo

from stormlamp.kernel.actors import system
from stormlamp.kernel.identifiers import NodeId
from stormlamp.kernel.moments import HOUR, MINUTE, Moment
from stormlamp.ledger import Draft, projector
from stormlamp.ledger.feeds import append_feed
from stormlamp.mirror.facts import HabitCounted
from stormlamp.mirror.jobs import Watch
from stormlamp.mirror.rules.settings import watch_settings
from stormlamp.mirror.rules.watch_habit import Calendar
from tests.makers import NOON
from tests.mirror.arrivals import usual_rate
from tests.mirror.makers import adt, oru, send

CALENDAR = Calendar(zone=ZoneInfo("Europe/Brussels"))
WATCH = system(NodeId("test"))


def a_watch(options=None) -> Watch:
    """A watch of a home with these settings."""
    return Watch(WATCH, lambda _: CALENDAR, watch_settings(options or {}))


def give_habit(interface, *, until=NOON, weeks=5, level=120, night=0.0) -> None:
    """Weeks of brought history: usual counts, varying a little."""
    drafts = []
    first = until - until % HOUR - weeks * 168 * HOUR
    for number in range(weeks * 168):
        start = Moment(first + number * HOUR)
        usual = usual_rate(CALENDAR.hour_of_week(start), level=level, night=night)
        count = max(0, round(usual + (number * 7919 % 5 - 2) * usual**0.5 / 2))
        told = HabitCounted(interface=interface, hour_start=start, count=count)
        drafts.append(Draft(fact=told, actor="system", actor_name="Stormlamp", act="test", at=until))
    append_feed(drafts)
    projector.catch_up()


def speak(interface, *moments, lab=False) -> list[str]:
    """One message at each moment; each is another one."""
    make = oru if lab else adt
    return [key for at in moments for key in send(make(control=f"{interface}{at}"), interface=interface, at=at)]


def steady(interface, *, until, minutes=90, every=MINUTE // 2) -> list[str]:
    """A message every half minute until a moment, that one left out."""
    return speak(interface, *(Moment(at) for at in range(until - minutes * MINUTE, until, every)))
