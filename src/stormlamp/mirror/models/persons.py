"""Who patients are: what was told of them, their numbers, and which of them are one."""

from django.db import models

from stormlamp.ledger import SqueezedField


class MirrorTelling(models.Model):
    """A distinct set of things that was told about a person, with the latest entry that told it."""

    kind = "projection"
    implied = ("patient", "traits", "mrn", "authority", "flags")
    id = models.TextField(primary_key=True)
    patient = models.TextField(db_index=True)
    traits = SqueezedField()
    mrn = models.TextField()
    authority = models.TextField()
    flags = models.TextField()
    order = models.TextField()
    entry = models.TextField()
    interface = models.TextField()
    message = models.TextField()
    control_id = models.TextField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "mirror_telling"


class MirrorPatient(models.Model):
    """Who a patient is: each trait from the latest message that told it. `search` holds the folded spellings of the names."""

    kind = "projection"
    patient = models.TextField(primary_key=True)
    mrn = models.TextField()
    authority = models.TextField()
    family = models.TextField()
    given = models.TextField()
    prefix = models.TextField()
    birth_date = models.TextField(null=True, db_index=True)
    sex = models.TextField()
    language = models.TextField()
    deceased_at = models.BigIntegerField(null=True)
    flags = models.TextField()
    search = models.TextField()
    resource = SqueezedField()
    order = models.TextField()
    entry = models.TextField()
    interface = models.TextField()
    message = models.TextField()
    control_id = models.TextField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "mirror_patient"


class MirrorIdentifier(models.Model):
    """A number of a patient. `plain` is the number without marks, for search."""

    kind = "projection"
    id = models.TextField(primary_key=True)
    patient = models.TextField(db_index=True)
    type = models.TextField()
    authority = models.TextField()
    number = models.TextField()
    plain = models.TextField(db_index=True)

    class Meta:
        db_table = "mirror_identifier"


class MirrorAlias(models.Model):
    """A merged patient (A40) and who it is now, or, not `joined`, that it is no longer (A37); chains are followed by queries."""

    kind = "projection"
    id = models.TextField(primary_key=True)
    patient = models.TextField(db_index=True)
    survivor = models.TextField(db_index=True)
    joined = models.BooleanField()
    order = models.TextField()
    entry = models.TextField()

    class Meta:
        db_table = "mirror_alias"


class MirrorLink(models.Model):
    """Two records that their source links and keeps apart (A24), or, not `linked`, no longer links (A37)."""

    kind = "projection"
    id = models.TextField(primary_key=True)
    one = models.TextField(db_index=True)
    other = models.TextField(db_index=True)
    linked = models.BooleanField()
    order = models.TextField()
    entry = models.TextField()

    class Meta:
        db_table = "mirror_link"
