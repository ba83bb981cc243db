"""The story's pages: a guided tour of the demonstration. In a home that is none they do not exist."""

from dataclasses import replace

from django.http import Http404, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect

from stormlamp.drills import presenters
from stormlamp.drills.engines import place, steering
from stormlamp.drills.rules.stage import CAST, HOURS_AHEAD
from stormlamp.drills.rules.steering import Wishes
from stormlamp.kernel.identifiers import new_id
from stormlamp.nodes.queries import home
from stormlamp.people.actions import demand_demonstration
from stormlamp.shell.request import OpenRequest, next_of, open_page, render


@open_page
def story(request: OpenRequest) -> HttpResponse:
    """To the chapter that comes next."""
    _demand_demonstration()
    return redirect("drills:chapter", presenters.next_chapter(steering.status(home().path), request.arrived_at))


@open_page
def chapter(request: OpenRequest, number: int) -> HttpResponse:
    """One chapter: what is told, what is simulated, what to press, what the ledger holds."""
    _demand_demonstration()
    if not 1 <= number <= presenters.CHAPTERS:
        raise Http404
    status = steering.status(home().path)
    context = {
        "chapter": presenters.chapter(number, status, request.arrived_at),
        "titles": presenters.titles(status, request.arrived_at),
        "numbers": presenters.numbers(number, status, request.arrived_at),
        "status": status,
        "cast": [(one, presenters.role_words(one.role)) for one in CAST],
        "staff": place.staff_of(home().path),
        "words": presenters,
    }
    return render(request, "drills/chapter.html", context)


@open_page
def numbers(request: OpenRequest, number: int) -> HttpResponse:
    """The numbers of a chapter alone, for a page that stands open."""
    _demand_demonstration()
    status = steering.status(home().path)
    told = presenters.numbers(number, status, request.arrived_at)
    return render(request, "drills/numbers.html", {"numbers": told, "status": status, "words": presenters})


@open_page
def steer(request: OpenRequest) -> HttpResponse:
    """Let the simulated hospital go dark or come back, its staff work, or some hours pass."""
    demand_demonstration()
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    path, wanted = home().path, request.POST.get("do", "")
    steering.wish(path, _wished(steering.wishes(path), wanted))
    return redirect(next_of(request, "/story/"))


def _wished(now: Wishes, wanted: str) -> Wishes:
    match wanted:
        case "dark" | "light":
            return replace(now, dark=wanted == "dark")
        case "work":
            return replace(now, shift=new_id())
        case "ahead":
            return replace(now, ahead=new_id(), hours=HOURS_AHEAD)
        case _:
            raise Http404


def _demand_demonstration() -> None:
    if not home().options.get("demo"):
        raise Http404
