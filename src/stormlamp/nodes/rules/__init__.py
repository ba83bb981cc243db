"""What a node may be, the code it joins with, and whether it has been revoked."""

from stormlamp.nodes.rules.codes import FINGERPRINT_BYTES, BadCode, JoinCode, fingerprint_of, join_code, read_code, secret_digest
from stormlamp.nodes.rules.roles import HUB, ROLES, Node, NodeState, reaches_everyone

__all__ = [
    "FINGERPRINT_BYTES",
    "HUB",
    "ROLES",
    "BadCode",
    "JoinCode",
    "Node",
    "NodeState",
    "fingerprint_of",
    "join_code",
    "reaches_everyone",
    "read_code",
    "secret_digest",
]
