"""Who acts: a person or the node itself, with the rights that travel along."""

from dataclasses import dataclass

from stormlamp.kernel.identifiers import AccountId, NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who acts on a node. `wards` empty means every ward that the role reaches."""

    account: AccountId
    name: str
    role: str
    rights: frozenset[str]
    node: NodeId
    wards: tuple[str, ...] = ()

    def may(self, right: str) -> bool:
        """Whether this actor holds a right; `*` holds them all."""
        return right in self.rights or "*" in self.rights


def system(node: NodeId) -> Actor:
    """The node acting for itself: feeds, jobs and the command line of whoever holds the home's key."""
    return Actor(account=AccountId(f"system@{node}"), name="Stormlamp", role="system", rights=frozenset({"*"}), node=node)
