"""The front doors as a Django application."""

from django.apps import AppConfig


class FacesConfig(AppConfig):
    """Composes the rooms."""

    name = "stormlamp.faces"
    label = "faces"
