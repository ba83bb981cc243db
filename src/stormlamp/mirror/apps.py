"""The mirror as a Django application."""

from django.apps import AppConfig


class MirrorConfig(AppConfig):
    """The last known picture of every patient, and the wires that feed it."""

    name = "stormlamp.mirror"
    label = "mirror"
