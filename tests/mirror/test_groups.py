"""What arrives is committed in groups: soon and together where senders are several, at once for one alone."""

import asyncio

import pytest

from stormlamp.kernel.actors import system
from stormlamp.ledger import entries
from stormlamp.ledger.feeds import made_ready
from stormlamp.mirror.actions import receive
from stormlamp.mirror.listeners.writing import Arrival, Writer
from tests.makers import NOON
from tests.mirror.makers import adt

pytestmark = pytest.mark.django_db(transaction=True)


def ready(control):
    return made_ready(
        receive(adt(control=control), fhir=False, interface="adt", channel="mllp", at=NOON, by=system("test"), zone="UTC")
    )


def run(monkeypatch, told):
    """What `told(writer, take)` leaves: the answers that were there when it ended, all answers, and how many commits there were."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    answered, commits = [], []

    async def work():
        writer = Writer(written=lambda: commits.append(1))

        def take(control):
            writer.take(Arrival((ready(control),), 1, lambda kept: answered.append((control, kept))))

        told(writer, take)
        early = list(answered)
        await writer.close()
        return early

    return asyncio.run(work()), answered, len(commits)


def test_the_only_sender_is_answered_at_once_with_all_that_it_sent_in_one_commit(home, monkeypatch):
    def told(writer, take):
        take("A1")
        take("A2")
        writer.write(alone=True)

    early, answered, commits = run(monkeypatch, told)
    assert early == answered == [("A1", True), ("A2", True)]
    assert (commits, sum(entries.heads().values())) == (1, 2)


def test_several_senders_share_a_commit(home, monkeypatch):
    def told(writer, take):
        for control in ("B1", "B2", "B3"):
            take(control)
            writer.write(alone=False)

    early, answered, commits = run(monkeypatch, told)
    assert (early, commits) == ([], 1)
    assert answered == [("B1", True), ("B2", True), ("B3", True)]


def test_who_is_alone_joins_a_commit_that_is_under_way(home, monkeypatch):
    def told(writer, take):
        take("C1")
        writer.write(alone=False)
        take("C2")
        writer.write(alone=True)

    early, answered, commits = run(monkeypatch, told)
    assert (early, commits) == ([], 1)
    assert answered == [("C1", True), ("C2", True)]
