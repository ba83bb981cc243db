"""What the watch knows of the machines that send, and how those of each interface stand; local to this node."""

from collections.abc import Mapping

import orjson

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.models import MirrorWatch
from stormlamp.mirror.queries.watch import silences
from stormlamp.mirror.rules.alarms import AlarmKind, Answer
from stormlamp.mirror.rules.settings import WatchSettings
from stormlamp.mirror.rules.watch_host import Host, HostJudgement, Place, host_of, judged, lately
from stormlamp.mirror.rules.watch_line import Holding, Line, LineJudgement

Lines = Mapping[str, tuple[Line, LineJudgement]]


def hosts_kept() -> dict[Place, Host]:
    """Each machine as it stood last."""
    rows = MirrorWatch.objects.filter(id__startswith="host|").order_by("id").values_list("id", "told")
    return {place_of(key): host_of(orjson.loads(bytes(told))) for key, told in rows}


def key_of(place: Place) -> str:
    """The row of a machine: `host|22|10.0.0.7`."""
    return f"host|{place[1]}|{place[0]}"


def place_of(key: str) -> Place:
    """The machine of a row."""
    _, port, address = key.split("|", 2)
    return address, int(port)


def places_asked(lines: Lines, settings: WatchSettings, also: frozenset[str] = frozenset()) -> dict[str, tuple[Place, ...]]:
    """The machines that are asked for each interface: those that sent lately, where no held line tells as much, and of `also`."""
    found = {}
    for name, (line, told) in lines.items():
        port = settings.port(name)
        if port is not None and (told.holding is not Holding.HELD or name in also):
            found[name] = tuple((host, port) for host in lately(line.heard))
    return {name: places for name, places in found.items() if places}


def host_judgement(
    name: str, places: tuple[Place, ...], hosts: Mapping[Place, Host], now: Moment, settings: WatchSettings, *, speed: float = 1.0
) -> HostJudgement:
    """How the machines of an interface stand."""
    away = [one for one in silences(name, kind=AlarmKind.HOST_GONE) if one.judged and one.judged.answer is Answer.TRUE]
    unusual = [(one.since_at, now if one.closed is None else one.closed.at) for one in away]
    mine = {place[0]: hosts.get(place) for place in places}
    return judged(mine, at=now, down_after=settings.line(name).down_after, unusual=unusual, speed=speed)
