"""Changes that a look at entries alone would miss, answers that were purged, versions that learn, clocks that jump."""

import json

import pytest
import zstandard
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import DAY, MINUTE
from stormlamp.kernel.refusals import AlreadyDone, Trouble
from stormlamp.ledger import acts, clock, entries, facts, once, projector, rebuilding
from stormlamp.ledger.acts import act
from stormlamp.ledger.entries import ACTS, FEEDS, Draft
from stormlamp.ledger.facts import FACTS, fact
from stormlamp.ledger.feeds import append_feed
from stormlamp.ledger.models import LedgerAside, LedgerLook
from stormlamp.ledger.projector import projects
from stormlamp.ledger.rules.chain import Header, entry_digest, salted_digest
from stormlamp.ledger.verifying import verify
from tests.makers import NOON, after, an_actor

pytestmark = pytest.mark.django_db
RINGER = an_actor("gong.strike")


@fact("gong.struck")
class Struck:
    """Somebody struck the gong."""

    gong: str
    force: float = 1.0


@act("gong.strike", needs="gong.strike")
def strike(by, at, *, gong, force=1.0):
    """Strike it."""
    return Struck(gong=gong, force=force)


@act("gong.strike_none", needs="gong.strike")
def strike_none(by, at):
    """An act that finds nothing to do."""
    return ()


@act("gong.strike_wrongly", needs="gong.strike")
def strike_wrongly(by, at):
    """An act with a bug: its fact would not be read back."""
    return Struck(gong=None)


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else None


def a_look(number, key=""):
    told = facts.Looked(look="test", patient=PatientId(f"p{number}"))
    return Draft(fact=told, actor="feed", actor_name="Feed", act="feed", at=NOON, once=key)


@pytest.fixture
def written(home):
    """Six acts and six messages."""
    for number in range(6):
        strike(RINGER, NOON, gong=str(number), once=f"form-{number}")
    append_feed([a_look(number, f"m{number}") for number in range(6)])
    projector.catch_up()
    assert verify().ok
    return entries.origin_of(ACTS)


# ---- what verify must notice ---------------------------------------------------------------------------------------------

MISSED = {
    "a head's digest": "UPDATE ledger_head SET digest = zeroblob(32)",
    "a head's clock": "UPDATE ledger_head SET hlc = hlc - 1",
    "a head's tree": "UPDATE ledger_head SET frontier = zeroblob(length(frontier))",
    "a head that is gone": "DELETE FROM ledger_head",
    "kept checkpoints that are gone": "DELETE FROM ledger_checkpoint",
    "an entry before the first": "UPDATE ledger_entry SET sequence = 0 WHERE sequence = 6",
    "a number that is none": "UPDATE ledger_entry SET sequence = 'six' WHERE sequence = 6",
    "a clock that is none": "UPDATE ledger_entry SET hlc = 'noon' WHERE sequence = 6",
    "a digest of another type": "UPDATE ledger_entry SET digest = 99999999999 WHERE sequence = 6",
    "a payload of another type": "UPDATE ledger_entry SET payload = 99999999999 WHERE sequence = 6",
    "words after a payload": "UPDATE ledger_entry SET payload = CAST(payload || x'00' AS BLOB) WHERE sequence = 6",
    "a note of another type": "UPDATE ledger_head SET note = x'ff'",
    "a lost once key": "DELETE FROM ledger_once WHERE key = 'm3'",
    "a planted once key": "INSERT INTO ledger_once (key, origin, sequence, count) SELECT 'm9', origin, 1, 1 FROM ledger_head",
    "a once key that leads elsewhere": "UPDATE ledger_once SET sequence = sequence - 1 WHERE key = 'm3'",
    "a once key of more entries": "UPDATE ledger_once SET count = 2 WHERE key = 'm3'",
    "tables ahead of the ledger": "UPDATE ledger_position SET sequence = sequence + 1",
    "an older head with its tail cut off": "DELETE FROM ledger_entry WHERE sequence > 3",
}


@pytest.mark.parametrize("change", MISSED)
def test_it_is_noticed(written, change):
    if "planted" in change:
        sql(MISSED[change] + " LIMIT 1")
    else:
        sql(MISSED[change])
    assert not verify().ok


def test_a_clock_that_goes_back_is_named_even_where_the_key_signed_it(home):
    (one,) = entries.append(ACTS, [a_look(1)])
    packed = facts.packed(one.payload)
    frame = zstandard.ZstdCompressor().compress(packed)
    with connection.cursor() as cursor:
        before, _ = entries._ends(cursor, one.origin, NOON)
        header = Header(one.origin, 2, one.hlc - 1, salted_digest(b"salt", packed), before.digest)
        leaf = entry_digest(header)
        row = (one.origin, 2, header.hlc, header.payload_digest, header.previous, leaf, b"salt", frame)
        cursor.execute(entries._INSERT_ENTRY, row)
        entries._move_head(cursor, one.origin, before, entries.End(2, header.hlc, leaf, before.frontier.grown([leaf])))
    assert [(told.entry, told.reason) for told in verify().faults] == [
        (f"{one.origin}:2", "its clock does not follow the entry before it")
    ]


def test_no_single_bit_of_a_stored_payload_can_be_turned_unseen(home):
    entries.append(ACTS, [a_look(1)])
    ((salt, before),) = sql("SELECT salt, payload FROM ledger_entry")
    for column, raw in (("salt", bytes(salt)), ("payload", bytes(before))):
        for bit in range(len(raw) * 8):
            changed = bytearray(raw)
            changed[bit // 8] ^= 1 << bit % 8
            sql(f"UPDATE ledger_entry SET {column} = %s", bytes(changed))
            assert not verify().ok, (column, bit)
        sql(f"UPDATE ledger_entry SET {column} = %s", raw)
    assert verify().ok


# ---- the once index ------------------------------------------------------------------------------------------------------


def test_the_index_of_once_keys_can_be_made_again(written):
    before = sql("SELECT * FROM ledger_once ORDER BY key")
    sql("DELETE FROM ledger_once WHERE key LIKE 'm%%'")
    sql("UPDATE ledger_once SET sequence = 1")
    rebuilding.rebuild()
    assert sql("SELECT * FROM ledger_once ORDER BY key") == before
    assert verify().ok
    assert list(once.faults()) == []


def test_an_answer_that_was_purged_is_a_refusal_and_no_second_entry(written):
    purge = facts.PayloadsPurged(entries=(f"{written}:1", "no key", "x:²", f"{written}:99999999999999999999"), reason="retention")
    with transaction.atomic():
        projector.follow(entries.append(ACTS, [Draft(fact=purge, actor="s", actor_name="s", act="purge", at=NOON)]))
    with pytest.raises(AlreadyDone):
        strike(RINGER, NOON, gong="again", once="form-0")
    assert strike(RINGER, NOON, gong="again", once="form-1") == Struck(gong="1")
    assert verify().ok
    once.remake()
    assert verify().ok


# ---- acts and the projector ----------------------------------------------------------------------------------------------


def test_an_act_that_finds_nothing_to_do_writes_nothing(home):
    assert strike_none(RINGER, NOON) == ()
    assert entries.heads() == {}
    strike(RINGER, NOON, gong="g")
    assert verify().ok


def test_a_fact_that_could_not_be_read_back_is_never_written(home):
    import msgspec

    with pytest.raises(msgspec.ValidationError):
        strike_wrongly(RINGER, NOON)
    assert entries.heads() == {}


def test_what_an_act_projects_is_what_a_rebuild_would_read(home):
    """A whole number in a field of decimals is stored alike at once and later."""
    seen = []
    projects(Struck)(lambda batch: seen.extend(repr(one.fact.force) for one in batch))
    try:
        strike(RINGER, NOON, gong="g", force=37)
        rebuilding.rebuild()
    finally:
        projector._PROJECTIONS["gong.struck"].clear()
    assert seen == ["37.0", "37.0"]


def test_an_act_first_projects_what_was_left_behind(home):
    entries.append(ACTS, [a_look(1), a_look(2)])
    strike(RINGER, NOON, gong="g")
    assert projector.behind() == 0
    assert LedgerLook.objects.count() == 2
    assert rebuilding.differences() == []


def test_a_fact_that_a_later_version_knows_comes_out_of_the_aside_list(home):
    append_feed([a_look(1), Draft(fact=Struck(gong="g"), actor="f", actor_name="f", act="f", at=NOON), a_look(2)])
    known = FACTS.pop("gong.struck")
    try:
        projector.catch_up()
        assert LedgerAside.objects.count() == 1
        assert rebuilding.rebuild_what_was_learned() == 0, "nothing was learned yet"
        assert rebuilding.differences() == [], "a rebuild sets the same entry aside"
    finally:
        FACTS["gong.struck"] = known
    assert rebuilding.rebuild_what_was_learned() == 3
    assert LedgerAside.objects.count() == 0
    assert LedgerLook.objects.count() == 2


def test_a_damaged_payload_is_set_aside_and_stops_nobody(home):
    append_feed([a_look(1), a_look(2), a_look(3)])
    sql("UPDATE ledger_entry SET payload = x'00' WHERE sequence = 2")
    assert projector.catch_up() == 3
    assert LedgerLook.objects.count() == 2
    assert LedgerAside.objects.get().reason == "its payload is damaged"


def test_a_head_that_was_turned_back_is_trouble_and_not_a_second_chain(written):
    sql("UPDATE ledger_head SET size = 2")
    with pytest.raises(Trouble, match="damaged") as told:
        strike(RINGER, NOON, gong="g")
    assert "verify" in told.value.hint
    sql("DELETE FROM ledger_head")
    with pytest.raises(Trouble, match="does not know"):
        append_feed([a_look(9)])


@pytest.mark.django_db(transaction=True)
def test_a_refusal_on_a_full_disk_is_still_told_and_recorded_later():
    from stormlamp.kernel.refusals import NotAllowed

    connection.cursor().execute("PRAGMA query_only = ON")
    try:
        with pytest.raises(NotAllowed):
            strike(an_actor(), NOON, gong="g")
        with pytest.raises(Trouble) as told:
            strike(RINGER, NOON, gong="g")
        with pytest.raises(Trouble):
            append_feed([a_look(1)])
        assert told.value.retry
        assert "read-only" in told.value.hint
        assert acts.unwritten_looks() == 1
    finally:
        connection.cursor().execute("PRAGMA query_only = OFF")
    strike(RINGER, NOON, gong="g")
    assert acts.unwritten_looks() == 0
    told = [type(one.fact) for one in entries.read(entries.origin_of(ACTS), after=0, limit=9)]
    assert told == [Struck, facts.ActRefused]


# ---- clocks --------------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(-3 * DAY, 3 * DAY), st.sampled_from([0.0, 0.5, 1.0, 60.0, 3600.0])), min_size=1, max_size=6))
def test_however_a_scaled_clock_is_set_stamps_rise(tmp_path_factory, jumps):
    from stormlamp.ledger.rules import clocks

    place, last = tmp_path_factory.mktemp("clock"), 0
    for jump, factor in jumps:
        clock.set_scaled(place, at=after(NOON, jump), factor=factor)
        found = (place / "clock.json").stat()
        scaled = clock._scaled(place / "clock.json", found.st_mtime_ns, found.st_ino)
        assert scaled.factor == factor
        assert abs(scaled.now() - NOON - jump) < MINUTE * max(1, factor)
        stamped = clocks.tick(last, scaled.now())
        assert stamped > last
        last = stamped
    assert json.loads((place / "clock.json").read_text())["factor"] == jumps[-1][1]


def test_stamps_rise_over_both_origins_of_a_node(home):
    for number in range(5):
        strike(RINGER, NOON, gong=str(number))
        append_feed([a_look(number)])
    stamps = [hlc for (hlc,) in sql("SELECT hlc FROM ledger_entry ORDER BY rowid")]
    assert stamps == sorted(set(stamps))
    assert entries.heads() == {entries.origin_of(ACTS): 5, entries.origin_of(FEEDS): 5}
