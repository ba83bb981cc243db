"""The tables of the verdict: checks of the ledger, and signed verdicts."""

from django.db import models


class LedgerCheck(models.Model):
    """One verification of the ledger, keyed by its entry."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    ok = models.BooleanField()
    entries = models.BigIntegerField()
    faults = models.TextField()
    at = models.BigIntegerField()
    by = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "verdict_ledger_check"


class Signature(models.Model):
    """One signed verdict, keyed by its entry."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    service = models.TextField()
    answer = models.TextField()
    reasons = models.TextField()
    note = models.TextField()
    role = models.TextField()
    at = models.BigIntegerField()
    by = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "verdict_signature"
