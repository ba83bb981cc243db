"""The parts of a node that talk with other nodes."""

from stormlamp.nodes.listeners.serving import serve_nodes
from stormlamp.nodes.listeners.syncing import serve_sync

__all__ = ["serve_nodes", "serve_sync"]
