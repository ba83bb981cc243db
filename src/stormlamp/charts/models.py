"""The tables of charts: everything written is a row keyed by its ledger entry; stays are recomputed from them."""

from django.db import models


class Written(models.Model):
    """An entry of a chart. `body` is the JSON of its value; lists are JSON text."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    id = models.TextField(db_index=True)
    patient = models.TextField()
    what = models.TextField()
    body = models.TextField()
    occurred_at = models.BigIntegerField()
    written_at = models.BigIntegerField()
    author = models.TextField()
    author_name = models.TextField()
    node = models.TextField()
    ward = models.TextField()
    outage = models.TextField(db_index=True)
    doubts = models.TextField()
    although = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "charts_written"
        indexes = (
            models.Index(fields=["patient", "what"], name="charts_written_patient"),
            models.Index(fields=["written_at"], name="charts_written_at"),
            models.Index(fields=["what", "occurred_at"], name="charts_written_what"),
        )


class Struck(models.Model):
    """A strike, of an entry that may not have arrived here yet."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    id = models.TextField(db_index=True)
    patient = models.TextField(db_index=True)
    reason = models.TextField()
    author = models.TextField()
    author_name = models.TextField()
    at = models.BigIntegerField()
    order = models.TextField()

    class Meta:
        db_table = "charts_struck"


class Confirmed(models.Model):
    """A confirmation, of an entry that may not have arrived here yet; `beside` is the JSON list of what contradicted it."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    id = models.TextField(db_index=True)
    patient = models.TextField(db_index=True)
    reason = models.TextField()
    beside = models.TextField()
    author = models.TextField()
    author_name = models.TextField()
    at = models.BigIntegerField()
    order = models.TextField()

    class Meta:
        db_table = "charts_confirmed"


class Registered(models.Model):
    """Somebody registered here: what they are found by. `words` are the folded words of the name."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    patient = models.TextField(db_index=True)
    number = models.TextField(db_index=True)
    node = models.TextField(db_index=True)
    counter = models.BigIntegerField()
    words = models.TextField()
    alias = models.TextField()
    birth_date = models.TextField()
    mother = models.TextField(db_index=True)
    order = models.TextField()

    class Meta:
        db_table = "charts_registered"


class StayRow(models.Model):
    """Where a patient lies after everything written here and not struck."""

    kind = "projection"
    patient = models.TextField(primary_key=True)
    state = models.TextField()
    ward = models.TextField(db_index=True)
    room = models.TextField()
    bed = models.TextField()
    since_at = models.BigIntegerField()
    died_at = models.BigIntegerField(null=True)
    order = models.TextField()

    class Meta:
        db_table = "charts_stay"


class IdentityStep(models.Model):
    """One step of an identification."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    identification = models.TextField(db_index=True)
    step = models.TextField()
    patient = models.TextField(db_index=True)
    is_patient = models.TextField(db_index=True)
    author = models.TextField()
    author_name = models.TextField()
    at = models.BigIntegerField()
    reason = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "charts_identity_step"


class Flagging(models.Model):
    """A flag was set or removed."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    patient = models.TextField(db_index=True)
    flag = models.TextField()
    set = models.BooleanField()
    author_name = models.TextField()
    reason = models.TextField()
    at = models.BigIntegerField()
    order = models.TextField()

    class Meta:
        db_table = "charts_flagging"


class Reveal(models.Model):
    """Somebody gave a reason to see a masked name."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    patient = models.TextField()
    account = models.TextField(db_index=True)
    at = models.BigIntegerField()
    reason = models.TextField()

    class Meta:
        db_table = "charts_reveal"


class PaperStepRow(models.Model):
    """One step of a ward's time on paper."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    period = models.TextField(db_index=True)
    step = models.TextField()
    ward = models.TextField(db_index=True)
    about_at = models.BigIntegerField()
    author_name = models.TextField()
    at = models.BigIntegerField()
    words = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "charts_paper_step"
