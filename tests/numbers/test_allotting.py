"""Numbers given out on a node: one after the other, whatever the clock says, and what happens when they come back."""

import os
import subprocess
import sys
from dataclasses import replace

import click
import pytest
import typer
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from stormlamp.kernel.identifiers import NodeId, PatientId, new_id
from stormlamp.kernel.moments import DAY, HOUR, MINUTE
from stormlamp.kernel.refusals import NotAllowed, Trouble
from stormlamp.ledger import projector
from stormlamp.ledger.models import LedgerAside
from stormlamp.nodes import actions as nodes
from stormlamp.nodes.engines.home import Pinned
from stormlamp.nodes.facts import NodeEnrolled
from stormlamp.numbers import actions, commands, facts, queries
from stormlamp.numbers.models import NumbersAllotment, NumbersBlock
from stormlamp.numbers.rules import (
    GIVEN_BLOCKS,
    LAST_COUNTER,
    TICK,
    NumberKind,
    given_block,
    next_counter,
    number_text,
    numbers_from,
    read_number,
)
from tests.convergence import assert_converges, entries_of
from tests.makers import NOON, actor, after

pytestmark = pytest.mark.django_db
NORA, LAB, ADMIN = actor("nurse"), actor("laboratory", name="Lars Lab"), actor("administrator", name="Ada Admin")
KINDS = tuple(NumberKind)


def sheet(kind=NumberKind.SPECIMEN, count=24, at=NOON, by=NORA, ward="3B"):
    """The numbers of a sheet that is given out now."""
    key = new_id()
    actions.allot_numbers(by, at, allotment=key, kind=kind, count=count, ward=ward)
    out = queries.allotment(key)
    return list(numbers_from(out.kind, out.block, out.first, out.count, exercise=out.exercise))


def project(origin, *told, at=NOON):
    """Facts of another node, as they arrive here."""
    for batch in entries_of({origin: [(at, one) for one in told]}):
        projector.apply_or_set_aside(batch)


def enrolled(node, block):
    return NodeEnrolled(
        node=NodeId(node),
        home="h",
        role="ward",
        wards=(),
        everyone=False,
        public_key=b"k",
        certificate=b"c",
        invitation="i",
        block=block,
    )


@pytest.fixture
def ward_home(home, settings):
    """This node as a ward's, whose hub is `hub-1`."""
    hub = Pinned(node=NodeId("hub-1"), home="hospital", url="https://hub", public_key=b"k", certificate=b"c")
    settings.HOME = replace(home, node=NodeId("ward-1"), role="ward", hub=hub)
    return settings.HOME


class TestGivingOut:
    def test_a_sheet_is_a_fact_before_anything_is_printed_and_the_next_goes_on_behind_it(self, home):
        first, second = sheet(), sheet()
        told = [read_number(text) for text in first + second]
        assert [one.counter for one in told] == list(range(told[0].counter, told[0].counter + 48))
        assert {one.kind for one in told} == {NumberKind.SPECIMEN}
        assert queries.told(told[30]).allotments[0].by_name == "Nora Peeters"
        assert queries.told(told[30]).node == home.node

    def test_each_kind_counts_for_itself(self, home):
        assert len({text for kind in KINDS for text in sheet(kind)}) == 24 * 6

    def test_a_clock_that_is_set_back_gives_nothing_twice(self, home):
        told = [text for hours in (0, -5, -400 * 24, 3, -1) for text in sheet(at=after(NOON, hours * HOUR))]
        assert len(set(told)) == len(told)

    def test_a_sheet_that_was_given_out_is_not_given_out_again(self, home):
        asked = {"allotment": "one", "kind": NumberKind.FORM, "count": 24}
        actions.allot_numbers(NORA, NOON, **asked)
        with pytest.raises(actions.AlreadyAllotted):
            actions.allot_numbers(NORA, NOON, **asked)

    @pytest.mark.parametrize("count", [0, -1, actions.MOST_AT_ONCE + 1, 10**30])
    def test_a_sheet_of_no_sound_size_is_refused(self, home, count):
        with pytest.raises(actions.CountNotSound):
            sheet(count=count)
        assert not NumbersAllotment.objects.exists()

    def test_numbers_never_run_more_than_a_day_ahead_of_the_clock(self, home):
        for _sheets in range(actions.MOST_A_DAY // actions.MOST_AT_ONCE):
            last = sheet(count=actions.MOST_AT_ONCE)[-1]
        with pytest.raises(actions.TooManyToday):
            sheet(count=1)
        assert read_number(last).counter - next_counter(-1, NOON) < DAY // TICK
        assert sheet(NumberKind.FORM)
        assert sheet(at=after(NOON, DAY))

    def test_a_full_block_makes_room_by_another(self, home):
        block = queries.block_of_this_node()
        project(f"{home.node}/acts", allotted(block, LAST_COUNTER - 3, 2))
        told = [read_number(text) for text in sheet(count=24)]
        assert {one.block for one in told} == {queries.block_of_this_node()} != {block}

    def test_somebody_without_the_right_gives_nothing_out(self, home):
        with pytest.raises(NotAllowed):
            sheet(by=actor("billing"))
        with pytest.raises(NotAllowed):
            actions.take_block(NORA, NOON, reason="restored")
        assert sheet(by=LAB)

    def test_what_could_not_be_printed_is_out_all_the_same(self, home, tmp_path):
        with pytest.raises(Trouble) as trouble:
            commands.numbers(typer.Context(click.Command("numbers")), kind=NumberKind.VISIT, pdf=tmp_path / "no" / "labels.pdf")
        assert "out all the same" in trouble.value.hint
        out = queries.latest_sheets()[0]
        told = read_number(sheet(NumberKind.VISIT)[0])
        assert (told.block, told.counter) == (out.block, out.first + out.count)


class TestBlocks:
    def test_the_hub_has_the_first_turn_and_gives_the_next_ones(self, home):
        by = actor("administrator")
        by = replace(by, rights=by.rights | {"nodes.enrol"})
        asked = {"role": "ward", "wards": ("3B",), "everyone": False, "expires_at": after(NOON, HOUR), "certificate": b"c"}
        turns = {}
        for name in ("ward-a", "ward-b", "ward-c"):
            told = nodes.invite_node(by, NOON, digest=name, **asked)
            turns |= {one.node: one.block for one in told if isinstance(one, NodeEnrolled)}
            node = nodes.enrol_node(by, NOON, digest=name, node=NodeId(name), home=name, public_key=b"k", certificate=b"c")
            turns[name] = node.block
        assert turns == {home.node: 1, "ward-a": 2, "ward-b": 3, "ward-c": 4}
        assert queries.node_of_block(given_block(home.hospital_id, 3)) == "ward-b"
        assert queries.node_of_block(queries.block_of_this_node()) == home.node

    def test_a_ward_numbers_in_the_block_that_the_hub_gave(self, ward_home):
        project("hub-1/acts", enrolled("ward-1", 5), enrolled("ward-2", 6))
        project("ward-2/acts", enrolled("ward-1", 6))
        assert {read_number(text).block for text in sheet()} == {given_block("hospital", 5)}
        assert queries.node_of_block(given_block("hospital", 6)) == "ward-2"
        assert queries.node_of_block(given_block("hospital", 99)) is None

    def test_a_ward_that_was_given_none_takes_one_and_keeps_it(self, ward_home):
        project("hub-1/acts", enrolled("ward-1", 0))
        assert queries.block_of_this_node() is None
        blocks = {read_number(text).block for text in sheet() + sheet(NumberKind.VISIT)}
        assert len(blocks) == 1
        assert min(blocks) >= GIVEN_BLOCKS
        assert queries.node_of_block(min(blocks)) == "ward-1"

    def test_a_restored_node_begins_a_fresh_block_and_no_other_node_can_say_so_for_it(self, home):
        before = {read_number(text).block for text in sheet()}
        project("ward-9/acts", facts.BlockTaken(node=home.node, block=GIVEN_BLOCKS + 7, reason="mischief"))
        assert {read_number(text).block for text in sheet()} == before
        taken = actions.take_block(ADMIN, NOON, reason="restored from last night's copy").block
        assert {read_number(text).block for text in sheet()} == {taken} != before
        with pytest.raises(actions.ReasonMissing):
            actions.take_block(ADMIN, NOON, reason=" ")

    def test_what_two_copies_of_a_node_gave_out_twice_is_seen(self, home):
        mine = read_number(sheet()[3])
        project("copy/acts", allotted(mine.block, mine.counter, 1))
        told = {(one.count, one.node) for one in queries.given_out_twice()[0]}
        assert told == {(24, home.node), (1, "copy")}
        assert actions.doubts_of(mine) == (actions.ALLOTTED_TWICE,)


class TestComingBack:
    def test_a_number_is_told_and_what_it_stands_on_is_kept(self, home):
        text = sheet()[0]
        told = actions.use_number(NORA, NOON, number=text.lower(), what="blood count, JANSSENS Marie", patient=PatientId("p"))
        assert (told.number, told.kind, told.doubts) == (text, NumberKind.SPECIMEN, ())
        assert [one.what for one in queries.told(read_number(text)).uses] == ["blood count, JANSSENS Marie"]
        assert queries.patients_of(text) == ("p",)
        assert queries.patients_of("JANSSENS") is None

    def test_one_that_stands_on_something_already_needs_a_reason(self, home):
        text = sheet()[0]
        actions.use_number(NORA, NOON, number=text, what="blood count")
        with pytest.raises(actions.NumberDoubtful) as refused:
            actions.use_number(LAB, NOON, number=text, what="urine")
        assert refused.value.facts["doubts"] == (actions.USED_BEFORE,)
        told = actions.use_number(LAB, NOON, number=text, what="urine", although="both tubes of one bag")
        assert (told.doubts, told.although) == ((actions.USED_BEFORE,), "both tubes of one bag")

    def test_one_that_was_never_given_out_needs_a_reason(self, home):
        text = number_text(NumberKind.SPECIMEN, 77, 5)
        with pytest.raises(actions.NumberDoubtful):
            actions.use_number(NORA, NOON, number=text, what="blood count")
        assert actions.use_number(NORA, NOON, number=text, what="blood count", although="ward 5 is cut off").doubts

    def test_a_mistyped_one_another_kind_and_nothing_are_refused_each_by_its_name(self, home):
        text = sheet()[0]
        wrong = text[:-1] + ("0" if text[-1] != "0" else "1")
        for typed, kind, what, refusal in [
            (wrong, None, "x", actions.Mistyped),
            ("4711", None, "x", actions.NoNumber),
            (text, NumberKind.PATIENT, "x", actions.AnotherKind),
            (text, None, "  ", actions.NothingNamed),
        ]:
            with pytest.raises(refusal):
                actions.use_number(NORA, NOON, number=typed, kind=kind, what=what)

    def test_numbers_of_an_exercise_and_real_ones_never_mix(self, home, settings):
        real = sheet()[0]
        settings.HOME = replace(home, options={**home.options, "rehearsal": {}})
        practised = sheet()[0]
        assert practised.startswith("XS-")
        with pytest.raises(actions.NotOfThisExercise):
            actions.checked(real)
        settings.HOME = home
        with pytest.raises(actions.OfAnExercise):
            actions.checked(practised)


def allotted(block, first, count, kind=NumberKind.SPECIMEN):
    return facts.NumbersAllotted(allotment=new_id(), kind=kind, block=block, first=first, count=count, ward="", why="sheet")


class TestWhatOtherNodesSay:
    @pytest.mark.parametrize(
        ("block", "first", "count"), [(-1, 0, 1), (2**40, 0, 1), (3, -5, 9), (3, 0, 0), (3, 2**62, 5), (3, 0, -9)]
    )
    def test_numbers_that_cannot_be_are_not_given_out_and_stop_nothing(self, home, block, first, count):
        project("ward-9/acts", allotted(block, first, count), allotted(3, 1, 1))
        assert NumbersAllotment.objects.count() == 1
        assert not LedgerAside.objects.exists()
        assert sheet()

    def test_a_block_that_nobody_may_take_is_not_taken(self, home):
        project("ward-9/acts", *(facts.BlockTaken(node=NodeId("ward-9"), block=block, reason="x") for block in (-1, 5, 2**40)))
        assert not NumbersBlock.objects.exists()


@trials(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_nodes_gave_out_and_used_converges(home, data):
    stories = {
        "hub-1/acts": [(NOON, enrolled("ward-1", 2)), (NOON, enrolled("ward-2", 3)), (NOON, allotted(3, 1, 24))],
        "ward-1/acts": [
            (NOON, facts.BlockTaken(node=NodeId("ward-1"), block=GIVEN_BLOCKS + 1, reason="restored")),
            (after(NOON, MINUTE), allotted(GIVEN_BLOCKS + 1, 7, 24)),
        ],
        "ward-2/acts": [
            (NOON, facts.NumberUsed(number="S-0C7-4F2K1-V", kind=NumberKind.SPECIMEN, patient=None, what="blood")),
            (NOON, allotted(3, 12, 3)),
        ],
    }
    rows = assert_converges(stories, data)
    assert {"numbers_allotment", "numbers_block", "numbers_use"} <= set(rows)


# ------------------------------------------------------------------------------------------- processes of one real home


def command(place, *words):
    told = {**os.environ, "XDG_CONFIG_HOME": str(place), "STORMLAMP_HOME": str(place / "home")}
    return subprocess.Popen(
        [sys.executable, "-m", "stormlamp", *words], env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_two_processes_of_one_node_draw_one_after_the_other(tmp_path):
    made = command(tmp_path, "init", "--home", str(tmp_path / "home"))
    assert made.wait() == 0, made.stderr.read()
    running = [command(tmp_path, "numbers", "--kind", "specimen", "--count", "100") for _ in range(2)]
    numbers = [text for one in running for text in one.communicate()[0].split()]
    assert [read_number(text).kind for text in numbers] == [NumberKind.SPECIMEN] * 200
    assert len(set(numbers)) == 200
