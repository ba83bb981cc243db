"""Values that tests start from."""

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import AccountId, NodeId
from stormlamp.kernel.moments import Moment, parse_iso
from stormlamp.people.rules import rights_of

NOON = parse_iso("2026-01-13T11:00:00Z")


def an_actor(*rights: str, name: str = "Nora Peeters", role: str = "nurse", account: str = "") -> Actor:
    """Somebody with just these rights."""
    return Actor(
        account=AccountId(account or name.split()[0].lower()),
        name=name,
        role=role,
        rights=frozenset(rights),
        node=NodeId("test"),
    )


def actor(role: str, *, name: str = "Nora Peeters", wards: tuple[str, ...] = ()) -> Actor:
    """Somebody with the rights of a role."""
    return Actor(account=AccountId(role), name=name, role=role, rights=rights_of(role), node=NodeId("test"), wards=wards)


def after(at: Moment, micros: int) -> Moment:
    """A moment later than another."""
    return Moment(at + micros)
