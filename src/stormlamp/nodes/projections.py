"""Nodes from their facts."""

import json
from collections.abc import Sequence

from stormlamp.ledger import Entry, insert_new, projects, upsert
from stormlamp.nodes.facts import NodeEnrolled, NodeInvited, NodeReachable, NodeRevoked
from stormlamp.nodes.models import NodesAddress, NodesEnrolment, NodesInvitation, NodesRevocation


@projects(NodeInvited)
def invitations(entries: Sequence[Entry[NodeInvited]]) -> None:
    """Codes that nodes may join with."""
    upsert(
        NodesInvitation,
        [
            {
                "invitation": one.fact.invitation,
                "origin": one.origin,
                "digest": one.fact.digest,
                "role": one.fact.role,
                "wards": json.dumps(one.fact.wards),
                "everyone": one.fact.everyone,
                "invited_at": one.at,
                "invited_by": one.actor_name,
                "expires_at": one.fact.expires_at,
                "order": one.order,
            }
            for one in entries
        ],
    )


@projects(NodeEnrolled)
def enrolments(entries: Sequence[Entry[NodeEnrolled]]) -> None:
    """Nodes that joined."""
    insert_new(
        NodesEnrolment,
        [
            {
                "entry": one.key,
                "origin": one.origin,
                "node": one.fact.node,
                "home": one.fact.home,
                "role": one.fact.role,
                "wards": json.dumps(one.fact.wards),
                "everyone": one.fact.everyone,
                "public_key": one.fact.public_key,
                "certificate": one.fact.certificate,
                "invitation": one.fact.invitation,
                "at": one.at,
                "order": one.order,
            }
            for one in entries
        ],
    )


@projects(NodeRevoked)
def revocations(entries: Sequence[Entry[NodeRevoked]]) -> None:
    """Nodes that are trusted no more."""
    insert_new(
        NodesRevocation,
        [
            {
                "entry": one.key,
                "origin": one.origin,
                "node": one.fact.node,
                "kept": json.dumps(one.fact.kept, sort_keys=True),
                "reason": one.fact.reason,
                "by": one.actor_name,
                "at": one.at,
                "order": one.order,
            }
            for one in entries
        ],
    )


@projects(NodeReachable)
def addresses(entries: Sequence[Entry[NodeReachable]]) -> None:
    """Where nodes answer; one speaks for itself only."""
    upsert(
        NodesAddress,
        [
            {"node": one.fact.node, "urls": json.dumps(one.fact.urls), "order": one.order}
            for one in entries
            if one.node == one.fact.node
        ],
    )
