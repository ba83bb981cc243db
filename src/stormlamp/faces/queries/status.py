"""What the rooms know of this node that the others are to know."""

from stormlamp.kernel.moments import SECOND, Moment
from stormlamp.nodes.queries import this_node
from stormlamp.people.queries import last_sign_in_on


def status(now: Moment) -> dict[str, str | int]:
    """How many seconds ago somebody last signed in here; nothing where nobody ever has."""
    at = last_sign_in_on(this_node())
    return {} if at is None else {"signed_in_ago": max(0, now - at) // SECOND}
