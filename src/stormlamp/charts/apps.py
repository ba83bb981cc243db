"""The room of charts as a Django application."""

from django.apps import AppConfig


class ChartsConfig(AppConfig):
    """Patients, beds, charts, and what people write in them."""

    name = "stormlamp.charts"
    label = "charts"
