"""Questions about this node, and about the others of this hospital."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from stormlamp.kernel.identifiers import NodeId
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import entries
from stormlamp.ledger.signers import Signer
from stormlamp.nodes.engines.home import Home
from stormlamp.nodes.models import NodesAddress, NodesContact, NodesEnrolment, NodesInvitation, NodesRevocation
from stormlamp.nodes.rules import HUB, CopyOf, Node, NodeState, Seen, seen_as


def home() -> Home:
    """The home that this process has opened."""
    found = settings.HOME
    assert isinstance(found, Home)
    return found


def this_node() -> NodeId:
    """The name of this node."""
    return home().node


def hub() -> NodeId:
    """The name of the hub, which alone says who belongs to this hospital."""
    pinned = home().hub
    return pinned.node if pinned is not None else this_node()


def nodes() -> tuple[Node, ...]:
    """Every node that the hub enrolled, the hub first, then in the order in which they joined."""
    acts = f"{hub()}/acts"
    revoked = {
        row["node"]: row for row in NodesRevocation.objects.filter(origin=acts).order_by("-order").values()
    }  # the first holds
    urls = dict(NodesAddress.objects.order_by("node").values_list("node", "urls"))
    found: dict[str, Node] = {}
    for row in NodesEnrolment.objects.filter(origin=acts).order_by("order").values():
        found.setdefault(row["node"], _node(row, revoked.get(row["node"]), urls.get(row["node"], "[]")))
    return tuple(sorted(found.values(), key=lambda one: one.role != HUB))


def holds_everybody() -> bool:
    """Whether this node leaves nothing out: the hub, and what joined to hold everybody."""
    known = node_named(this_node())
    return home().hub is None or (known is not None and known.holds_everybody)


def node_named(name: str) -> Node | None:
    """One node; None when the hub enrolled none of that name."""
    return next((one for one in nodes() if one.node == name), None)


def next_block() -> int:
    """The number that the next node gets: one more than this hub has enrolled nodes, so that no two have one in common."""
    return NodesEnrolment.objects.filter(origin=f"{this_node()}/acts").count() + 1


def signer(node: str) -> Signer | None:
    """With which key a node signs: the one it joined with; of the hub, the one that was pinned when this node joined."""
    pinned = home().hub
    if pinned is not None and node == pinned.node:
        return Signer(pinned.home, pinned.public_key)
    acts = f"{hub()}/acts"
    row = NodesEnrolment.objects.filter(origin=acts, node=node).order_by("order").values("home", "public_key").first()
    if row is None:
        return None
    kept = NodesRevocation.objects.filter(origin=acts, node=node).order_by("order").values_list("kept", flat=True).first()
    return Signer(row["home"], bytes(row["public_key"]), None if kept is None else json.loads(kept))


def seal_key(node: str) -> bytes:
    """With which key something is sealed for a node alone (X25519); empty when it joined before there was one."""
    entry = (
        NodesEnrolment.objects.filter(origin=f"{hub()}/acts", node=node).order_by("order").values_list("entry", flat=True).first()
    )
    found = entries.entry(entry) if entry else None
    told: bytes = getattr(found.fact, "seal_key", b"") if found else b""
    return told


def standing_invitation(digest: str, *, at: Moment) -> Mapping[str, Any] | None:
    """The invitation whose code has this digest, if no node has used it and it has not run out."""
    acts = f"{this_node()}/acts"
    found = NodesInvitation.objects.filter(origin=acts, digest=digest, expires_at__gt=at).order_by("order").values().first()
    used = found and NodesEnrolment.objects.filter(origin=acts, invitation=found["invitation"]).exists()
    return None if used or not found else {**found, "wards": tuple(json.loads(found["wards"]))}


def contacts() -> dict[str, Mapping[str, Any]]:
    """What this node saw of each other one, by name."""
    return {row["node"]: row for row in NodesContact.objects.order_by("node").values()}


def board() -> tuple[Seen, ...]:
    """Every node as it was last seen, the hub first."""
    known = contacts()
    found = []
    for node in nodes():
        row = dict(known.get(node.node, {}))
        told, relayed = json.loads(row.get("told", "{}")), json.loads(row.get("relayed", "{}"))
        found.append(seen_as(node, row, relayed, told, this_node=node.node == this_node()))
    return tuple(found)


def seen(name: str) -> Seen | None:
    """One node as it was last seen; None when the hub enrolled none of that name."""
    return next((one for one in board() if one.node.node == name), None)


def own_copy() -> CopyOf | None:
    """This node's copy of the hub's entries; None on the hub."""
    mine = home()
    if mine.hub is None:
        return None
    row = contacts().get(mine.hub.node, {})
    whole_at, begun = row.get("have_at"), mine.begun
    return CopyOf(
        source=mine.hub.node,
        holder=mine.node,
        whole_at=None if whole_at is None else Moment(whole_at),
        joined_at=Moment(begun.stat().st_mtime_ns // 1000 if begun.exists() else 0),
        trouble=row.get("trouble", ""),
    )


def copies_elsewhere() -> tuple[CopyOf, ...]:
    """On the hub: how far each trusted node is in step with it, both ways; nothing on any other node."""
    if home().hub is not None:
        return ()
    found = []
    for one in board():
        if not one.this_node and one.node.state == NodeState.ENROLLED:
            both = None if one.has_ours_at is None or one.have_at is None else min(one.has_ours_at, one.have_at)
            found.append(CopyOf(source=this_node(), holder=one.node.node, whole_at=both, joined_at=one.node.enrolled_at))
    return tuple(found)


def entries_of(node: str, sizes: Mapping[str, int]) -> int:
    """How many entries of a node's own these sizes of origins hold."""
    return sum(size for origin, size in sizes.items() if origin.partition("/")[0] == node)


def address() -> tuple[str, ...]:
    """Where this node answers others, as its home says: `url`, else host and port; nothing when it does not listen."""
    told = home().options.get("nodes", {})
    if not told:
        return ()
    return (str(told.get("url") or f"https://{told.get('host', '127.0.0.1')}:{told.get('port', 8425)}"),)


def _node(row: Mapping[str, Any], revoked: Mapping[str, Any] | None, urls: str) -> Node:
    return Node(
        node=NodeId(row["node"]),
        home=row["home"],
        role=row["role"],
        wards=tuple(json.loads(row["wards"])),
        everyone=row["everyone"],
        public_key=bytes(row["public_key"]),
        certificate=bytes(row["certificate"]),
        enrolled_at=Moment(row["at"]),
        urls=tuple(json.loads(urls)),
        revoked_at=Moment(revoked["at"]) if revoked else None,
        reason=revoked["reason"] if revoked else "",
        kept=tuple(sorted(json.loads(revoked["kept"]).items())) if revoked else (),
    )
