"""What a node may be, the code it joins with, whether it has been revoked, how fresh its copy is, and what it says of itself."""

from stormlamp.nodes.rules.board import CopyOf, Seen, seen_as
from stormlamp.nodes.rules.codes import FINGERPRINT_BYTES, BadCode, JoinCode, fingerprint_of, join_code, read_code, secret_digest
from stormlamp.nodes.rules.freshness import OLD_AFTER, Copy, age_of, compared, is_old
from stormlamp.nodes.rules.roles import HUB, ROLES, Node, NodeState, reaches_everyone
from stormlamp.nodes.rules.status import Status, sound

__all__ = [
    "FINGERPRINT_BYTES",
    "HUB",
    "OLD_AFTER",
    "ROLES",
    "BadCode",
    "Copy",
    "CopyOf",
    "JoinCode",
    "Node",
    "NodeState",
    "Seen",
    "Status",
    "age_of",
    "compared",
    "fingerprint_of",
    "is_old",
    "join_code",
    "reaches_everyone",
    "read_code",
    "secret_digest",
    "seen_as",
    "sound",
]
