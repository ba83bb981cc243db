"""The mirror's tables: all of them are made again from the ledger. Moments are microseconds; JSON is kept as bytes."""

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


class MirrorTelling(models.Model):
    """A distinct set of things that was told about a person, with the latest entry that told it."""

    kind = "projection"
    id = models.TextField(primary_key=True)
    patient = models.TextField(db_index=True)
    traits = models.BinaryField()
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
    mrn = models.TextField(db_index=True)
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
    resource = models.BinaryField()
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


class MirrorMove(models.Model):
    """A visit or account (`by`) that belongs to another patient or has another number (A42, A44, A45, A50)."""

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
    """One ADT event of one visit. `aim` is a pending or temporary place; `cleared` names what was deleted."""

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
        indexes = [models.Index(fields=["ward"], name="mirror_visit_present", condition=models.Q(present=True))]


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


class MirrorItem(models.Model):
    """One clinical value: the latest that was told under its key, with its R4 JSON and its source.

    `scope` is the visit whose list it is on, where a sender tells lists by visit.
    """

    kind = "projection"
    id = models.TextField(primary_key=True)
    patient = models.TextField()
    category = models.TextField()
    scope = models.TextField(default="")
    key = models.TextField()
    type = models.TextField(default="")
    fhir_id = models.TextField(default="", db_index=True)
    code = models.TextField()
    display = models.TextField()
    text = models.TextField()
    value = models.TextField()
    unit = models.TextField()
    reference_range = models.TextField()
    flag = models.TextField()
    status = models.TextField()
    effective_at = models.BigIntegerField(null=True)
    resource = models.BinaryField()
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
            models.Index(fields=["type", "received_at", "id"], name="mirror_item_received"),
            models.Index(fields=["type", "effective_at", "id"], name="mirror_item_effective"),
            models.Index(fields=["type", "code", "id"], name="mirror_item_of_code"),
        ]


class MirrorDirectory(models.Model):
    """A person, place, organisation or device that values point to, as last told. `id` is `Practitioner/<fhir id>`."""

    kind = "projection"
    id = models.TextField(primary_key=True)
    type = models.TextField()
    display = models.TextField()
    search = models.TextField()
    resource = models.BinaryField()
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
    """The newest message that spoke of a class of a patient's values, and whether it said that there are none."""

    kind = "projection"
    id = models.TextField(primary_key=True)
    patient = models.TextField(db_index=True)
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


class MirrorExport(models.Model):
    """A bulk export that somebody asked for over FHIR. `types` is a JSON list; its files are written while they are fetched."""

    kind = "projection"
    export = models.TextField(primary_key=True)
    level = models.TextField()
    types = models.TextField()
    since = models.BigIntegerField(null=True)
    base = models.TextField()
    query = models.TextField()
    at = models.BigIntegerField()
    by = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "mirror_export"


class MirrorExportEnd(models.Model):
    """An export whose files are given no more."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    export = models.TextField(db_index=True)
    at = models.BigIntegerField()

    class Meta:
        db_table = "mirror_export_end"


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
