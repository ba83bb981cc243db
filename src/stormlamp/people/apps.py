"""The room of people as a Django application."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Accounts, credentials and sign-in."""

    name = "stormlamp.people"
    label = "people"
