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
from stormlamp.nodes.rules import HUB, Node


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


def node_named(name: str) -> Node | None:
    """One node; None when the hub enrolled none of that name."""
    return next((one for one in nodes() if one.node == name), None)


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
