"""What is brought without a question joins an origin wherever it ends here, and fills what was left out before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.ledger import receiving, sharing
from stormlamp.ledger.overlapping import Joining
from stormlamp.ledger.rules.cutting import NotThere, behind, counted, pieces
from stormlamp.ledger.rules.merkle import Frontier
from stormlamp.ledger.rules.spans import Left, Span, Told, Unproven, grown_by, left_out
from stormlamp.ledger.verifying import verify
from tests.ledger.test_spans import LEAVES, ORIGIN, far, held, many, sql, subtree

pytestmark = pytest.mark.django_db
assert far  # the fixture


def cleared(far):
    for table in ("entry", "head", "checkpoint", "gap", "position"):
        sql(f"DELETE FROM ledger_{table} WHERE origin = %s", ORIGIN)
    far.rows.clear()


def crumbled(far, span):
    """The same span, what it leaves out told one by one."""
    parts, at = [], span.first
    for part in span.parts:
        count = counted([part])
        parts += [part] if isinstance(part, Told) else [Left(1, far.rows[at + one - 1][1]) for one in range(count)]
        at += count
    return Span(span.origin, span.first, parts, span.rest, span.note)


def bundle(far, data, wanted, *, coarse_until):
    """All of the origin from the first entry on, cut anywhere; as fine as can be behind the place that is known."""
    at, spans = 0, []
    while at < len(far.rows):
        end = coarse_until if at < coarse_until else len(far.rows)
        until = data.draw(st.integers(at + 1, end))
        span = far.span(at + 1, until, wanted)
        spans.append(span if at < coarse_until else crumbled(far, span))
        at = until
    return spans


def proves(origin):
    """Whether what this node shares of an origin leads to the signed root, wherever it is cut."""
    for crumbs in (False, True):
        edge, after, trees = Frontier(), 0, sharing.Subtrees()
        while span := sharing.span(origin, after=after, scope=sharing.everything, trees=trees, limit=5, crumbs=crumbs):
            parts = behind(span.first - 1, span.parts, after)
            told = [far_leaf(part, number) for number, part in numbered(after, parts)]
            for one in told:
                edge = grown_by(edge, one)
            after = edge.size
            assert grown_by(edge, span.rest).size >= after
    return True


def numbered(after, parts):
    at = after
    for part in parts:
        yield at + 1, part
        at += counted([part])


def far_leaf(part, number):
    (digest,) = sql("SELECT digest FROM ledger_entry WHERE origin = %s AND sequence = %s", ORIGIN, number) or [(b"",)]
    return part if isinstance(part, Left) else Left(1, bytes(digest[0]))


@many
@given(data=st.data())
def test_a_whole_origin_joins_what_is_here_and_fills_what_was_left_out(far, data):
    cleared(far)
    far.writes(data.draw(st.integers(1, 40)))
    before, at = data.draw(st.sets(st.integers(1, 60))), 0
    end = data.draw(st.integers(0, len(far.rows)))
    while at < end:
        at = receiving.receive(far.span(at + 1, data.draw(st.integers(at + 1, end)), before))
    far.writes(data.draw(st.integers(0, 20)))
    wanted = data.draw(st.sets(st.integers(1, 60)))
    spans = bundle(far, data, wanted, coarse_until=data.draw(st.integers(0, end)))
    here, joining = set(held()), Joining(mine="test")
    cut = data.draw(st.integers(0, len(spans)))
    joining.take(spans[:cut])
    joining.take(spans[cut:])
    assert joining.joined.refused == {}
    told = {one for one in wanted if one <= len(far.rows)}
    assert set(held()) == here | told
    assert joining.joined.taken + joining.joined.filled == len(told - here)
    assert joining.joined.known == len(told & here)
    assert verify().ok, verify().faults
    again = Joining(mine="test")
    again.take(spans)
    assert (again.joined.taken, again.joined.filled, again.joined.known) == (0, 0, len(told)), "twice is once"
    assert proves(ORIGIN)


def test_a_span_that_begins_behind_the_end_is_told_and_nothing_is_written(far):
    far.writes(9)
    joining = Joining(mine="test")
    joining.take([far.span(1, 3), far.span(5, 9), far.span(4, 9)])
    assert held() == [1, 2, 3]
    assert "begins after 4" in joining.joined.refused[ORIGIN], "and what comes of that origin then is left"


def test_what_does_not_hold_stops_its_origin_and_keeps_what_came_before(far):
    far.writes(9)
    good, bad = far.span(1, 4), far.span(5, 9)
    parts = [*bad.parts[:2], Told(bad.parts[2].hlc, bad.parts[2].salt, bad.parts[3].frame), *bad.parts[3:]]
    joining = Joining(mine="test")
    joining.take([good, Span(ORIGIN, 5, parts, bad.rest, bad.note)])
    assert held() == [1, 2, 3, 4]
    assert list(joining.joined.refused) == [ORIGIN]


def test_an_invented_entry_does_not_fill_a_gap(far):
    far.writes(12)
    receiving.receive(far.span(1, 12, {1, 2, 12}))
    span = far.span(1, 12)
    parts = [*span.parts[:4], Told(span.parts[4].hlc, span.parts[4].salt, span.parts[5].frame), *span.parts[5:]]
    joining = Joining(mine="test")
    joining.take([Span(ORIGIN, 1, parts, span.rest, span.note)])
    assert held() == [1, 2, 12]
    assert list(joining.joined.refused) == [ORIGIN]


def test_own_entries_are_passed_over(far):
    far.writes(2)
    joining = Joining(mine="far-1")
    joining.take([far.span(1, 2)])
    assert (held(), joining.joined.refused, joining.joined.taken) == ([], {}, 0)


@given(data=st.data())
def test_what_is_left_out_is_cut_between_subtrees_only(data):
    end = data.draw(st.integers(1, len(LEAVES)))
    start = data.draw(st.integers(0, end - 1))
    at = data.draw(st.integers(start, end))
    whole = left_out(start, end, subtree)
    borders = {one.start for one in pieces(start, [whole])} | {end}
    if at not in borders:
        with pytest.raises(NotThere):
            behind(start, [whole], at)
    else:
        assert behind(start, [whole], at) == ([left_out(at, end, subtree)] if at < end else [])
    crumbs = [Left(1, LEAVES[one]) for one in range(start, end)]
    assert behind(start, crumbs, at) == ([left_out(at, end, subtree)] if at < end else [])


def test_hashes_that_do_not_fit_a_count_are_unproven():
    for left in (Left(3, bytes(32)), Left(-1, b""), Left(0, b""), Left(2, bytes(31))):
        with pytest.raises(Unproven):
            list(pieces(0, [left]))
