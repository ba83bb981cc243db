"""The frame around the FHIR door: who may, in which form, and how an answer or a fault is given (FHIR R4 3.1.0).

The HTML frame of `shell.request` speaks to people; tools get an OperationOutcome and a status code instead.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import SECOND, Moment
from stormlamp.kernel.refusals import NotAllowed, Refusal, Trouble
from stormlamp.mirror import actions
from stormlamp.mirror.rules.r4.searching import Unreadable
from stormlamp.nodes.queries import home
from stormlamp.shell.request import StaffRequest

P = ParamSpec("P")
Resource = dict[str, Any]
View = Callable[Concatenate[StaffRequest, P], HttpResponseBase]
AnyView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
FHIR_JSON = "application/fhir+json"
_FORMATS = frozenset({"json", "text/json", "application/json", FHIR_JSON, "*/*", "application/*"})
AT_ONCE = 25
_CHALLENGE = 'Bearer realm="Stormlamp FHIR"'


def fhir(needs: str | None, methods: tuple[str, ...] = ("GET",)) -> Callable[[View[P]], AnyView[P]]:
    """Mark a view of the FHIR door with the right it needs; None for the reviewed open one.

    Nothing here writes but what is asked of an export, and that takes a header or method that no form can send: a request needs
    no CSRF mark.
    """

    def mark(view: View[P]) -> AnyView[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            response = _turned_away(request, needs, methods) or _answered(view, request, *args, **kwargs)
            return _finished(request, response)

        guarded.needs = needs  # type: ignore[attr-defined]
        guarded.open = needs is None  # type: ignore[attr-defined]
        return csrf_exempt(guarded)

    return mark


def _turned_away(request: HttpRequest, needs: str | None, methods: tuple[str, ...]) -> HttpResponseBase | None:
    if needs is not None and (closed := _closed_to(request, needs)) is not None:
        return closed
    allowed = {*methods, "HEAD"} if "GET" in methods else set(methods)
    if request.method not in allowed:
        return outcome(405, "not-supported", f"{request.method} is not answered here: this copy is read, never written",
                       headers={"Allow": ", ".join(sorted(allowed))})  # fmt: skip
    return None


def _closed_to(request: HttpRequest, needs: str) -> HttpResponseBase | None:
    actor, wait = getattr(request, "actor", None), getattr(request, "token_wait", None)
    if actor is not None:
        return None if actor.may(needs) else outcome(403, "forbidden", f"this needs the right {needs}")
    if wait:
        after = {"Retry-After": str(-(-wait // SECOND))}
        return outcome(429, "throttled", "too many wrong tokens came from this address", headers=after)
    words = "send a token: Authorization: Bearer" if wait is None else "this token is not good, or not any more"
    return outcome(401, "login", words, headers={"WWW-Authenticate": _CHALLENGE})


def _answered(view: View[P], request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
    try:
        demand_json(request)
        return view(request, *args, **kwargs)
    except Unreadable as fault:
        return outcome(fault.status, fault.issue, str(fault))
    except Http404:
        return outcome(404, "not-found", "there is no such resource here")
    except NotAllowed as refusal:
        return outcome(403, "forbidden", f"this needs the right {refusal.facts.get('needs', '')}")
    except Refusal as refusal:
        return outcome(409, "business-rule", refusal.code)
    except Trouble as trouble:
        return outcome(503, "transient", str(trouble), headers={"Retry-After": "5"})


def _finished(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    response.headers.setdefault("Cache-Control", "no-store")
    patch_vary_headers(response, ("Authorization", "Cookie", "Accept", "Prefer"))
    told: HttpResponseBase = GZipMiddleware(lambda _: HttpResponse()).process_response(request, response)
    if request.method == "HEAD" and isinstance(told, HttpResponse):
        told.headers["Content-Length"] = str(len(told.content))
        told.content = b""
    return told


def demand_json(request: HttpRequest) -> None:
    """Raise Unreadable when only a form is accepted that is not spoken here; `_format` outweighs the header (R4 3.1.0.1.12)."""
    said = request.GET.get("_format") or request.headers.get("Accept") or "*/*"
    forms = {one.partition(";")[0].strip().lower().replace(" ", "+") for one in said.split(",")}
    if not forms & (_FORMATS | {"application/fhir+ndjson", "application/ndjson", "ndjson"}):
        raise Unreadable(f"answers are {FHIR_JSON}, not {said}", "structure", 406)


def answer(
    request: HttpRequest, resource: Mapping[str, Any], *, status: int = 200, at: Moment | None = None, version: str = ""
) -> HttpResponseBase:
    """A resource as an answer; with `at` and `version`, 304 to a reader who has it already (R4 3.1.0.5)."""
    response = HttpResponse(orjson.dumps(resource), content_type=f"{FHIR_JSON}; charset=utf-8", status=status)
    if at is None:
        return response
    seconds = at // SECOND
    told = dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    response.headers["ETag"], response.headers["Last-Modified"] = f'W/"{version}"', told
    found = get_conditional_response(request, etag=f'W/"{version}"', last_modified=seconds, response=response)
    return found or response


def outcome(status: int, issue: str, words: str, *, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """An OperationOutcome with one issue."""
    told = orjson.dumps(issues(issue, words, severity="error"))
    return HttpResponse(told, content_type=f"{FHIR_JSON}; charset=utf-8", status=status, headers=dict(headers or {}))


def issues(issue: str, words: str, *, severity: str) -> Resource:
    """The OperationOutcome itself."""
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": issue, "diagnostics": words}]}


def base_of(request: HttpRequest) -> str:
    """The address of the door, as this reader came to it."""
    return f"{request.scheme}://{request.get_host()}/fhir"


def zone() -> dt.tzinfo:
    """The hospital's zone, in which dates are meant."""
    return ZoneInfo(home().zone)


def strict(request: HttpRequest) -> bool:
    """Whether an unknown parameter shall be refused (`Prefer: handling=strict`)."""
    return "handling=strict" in request.headers.get("Prefer", "").replace(" ", "")


def said(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """The parameters of a request in order, from the address and, of POST _search, the form."""
    sources = (request.GET, request.POST) if request.method == "POST" else (request.GET,)
    for source in sources:
        yield from ((name, value) for name, several in source.lists() for value in several)


def linked(base: str, path: str, params: list[tuple[str, str]]) -> str:
    """An address with parameters."""
    return f"{base}/{path}?{urlencode(params)}" if params else f"{base}/{path}"


def note_looks(request: StaffRequest, patients: set[str]) -> None:
    """Record that a reader looked at some patients; several in one commit, but never so many that a feed waits for them."""
    ordered = sorted(patients)
    for start in range(0, len(ordered), AT_ONCE):
        some = ordered[start : start + AT_ONCE]
        with transaction.atomic() if len(some) > 1 else nullcontext():
            for patient in some:
                actions.read_over_fhir(request.actor, request.arrived_at, patient=PatientId(patient))
