"""Any changed bit, removed, inserted or reordered entry is found by `verify`, and named."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stormlamp.kernel.identifiers import PatientId
from stormlamp.ledger import entries, facts
from stormlamp.ledger.entries import ACTS, FEEDS, Draft
from stormlamp.ledger.verifying import verify
from tests.makers import NOON

pytestmark = pytest.mark.django_db
COUNT = 7
COLUMNS = ("hlc", "payload_digest", "previous", "digest", "salt", "payload")
many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def a_draft(number):
    told = facts.Looked(look="test", patient=PatientId(f"patient-{number}"))
    return Draft(fact=told, actor="nora", actor_name="Nora", act="test", at=NOON)


@pytest.fixture
def written(home):
    for number in range(COUNT):
        entries.append(ACTS, [a_draft(number)])
    entries.append(FEEDS, [a_draft(number) for number in range(COUNT)])
    assert verify().ok
    return entries.origin_of(ACTS)


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else None


def named(report):
    return {fault.entry for fault in report.faults}


@many
@given(sequence=st.integers(1, COUNT), column=st.sampled_from(COLUMNS), bit=st.integers(0, 10**6))
def test_any_changed_bit_is_found_and_named(written, sequence, column, bit):
    (before,) = sql(f"SELECT {column} FROM ledger_entry WHERE origin = %s AND sequence = %s", written, sequence)[0]
    if isinstance(before, int):
        changed = before ^ (1 << bit % 60)
    else:
        raw = bytearray(before)
        raw[bit // 8 % len(raw)] ^= 1 << bit % 8
        changed = bytes(raw)
    set_column = f"UPDATE ledger_entry SET {column} = %s WHERE origin = %s AND sequence = %s"
    sql(set_column, changed, written, sequence)
    try:
        assert f"{written}:{sequence}" in named(verify())
    finally:
        sql(set_column, before, written, sequence)
    assert verify().ok


@pytest.mark.parametrize("sequence", range(1, COUNT + 1))
def test_a_removed_entry_is_found_and_named(written, sequence):
    sql("DELETE FROM ledger_entry WHERE origin = %s AND sequence = %s", written, sequence)
    assert f"{written}:{sequence}" in named(verify())


def test_a_removed_tail_is_found_even_when_the_head_is_turned_back(written):
    sql("DELETE FROM ledger_entry WHERE origin = %s AND sequence > 5", written)
    sql("UPDATE ledger_head SET size = 5 WHERE origin = %s", written)
    assert not verify().ok


def test_an_inserted_entry_is_found_and_named(written):
    columns = "hlc, payload_digest, previous, digest, salt, payload"
    sql(
        f"INSERT INTO ledger_entry (origin, sequence, {columns}) SELECT origin, %s, {columns} FROM ledger_entry"
        " WHERE origin = %s AND sequence = 3",
        COUNT + 1,
        written,
    )
    assert f"{written}:{COUNT + 1}" in named(verify())


@pytest.mark.parametrize("pair", [(1, 2), (3, 6)])
def test_reordered_entries_are_found_and_named(written, pair):
    one, other = pair
    for source, target in ((one, 100), (other, one), (100, other)):
        sql("UPDATE ledger_entry SET sequence = %s WHERE origin = %s AND sequence = %s", target, written, source)
    assert {f"{written}:{one}", f"{written}:{other}"} <= named(verify())


def test_a_removed_origin_is_found(written):
    sql("DELETE FROM ledger_entry WHERE origin = %s", written)
    assert not verify().ok
    sql("DELETE FROM ledger_head WHERE origin = %s", written)
    assert not verify().ok, "the kept checkpoints still tell of it"


def test_a_rewritten_chain_without_the_key_is_found(written):
    sql("UPDATE ledger_head SET note = replace(note, 'stormlamp', 'stormlamP') WHERE origin = %s", written)
    assert any("checkpoint" in fault.reason for fault in verify().faults)


def test_a_purged_payload_still_verifies(written):
    purge = facts.PayloadsPurged(entries=(f"{written}:2", f"{written}:4"), reason="retention")
    made = entries.append(ACTS, [Draft(fact=purge, actor="s", actor_name="s", act="purge", at=NOON)])
    from stormlamp.ledger import projector

    projector.apply(made)
    assert sql("SELECT COUNT(*) FROM ledger_entry WHERE payload IS NULL") == [(2,)]
    report = verify()
    assert report.ok
    assert report.entries == 2 * COUNT + 1


def test_a_payload_that_vanished_without_a_purge_is_found_and_named(written):
    sql("UPDATE ledger_entry SET payload = NULL, salt = NULL WHERE origin = %s AND sequence = 4", written)
    assert named(verify()) == {f"{written}:4"}
