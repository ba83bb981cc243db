"""What the components reckon with."""

from hypothesis import given
from hypothesis import strategies as st

from stormlamp.shell.components import chosen, paging, spark

NUMBERS = st.lists(st.none() | st.floats(-1e6, 1e6, allow_nan=False), max_size=60)


@given(NUMBERS)
def test_a_sparkline_stays_in_its_box_and_breaks_at_gaps(values):
    drawn = spark(values, width=96, height=24)

    points = [tuple(map(float, point.split(","))) for run in drawn.runs for point in run.split()]
    assert all(0 <= x <= 96 and 0 <= y <= 24 for x, y in points)
    assert len(drawn.runs) == sum(1 for at, value in enumerate(values) if value is not None and (at == 0 or values[at - 1] is None))


def test_a_flat_sparkline_runs_through_the_middle_and_an_empty_one_draws_nothing():
    assert spark([5, 5]).runs == ("3,12 93,12",)
    assert spark([]).runs == ()
    assert spark([None]).last is None


@given(st.integers(1, 50), st.integers(0, 500))
def test_the_pages_of_a_list_show_every_item_once(size, total):
    items = list(range(total))
    first = paging("1", size=size, total=total)

    seen = [item for page in range(1, first.pages + 1) for item in chosen(items, paging(str(page), size=size, total=total))]
    assert seen == items


@given(st.text(max_size=12) | st.none())
def test_an_odd_page_number_is_kept_within_what_exists(asked):
    where = paging(asked, size=25, total=60)

    assert 1 <= where.page <= where.pages == 3


def test_the_links_of_a_list_keep_what_was_asked():
    where = paging("2", size=25, total=60, query=[("q", "de smet")])

    assert where.link(3) == "?q=de+smet&page=3"
    assert (where.first, where.last) == (26, 50)
    assert (paging(None, size=25, total=0).first, paging(None, size=25, total=0).last) == (0, 0)
