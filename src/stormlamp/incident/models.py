"""The tables of outages: one row per declaration, one per ending."""

from django.db import models


class Outage(models.Model):
    """A declaration. Lists are JSON text."""

    kind = "projection"
    id = models.TextField(primary_key=True)
    cause = models.TextField()
    services = models.TextField()
    wards = models.TextField()
    since_at = models.BigIntegerField()
    reason = models.TextField()
    rehearsal = models.BooleanField()
    declared_at = models.BigIntegerField()
    declared_by = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "incident_outage"


class Ending(models.Model):
    """An ending, keyed by its entry."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    outage = models.TextField(db_index=True)
    services = models.TextField()
    wards = models.TextField()
    cut_over_at = models.BigIntegerField()
    note = models.TextField()
    ended_at = models.BigIntegerField()
    ended_by = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "incident_ending"
