"""Numbers from their facts, and the blocks that the hub gave when it enrolled nodes."""

from collections.abc import Sequence

from stormlamp.ledger import Entry, insert_new, projects
from stormlamp.nodes.facts import NodeEnrolled
from stormlamp.numbers.facts import BlockTaken, NumbersAllotted, NumberUsed
from stormlamp.numbers.models import NumbersAllotment, NumbersBlock, NumbersUse


@projects(NumbersAllotted)
def allotments(entries: Sequence[Entry[NumbersAllotted]]) -> None:
    """Stretches that are out."""
    insert_new(
        NumbersAllotment,
        [
            {
                "entry": one.key,
                "allotment": one.fact.allotment,
                "node": one.node,
                "names": one.fact.kind,
                "block": one.fact.block,
                "first": one.fact.first,
                "last": one.fact.first + one.fact.count - 1,
                "ward": one.fact.ward,
                "why": one.fact.why,
                "exercise": one.fact.exercise,
                "at": one.at,
                "by_name": one.actor_name,
                "order": one.order,
            }
            for one in entries
        ],
    )


@projects(NodeEnrolled)
def given(entries: Sequence[Entry[NodeEnrolled]]) -> None:
    """Blocks that came with an enrolment; a hub of an earlier version gave none."""
    insert_new(NumbersBlock, [_block_row(one, one.fact.block, -1) for one in entries if one.fact.block > 0])


@projects(BlockTaken)
def taken(entries: Sequence[Entry[BlockTaken]]) -> None:
    """Blocks that nodes took themselves; one speaks for itself only."""
    insert_new(NumbersBlock, [_block_row(one, 0, one.fact.block) for one in entries if one.node == one.fact.node])


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
