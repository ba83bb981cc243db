import hashlib

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.kernel.moments import Moment
from stormlamp.ledger.rules import clocks
from stormlamp.ledger.rules.checkpoints import BadCheckpoint, Checkpoint, opened_note, signed_note
from stormlamp.ledger.rules.merkle import Frontier, inclusion_proof, node_hash, root_from_proof, root_of

leaf_lists = st.lists(st.binary(min_size=32, max_size=32), min_size=0, max_size=70)


def textbook_root(leaves):
    """RFC 6962 section 2.1, as written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(textbook_root(leaves[:split]), textbook_root(leaves[split:]))


@given(leaf_lists)
def test_the_compact_range_has_the_root_of_the_textbook(leaves):
    assert root_of(leaves) == textbook_root(leaves)


@given(leaf_lists, leaf_lists)
def test_a_frontier_grows_the_same_in_one_step_or_two_and_survives_storage(first, second):
    grown = Frontier().grown(first)
    stored = Frontier.decoded(grown.size, grown.encoded())
    assert stored.grown(second) == Frontier().grown(first + second)


@given(leaf_lists.filter(bool), st.data())
def test_an_inclusion_proof_leads_to_the_root_and_no_other_leaf_does(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion_proof(leaves, index)
    assert root_from_proof(leaves[index], index, len(leaves), proof) == root_of(leaves)
    other = hashlib.sha256(leaves[index]).digest()
    assert root_from_proof(other, index, len(leaves), proof) != root_of(leaves)


@given(st.integers(0, 2**40), st.lists(st.integers(0, 2**40), max_size=20))
def test_the_logical_clock_only_ever_rises(last, walls):
    for wall in walls:
        stamped = clocks.tick(last, Moment(wall * 1000))
        assert stamped > last
        last = stamped


def test_a_remote_clock_far_ahead_never_moves_ours():
    now = Moment(1_768_286_000_000_000)
    ours = clocks.tick(0, now)
    hour_ahead = clocks.tick(0, Moment(now + 3_600_000_000))
    assert clocks.receive(ours, hour_ahead, now) == ours + 1
    minute_ahead = clocks.tick(0, Moment(now + 60_000_000))
    assert clocks.receive(ours, minute_ahead, now) == minute_ahead + 1


def test_order_keys_sort_like_stamp_origin_sequence():
    keys = [(5, "b/acts", 1), (5, "a/acts", 2), (4, "z/acts", 9), (5, "a/acts", 10)]
    assert sorted(keys) == sorted(keys, key=lambda told: clocks.order_key(*told))


@pytest.fixture(scope="module")
def signer():
    return Ed25519PrivateKey.generate()


def opened(note, signer, name="stormlamp/test"):
    def check(signature, text):
        try:
            signer.public_key().verify(signature, text)
        except InvalidSignature:
            return False
        return True

    public = signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return opened_note(note, name=name, public_key=public, check=check)


def test_a_checkpoint_is_four_lines_of_text_that_open_again(signer):
    told = Checkpoint("stormlamp/test", 7, bytes(range(32)))
    public = signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    note = signed_note(told, name="stormlamp/test", public_key=public, sign=signer.sign)
    assert note.splitlines()[:2] == ["stormlamp/test", "7"]
    assert note.splitlines()[4].startswith("— stormlamp/test ")
    assert opened(note, signer) == told


def test_a_changed_or_foreign_checkpoint_does_not_open(signer):
    told = Checkpoint("stormlamp/test", 7, bytes(32))
    public = signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    note = signed_note(told, name="stormlamp/test", public_key=public, sign=signer.sign)
    for wrong in (note.replace("\n7\n", "\n8\n"), note.replace("stormlamp/test\n", "other\n", 1), "nothing", ""):
        with pytest.raises(BadCheckpoint):
            opened(wrong, signer)
    with pytest.raises(BadCheckpoint):
        opened(note, Ed25519PrivateKey.generate())
