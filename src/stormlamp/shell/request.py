"""A request of a signed-in person: who asks, when it arrived, what it needs, and how it is answered.

Every view is marked: `@page("charts.read")` needs a right, `@open_page` needs nobody and stands on the reviewed list. A view
without a mark is never called.
"""

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, cast

import django.shortcuts
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.module_loading import import_string

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import NotAllowed, Refusal, Trouble
from stormlamp.ledger import clock
from stormlamp.shell import band
from stormlamp.shell.band import Band
from stormlamp.shell.components import NavSection
from stormlamp.shell.words import LANGUAGE_NAMES, language, sentence
from stormlamp.shell.words import gettext as _

P = ParamSpec("P")
READING = ("GET", "HEAD")
THEMES = ("auto", "light", "dark")
THEME_COOKIE = "stormlamp_theme"

NavigationOf = Callable[[HttpRequest], tuple[NavSection, ...]]


class OpenRequest(HttpRequest):
    """A request of anybody; `actor` is None until somebody has signed in."""

    actor: Actor | None
    arrived_at: Moment


class StaffRequest(HttpRequest):
    """A request of a signed-in person."""

    actor: Actor
    arrived_at: Moment


StaffView = Callable[Concatenate[StaffRequest, P], HttpResponse]
OpenView = Callable[Concatenate[OpenRequest, P], HttpResponse]
AnyView = Callable[Concatenate[HttpRequest, P], HttpResponse]


# ---------------------------------------------------------------------------------------------- marks


def page(needs: str, methods: tuple[str, ...] = ("GET", "POST")) -> Callable[[StaffView[P]], AnyView[P]]:
    """Mark a view as a page for people with a right; answers 403, a sign-in, or the refusal's sentence itself."""

    def mark(view: StaffView[P]) -> AnyView[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if (answer := _turned_away(request, needs, methods)) is not None:
                return answer
            return _private(request, _answered(cast("AnyView[P]", view), request, *args, **kwargs))

        guarded.needs = needs  # type: ignore[attr-defined]
        guarded.open = False  # type: ignore[attr-defined]
        return guarded

    return mark


def open_page(view: OpenView[P]) -> AnyView[P]:
    """Mark a view as open to anybody; the list of them is reviewed in tests/house."""

    @wraps(view)
    def unguarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return _private(request, _answered(cast("AnyView[P]", view), request, *args, **kwargs))

    unguarded.needs = None  # type: ignore[attr-defined]
    unguarded.open = True  # type: ignore[attr-defined]
    return unguarded


def _turned_away(request: HttpRequest, needs: str, methods: tuple[str, ...]) -> HttpResponse | None:
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return sign_in_first(request)
    allowed = {*methods, "HEAD"} if "GET" in methods else set(methods)
    if request.method not in allowed:
        return HttpResponseNotAllowed(methods)
    return None if actor.may(needs) else refused(request, NotAllowed(needs=needs))


def _answered(view: AnyView[P], request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
    try:
        return view(request, *args, **kwargs)
    except Refusal as refusal:
        return refused(request, refusal)
    except Trouble as trouble:
        return troubled(request, trouble)


def _private(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Nothing that shows patients stays in a browser's cache; a view that knows better sets its own header."""
    response.headers.setdefault("Cache-Control", "no-store")
    patch_vary_headers(response, ("Cookie", "Accept-Language", "HX-Request"))
    return response


# ---------------------------------------------------------------------------------------------- middleware


class ClosedByDefault:
    """Middleware: notes when a request arrived, and never calls a view that bears no mark."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on with `arrived_at`, and no actor until somebody's session says who it is."""
        cast("OpenRequest", request).arrived_at = clock.now()
        cast("OpenRequest", request).actor = None
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any) -> HttpResponse | None:
        """Refuse an unmarked view."""
        return None if hasattr(view, "needs") else refused(request, NotAllowed(needs="unmarked"))


# ---------------------------------------------------------------------------------------------- the frame


class Frame:
    """What stands around every page: band, place, navigation, reader; each found out when first asked."""

    def __init__(self, request: HttpRequest, actor: Actor | None, now: Moment) -> None:
        self.request = request
        self.actor = actor
        self.now = now
        self.language = language()
        self.languages = LANGUAGE_NAMES
        self.path = request.get_full_path()
        chosen = request.COOKIES.get(THEME_COOKIE, "auto")
        self.theme = chosen if chosen in THEMES else "auto"
        self.themes = THEMES

    @cached_property
    def band(self) -> Band:
        """The band for this reader."""
        return band.compose(self.actor, self.now)

    @cached_property
    def navigation(self) -> tuple[NavSection, ...]:
        """The left navigation, by the composer that STORMLAMP_NAVIGATION names; nobody signed in sees none."""
        path: str | None = getattr(settings, "STORMLAMP_NAVIGATION", None)
        if self.actor is None or not path:
            return ()
        composer: NavigationOf = import_string(path)
        return composer(self.request)

    @cached_property
    def place(self) -> str:
        """The hospital, or what STORMLAMP_PLACE says of the reader's ward."""
        path: str | None = getattr(settings, "STORMLAMP_PLACE", None)
        return import_string(path)(self.request) if path else settings.HOME.hospital

    @cached_property
    def role_name(self) -> str:
        """The reader's role in words, by what STORMLAMP_ROLE_NAME names; its code otherwise."""
        path: str | None = getattr(settings, "STORMLAMP_ROLE_NAME", None)
        if self.actor is None:
            return ""
        return import_string(path)(self.actor.role) if path else self.actor.role

    @cached_property
    def flashes(self) -> list[tuple[str, str]]:
        """What the last act wants to say: tone and words."""
        return [(message.level_tag, str(message)) for message in messages.get_messages(self.request)]

    def route(self, setting: str) -> str:
        """The address of the route that a setting names; empty when the house has none."""
        name: str | None = getattr(settings, setting, None)
        return reverse(name) if name else ""


def frame_of(request: HttpRequest) -> Frame:
    """The request's frame, one per request."""
    known: Frame | None = getattr(request, "stormlamp_frame", None)
    if known is None:
        arrived: Moment = getattr(request, "arrived_at", None) or clock.now()
        known = Frame(request, getattr(request, "actor", None), arrived)
        request.stormlamp_frame = known  # type: ignore[attr-defined]
    return known


def render(request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """A page or fragment; every template also knows `shell`, `now` and `actor`."""
    return django.shortcuts.render(request, template, context, status=status)


def say(request: HttpRequest, words: str, tone: str = "info") -> None:
    """Say something on the next page; tones: info, success, warning, error."""
    messages.add_message(request, getattr(messages, tone.upper()), words)


def next_of(request: HttpRequest, otherwise: str = "/") -> str:
    """Where a form wants to go on: its `next`, if that stays on this node."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if safe and wanted.startswith("/") else otherwise


# ---------------------------------------------------------------------------------------------- when it does not go on


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back again; a panel that polls sends the whole page there."""
    place = reverse(getattr(settings, "STORMLAMP_SIGN_IN", "people:sign_in"))
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": place})
    back = request.get_full_path() if request.method in READING else "/"
    return HttpResponseRedirect(f"{place}?{urlencode({'next': back})}")


def _error(request: HttpRequest, status: int, title: str, words: str, steps: tuple[str, ...] = ()) -> HttpResponse:
    answer = render(request, "shell/error.html", {"title": title, "words": words, "steps": steps}, status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The rules say no: 403 for a missing right, 409 for everything else, with the refusal's sentence."""
    if isinstance(refusal, NotAllowed):
        steps = (_("Somebody with that right can do it while you stay signed in on another device."),)
        return _error(request, 403, _("Not part of your role"), sentence(refusal), steps)
    steps = (_("Go back, look at what has changed, and try again."),)
    return _error(request, 409, _("Not done"), sentence(refusal), steps)


def troubled(request: HttpRequest, trouble: Trouble) -> HttpResponse:
    """Disk, peer or network failed: what, and what to try."""
    steps = (trouble.hint,) if trouble.hint else (_("Tell IT what you wanted to do and when."),)
    again = (_("Trying again in a moment may help."),) if trouble.retry else ()
    return _error(request, 503, _("This did not work just now"), str(trouble), (*again, *steps))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the browser sent something that cannot be read."""
    steps = (_("Go back, reload the page, and send it again."),)
    return _error(request, 400, _("This request could not be read"), _("Nothing was recorded."), steps)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 that Django raised itself."""
    return refused(request, NotAllowed())


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's safety mark is missing or old, mostly after signing in again in another tab."""
    steps = (_("Go back, reload the page, and send the form again. Copy long text first."),)
    words = _("This form was opened before you last signed in, or in another browser. Nothing was recorded.")
    return _error(request, 403, _("This form is too old"), words, steps)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    steps = (_("Look for the patient with the find box above, or press /."), _("Start again from the first page."))
    return _error(request, 404, _("There is no such page here"), _("The address may be mistyped or out of date."), steps)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: asks nothing of the database, because that may be what failed; keeps the band when it was known already."""
    known = frame_of(request)
    frame = Frame(request, None, known.now)
    frame.place = settings.HOME.hospital
    frame.flashes = []
    words_then = _("this page failed before the state of this copy was known")
    frame.band = known.__dict__.get("band") or band.unknown(words_then)
    request.stormlamp_frame = frame  # type: ignore[attr-defined]
    words = _("The fault is ours, not yours. What was confirmed before is kept; check whether your last entry is there.")
    steps = (_("Go back and try once more."), _("If it fails again, write on paper and tell IT what you did and when."))
    return _error(request, 500, _("Something broke here"), words, steps)
