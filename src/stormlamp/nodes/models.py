"""Tables of nodes."""

from django.db import models


class NodesInvitation(models.Model):
    """A code that a node may join with."""

    kind = "projection"
    invitation = models.TextField(primary_key=True)
    origin = models.TextField()
    digest = models.TextField()
    role = models.TextField()
    wards = models.TextField()
    everyone = models.BooleanField()
    invited_at = models.BigIntegerField()
    invited_by = models.TextField()
    expires_at = models.BigIntegerField()
    order = models.TextField()

    class Meta:
        db_table = "nodes_invitation"


class NodesEnrolment(models.Model):
    """That a node joined, keyed by its entry; `origin` says who wrote it."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    origin = models.TextField()
    node = models.TextField(db_index=True)
    home = models.TextField()
    role = models.TextField()
    wards = models.TextField()
    everyone = models.BooleanField()
    public_key = models.BinaryField()
    certificate = models.BinaryField()
    invitation = models.TextField()
    at = models.BigIntegerField()
    order = models.TextField()

    class Meta:
        db_table = "nodes_enrolment"


class NodesRevocation(models.Model):
    """That a node was revoked, keyed by its entry."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    origin = models.TextField()
    node = models.TextField(db_index=True)
    kept = models.TextField()
    reason = models.TextField()
    by = models.TextField()
    at = models.BigIntegerField()
    order = models.TextField()

    class Meta:
        db_table = "nodes_revocation"


class NodesAddress(models.Model):
    """Where a node said last that it answers."""

    kind = "projection"
    node = models.TextField(primary_key=True)
    urls = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "nodes_address"


class NodesContact(models.Model):
    """What this node saw of another: when they met last, and as of when each side had all of the other's own entries.

    Also how many it lacks, how its clock stands to ours, what it said of itself, and what a third node said of it. Moments are of
    this node's clock.
    """

    kind = "local"
    node = models.TextField(primary_key=True)
    met_at = models.BigIntegerField(null=True)
    tried_at = models.BigIntegerField(null=True)
    trouble = models.TextField(default="")
    ahead = models.BigIntegerField(default=0)
    has_ours_at = models.BigIntegerField(null=True)
    lacks = models.BigIntegerField(default=0)
    have_at = models.BigIntegerField(null=True)
    lacking = models.BigIntegerField(default=0)
    told = models.TextField(default="{}")
    told_at = models.BigIntegerField(null=True)
    relayed = models.TextField(default="{}")
    sizes = models.TextField(default="{}")

    class Meta:
        db_table = "nodes_contact"


class NodesHeld(models.Model):
    """Whom this node holds whole, since when."""

    kind = "local"
    patient = models.TextField(primary_key=True)
    since_at = models.BigIntegerField()

    class Meta:
        db_table = "nodes_held"
