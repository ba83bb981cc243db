"""Tokens of other tools: shown once, kept as a digest, good until they end, and good for reading alone."""

import json

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from typer.testing import CliRunner

from stormlamp.kernel.identifiers import NodeId, new_id
from stormlamp.kernel.moments import DAY
from stormlamp.kernel.refusals import NotAllowed
from stormlamp.ledger import clock, rebuilding
from stormlamp.people import actions, commands, queries
from stormlamp.people.actions import TokenUnknown, TokenUnusable
from stormlamp.people.listeners import KnowsWhoAsks
from stormlamp.people.models import Throttle, Token, WrongTries
from stormlamp.people.queries import TokenState
from stormlamp.people.rules import TOKEN_PREFIX, token_rights, token_verifier
from tests.makers import NOON, actor, after
from tests.people.staff import an_account
from tests.people.test_pages import sign_in, words

pytestmark = pytest.mark.django_db
ADA, HERE = actor("administrator", name="Ada Min"), NodeId("test")


def a_token(*, at=NOON, days=30, export=False, name="Warehouse") -> tuple[str, str]:
    """The id and the secret of a fresh token."""
    token, secret = new_id(), actions.fresh_token()
    actions.issue_token(ADA, at, token=token, name=name, verifier=token_verifier(secret), days=days, export=export)
    return token, secret


def asking(secret: str, address="10.0.0.9"):
    """The request that views see of somebody who sends a token."""
    seen = []
    request = RequestFactory().get("/", headers={"Authorization": f"Bearer {secret}"}, REMOTE_ADDR=address)
    KnowsWhoAsks(lambda one: (seen.append(one), HttpResponse())[1])(request)
    return seen[0]


def test_a_token_reads_until_it_runs_out(home):
    token, secret = a_token()
    tool = queries.token_actor(secret, HERE, at=NOON)
    assert (tool.account, tool.name, tool.role, tool.rights) == (f"token:{token}", "Warehouse", "other-tool", {"fhir.read"})
    assert queries.token_actor(secret, HERE, at=after(NOON, 30 * DAY)) is None
    assert queries.token_actor(secret + "x", HERE, at=NOON) is None


def test_only_a_token_made_for_it_exports(home):
    assert queries.token_actor(a_token(export=True)[1], HERE, at=NOON).rights == {"fhir.read", "fhir.export"}


def test_a_token_carries_no_right_but_reading_whatever_a_fact_says():
    assert token_rights(["fhir.read", "people.manage", "*"]) == {"fhir.read"}


def test_a_revoked_token_opens_nothing_and_is_revoked_once(home):
    token, secret = a_token()
    actions.revoke_token(ADA, NOON, token=token, reason="project over")
    assert queries.token_actor(secret, HERE, at=NOON) is None
    with pytest.raises(TokenUnknown):
        actions.revoke_token(ADA, NOON, token=token, reason="again")
    (listed,) = queries.tokens(at=NOON)
    assert (listed.state, listed.ended_because) == (TokenState.REVOKED, "project over")


def test_a_token_needs_a_name_and_an_end(home):
    for name, days in ((" ", 3), ("Tool", 0), ("Tool", 732)):
        with pytest.raises(TokenUnusable):
            a_token(name=name, days=days)


def test_only_who_manages_people_hands_out_tokens(home):
    with pytest.raises(NotAllowed):
        actions.issue_token(actor("physician"), NOON, token="t", name="Tool", verifier="v", days=1)


def test_the_token_itself_is_kept_nowhere_and_the_tables_come_back_from_the_ledger(home):
    _, secret = a_token()
    kept = Token.objects.get()
    assert secret not in str(vars(kept))
    rebuilding.rebuild()
    assert queries.token_actor(secret, HERE, at=NOON) is not None


def test_a_request_with_a_token_is_the_tools_and_a_wrong_one_is_nobodys(home):
    _, secret = a_token(at=clock.now())
    assert asking(secret).actor.name == "Warehouse"
    wrong = asking("stormlamp_guess")
    assert (wrong.actor, wrong.token_wait) == (None, 0)


def test_wrong_tokens_are_slowed_down_and_told_and_never_hold_a_good_one_up(home):
    _, secret = a_token(at=clock.now())
    waits = [asking(f"guess {n}").token_wait for n in range(6)]
    assert waits[0] == 0
    assert waits[-1] > 0
    assert asking(secret).actor is not None
    assert WrongTries.objects.get().account == "token"
    assert not any("guess" in row.key for row in Throttle.objects.all())


@pytest.mark.usefixtures("site")
def test_the_page_shows_a_token_once_and_takes_it_back(client):
    an_account("a.admin", name="Ada Min", role="administrator")
    sign_in(client, "a.admin")
    told = {"token": new_id(), "name": "Warehouse", "days": "7", "export": "on"}
    shown = words(client.post("/staff/tokens/", told))
    secret = next(word for word in shown.replace("<", " ").replace(">", " ").split() if word.startswith(TOKEN_PREFIX))
    assert queries.token_actor(secret, HERE, at=clock.now()).may("fhir.export")
    assert "shown once already" in words(client.post("/staff/tokens/", told))
    assert TOKEN_PREFIX not in words(client.get("/staff/tokens/"))
    assert client.post(f"/staff/tokens/{told['token']}/revoke", {"reason": ""}).status_code == 302
    assert queries.token_actor(secret, HERE, at=clock.now()) is None
    assert "taken back" in words(client.get("/staff/tokens/"))


@pytest.mark.usefixtures("site")
def test_a_token_opens_no_page_of_the_staff(client):
    _, secret = a_token(at=clock.now(), export=True)
    for place in ("/", "/me/", "/staff/", "/staff/tokens/"):
        assert client.get(place, headers={"Authorization": f"Bearer {secret}"}).status_code in (302, 403), place


def run(*told: str):
    return CliRunner().invoke(commands.tokens, list(told))


def test_the_command_line_issues_lists_and_revokes(home):
    told = json.loads(run("issue", "Warehouse", "--days", "3", "--export", "--json").output)
    assert queries.token_actor(told["token"], HERE, at=clock.now()).may("fhir.export")
    (listed,) = json.loads(run("list", "--json").output)
    assert (listed["id"], listed["state"], listed["export"]) == (told["id"], "good", True)
    assert told["token"] not in run("list").output
    assert run("revoke", "Warehouse", "--reason", "over").exit_code == 0
    assert queries.token_actor(told["token"], HERE, at=clock.now()) is None
    assert run("issue", "Plain").output.startswith(TOKEN_PREFIX)
