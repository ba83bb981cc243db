"""The tables of the hand-back: runs, and everything that happened to each item."""

from django.db import models


class Handback(models.Model):
    """A run towards an EHR, started or stopped: the latest word by order counts."""

    kind = "projection"
    id = models.TextField(primary_key=True)
    target = models.TextField()
    running = models.BooleanField()
    at = models.BigIntegerField()
    by = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "recovery_handback"


class ItemEvent(models.Model):
    """One thing that happened to an item, keyed by its entry. `told` is JSON of what the event carries."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    item = models.TextField(db_index=True)
    event = models.TextField()
    at = models.BigIntegerField()
    by = models.TextField()
    control_id = models.TextField()
    told = models.TextField()
    raw = models.BinaryField()
    order = models.TextField()

    class Meta:
        db_table = "recovery_item_event"
