"""What a node is for, and what is known of one."""

from dataclasses import dataclass
from enum import StrEnum

from stormlamp.kernel.identifiers import NodeId
from stormlamp.kernel.moments import Moment

HUB = "hub"
# Departments that serve every ward hold everybody; a ward holds its own patients.
_EVERYBODYS = ("emergency", "pharmacy", "laboratory", "blood-bank", "imaging", "front-desk", "crisis", "theatre")
ROLES = ("ward", *_EVERYBODYS)


class NodeState(StrEnum):
    """Whether a node may still take and give."""

    ENROLLED = "enrolled"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node of this hospital. `wards` empty and not `everyone`: hospital-wide facts only. `urls`: where it said it answers.

    `kept`, of a revoked one: how far each of its origins counts; what came after stands apart.
    """

    node: NodeId
    home: str
    role: str
    wards: tuple[str, ...]
    everyone: bool
    public_key: bytes
    certificate: bytes
    enrolled_at: Moment
    urls: tuple[str, ...] = ()
    revoked_at: Moment | None = None
    reason: str = ""
    kept: tuple[tuple[str, int], ...] = ()

    @property
    def holds_everybody(self) -> bool:
        """Whether nothing is left out there, so that others may take from it what third nodes wrote."""
        return self.everyone or self.role == HUB

    @property
    def state(self) -> NodeState:
        """Enrolled or revoked."""
        return NodeState.ENROLLED if self.revoked_at is None else NodeState.REVOKED


def reaches_everyone(role: str) -> bool:
    """Whether a node of this role holds everybody unless it was invited for some wards only."""
    return role in _EVERYBODYS
