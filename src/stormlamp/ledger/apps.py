"""The ledger as a Django application."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Loads every room's facts, acts and projections, so that nothing in the ledger is unknown."""

    name = "stormlamp.ledger"
    label = "ledger"

    def ready(self) -> None:
        """Import the modules that register themselves."""
        from django.utils.module_loading import autodiscover_modules

        autodiscover_modules("facts", "projections", "actions")
