"""The room of the verdict as a Django application."""

from django.apps import AppConfig


class VerdictConfig(AppConfig):
    """The verdict."""

    name = "stormlamp.verdict"
    label = "verdict"
