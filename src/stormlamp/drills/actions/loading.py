"""The past of the simulated hospital: who lies where, and eight weeks of counts. All of it durable, in large commits."""

from collections.abc import Callable, Iterable, Mapping

from stormlamp.kernel.actors import system
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import Draft, projector
from stormlamp.ledger.feeds import append_feed
from stormlamp.mirror.actions import receive
from stormlamp.mirror.facts import HabitCounted
from stormlamp.nodes.queries import home

GROUP = 1000


def load_messages(
    messages: Iterable[tuple[Moment, str, bytes]], *, channel: str = "mllp", progress: Callable[[int], None] = lambda _done: None
) -> int:
    """Receive messages as if each had come in at its moment; how many there were. What comes by `file` has no habit to keep."""
    node, done = home(), 0
    by, group = system(node.node), list[Draft]()
    for at, interface, raw in messages:
        group.append(receive(raw, fhir=False, interface=str(interface), channel=channel, at=at, by=by, zone=node.zone))
        if len(group) == GROUP:
            done += _load(group)
            progress(done)
    done += _load(group)
    progress(done)
    return done


def load_habit(counts: Mapping[tuple[str, Moment], int], *, at: Moment) -> int:
    """Bring counts per interface and hour; how many there were."""
    by, group, done = system(home().node), list[Draft](), 0
    for (interface, hour), count in counts.items():
        told = HabitCounted(interface=str(interface), hour_start=hour, count=count)
        group.append(Draft(fact=told, actor=by.account, actor_name=by.name, act="drills.load_habit", at=at))
        if len(group) == GROUP:
            done += _load(group)
    return done + _load(group)


def _load(group: list[Draft]) -> int:
    size = len(group)
    if size:
        append_feed(group)
        projector.catch_up()
        group.clear()
    return size
