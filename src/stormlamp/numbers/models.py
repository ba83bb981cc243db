"""The tables of numbers."""

from django.db import models


class NumbersAllotment(models.Model):
    """A stretch of counters that is out."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    allotment = models.TextField(db_index=True)
    node = models.TextField()
    names = models.TextField()
    block = models.IntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    ward = models.TextField()
    why = models.TextField()
    exercise = models.BooleanField()
    at = models.BigIntegerField(db_index=True)
    by_name = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "numbers_allotment"
        indexes = (models.Index(fields=["names", "block", "last"], name="numbers_allotment_last"),)


class NumbersBlock(models.Model):
    """A block that a node numbers in. `turn`: which node it was of those that the hub `giver` enrolled; 0: it took it itself."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    giver = models.TextField()
    node = models.TextField(db_index=True)
    turn = models.IntegerField()
    block = models.IntegerField()
    at = models.BigIntegerField()
    order = models.TextField()

    class Meta:
        db_table = "numbers_block"


class NumbersUse(models.Model):
    """A number that stands on something."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    number = models.TextField(db_index=True)
    patient = models.TextField(db_index=True)
    what = models.TextField()
    although = models.TextField()
    at = models.BigIntegerField()
    by_name = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "numbers_use"
