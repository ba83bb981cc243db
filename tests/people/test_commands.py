import json

import pytest
from typer.testing import CliRunner

from stormlamp.people import commands, queries
from stormlamp.people.queries import LinkState
from tests.makers import NOON
from tests.people.staff import an_account

pytestmark = pytest.mark.usefixtures("home")


def run(*words: str):
    return CliRunner().invoke(commands.commands, list(words))


def state_of(printed: str) -> LinkState:
    from stormlamp.ledger import clock

    return queries.link_of(printed.strip().rpartition("/")[2], at=clock.now()).state


def test_open_prints_a_link_that_opens_the_account():
    answer = run("open", "i.maes", "Ines Maes", "midwife", "--ward", "M1", "--ward", "M2")
    assert answer.exit_code == 0, answer.output
    assert state_of(answer.output) is LinkState.GOOD
    assert queries.account_of_login("i.maes").wards == ("M1", "M2")


def test_a_link_is_printed_for_a_sign_in_name_and_for_an_account():
    account = an_account()
    first, second = run("link", "n.peeters"), run("link", account)
    assert state_of(first.output) is LinkState.REPLACED
    assert state_of(second.output) is LinkState.GOOD


def test_the_list_names_everybody_with_role_and_state():
    an_account()
    (told,) = json.loads(run("list", "--json").output)
    assert (told["login"], told["role"], told["ready"], told["closed"]) == ("n.peeters", "nurse", True, False)
    assert "Nora Peeters" in run("list").output


def test_close_closes():
    account = an_account()
    assert run("close", "n.peeters", "--reason", "left").exit_code == 0
    assert queries.account(account).closed_because == "left"


def test_the_first_link_is_a_path_of_this_node():
    assert commands.first_link(NOON).startswith("/first/")
