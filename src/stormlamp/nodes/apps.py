"""The room of nodes as a Django application."""

from django.apps import AppConfig


class NodesConfig(AppConfig):
    """Who this node is."""

    name = "stormlamp.nodes"
    label = "nodes"
