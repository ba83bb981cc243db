"""The room of numbers as a Django application."""

from django.apps import AppConfig


class NumbersConfig(AppConfig):
    """Numbers: allotted, printed, typed back in."""

    name = "stormlamp.numbers"
    label = "numbers"
