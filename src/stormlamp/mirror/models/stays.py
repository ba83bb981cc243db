"""Where patients are: movements, the visits that they make, and beds."""

from django.db import models


class MirrorMove(models.Model):
    """A visit or account (`by`) that belongs to another patient or has another number (A35, A36, A41, A42, A44, A45, A49-A51)."""

    kind = "projection"
    id = models.TextField(primary_key=True)
    patient = models.TextField(db_index=True)
    to_patient = models.TextField(db_index=True)
    to_key = models.TextField()
    order = models.TextField()
    entry = models.TextField()

    class Meta:
        db_table = "mirror_move"


class MirrorMovement(models.Model):
    """One ADT event of one visit. `aim` is a pending or temporary place; `cleared` names what was deleted.

    `account` is PID-18, else PV1-50; of a FHIR Encounter its `Encounter/<id>` in this store.
    """

    kind = "projection"
    id = models.TextField(primary_key=True)
    patient = models.TextField(db_index=True)
    visit = models.TextField()
    account = models.TextField()
    step = models.TextField()
    at = models.BigIntegerField()
    order = models.TextField()
    ward = models.TextField()
    room = models.TextField()
    bed = models.TextField()
    aim_ward = models.TextField()
    aim_room = models.TextField()
    aim_bed = models.TextField()
    visit_class = models.TextField()
    admitted_at = models.BigIntegerField(null=True)
    discharged_at = models.BigIntegerField(null=True)
    undoes_at = models.BigIntegerField(null=True)
    cleared = models.TextField()
    entry = models.TextField()

    class Meta:
        db_table = "mirror_movement"


class MirrorVisit(models.Model):
    """A visit after all its movements, under the patient whose it is now; `present` says whether the patient has a bed.

    `whereabouts` and `aim` are places as people read them; `course` is JSON: when the visit came to which ward.
    """

    kind = "projection"
    implied = ("patient", "visit")
    stay = models.TextField(primary_key=True)
    patient = models.TextField(db_index=True)
    visit = models.TextField()
    status = models.TextField()
    present = models.BooleanField()
    ward = models.TextField()
    room = models.TextField()
    bed = models.TextField()
    away = models.TextField()
    whereabouts = models.TextField()
    pending = models.TextField()
    aim = models.TextField()
    visit_class = models.TextField()
    admitted_at = models.BigIntegerField(null=True)
    discharged_at = models.BigIntegerField(null=True)
    course = models.BinaryField()
    entry = models.TextField()

    class Meta:
        db_table = "mirror_visit"
        indexes = [
            models.Index(fields=["ward"], name="mirror_visit_present", condition=models.Q(present=True)),
            models.Index(fields=["ward"], name="mirror_visit_planned", condition=models.Q(status="planned")),
        ]


class MirrorBed(models.Model):
    """What a bed is like, as last told (A20, table 0116)."""

    kind = "projection"
    id = models.TextField(primary_key=True)
    ward = models.TextField(db_index=True)
    room = models.TextField()
    bed = models.TextField()
    status = models.TextField()
    order = models.TextField()
    entry = models.TextField()
    interface = models.TextField()
    message = models.TextField()
    control_id = models.TextField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "mirror_bed"
