"""Words of numbers, and the sheet of labels as paper takes it."""

from dataclasses import replace

from django.conf import settings

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import Moment
from stormlamp.ledger.verifying import short_checkpoint
from stormlamp.numbers.queries import Allotment, Told
from stormlamp.numbers.rules import NumberKind, numbers_from
from stormlamp.paper import rules as paper
from stormlamp.shell import band
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import language, lazy, when

KINDS: dict[str, str] = {
    NumberKind.SPECIMEN: lazy("Specimen"),
    NumberKind.ACCESSION: lazy("Examination (accession)"),
    NumberKind.PATIENT: lazy("Patient"),
    NumberKind.VISIT: lazy("Visit"),
    NumberKind.DOCUMENT: lazy("Document"),
    NumberKind.FORM: lazy("Form"),
}
# What stands on the label, in capitals.
ON_LABELS: dict[str, str] = {
    NumberKind.SPECIMEN: lazy("SPECIMEN"),
    NumberKind.ACCESSION: lazy("EXAMINATION"),
    NumberKind.PATIENT: lazy("PATIENT"),
    NumberKind.VISIT: lazy("VISIT"),
    NumberKind.DOCUMENT: lazy("DOCUMENT"),
    NumberKind.FORM: lazy("FORM"),
}
_WHOSE = lazy("Name, birth date")
PEN: dict[str, tuple[str, str]] = {
    NumberKind.SPECIMEN: (_WHOSE, lazy("Taken: day, time, by")),
    NumberKind.ACCESSION: (_WHOSE, lazy("Examination, day, time")),
    NumberKind.PATIENT: (_WHOSE, lazy("Sex, ward, bed")),
    NumberKind.VISIT: (_WHOSE, lazy("Came in: day, time, ward")),
    NumberKind.DOCUMENT: (_WHOSE, lazy("What it is, day, by")),
    NumberKind.FORM: (_WHOSE, lazy("What it is, day, by")),
}
WHY: dict[str, str] = {
    "sheet": lazy("printed on a sheet"),
    "registration": lazy("given at a registration"),
    "visit": lazy("given at an admission"),
}
DOUBTS: dict[str, str] = {
    "never-allotted": lazy("nobody here knows that it was ever given out; another ward's sheet may not have come here yet"),
    "allotted-twice": lazy("it was given out twice, by two copies of one node"),
    "used-before": lazy("it stands on something already"),
}
SENTENCES: dict[str, str] = {
    "numbers.count-not-sound": "A sheet has at least one number, and one press prints {most} at most.",
    "numbers.too-many-today": "More than {most} numbers of this kind would be out within a day. Print on another node.",
    "numbers.already-allotted": "This sheet was printed by an earlier press. So that no number is on two labels, begin a new one.",
    "numbers.no-number": "{typed} is no number of this hospital's downtime: those have ten signs, such as S-0C7-4F2K1-V.",
    "numbers.mistyped": "{typed} has a wrong sign, or two that changed places. Read it again from the label.",
    "numbers.another-kind": "{number} names something else. Its first letter says what: P patient, V visit, S specimen, "
    "A examination, D document, F form.",
    "numbers.of-an-exercise": "{number} was printed for an exercise and is nobody's.",
    "numbers.not-of-this-exercise": "{number} is a real number, and this is an exercise: numbers here begin with X.",
    "numbers.doubtful": "{number} looks odd. Compare it with the label; if it is right, say why.",
    "numbers.taken": "{number} is another patient's already. Find that patient, or take another label.",
    "numbers.nothing-named": "Say what the number stands on.",
    "numbers.reason-missing": "Say why.",
}
_BANDS = {
    band.BandKind.NORMAL: paper.BandKind.NORMAL,
    band.BandKind.OUTAGE: paper.BandKind.OUTAGE,
    band.BandKind.REHEARSAL: paper.BandKind.REHEARSAL,
}


def label_sheet(out: Allotment, actor: Actor, now: Moment) -> paper.LabelSheet:
    """The labels of an allotment, in the language of the moment."""
    title = _("Labels: {kind}", kind=str(KINDS[out.kind]))
    place = _("Ward {ward}", ward=out.ward) if out.ward else ""
    return paper.LabelSheet(
        frame=_frame(title, place, actor, now, exercise=out.exercise),
        title=title,
        kind=f"{_('EXERCISE')} · {ON_LABELS[out.kind]}" if out.exercise else str(ON_LABELS[out.kind]),
        place=place,
        numbers=tuple(numbers_from(out.kind, out.block, out.first, out.count, exercise=out.exercise)),
        pen=tuple(str(words) for words in PEN[out.kind]),
    )


def first_and_last(out: Allotment) -> str:
    """S-0C7-4F2K1-V, or with an en dash to the last where there are several."""
    ends = [*numbers_from(out.kind, out.block, out.first, 1, exercise=out.exercise)]
    ends += [*numbers_from(out.kind, out.block, out.first + out.count - 1, 1, exercise=out.exercise)] if out.count > 1 else []
    return " – ".join(ends)


def on_both(one: Allotment, other: Allotment) -> str:
    """The numbers that two allotments have in common."""
    first = max(one.first, other.first)
    return first_and_last(replace(one, first=first, count=min(one.first + one.count, other.first + other.count) - first))


def kind_word(told: Told) -> str:
    """What the number names."""
    return str(KINDS[told.number.kind])


def node_word(told: Told) -> str:
    """Whose number it is, as far as is known here."""
    if told.node is not None:
        return str(told.node)
    return _("a node that is not known here") if told.number.block is not None else _("a node of an earlier version")


def _frame(title: str, place: str, actor: Actor, now: Moment, *, exercise: bool) -> paper.PageFrame:
    told = band.compose(actor, now)
    kind = paper.BandKind.REHEARSAL if exercise else _BANDS.get(told.kind, paper.BandKind.STALE)
    return paper.PageFrame(
        kind=kind,
        band=told.text,
        hospital=settings.HOME.hospital,
        ward=place,
        printed_at=when(now, "long"),
        printed_moment=now,
        as_of="–" if told.as_of is None else when(told.as_of),
        checkpoint=short_checkpoint(f"{settings.HOME.node}/acts"),
        language=paper.Language(language()),
        pack=new_id().replace("-", "")[:8].upper(),
        printed_by=actor.name,
        title=title,
    )
