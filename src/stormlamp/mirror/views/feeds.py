"""The board of interfaces, and one interface."""

from django.http import Http404, HttpResponse

from stormlamp.kernel.moments import DAY, Moment
from stormlamp.ledger import clock
from stormlamp.mirror import presenters, queries
from stormlamp.mirror.queries import watch as seen
from stormlamp.mirror.rules import watch
from stormlamp.shell.request import StaffRequest, page, render

SHOWN = 20


@page("feeds.read", methods=("GET",))
def feeds(request: StaffRequest) -> HttpResponse:
    """One row per interface against its habit, the open alarms, and how quickly systems answer."""
    now, speed = request.arrived_at, clock.clock().factor
    told, rows = seen.seen_by_watch(now, speed=speed), presenters.boards(now, speed=speed)
    context = {
        "rows": rows,
        "late": [row.interface for row in rows if row.soon.late],
        "not_allowed": [row.interface for row in rows if row.soon.not_allowed],
        "alarms": queries.open_alarms(),
        "probes": presenters.probe_lines(now),
        "watching": bool(told),
        "watched_at": seen.last_seen_at(),
        "waiting": told.get(seen.NODE, {}).get("behind", 0),
        "telling": seen.telling(),
        "words": presenters,
    }
    return render(request, "mirror/feeds.html", context)


@page("feeds.read", methods=("GET",))
def interface(request: StaffRequest, name: str) -> HttpResponse:
    """One interface: how it stands, why, and its alarms."""
    now = request.arrived_at
    row = next((one for one in presenters.boards(now, speed=clock.clock().factor) if one.interface == name), None)
    if row is None:
        raise Http404
    context = {
        "row": row,
        "tests": queries.practice_messages(name),
        "past": queries.past_alarms(subject=name, limit=SHOWN),
        "gaps": queries.sequence_gaps(name, since_at=Moment(now - 7 * DAY))[-SHOWN:],
        "score": queries.alarm_scores().get(name),
        "telling": seen.telling(),
        "wanted": int(watch.WANTED),
        "words": presenters,
    }
    return render(request, "mirror/interface.html", context)
