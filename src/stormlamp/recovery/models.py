"""The tables of the hand-back: runs, and everything that happened to each item."""

from django.db import models


class Handback(models.Model):
    """A run towards an EHR, started or stopped: the latest word by order counts. The node it was started on sends."""

    kind = "projection"
    id = models.TextField(primary_key=True)
    node = models.TextField()
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


class Owed(models.Model):
    """A chart entry that the EHR must get, or somebody must answer for. Two entries of one id are one item: the first counts."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    item = models.TextField(db_index=True)
    what = models.TextField()
    record_class = models.TextField()
    patient = models.TextField(db_index=True)
    mother = models.TextField()
    ward = models.TextField()
    outage = models.TextField(db_index=True)
    occurred_at = models.BigIntegerField()
    written_at = models.BigIntegerField()
    author = models.TextField()
    author_name = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "recovery_owed"


class Strike(models.Model):
    """An entry was struck out, or an identification undone; perhaps before it arrived here."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    item = models.TextField(db_index=True)
    at = models.BigIntegerField()
    by = models.TextField()
    why = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "recovery_strike"


class ItemStanding(models.Model):
    """In which one state an item is, recomputed from its events and strikes. An item without a row is to do."""

    kind = "projection"
    item = models.TextField(primary_key=True)
    state = models.TextField(db_index=True)
    since_at = models.BigIntegerField()
    reason = models.TextField()
    by = models.TextField()
    attempts = models.BigIntegerField()
    cleared = models.BooleanField()
    round = models.BigIntegerField()
    struck = models.BooleanField()
    corrects = models.BooleanField(db_index=True)

    class Meta:
        db_table = "recovery_standing"
