"""Two real nodes that cannot reach each other give out different numbers, and know each other's once they have met."""

import pytest

from stormlamp.numbers.rules import GIVEN_BLOCKS, read_number
from tests.nodes.village import Village, wait_for


@pytest.fixture
def village(tmp_path):
    """A hub that answers, and a ward that has joined it."""
    found = Village(tmp_path)
    try:
        found.start("hub", "nodes")
        joined = found.join("3B")
        assert joined.returncode == 0, joined.stderr
        yield found
    finally:
        found.stop()


def test_a_ward_gives_out_other_numbers_than_the_hub_while_cut_off_and_the_hub_knows_them_when_they_have_met(village):
    village.told("3B", "sync", "--once", "--json")
    village.stop()
    wanted = ("numbers", "--kind", "specimen", "--count", "100", "--ward", "3B", "--json")
    hub, ward = (village.told(name, *wanted)["numbers"] for name in ("hub", "3B"))
    assert len({*hub, *ward}) == 200
    assert {read_number(text).block < GIVEN_BLOCKS for text in hub + ward} == {True}
    before = village.told("hub", "numbers", "read", ward[0], "--json")
    assert (before["node"], before["doubts"]) == (village.node("3B"), ["never-allotted"])
    village.start("hub", "nodes", "projector")
    village.told("3B", "sync", "--once", "--json")
    wait_for(lambda: not village.told("hub", "numbers", "read", ward[0], "--json")["doubts"])
    told = village.told("hub", "numbers", "read", ward[0].lower(), "--json")
    assert (told["kind"], told["node"], told["doubts"]) == ("specimen", before["node"], [])
    assert told["allotted"][0]["ward"] == "3B"
