"""The ledger's tables. `entry`, `gap`, `head`, `checkpoint`, `once` are the ledger; the rest is made from it, or is local."""

from django.db import models


class LedgerEntry(models.Model):
    """One fact: its chained header, and its payload until that is purged. `payload` is a zstandard frame of the salted bytes."""

    kind = "ledger"
    pk = models.CompositePrimaryKey("origin", "sequence")
    origin = models.TextField()
    sequence = models.BigIntegerField()
    hlc = models.BigIntegerField()
    payload_digest = models.BinaryField()
    previous = models.BinaryField()
    digest = models.BinaryField()
    salt = models.BinaryField(null=True)
    payload = models.BinaryField(null=True)

    class Meta:
        db_table = "ledger_entry"


class LedgerGap(models.Model):
    """Entries of another node that are left out here: from `first` to `last`, and the hashes of the subtrees that hold them."""

    kind = "ledger"
    pk = models.CompositePrimaryKey("origin", "first")
    origin = models.TextField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        db_table = "ledger_gap"


class LedgerHead(models.Model):
    """Where an origin ends: size, clock, last digest, the tree's right edge, and the signed checkpoint over all of it."""

    kind = "ledger"
    origin = models.TextField(primary_key=True)
    size = models.BigIntegerField()
    hlc = models.BigIntegerField()
    digest = models.BinaryField()
    frontier = models.BinaryField()
    note = models.TextField()

    class Meta:
        db_table = "ledger_head"


class LedgerCheckpoint(models.Model):
    """Checkpoints kept for good: at most one a minute and origin."""

    kind = "ledger"
    pk = models.CompositePrimaryKey("origin", "size")
    origin = models.TextField()
    size = models.BigIntegerField()
    note = models.TextField()

    class Meta:
        db_table = "ledger_checkpoint"


class LedgerOnce(models.Model):
    """Which entries answer a `once` key: an act pressed twice, or a message sent twice, is one."""

    kind = "ledger"
    key = models.TextField(primary_key=True)
    origin = models.TextField()
    sequence = models.BigIntegerField()
    count = models.IntegerField()

    class Meta:
        db_table = "ledger_once"


class LedgerAside(models.Model):
    """Entries that no table holds, and why: unknown type, newer version, or a projection that failed on them."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    fact = models.TextField()
    reason = models.TextField()

    class Meta:
        db_table = "ledger_aside"


class LedgerLook(models.Model):
    """Who looked at which patient: one row per person, patient and hour."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    actor = models.TextField()
    actor_name = models.TextField()
    patient = models.TextField(db_index=True)
    look = models.TextField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "ledger_look"


class LedgerPosition(models.Model):
    """How far an origin is projected into this node's tables."""

    kind = "local"
    origin = models.TextField(primary_key=True)
    sequence = models.BigIntegerField()

    class Meta:
        db_table = "ledger_position"
