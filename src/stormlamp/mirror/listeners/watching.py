"""The part of `up` that watches: looks at the feeds, asks the probes' systems, and tells people."""

import datetime as dt
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import DatabaseError, connection

from stormlamp.kernel.actors import Actor, system
from stormlamp.kernel.moments import Moment, to_datetime
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import clock
from stormlamp.mirror.engines.machines import NetworkMachines
from stormlamp.mirror.engines.messages import AppriseMessenger
from stormlamp.mirror.engines.questions import question_of
from stormlamp.mirror.jobs import HostWatch, Probing, Telling, Watch
from stormlamp.mirror.jobs.keeping import forget_unseen, keep_seen
from stormlamp.mirror.listeners.serving import ports
from stormlamp.mirror.ports import Question
from stormlamp.mirror.presenters.alarms import message_words
from stormlamp.mirror.queries.watch import TELLING
from stormlamp.mirror.rules.alarms import Alarm
from stormlamp.mirror.rules.settings import ProbeSettings, alarm_settings, probe_settings, watch_settings
from stormlamp.mirror.rules.watch_habit import Calendar, belgian_holidays
from stormlamp.nodes.engines.home import Home
from stormlamp.nodes.queries import home
from stormlamp.shell.words import hospital_zone, speaking

LOOK_EVERY = 15.0
TURN = 1.0
ASKING = 4


def serve_watch(stop: threading.Event) -> None:
    """Look every 15 seconds, ask each probe and machine when its time has come, tell people at once; until told to stop.

    Where time is scaled, looks come as often in the home's own time, at most once a second. A locked or full disk is tried again.
    """
    node = home()
    by, speed = system(node.node), max(1.0, clock.clock().factor)
    settings = watch_settings(node.options)
    hosts = HostWatch(by, settings, NetworkMachines(), speed=speed)
    listens = node.hub is None or bool(ports(node)) or bool(node.options.get("fhir"))
    watch = Watch(by, _calendar(node), settings, hosts=hosts, speed=speed, listens=listens)
    probing, telling, next_look = _probing(node, by), _telling(node, by), 0.0
    try:
        while not stop.is_set():
            try:
                if time.monotonic() >= next_look:
                    watch.look(clock.now())
                    next_look = time.monotonic() + max(TURN, LOOK_EVERY / speed)
                _probe(probing)
                hosts.ask(clock.now())
                if telling is not None:
                    telling.tell(clock.now)
            except (DatabaseError, Trouble):
                connection.close()
            stop.wait(TURN)
    finally:
        connection.close()


def _calendar(node: Home) -> Callable[[Moment], Calendar]:
    """The days that go like a Sunday, of the years around a moment."""
    zone, holidays = hospital_zone(), watch_settings(node.options).holidays

    def calendar(at: Moment) -> Calendar:
        year = to_datetime(at, zone).year
        days: frozenset[dt.date] = frozenset()
        if holidays == "BE":
            days = belgian_holidays(year - 1) | belgian_holidays(year)
        return Calendar(zone=zone, holidays=days)

    return calendar


def _probing(node: Home, by: Actor) -> Probing:
    """The probes that can be asked; one whose settings are not sound says so on its row."""
    sound: dict[str, tuple[ProbeSettings, Question]] = {}
    forget_unseen({f"probe|{one.name}" for one in probe_settings(node.options)}, "probe")
    for one in probe_settings(node.options):
        try:
            sound[one.name] = (one, question_of(one, clock.now))
        except Trouble as trouble:
            keep_seen(f"probe|{one.name}", clock.now(), {"standing": "cannot-tell", "kind": one.kind, "why": str(trouble)})
    return Probing(by, sound, time.monotonic)


def _probe(probing: Probing) -> None:
    """Ask side by side: a system that does not answer delays no other."""
    at = clock.now()
    due = probing.due(at)
    if not due:
        return
    with ThreadPoolExecutor(max_workers=ASKING) as asking:
        samples = list(asking.map(lambda name: (name, probing.asked(name, at)), due))
    for name, sample in samples:
        probing.note(name, sample)


def _telling(node: Home, by: Actor) -> Telling | None:
    """Whom to tell; nobody where nobody is named, and never from the home of a demonstration or rehearsal."""
    settings, messenger, trouble = alarm_settings(node.options), None, ""
    try:
        messenger = AppriseMessenger(settings.urls)
    except Trouble as told:
        trouble = str(told)
    seen: dict[str, object] = {"ways": list(messenger.targets()) if messenger else [], "whom": settings.whom}
    keep_seen(TELLING, clock.now(), {**seen, "outside": settings.outside, "trouble": trouble})
    if messenger is None or not messenger.targets() or not settings.outside:
        return None

    def words(alarm: Alarm) -> tuple[str, str]:
        with speaking(node.language):
            return message_words(alarm, hospital=node.hospital, now=clock.now())

    return Telling(by, messenger, words)
