"""Signing in and out: name and password, then the second factor; the lock after a pause; the one-time link."""

from typing import Any, cast

from django.http import HttpResponse, HttpResponseNotAllowed
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils.http import urlencode

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import MINUTE
from stormlamp.kernel.refusals import Refusal
from stormlamp.ledger.clock import WallClock
from stormlamp.nodes.queries import home, this_node
from stormlamp.people import actions, presenters, queries
from stormlamp.people.forms import CodeForm, FirstForm, PasswordForm, SignInForm
from stormlamp.people.projections import here
from stormlamp.people.queries import SESSION_KEY, AccountView, Held, LinkState
from stormlamp.people.rules import FIRST_PAGES, otpauth, role_named, secret_from
from stormlamp.people.views.trying import Outcome, address_of, forgiven, right_password, tried
from stormlamp.shell.request import OpenRequest, next_of, open_page, render
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import sentence

HALF_KEY = "people_half"
HALF_LASTS = 5 * MINUTE


@open_page
def sign_in(request: OpenRequest) -> HttpResponse:
    """Name and password; a locked session asks for its password alone."""
    held = held_by(request)
    if held and held.locked:
        return _unlock(request, held)
    if held:
        return redirect(_onward(request, held.owner))
    form = SignInForm(request.POST or None)
    if not form.is_valid():
        return _sign_in_page(request, form)
    login, password = form.cleaned_data["login"], form.cleaned_data["password"]
    account = queries.account_of_login(login)
    known = account.account if account else None
    outcome = tried(request, login=login, account=known, check=lambda: right_password(known, password))
    if account is None or not outcome.found:
        form.add_error(None, _wrong(outcome, _("Name or password is not right.")))
        return _sign_in_page(request, form, outcome)
    return _after_password(request, form, account)


@open_page
def second_factor(request: OpenRequest) -> HttpResponse:
    """The code of the app, or a recovery code; five minutes after the password at most."""
    account = _half_signed_in(request)
    if account is None:
        return redirect(f"{reverse('people:sign_in')}?{urlencode({'next': next_of(request)})}")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        code = form.cleaned_data["code"]
        outcome = tried(request, login=account.login, account=account.account, check=lambda: _factor(account.account, code))
        if outcome.found:
            return _signed_in(request, account, ("password", *outcome.found[:1]), *outcome.found[1:])
        form.add_error("code", _wrong(outcome, _("This code is not right, or was used already.")))
        return _slow(_second_page(request, form, account), outcome)
    return _second_page(request, form, account)


@open_page
def sign_out(request: OpenRequest) -> HttpResponse:
    """End this session."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    held = held_by(request)
    if held:
        if held.session in queries.open_sessions(held.owner.account):
            actions.end_session(held.owner, request.arrived_at, session=held.session, reason="signed-out")
        here.forget_session(session=held.session)
    request.session.flush()
    return redirect("people:sign_in")


@open_page
def first(request: OpenRequest, token: str) -> HttpResponse:
    """A one-time link: set password and second factor, see the recovery codes once, and be signed in."""
    link = queries.link_of(token, at=request.arrived_at)
    account = queries.account(link.account) if link.state is LinkState.GOOD else None
    if account is None:
        return render(request, "people/worthless.html", {"state": link.state.value}, status=410)
    secret = secret_from(home().key("totp-enrolment"), token)
    form = FirstForm(request.POST or None)
    if form.is_valid():
        try:
            return _accepted(request, account, token, secret, form.cleaned_data)
        except Refusal as refusal:
            form.add_error(_FIELDS.get(refusal.code), sentence(refusal))
    return render(request, "people/first.html", {"form": form, "account": account, **enrolment(secret, account.login)})


_FIELDS = {"people.password-unfit": "new_password", "people.code-wrong": "code"}


def _accepted(request: OpenRequest, account: AccountView, token: str, secret: str, told: dict[str, Any]) -> HttpResponse:
    actor, codes = acting(account), actions.fresh_codes()
    actions.accept_link(
        actor, request.arrived_at, token=token, password=told["new_password"], secret=secret, code=told["code"],
        codes=codes, device_at=WallClock().now(),
    )  # fmt: skip
    _factor(account.account, told["code"])
    _begin(request, account, ("link", "password", "totp"))
    return render(request, "people/codes.html", {"codes": codes, "account": account, "onward": _onward(request, actor)})


def held_by(request: OpenRequest) -> Held | None:
    """The session that a request holds, locked or not."""
    return cast("Held | None", request.held)  # type: ignore[attr-defined]


def acting(account: AccountView) -> Actor:
    """Somebody as they act on this node. Raises NotSignedIn when the account was closed this moment."""
    actor = queries.actor_for(account.account, this_node())
    if actor is None:
        raise actions.NotSignedIn()
    return actor


def enrolment(secret: str, login: str) -> dict[str, Any]:
    """What a page shows to set up an app: the QR code, and the secret as text."""
    label = _("QR code for the app on your telephone; the same secret stands beside it as text")
    qr = presenters.qr_code(otpauth(secret, login=login, house=f"Stormlamp {home().hospital}"), label)
    return {"qr": qr, "secret": presenters.in_groups(secret)}


def _unlock(request: OpenRequest, held: Held) -> HttpResponse:
    form = PasswordForm(request.POST or None)
    outcome: Outcome[bool] = Outcome(None)
    if form.is_valid():
        account, password = held.owner.account, form.cleaned_data["password"]
        outcome = tried(request, login="", account=account, check=lambda: right_password(account, password))
        if outcome.found:
            here.unlock_session(session=held.session, at=WallClock().now())
            return redirect(_onward(request, held.owner))
        form.add_error("password", _wrong(outcome, _("This password is not right.")))
    context = {"form": form, "name": held.owner.name, "next": next_of(request, "")}
    return _slow(render(request, "people/locked.html", context), outcome)


def _after_password(request: OpenRequest, form: SignInForm, account: AccountView) -> HttpResponse:
    if account.has_totp:
        request.session.cycle_key()
        request.session[HALF_KEY] = {"account": account.account, "at": WallClock().now()}
        wanted = next_of(request, "")
        place = reverse("people:second_factor")
        return redirect(f"{place}?{urlencode({'next': wanted})}" if wanted else place)
    if queries.needs_second_factor():
        form.add_error(None, _("This account has no second factor yet. Ask an administrator for a one-time link."))
        return _sign_in_page(request, form)
    return _signed_in(request, account, ("password",))


def _half_signed_in(request: OpenRequest) -> AccountView | None:
    half = request.session.get(HALF_KEY)
    if not half or not 0 <= WallClock().now() - half["at"] < HALF_LASTS:
        return None
    account = queries.account(half["account"])
    return account if account and not account.closed else None


def _factor(account: str, code: str) -> tuple[str, ...] | None:
    plain = "".join(code.split())
    if not (plain.isdecimal() and len(plain) == 6):
        digest = queries.recovery_digest(account, plain)
        return ("recovery-code", digest) if digest else None
    step = queries.totp_step(account, plain, device_at=WallClock().now())
    return ("totp",) if step is not None and here.spend_step(account=account, step=step) else None


def _signed_in(request: OpenRequest, account: AccountView, factors: tuple[str, ...], digest: str = "") -> HttpResponse:
    actor = acting(account)
    onward = _onward(request, actor)
    _begin(request, account, factors, digest)
    return redirect(onward)


def _begin(request: OpenRequest, account: AccountView, factors: tuple[str, ...], digest: str = "") -> None:
    session, actor, address = new_id(), acting(account), address_of(request)
    now, browser = WallClock().now(), request.headers.get("User-Agent", "")
    here.forget_lapsed_sessions(at=now)
    here.begin_session(session=session, account=account.account, browser=browser, at=now)
    if digest:
        actions.use_recovery_code(actor, request.arrived_at, session=session, code_digest=digest, factors=factors, address=address)
    else:
        actions.sign_in(actor, request.arrived_at, session=session, factors=factors, address=address)
    forgiven(request, login=account.login, account=account.account)
    request.session.flush()
    request.session.clear_expired()
    request.session[SESSION_KEY] = session
    rotate_token(request)
    request.actor = actor


def begin_visit(request: OpenRequest, account: AccountView) -> None:
    """Begin a session of a demonstration's player, without any factor. Raises NotADemonstration in every real home."""
    actions.demand_demonstration()
    _begin(request, account, ("demonstration",))


def _onward(request: OpenRequest, actor: Actor) -> str:
    role = role_named(actor.role)
    begins = FIRST_PAGES.get(role, "/") if role else "/"
    try:
        resolve(begins)
    except Resolver404:
        begins = "/"
    return next_of(request, begins)


def _wrong(outcome: Outcome[Any], words: str) -> str:
    return presenters.wait_in_words(outcome.wait) if outcome.wait else words


def _slow(response: HttpResponse, outcome: Outcome[Any]) -> HttpResponse:
    if outcome.wait:
        response.status_code = 429
        response.headers["Retry-After"] = str(-(-outcome.wait // 1_000_000))
    return response


def _sign_in_page(request: OpenRequest, form: SignInForm, outcome: Outcome[bool] | None = None) -> HttpResponse:
    page = render(request, "people/sign_in.html", {"form": form, "next": next_of(request, "")})
    return _slow(page, outcome) if outcome else page


def _second_page(request: OpenRequest, form: CodeForm, account: AccountView) -> HttpResponse:
    context = {"form": form, "name": account.name, "next": next_of(request, "")}
    return render(request, "people/second_factor.html", context)
