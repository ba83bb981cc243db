"""What happened to nodes. They count only where the hub wrote them, but for where a node answers, which it says itself."""

from stormlamp.kernel.identifiers import NodeId
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import fact


@fact("nodes.invited")
class NodeInvited:
    """A node can join once, until then, with the code whose secret has this digest (SHA-256, hex)."""

    invitation: str
    digest: str
    role: str
    wards: tuple[str, ...]
    everyone: bool
    expires_at: Moment


@fact("nodes.enrolled")
class NodeEnrolled:
    """A node belongs to this hospital. `public_key`: Ed25519, 32 bytes; `certificate`: DER, pinned; `invitation` empty: the hub.

    `block`: which node it is of those that the hub enrolled, itself being 1: its numbers tell it. 0: a hub of an earlier version.
    `seal_key`: X25519, 32 bytes, for what is sealed for this node alone; empty where it joined before there was one.
    """

    node: NodeId
    home: str
    role: str
    wards: tuple[str, ...]
    everyone: bool
    public_key: bytes
    certificate: bytes
    invitation: str
    block: int = 0
    seal_key: bytes = b""


@fact("nodes.revoked")
class NodeRevoked:
    """A node is trusted no more. What it wrote beyond `kept`, by origin, stands apart on every node."""

    node: NodeId
    kept: dict[str, int]
    reason: str


@fact("nodes.reachable")
class NodeReachable:
    """Where a node answers other nodes, as it says itself: `https://HOST:PORT`."""

    node: NodeId
    urls: tuple[str, ...]
