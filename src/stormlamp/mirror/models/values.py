"""What was told about patients: values by class, lists as a whole, and the directory that values point to."""

from django.db import models

from stormlamp.ledger import SqueezedField


class MirrorItem(models.Model):
    """One clinical value: the latest that was told under its key, with its R4 JSON and its source. `id` is that of the FHIR door.

    `scope` is the visit whose list it is on, where a sender tells lists by visit.
    """

    kind = "projection"
    id = models.TextField(primary_key=True)
    patient = models.TextField()
    category = models.TextField()
    scope = models.TextField(default="")
    key = models.TextField()
    type = models.TextField(default="")
    code = models.TextField()
    display = models.TextField()
    text = models.TextField()
    value = models.TextField()
    unit = models.TextField()
    reference_range = models.TextField()
    flag = models.TextField()
    status = models.TextField()
    effective_at = models.BigIntegerField(null=True)
    resource = SqueezedField()
    order = models.TextField()
    entry = models.TextField()
    interface = models.TextField()
    message = models.TextField()
    control_id = models.TextField()
    at = models.BigIntegerField()
    received_at = models.BigIntegerField()

    class Meta:
        db_table = "mirror_item"
        indexes = [
            models.Index(fields=["patient", "category"], name="mirror_item_of_patient"),
            models.Index(fields=["type", "received_at"], name="mirror_item_since"),
            models.Index(fields=["type", "effective_at"], name="mirror_item_dated"),
            models.Index(fields=["type", "code"], name="mirror_item_coded"),
        ]


class MirrorDirectory(models.Model):
    """A person, place, organisation or device that values point to, as last told. `id` is `Practitioner/<fhir id>`."""

    kind = "projection"
    id = models.TextField(primary_key=True)
    type = models.TextField()
    display = models.TextField()
    search = models.TextField()
    resource = SqueezedField()
    order = models.TextField()
    entry = models.TextField()
    interface = models.TextField()
    message = models.TextField()
    control_id = models.TextField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "mirror_directory"
        indexes = [models.Index(fields=["type"], name="mirror_directory_type")]


class MirrorClass(models.Model):
    """The newest message that spoke of a class of a patient's values, and whether it said that there are none.

    `id` is the patient and the class: by it a patient's rows are found.
    """

    kind = "projection"
    implied = ("patient", "category")
    id = models.TextField(primary_key=True)
    patient = models.TextField()
    category = models.TextField()
    stated_none = models.BooleanField()
    order = models.TextField()
    entry = models.TextField()
    interface = models.TextField()
    message = models.TextField()
    control_id = models.TextField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "mirror_class"


class MirrorSnapshot(models.Model):
    """The newest whole list of a class of a patient's values that an interface sent: `keys`, one a line."""

    kind = "projection"
    implied = ("patient", "category", "scope", "interface")
    id = models.TextField(primary_key=True)
    patient = models.TextField(db_index=True)
    category = models.TextField()
    scope = models.TextField()
    keys = models.TextField()
    order = models.TextField()
    entry = models.TextField()
    interface = models.TextField()
    message = models.TextField()
    control_id = models.TextField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "mirror_snapshot"


class MirrorProgramme(models.Model):
    """The newest list of a programme that a file gave for a day, by source; `lines` is JSON."""

    kind = "projection"
    id = models.TextField(primary_key=True)
    programme = models.TextField()
    day = models.TextField()
    source = models.TextField()
    lines = models.BinaryField()
    entry = models.TextField()
    order = models.TextField()
    read_at = models.BigIntegerField()

    class Meta:
        db_table = "mirror_programme"
        indexes = [models.Index(fields=["programme", "day"], name="mirror_programme_day")]
