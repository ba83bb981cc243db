"""What is done with nodes: inviting, enrolling, revoking, and saying where this one answers."""

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import NodeId, new_id
from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Refusal
from stormlamp.ledger import act, entries
from stormlamp.nodes import queries
from stormlamp.nodes.facts import NodeEnrolled, NodeInvited, NodeReachable, NodeRevoked
from stormlamp.nodes.rules import HUB, ROLES, NodeState


class NotTheHub(Refusal):
    """Only the hub says who belongs to the hospital."""

    code = "nodes.not-the-hub"


class RoleUnknown(Refusal):
    """There is no such role of a node."""

    code = "nodes.role-unknown"


class CodeWorthless(Refusal):
    """The code was never given, has run out, or has been used."""

    code = "nodes.code-worthless"


class NodeUnknown(Refusal):
    """No node of that name has joined."""

    code = "nodes.node-unknown"


class AlreadyRevoked(Refusal):
    """The node was revoked before."""

    code = "nodes.already-revoked"


class HubStays(Refusal):
    """The hub cannot be revoked."""

    code = "nodes.hub-stays"


@act("nodes.invite", needs="nodes.enrol")
def invite_node(
    by: Actor,
    at: Moment,
    *,
    digest: str,
    role: str,
    wards: tuple[str, ...],
    everyone: bool,
    expires_at: Moment,
    certificate: bytes,
) -> tuple[NodeInvited | NodeEnrolled, ...]:
    """Let a node join once with the code of this digest. The first invitation enrols the hub itself, with its certificate."""
    del by, at
    _demand_hub()
    if role not in ROLES:
        raise RoleUnknown(role=role)
    invited = NodeInvited(invitation=new_id(), digest=digest, role=role, wards=wards, everyone=everyone, expires_at=expires_at)
    home = queries.home()
    if queries.node_named(home.node) is not None:
        return (invited,)
    itself = NodeEnrolled(
        node=home.node,
        home=home.id,
        role=HUB,
        wards=(),
        everyone=True,
        public_key=home.public_key(),
        certificate=certificate,
        invitation="",
        block=queries.next_block(),
        seal_key=home.seal_key(),
    )
    return itself, invited


@act("nodes.enrol", needs="nodes.enrol")
def enrol_node(
    by: Actor,
    at: Moment,
    *,
    digest: str,
    node: NodeId,
    home: str,
    public_key: bytes,
    certificate: bytes,
    seal_key: bytes = b"",
) -> NodeEnrolled:
    """Take a node that shows a standing code."""
    del by
    _demand_hub()
    invitation = queries.standing_invitation(digest, at=at)
    if invitation is None:
        raise CodeWorthless()
    return NodeEnrolled(
        node=node,
        home=home,
        role=invitation["role"],
        wards=invitation["wards"],
        everyone=invitation["everyone"],
        public_key=public_key,
        certificate=certificate,
        invitation=invitation["invitation"],
        block=queries.next_block(),
        seal_key=seal_key,
    )


@act("nodes.revoke", needs="nodes.enrol")
def revoke_node(by: Actor, at: Moment, *, node: str, reason: str) -> NodeRevoked:
    """Trust a node no more. What it wrote and the hub has seen until now stays; what comes later stands apart."""
    del by, at
    _demand_hub()
    known = queries.node_named(node)
    if known is None:
        raise NodeUnknown(node=node)
    if known.role == HUB:
        raise HubStays(node=node)
    if known.state == NodeState.REVOKED:
        raise AlreadyRevoked(node=node)
    kept = {origin: size for origin, size in entries.heads().items() if origin.partition("/")[0] == node}
    return NodeRevoked(node=known.node, kept={f"{node}/acts": 0, f"{node}/feeds": 0} | kept, reason=reason)


@act("nodes.tell-address", needs="nodes.tell-address")
def tell_address(by: Actor, at: Moment, *, urls: tuple[str, ...]) -> NodeReachable:
    """Say where this node answers other nodes."""
    del by, at
    return NodeReachable(node=queries.this_node(), urls=urls)


def _demand_hub() -> None:
    if queries.home().hub is not None:
        raise NotTheHub(hub=queries.hub())
