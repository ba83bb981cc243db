"""The command line: a ward or service that does not exist is a usage error, never an outage of nothing."""

import json

import pytest
from typer.testing import CliRunner

from stormlamp.incident import queries
from stormlamp.incident.commands import commands

pytestmark = pytest.mark.django_db


def the_wards():
    return ("3B", "ER")


def told(*words):
    return CliRunner().invoke(commands, words)


@pytest.fixture(autouse=True)
def wards(home, settings):
    settings.STORMLAMP_WARDS = "tests.incident.test_commands.the_wards"


def test_a_ward_is_known_by_any_letters():
    assert json.loads(told("declare", "--ward", " 3b", "--json").stdout)["wards"] == ["3B"]
    (outage,) = queries.all_outages()
    assert told("end", "--ward", "3b").exit_code == 0
    assert not queries.open_outages(outage.since_at + 10**9)


@pytest.mark.parametrize("wrong", [("--ward", "3C"), ("--service", "recods")])
def test_a_mistyped_ward_or_service_is_a_usage_error_that_names_those_there_are(wrong):
    answer = told("declare", *wrong)
    assert answer.exit_code == 2
    assert "3B, ER" in answer.output or "laboratory" in answer.output
    assert queries.all_outages() == ()
    assert told("declare").exit_code == 0
    assert told("end", *wrong).exit_code == 2
    assert queries.all_outages()[0].endings == ()
