"""Questions about this node."""

from django.conf import settings

from stormlamp.kernel.identifiers import NodeId
from stormlamp.nodes.engines.home import Home


def home() -> Home:
    """The home that this process has opened."""
    found = settings.HOME
    assert isinstance(found, Home)
    return found


def this_node() -> NodeId:
    """The name of this node."""
    return home().node
