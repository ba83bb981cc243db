"""The watch over feeds: their past, alarms, answers, and what was seen last."""

from django.db import models


class MirrorHabit(models.Model):
    """Messages of an interface in an hour before this node listened."""

    kind = "projection"
    id = models.TextField(primary_key=True)
    interface = models.TextField(db_index=True)
    hour_start = models.BigIntegerField()
    count = models.BigIntegerField()
    order = models.TextField()

    class Meta:
        db_table = "mirror_habit"


class MirrorAlarm(models.Model):
    """An alarm as it was raised, keyed by its entry. `evidence`: the figures, JSON."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    alarm = models.TextField(db_index=True)
    what = models.TextField()
    subject = models.TextField()
    since_at = models.BigIntegerField()
    raised_at = models.BigIntegerField()
    evidence = models.BinaryField()
    order = models.TextField()

    class Meta:
        db_table = "mirror_alarm"
        indexes = [
            models.Index(fields=["raised_at"], name="mirror_alarm_time"),
            models.Index(fields=["subject", "raised_at"], name="mirror_alarm_subject"),
        ]


class MirrorAlarmAnswer(models.Model):
    """What somebody, or the watch, answered to an alarm."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    alarm = models.TextField(db_index=True)
    answer = models.TextField()
    words = models.TextField()
    by = models.TextField()
    at = models.BigIntegerField()
    order = models.TextField()

    class Meta:
        db_table = "mirror_alarm_answer"


class MirrorAlarmTold(models.Model):
    """A try to tell a person of an alarm."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    alarm = models.TextField(db_index=True)
    target = models.TextField()
    reached = models.BooleanField()
    why = models.TextField()
    at = models.BigIntegerField()
    order = models.TextField()

    class Meta:
        db_table = "mirror_alarm_told"


class MirrorWatch(models.Model):
    """What this node's watch saw last, per subject: `interface|lab`, `probe|EHR`, `node`. No other node ever sees it."""

    kind = "local"
    id = models.TextField(primary_key=True)
    at = models.BigIntegerField()
    told = models.BinaryField()

    class Meta:
        db_table = "mirror_watch"


class MirrorProbeHour(models.Model):
    """How long a probe's answers took in an hour, as counts per class of duration (JSON); measured here, for here."""

    kind = "local"
    id = models.TextField(primary_key=True)
    probe = models.TextField()
    hour_start = models.BigIntegerField()
    counts = models.BinaryField()
    failed = models.BigIntegerField()

    class Meta:
        db_table = "mirror_probe_hour"
        indexes = [models.Index(fields=["probe", "hour_start"], name="mirror_probe_hour_of")]
