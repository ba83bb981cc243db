"""A hub with nodes that have joined it, in one process: time is the home's own clock, moved by hand."""

import hashlib
from dataclasses import replace

from django.conf import settings

from stormlamp.kernel.actors import system
from stormlamp.kernel.identifiers import NodeId
from stormlamp.kernel.moments import DAY, Moment
from stormlamp.ledger import clock, entries
from stormlamp.nodes import actions, jobs, queries
from stormlamp.nodes.engines.home import Home, Pinned
from stormlamp.nodes.wire import VERSION, PullAsked
from tests.makers import NOON

STATUS = {
    "version": "0.1.0", "running_for": 3600, "entries": 0, "behind": 0, "free": 50_000_000_000, "disk": 100_000_000_000,
    "database": 20_000_000, "signed_in_ago": 120,
}  # fmt: skip


def at_clock(at: int) -> Moment:
    """Set the home's clock; from there it runs as usual."""
    clock.set_scaled(settings.HOME.path, at=Moment(at), factor=1.0)
    return Moment(at)


def a_joined_node(node: str = "ward-1", *, role: str = "ward", wards=("3B",), at: int = NOON) -> NodeId:
    """A node that the hub enrolled."""
    by, digest = system(queries.this_node()), hashlib.sha256(node.encode()).hexdigest()
    told = {"role": role, "wards": wards, "everyone": not wards, "expires_at": Moment(at + DAY), "certificate": b"hub"}
    actions.invite_node(by, Moment(at), digest=digest, **told)
    enrolled = actions.enrol_node(
        by, Moment(at), digest=digest, node=NodeId(node), home=f"home-{node}", public_key=node.encode(), certificate=node.encode()
    )
    return enrolled.node


def in_step(node: str, *, at: int, entries_there: int = 0, behind: int = 0, ahead: int = 0, **more: object) -> None:
    """The node asked at a moment and told its status; it lacks so many of the hub's entries."""
    at_clock(at)
    mine = queries.this_node()
    after = {origin: size for origin, size in entries.heads().items() if origin.startswith(f"{mine}/")}
    last = max(after, key=lambda origin: after[origin])
    after[last] -= behind
    asked = PullAsked(VERSION, after, status={**STATUS, "now": at + ahead, "entries": entries_there, **more})
    jobs.note_caller(jobs.Met(node=node), asked)


def as_ward(home: Home) -> Home:
    """The same home, as that of a ward that joined a hub named hub-1."""
    pinned = Pinned(node=NodeId("hub-1"), home="home-hub-1", url="https://127.0.0.1:1", public_key=b"k" * 32, certificate=b"hub")
    return replace(home, hub=pinned, role="ward")
