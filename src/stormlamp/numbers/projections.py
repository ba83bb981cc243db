"""Numbers from their facts, and the blocks that the hub gave when it enrolled nodes."""

from collections.abc import Sequence

from stormlamp.ledger import Entry, insert_new, projects
from stormlamp.nodes.facts import NodeEnrolled
from stormlamp.numbers.facts import BlockTaken, NumbersAllotted, NumberUsed
from stormlamp.numbers.models import NumbersAllotment, NumbersBlock, NumbersUse
from stormlamp.numbers.rules import BLOCKS, GIVEN_BLOCKS, is_sound


@projects(NumbersAllotted)
def allotments(entries: Sequence[Entry[NumbersAllotted]]) -> None:
    """Stretches that are out; of one that is beyond its block no number can be written, and so there is none."""
    sound = (one for one in entries if is_sound(one.fact.block, one.fact.first, one.fact.count))
    insert_new(NumbersAllotment, [_allotment_row(one) for one in sound])


@projects(NodeEnrolled)
def given(entries: Sequence[Entry[NodeEnrolled]]) -> None:
    """Blocks that came with an enrolment; a hub of an earlier version gave none."""
    insert_new(NumbersBlock, [_block_row(one, one.fact.block, -1) for one in entries if one.fact.block > 0])


@projects(BlockTaken)
def taken(entries: Sequence[Entry[BlockTaken]]) -> None:
    """Blocks that nodes took themselves; one speaks for itself only."""
    own = (one for one in entries if one.node == one.fact.node and GIVEN_BLOCKS <= one.fact.block < BLOCKS)
    insert_new(NumbersBlock, [_block_row(one, 0, one.fact.block) for one in own])


@projects(NumberUsed)
def uses(entries: Sequence[Entry[NumberUsed]]) -> None:
    """What numbers stand on."""
    insert_new(
        NumbersUse,
        [
            {
                "entry": one.key,
                "number": one.fact.number,
                "patient": one.fact.patient or "",
                "what": one.fact.what,
                "although": one.fact.although,
                "at": one.at,
                "by_name": one.actor_name,
                "order": one.order,
            }
            for one in entries
        ],
    )


def _allotment_row(entry: Entry[NumbersAllotted]) -> dict[str, object]:
    told = entry.fact
    return {
        "entry": entry.key,
        "allotment": told.allotment,
        "node": entry.node,
        "names": told.kind,
        "block": told.block,
        "first": told.first,
        "last": told.first + told.count - 1,
        "ward": told.ward,
        "why": told.why,
        "exercise": told.exercise,
        "at": entry.at,
        "by_name": entry.actor_name,
        "order": entry.order,
    }


def _block_row(entry: Entry[NodeEnrolled] | Entry[BlockTaken], turn: int, block: int) -> dict[str, object]:
    return {
        "entry": entry.key,
        "giver": entry.node,
        "node": entry.fact.node,
        "turn": turn,
        "block": block,
        "at": entry.at,
        "order": entry.order,
    }
