"""The room of drills as a Django application."""

from django.apps import AppConfig


class DrillsConfig(AppConfig):
    """The simulated hospital and its story."""

    name = "stormlamp.drills"
    label = "drills"
