"""What is known here of a node: seen by this node itself, or by another one that said so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stormlamp.kernel.identifiers import NodeId
from stormlamp.kernel.moments import MINUTE, SECOND, Moment
from stormlamp.nodes.rules.freshness import is_old
from stormlamp.nodes.rules.roles import Node
from stormlamp.nodes.rules.status import Status

# What another node says counts where this one has not met the node itself for so long.
OWN_EYES = MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A node as it was last seen. `via`: the node that saw it, empty when this one did; `has_ours_at` and `have_at` are as of when
    it held all entries of who saw it, and the other way round; `ahead`: its clock against that one's, in microseconds.
    """

    node: Node
    this_node: bool = False
    via: str = ""
    met_at: Moment | None = None
    has_ours_at: Moment | None = None
    lacks: int = 0
    have_at: Moment | None = None
    lacking: int = 0
    ahead: int = 0
    trouble: str = ""
    status: Status = field(default_factory=dict)
    told_at: Moment | None = None

    def since(self, name: str) -> Moment | None:
        """The moment of something that the node said as so many seconds before; None when it did not."""
        ago = self.status.get(name)
        return None if self.told_at is None or not isinstance(ago, int) else Moment(self.told_at - ago * SECOND)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyOf:
    """The copy of one node's entries on another one: as of when it was whole, and since when it has been due."""

    source: NodeId
    holder: NodeId
    whole_at: Moment | None
    joined_at: Moment
    trouble: str = ""

    def is_old(self, now: Moment, *, speed: float = 1.0) -> bool:
        """Whether somebody has to be told of it."""
        return is_old(self.whole_at, now, joined_at=self.joined_at, speed=speed)


def seen_as(node: Node, row: dict[str, Any], relayed: Mapping[str, Any], told: Status, *, this_node: bool) -> Seen:
    """A node from what this one keeps of it: `row` what it saw itself, `relayed` what another said, `told` what the node said."""
    via, met_at = "", row.get("met_at")
    if not this_node and relayed and (met_at is None or relayed["met_at"] > met_at + OWN_EYES):
        via, told, row = relayed["via"], relayed["seen"], row | _row_of(relayed) | {"trouble": ""}
    return Seen(
        node=node,
        this_node=this_node,
        via=via,
        met_at=_moment(row, "met_at"),
        has_ours_at=_moment(row, "has_ours_at"),
        lacks=int(row.get("lacks", 0)),
        have_at=_moment(row, "have_at"),
        lacking=int(row.get("lacking", 0)),
        ahead=int(row.get("ahead", 0)),
        trouble=row.get("trouble", ""),
        status=told,
        told_at=_moment(row, "told_at"),
    )


def _row_of(relayed: Mapping[str, Any]) -> dict[str, Any]:
    """What another node saw, in the columns in which this one keeps what it sees itself."""
    said, at = relayed["seen"], relayed["at"]
    ages = {"met_at": "met_ago", "has_ours_at": "has_ours_ago", "have_at": "have_ago", "told_at": "told_ago"}
    moments = {name: at - said[age] * SECOND if age in said else None for name, age in ages.items()}
    return moments | {name: said.get(name, 0) for name in ("lacks", "lacking", "ahead")}


def _moment(row: Mapping[str, Any], name: str) -> Moment | None:
    found = row.get(name)
    return None if found is None else Moment(found)
