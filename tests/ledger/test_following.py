"""The projector beside a busy writer: the lock is held for rows only, and what changed since it read is looked at again."""

import pytest
from django.db import OperationalError, connection, transaction

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import entries, facts, locks, projector, rebuilding
from stormlamp.ledger.entries import FEEDS, Draft
from stormlamp.ledger.feeds import append_feed
from stormlamp.ledger.models import LedgerAside, LedgerLook
from stormlamp.ledger.verifying import verify
from tests.makers import NOON

pytestmark = pytest.mark.django_db(transaction=True)


def a_draft(fact, once=""):
    return Draft(fact=fact, actor="feed", actor_name="Feed", act="feed", at=NOON, once=once)


def a_look(number):
    return a_draft(facts.Looked(look="test", patient=PatientId(f"p{number}")), f"m{number}")


@facts.fact("test.thought-about")
class ThoughtAbout:
    """A fact whose projection takes its time before it writes."""

    word: str


@pytest.fixture
def other():
    """A second connection to the same database, which never waits."""
    found = connection.copy()
    found.patience = 0.0
    yield found
    found.close()


@pytest.fixture
def thinking():
    """What the projection of ThoughtAbout does before it writes."""
    steps = []

    @projector.projects(ThoughtAbout)
    def think(batch):
        for step in steps:
            step(batch)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    yield steps
    projector._PROJECTIONS["test.thought-about"].clear()


def test_nobody_waits_while_a_projection_works_out_what_to_write(thinking, other):
    written = []
    thinking.append(lambda batch: written.append(_free(other)))
    append_feed([a_draft(ThoughtAbout(word="slow"))])
    assert projector.catch_up() == 1
    assert written == [True]


def _free(other) -> bool:
    with other.cursor() as cursor:
        try:
            cursor.execute("BEGIN IMMEDIATE")
        except OperationalError:
            return False
        cursor.execute("ROLLBACK")
    return True


def test_once_it_writes_the_lock_is_held(other):
    with locks.begins_late(), transaction.atomic():
        assert _free(other)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        assert not _free(other)
    assert _free(other)


def test_a_late_transaction_that_never_touches_the_database_leaves_nothing_behind(other):
    with locks.begins_late(), transaction.atomic():
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert _free(other)


def test_a_payload_that_is_purged_while_the_projector_thinks_is_not_projected(thinking, other):
    seen = []
    thinking.append(lambda batch: seen.append(len(batch)))
    purge = "UPDATE ledger_entry SET payload = NULL, salt = NULL WHERE sequence = 2"
    thinking.append(lambda batch: len(seen) == 1 and _do(other, purge))
    append_feed([a_draft(ThoughtAbout(word="slow")), a_look(1), a_look(2)])
    assert projector.catch_up() == 3
    assert list(LedgerLook.objects.order_by("patient").values_list("patient", flat=True)) == ["p2"]
    assert projector.behind() == 0


def test_entries_that_another_projector_took_meanwhile_are_not_projected_twice(thinking, other):
    origin = entries.origin_of(FEEDS)
    seen = []
    thinking.append(lambda batch: seen.append(len(batch)))
    thinking.append(
        lambda batch: len(seen) == 1 and _do(other, f"INSERT INTO ledger_position (origin, sequence) VALUES ('{origin}', 2)")
    )
    append_feed([a_draft(ThoughtAbout(word="one")), a_draft(ThoughtAbout(word="two")), a_look(3)])
    projector.catch_up()
    assert seen == [2], "what the other one had taken is not given to the projections a second time"
    assert projector.behind() == 0
    assert LedgerLook.objects.count() == 1


def _do(other, statement):
    with other.cursor() as cursor:
        cursor.execute(statement)


def test_an_entry_that_a_projection_fails_on_is_still_found_and_set_aside_alone(thinking):
    def fail(batch):
        if any(one.fact.word == "bad" for one in batch):
            raise ValueError("the projection's own bug")

    thinking.append(fail)
    append_feed([a_look(1), a_draft(ThoughtAbout(word="bad")), a_draft(ThoughtAbout(word="good")), a_look(2)])
    assert projector.catch_up() == 4
    assert LedgerLook.objects.count() == 2
    (aside,) = LedgerAside.objects.all()
    assert aside.entry == f"{entries.origin_of(FEEDS)}:2"
    assert verify().ok
    assert rebuilding.differences() == []


def test_a_writer_that_never_waits_is_told_at_once_and_nothing_is_half_written(other):
    with other.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE")
    locks.write_at_once_or_fail()
    try:
        with pytest.raises(Trouble) as told:
            append_feed([a_look(1)])
        assert told.value.retry
        assert entries.heads() == {}
        with other.cursor() as cursor:
            cursor.execute("ROLLBACK")
        assert len(append_feed([a_look(1)])) == 1
    finally:
        connection.close()
        connection.patience, connection.own_pragmas = None, ()


def test_following_goes_on_where_it_was_and_holds_the_lock_shorter_when_it_took_long():
    pace = projector.Pace(hold=0.01)
    append_feed([a_look(number) for number in range(100)])
    done = 0
    while moved := projector.follow_a_step(pace):
        done += moved
    assert done == 100
    pace.size = 1000
    pace.told(projector.time.monotonic() - 0.1)
    assert pace.size <= 110, "ten times too long: ten times fewer"


def test_who_is_to_hold_the_lock_shorter_takes_fewer_at_once():
    pace = projector.Pace(hold=0.1, size=800)
    pace.within(0.005)
    assert (pace.hold, pace.size) == (0.005, 40)
    pace.within(0.1)
    assert (pace.hold, pace.size) == (0.1, 40), "more only after a batch has shown how long it takes"
    pace.within(0.0001)
    assert pace.size == projector.FEWEST


def test_a_log_that_has_grown_is_folded_and_begun_anew(monkeypatch):
    from stormlamp.ledger.engines.sqlcipher import base

    monkeypatch.setattr(base, "FOLD_PAGES", 20)
    monkeypatch.setattr(base, "LONG_LOG", 40)
    locks.leave_log()
    try:
        for number in range(30):
            append_feed([a_look(number)])
        assert connection.fold_log() > 40
        append_feed([a_look(99)])
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(NOOP)")
            assert cursor.fetchone()[1] < 40
    finally:
        connection.close()
        connection.own_pragmas = ()
    assert verify().ok


def test_who_leaves_the_log_to_others_still_syncs_each_commit():
    """Without that, a sync that fails would lose rows in the log, and with them the acknowledged messages after them."""
    locks.leave_log()
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous")
            assert int(cursor.fetchone()[0]) == 2
    finally:
        connection.close()
        connection.own_pragmas = ()
