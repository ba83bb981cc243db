"""The room of the return as a Django application."""

from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    """The hand-back."""

    name = "stormlamp.recovery"
    label = "recovery"
