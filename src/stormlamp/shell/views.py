"""The shell's own pages: the reader's language and theme, the keys, the band on its own."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from stormlamp.shell.request import THEME_COOKIE, THEMES, OpenRequest, next_of, open_page, render
from stormlamp.shell.words import LANGUAGE_NAMES

_YEAR = 365 * 24 * 3600


def _remember(request: OpenRequest, cookie: str, value: str) -> HttpResponse:
    answer = HttpResponseRedirect(next_of(request))
    answer.set_cookie(cookie, value, max_age=_YEAR, samesite="Lax", httponly=True, secure=request.is_secure())
    return answer


@open_page
def choose_language(request: OpenRequest) -> HttpResponse:
    """Read on in another language, on this device."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    asked = request.POST.get("language", "")
    return _remember(request, settings.LANGUAGE_COOKIE_NAME, asked if asked in LANGUAGE_NAMES else settings.LANGUAGE_CODE)


@open_page
def choose_theme(request: OpenRequest) -> HttpResponse:
    """Light, dark, or as the device says."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    asked = request.POST.get("theme", "")
    return _remember(request, THEME_COOKIE, asked if asked in THEMES else "auto")


@open_page
def keys(request: OpenRequest) -> HttpResponse:
    """Every key, as a page."""
    return render(request, "shell/keys.html")


@open_page
def band(request: OpenRequest) -> HttpResponse:
    """The band alone, for pages that stay open."""
    return render(request, "shell/band.html")
