"""`stormlamp handback`: the counts, the dry run, and a peer that is not there."""

import json
import socket

import pytest
import typer

from stormlamp.recovery import commands, queries
from stormlamp.recovery.models import ItemEvent
from tests.recovery.a_day import everything
from tests.recovery.test_receivers import acked, answering

pytestmark = pytest.mark.django_db
STATES = ("to_do", "sent", "accepted", "rejected", "conflict", "by_hand")


@pytest.fixture
def place(home, settings, tmp_path):
    """A home whose folder is there: the turn to send is held in it."""
    from dataclasses import replace

    settings.HOME = replace(home, path=tmp_path)
    return tmp_path


def run(capsys, **told):
    commands.handback(**{"to": "mllp://127.0.0.1:1", "dry_run": False, "as_json": True, **told})
    return capsys.readouterr().out


def test_what_is_sent_is_counted_per_state_and_the_sum_closes(place, capsys):
    everything()
    with answering(lambda message: [acked(message, "AE" if message.name == "ADT^A60" else "AA")]) as (port, _):
        told = json.loads(run(capsys, to=f"mllp://127.0.0.1:{port}"))
    assert (told["accepted"], told["rejected"]) == (len(queries.items()) - 2, 2)
    assert sum(told[state] for state in STATES) == told["total"] == len(queries.items())
    assert told["still_dark"] == 0


def test_a_dry_run_sends_and_writes_nothing_and_says_what_would_go(place, capsys):
    everything()
    total = len(queries.items())
    told = json.loads(run(capsys, dry_run=True))
    assert (told["to_do"], told["would_send"], told["would_conflict"]) == (total, total, 0)
    assert told["by_class"] == {"identity": 3, "stay": 4, "allergy": 2, "dose": 2, "vitals": 1, "note": 1}
    words = run(capsys, dry_run=True, as_json=False)
    assert "MSH|^~\\&|STORMLAMP" in words
    assert f"Would send {total} now" in words
    assert ItemEvent.objects.count() == 0


def test_a_peer_that_is_not_there_is_trouble_and_the_counts_still_come(place, capsys):
    everything()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(typer.Exit) as exit_:
        run(capsys, to=f"mllp://127.0.0.1:{port}")
    told = json.loads(capsys.readouterr().out)
    assert exit_.value.exit_code == 1
    assert told["sent"] == 1
    assert "trouble" in told


@pytest.mark.parametrize("told", [{}, {"dry_run": True}])
def test_an_address_that_is_none_is_a_wrong_use_and_nothing_is_written(place, told):
    everything()
    with pytest.raises(typer.BadParameter, match="no place to hand back to") as refused:
        commands.handback(**{"to": "http://127.0.0.1:2575", "dry_run": False, "as_json": True, **told})
    assert refused.value.exit_code == 2
    assert ItemEvent.objects.count() == 0
