"""Messages as they came: what became of each, pieces and numbers of a sequence, and the interfaces they came by."""

from django.db import models


class MirrorMessage(models.Model):
    """What became of each entry: understood, not understood or broken, and why. FHIR entries count their resources."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    order = models.TextField()
    channel = models.TextField()
    interface = models.TextField()
    state = models.TextField()
    reason = models.TextField()
    place = models.BigIntegerField()
    message = models.TextField()
    version = models.TextField()
    control_id = models.TextField()
    sent_at = models.BigIntegerField(null=True)
    received_at = models.BigIntegerField()
    patient = models.TextField()
    flags = models.TextField()
    practice = models.BooleanField(default=False)
    digest = models.TextField()
    size = models.BigIntegerField()
    understood = models.BigIntegerField()
    not_understood = models.BigIntegerField()
    broken = models.BigIntegerField()
    parts = models.BinaryField()

    class Meta:
        db_table = "mirror_message"
        indexes = [
            models.Index(
                fields=["interface", "received_at", "understood", "not_understood", "broken"], name="mirror_message_arrival"
            ),
            models.Index(fields=["interface", "control_id"], name="mirror_message_control"),
            models.Index(fields=["state", "received_at"], name="mirror_message_state"),
            models.Index(fields=["interface"], name="mirror_message_practice", condition=models.Q(practice=True)),
        ]


class MirrorAbout(models.Model):
    """Whom an entry tells of beside the patient of its message: more than one, or somebody who was known only later.

    `patient` is empty where it tells of everybody (a deletion names nobody), and may lead on: `Binary/<id>`, `list <list>` and
    `number <number>` as in `rules.abouts`.
    """

    kind = "projection"
    id = models.TextField(primary_key=True)
    entry = models.TextField(db_index=True)
    patient = models.TextField(db_index=True)

    class Meta:
        db_table = "mirror_about"


class MirrorInterface(models.Model):
    """The newest arrival of each interface, channel and type of message."""

    kind = "projection"
    id = models.TextField(primary_key=True)
    interface = models.TextField()
    channel = models.TextField()
    type = models.TextField()
    received_at = models.BigIntegerField()
    order = models.TextField()

    class Meta:
        db_table = "mirror_interface"


class MirrorFragment(models.Model):
    """A piece of a message that came in several (DSC, MSH-14). `joined` names the first piece once all have come."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    scope = models.TextField()
    goes_on = models.TextField()
    more = models.TextField()
    order = models.TextField()
    received_at = models.BigIntegerField()
    raw = models.BinaryField()
    joined = models.TextField()

    class Meta:
        db_table = "mirror_fragment"
        indexes = [
            models.Index(fields=["scope", "more"], name="mirror_fragment_more"),
            models.Index(fields=["scope", "goes_on"], name="mirror_fragment_goes_on"),
        ]


class MirrorSequence(models.Model):
    """The sequence number (MSH-13) of a message of an interface."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    interface = models.TextField()
    number = models.BigIntegerField()
    order = models.TextField()
    received_at = models.BigIntegerField()

    class Meta:
        db_table = "mirror_sequence"
        indexes = [models.Index(fields=["interface", "order"], name="mirror_sequence_interface")]


class MirrorAnswer(models.Model):
    """A person's answer for what was quarantined for a reason until a moment, keyed by its entry."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    reason = models.TextField(db_index=True)
    until_at = models.BigIntegerField()
    why = models.TextField()
    at = models.BigIntegerField()
    by = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "mirror_answer"


class MirrorReplay(models.Model):
    """That an entry of the quarantine was read again."""

    kind = "projection"
    id = models.TextField(primary_key=True)
    message = models.TextField(db_index=True)
    by = models.TextField()
    at = models.BigIntegerField()
    order = models.TextField()

    class Meta:
        db_table = "mirror_replay"


class MirrorCorrection(models.Model):
    """A corrected copy (`entry`) of a message (`original`)."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    original = models.TextField(db_index=True)
    why = models.TextField()
    by = models.TextField()
    at = models.BigIntegerField()
    order = models.TextField()

    class Meta:
        db_table = "mirror_correction"
