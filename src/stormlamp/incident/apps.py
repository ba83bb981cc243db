"""The room of outages as a Django application."""

from django.apps import AppConfig


class IncidentConfig(AppConfig):
    """Outages: declared, shown, ended."""

    name = "stormlamp.incident"
    label = "incident"
