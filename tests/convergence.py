"""A harness for law 3: facts of several made-up origins give the same rows in whatever order the origins arrive.

    @given(data=st.data())
    def test_moves_converge(home, data):
        stories = {"north/acts": [(NOON, a_move), ...], "south/feeds": [...]}
        assert_converges(stories, data)

Facts of one origin keep their order; how the origins interleave and where the batches are cut is drawn by Hypothesis.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from hypothesis import strategies as st

from stormlamp.kernel.moments import Moment
from stormlamp.ledger import Entry, facts, projector, rebuilding
from stormlamp.ledger.rules import clocks

Stories = Mapping[str, Sequence[tuple[Moment, object]]]


def entries_of(stories: Stories, *, actor: str = "nora") -> list[list[Entry[Any]]]:
    """Entries as each origin would have written them, by origin."""
    found = []
    for origin, told in sorted(stories.items()):
        stamp, written = 0, []
        for sequence, (at, fact) in enumerate(told, 1):
            stamp = clocks.tick(stamp, at)
            payload = facts.payload_of(fact, actor=actor, actor_name=actor.title(), act="test", at=at, once="")
            written.append(Entry(origin, sequence, stamp, payload, fact))
        found.append(written)
    return found


def rows_after(batches: Sequence[Sequence[Entry[Any]]]) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every projection, once the batches were applied to empty tables."""
    empty_projections()
    for batch in batches:
        projector.apply(batch)
    return all_rows()


def empty_projections() -> None:
    """Empty every projection."""
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f"DELETE FROM {table}")


def all_rows() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every projection, sorted; tables without rows are left out."""
    found = {}
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f"SELECT * FROM {table}")
            if rows := sorted(cursor.fetchall(), key=repr):
                found[table] = rows
    return found


def interleaved(draw: Any, written: Sequence[Sequence[Entry[Any]]]) -> list[list[Entry[Any]]]:
    """Batches: some interleaving of the origins, each batch of one origin and in order."""
    left = [list(one) for one in written if one]
    batches = []
    while left:
        origin = left[draw(st.integers(0, len(left) - 1))]
        size = draw(st.integers(1, len(origin)))
        batches.append(origin[:size])
        del origin[:size]
        left = [one for one in left if one]
    return batches


def assert_converges(stories: Stories, data: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Apply the facts origin by origin, and in a drawn interleaving: the rows are the same. Returns them."""
    written = entries_of(stories)
    plain = rows_after(written)
    drawn = rows_after(interleaved(data.draw, written))
    for table in plain.keys() | drawn.keys():
        assert drawn.get(table) == plain.get(table), table
    return plain


def _tables() -> list[str]:
    return [model._meta.db_table for model in rebuilding.projection_models()]
