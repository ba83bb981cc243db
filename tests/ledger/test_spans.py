"""A stretch of an origin travels with its proof: nothing changed, withheld or invented gets in, and what is left out fits later."""

import os
import random
from dataclasses import dataclass
from itertools import pairwise

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stormlamp.kernel.identifiers import PatientId
from stormlamp.ledger import entries, facts, projector, receiving, sharing, signers
from stormlamp.ledger.entries import ACTS, Draft
from stormlamp.ledger.frames import squeezed
from stormlamp.ledger.models import LedgerLook
from stormlamp.ledger.rules.chain import NO_ENTRY, Header, entry_digest, salted_digest
from stormlamp.ledger.rules.checkpoints import Checkpoint, signed_note
from stormlamp.ledger.rules.merkle import Frontier, root_of
from stormlamp.ledger.rules.spans import Left, Span, Told, Unproven, folded, grown_by, left_out, subtrees
from stormlamp.ledger.verifying import verify
from tests.makers import NOON

pytestmark = pytest.mark.django_db
many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LEAVES = [bytes([number % 250 + 1]) * 32 for number in range(300)]
ORIGIN = "far-1/acts"


def subtree(level, index):
    return root_of(LEAVES[index << level : (index + 1) << level])


@dataclass
class Far:
    """Another node, as it would write its origin, with the key it joined with."""

    key: Ed25519PrivateKey
    rows: list

    @property
    def signer(self):
        public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return signers.Signer("far-home", public)

    def writes(self, count):
        for _ in range(count):
            number = len(self.rows) + 1
            told = facts.Looked(look="test", patient=PatientId(f"patient-{number}"))
            payload = facts.packed(facts.payload_of(told, actor="fay", actor_name="Fay", act="test", at=NOON, once=""))
            salt, previous = os.urandom(16), self.rows[-1][1] if self.rows else NO_ENTRY
            header = Header(ORIGIN, number, number << 20, salted_digest(salt, payload), previous)
            self.rows.append((Told(header.hlc, salt, squeezed(payload)), entry_digest(header), previous))

    def note(self, size=None):
        size = len(self.rows) if size is None else size
        root = root_of([digest for _, digest, _ in self.rows[:size]])
        told = Checkpoint(self.signer.log_name(ORIGIN), size, root)
        return signed_note(told, name=told.log, public_key=self.signer.public_key, sign=self.key.sign)

    def hash_of(self, level, index):
        return root_of([digest for _, digest, _ in self.rows[index << level : (index + 1) << level]])

    def parts(self, first, last, wanted):
        parts, at = [], first - 1
        for number in [one for one in range(first, last + 1) if one in wanted]:
            if number - 1 > at:
                parts.append(left_out(at, number - 1, self.hash_of))
            told, _, previous = self.rows[number - 1]
            beside = parts and isinstance(parts[-1], Told)
            parts.append(told if beside else msgspec.structs.replace(told, previous=previous))
            at = number
        if at < last:
            parts.append(left_out(at, last, self.hash_of))
        return parts

    def span(self, first, last, wanted=range(1, 10**6)):
        rest = left_out(last, len(self.rows), self.hash_of)
        return Span(ORIGIN, first, self.parts(first, last, wanted), rest, self.note())


@pytest.fixture
def far(home, monkeypatch):
    found = Far(Ed25519PrivateKey.generate(), [])
    monkeypatch.setattr("django.conf.settings.STORMLAMP_SIGNERS", "tests.ledger.test_spans.known_signer", raising=False)
    KNOWN.clear()
    KNOWN["far-1"] = found.signer
    return found


KNOWN: dict = {}
known_signer = KNOWN.get


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else None


def held():
    return [sequence for (sequence,) in sql("SELECT sequence FROM ledger_entry WHERE origin = %s ORDER BY 1", ORIGIN)]


@given(data=st.data())
def test_left_out_leaves_grow_the_tree_as_told_ones_do(data):
    end = data.draw(st.integers(0, len(LEAVES)))
    start = data.draw(st.integers(0, end))
    grown = grown_by(Frontier().grown(LEAVES[:start]), left_out(start, end, subtree))
    assert grown == Frontier().grown(LEAVES[:end])


@given(data=st.data())
def test_one_stretch_folds_to_the_same_however_it_is_cut(data):
    end = data.draw(st.integers(1, len(LEAVES)))
    start = data.draw(st.integers(0, end - 1))
    cuts = sorted({start, end, *data.draw(st.lists(st.integers(start, end), max_size=20))})
    parts = [(level, subtree(level, index)) for one, other in pairwise(cuts) for level, index in subtrees(one, other)]
    assert folded(start, parts) == left_out(start, end, subtree).hashes
    changed = [(level, bytes(32)) if number == len(parts) // 2 else (level, node) for number, (level, node) in enumerate(parts)]
    assert folded(start, changed) != left_out(start, end, subtree).hashes


def test_a_count_that_its_hashes_do_not_fit_is_unproven():
    for left in (Left(3, bytes(32)), Left(-1, b""), Left(1, b""), Left(2, bytes(31))):
        with pytest.raises(Unproven):
            grown_by(Frontier(), left)


@many
@given(data=st.data())
def test_what_is_told_and_what_is_left_out_verify_here_and_fill_later(far, data):
    sql("DELETE FROM ledger_gap")
    for table in ("entry", "head", "checkpoint", "position"):
        sql(f"DELETE FROM ledger_{table} WHERE origin = %s", ORIGIN)
    LedgerLook.objects.all().delete()
    far.rows.clear()
    far.writes(data.draw(st.integers(1, 40)))
    wanted = data.draw(st.sets(st.integers(1, 60)))
    at = 0
    while at < len(far.rows):
        until = data.draw(st.integers(at + 1, len(far.rows)))
        assert receiving.receive(far.span(at + 1, until, wanted)) == until
        assert receiving.receive(far.span(at + 1, until, wanted)) == until, "the same span again changes nothing"
        at = until
        assert verify().ok, verify().faults
        if data.draw(st.booleans()):
            projector.catch_up()
        if data.draw(st.booleans()) and at == len(far.rows) < 60:
            far.writes(data.draw(st.integers(0, 8)))
    assert held() == sorted(one for one in wanted if one <= at)
    more = wanted | data.draw(st.sets(st.integers(1, 60)))
    gaps = receiving.gaps(ORIGIN)
    receiving.fill(ORIGIN, [(first, far.parts(first, last, more)) for first, last in gaps])
    assert verify().ok, verify().faults
    assert held() == sorted(one for one in more if one <= at)
    projector.catch_up()
    assert LedgerLook.objects.count() == len(held()), "what was filled in late is in the tables too"


@many
@given(data=st.data())
def test_nothing_changed_withheld_or_invented_gets_in(far, data):
    for table in ("entry", "head", "checkpoint", "gap"):
        sql(f"DELETE FROM ledger_{table} WHERE origin = %s", ORIGIN)
    far.rows.clear()
    far.writes(12)
    span = far.span(1, 9, set(range(1, 13)) - {4, 5})
    raw = bytearray(msgspec.msgpack.encode(span))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    try:
        other = msgspec.msgpack.decode(bytes(raw), type=Span)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return
    try:
        reached = receiving.receive(other)
    except (Unproven, OverflowError):
        reached = 0
    if reached:
        assert verify().ok, verify().faults
        rows = sql("SELECT sequence, digest FROM ledger_entry WHERE origin = %s", ORIGIN)
        assert all(bytes(digest) == far.rows[sequence - 1][1] for sequence, digest in rows)
    else:
        assert held() == []


def test_a_rewritten_origin_does_not_follow_what_is_here(far):
    far.writes(10)
    receiving.receive(far.span(1, 6))
    far.rows = far.rows[:3]
    far.writes(9)
    with pytest.raises(Unproven):
        receiving.receive(far.span(7, 12))
    assert held() == [1, 2, 3, 4, 5, 6]


def test_a_span_of_unknown_or_own_or_otherwise_signed_origin_is_refused(far):
    far.writes(3)
    span = far.span(1, 3)
    KNOWN.clear()
    with pytest.raises(Unproven):
        receiving.receive(span)
    KNOWN["far-1"] = signers.Signer("far-home", bytes(32))
    with pytest.raises(Unproven):
        receiving.receive(span)
    KNOWN["far-1"] = signers.Signer("other-home", far.signer.public_key)
    with pytest.raises(Unproven):
        receiving.receive(span)
    with pytest.raises(Unproven):
        receiving.receive(msgspec.structs.replace(span, origin=entries.origin_of(ACTS)))
    assert held() == []


def test_what_fills_a_gap_is_what_was_left_out_there(far):
    far.writes(10)
    receiving.receive(far.span(1, 10, {1, 10}))
    other = Far(far.key, [])
    other.writes(10)
    with pytest.raises(Unproven):
        receiving.fill(ORIGIN, [(2, other.parts(2, 9, {4}))])
    assert held() == [1, 10]
    assert receiving.fill(ORIGIN, [(2, far.parts(2, 9, {4}))]) == 1
    assert held() == [1, 4, 10]


def test_this_node_shares_what_another_can_prove_whole_and_in_part(home):
    for number in range(30):
        told = facts.Looked(look="test", patient=PatientId(f"patient-{number}"))
        entries.append(ACTS, [Draft(fact=told, actor="nora", actor_name="Nora", act="test", at=NOON)])
    origin, trees, signer = entries.origin_of(ACTS), sharing.Subtrees(), signers.signer_of(entries.origin_of(ACTS))
    for wanted in (None, {3, 4, 17}, set()):

        def scope(_, first, last, wanted=wanted):
            return None if wanted is None else {one for one in wanted if first <= one <= last}

        edge, after = Frontier(), 0
        while (
            span := sharing.span(origin, after=after, scope=scope, trees=trees, limit=random.Random(7).randint(3, 9))
        ) is not None:
            reading = receiving._Reading(origin, edge, NO_ENTRY if not after else b"", 0)
            reading.take(span.parts)
            whole = signer.opened(origin, span.note)
            assert grown_by(reading.frontier, span.rest).root() == whole.root
            edge, after = reading.frontier, reading.frontier.size
        assert after == 30


def test_another_nodes_clock_moves_ours_unless_it_runs_ahead(far):
    def stamp_of_the_next():
        told = facts.Looked(look="test", patient=PatientId("patient"))
        return entries.append(ACTS, [Draft(fact=told, actor="nora", actor_name="Nora", act="test", at=NOON)])[0].hlc

    first = stamp_of_the_next()
    far.writes(1)
    receiving.receive(far.span(1, 1))
    two_minutes, ten_minutes = (first >> 16) + 120_000, (first >> 16) + 600_000
    sql("UPDATE ledger_head SET hlc = %s WHERE origin = %s", two_minutes << 16, ORIGIN)
    assert stamp_of_the_next() == (two_minutes << 16) + 1
    sql("UPDATE ledger_head SET hlc = %s WHERE origin = %s", ten_minutes << 16, ORIGIN)
    assert stamp_of_the_next() == (two_minutes << 16) + 2
