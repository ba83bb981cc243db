"""Bulk exports that other tools asked for."""

from django.db import models


class MirrorExport(models.Model):
    """A bulk export that somebody asked for over FHIR. `types` is a JSON list; its files are written while they are fetched."""

    kind = "projection"
    export = models.TextField(primary_key=True)
    level = models.TextField()
    types = models.TextField()
    since = models.BigIntegerField(null=True)
    base = models.TextField()
    query = models.TextField()
    at = models.BigIntegerField()
    by = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "mirror_export"


class MirrorExportEnd(models.Model):
    """An export whose files are given no more."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    export = models.TextField(db_index=True)
    at = models.BigIntegerField()

    class Meta:
        db_table = "mirror_export_end"
