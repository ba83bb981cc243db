"""What a message deletes or replaces (HL7 v2.5.1 2.10.4): null against empty, and lists that are sent anew as a whole.

An empty field leaves what was told before, null (`""`) deletes it. In snapshot mode a repeating segment of an ADT message is the
whole list: what the same sender told before and leaves out now is no longer told. A segment with an action code (table 0206) speaks
of one line of the list only, so that a message with one is no snapshot of that list.
"""

from __future__ import annotations

from stormlamp.mirror.mapping.mapped import ItemKind
from stormlamp.mirror.wire.hl7 import NULL, Message, Segment

# Fields and the traits of Patient that they tell; `telecom/home` is the part of a list.
_TRAITS: dict[str, dict[int, tuple[str, ...]]] = {
    "PID": {
        5: ("name",),
        6: ("extension/patient-mothersMaidenName",),
        7: ("birthDate", "_birthDate"),
        8: ("gender",),
        11: ("address",),
        13: ("telecom/home",),
        14: ("telecom/work",),
        15: ("communication",),
        16: ("maritalStatus",),
        17: ("extension/patient-religion",),
        23: ("extension/patient-birthPlace",),
        24: ("multipleBirthBoolean",),
        25: ("multipleBirthInteger",),
        26: ("extension/patient-citizenship",),
        28: ("extension/patient-nationality",),
        29: ("deceasedDateTime",),
        30: ("deceasedBoolean",),
    },
    "PD1": {3: ("generalPractitioner",), 4: ("generalPractitioner",)},
}

# Segments that are sent as a whole list, the class that each of them is, and the field of its action code.
_LISTS = {
    "AL1": (ItemKind.ALLERGY, 0),
    "DG1": (ItemKind.PROBLEM, 21),
    "NK1": (ItemKind.CONTACT, 0),
    "IN1": (ItemKind.COVERAGE, 55),
    "PR1": (ItemKind.PROCEDURE, 20),
}
# Lists of one visit: another visit's list says nothing about them.
OF_A_VISIT = frozenset((ItemKind.PROBLEM, ItemKind.PROCEDURE, ItemKind.COVERAGE))


def nulls(message: Message) -> frozenset[str]:
    """Traits of the patient that the sender says to delete."""
    if NULL not in message.source:
        return frozenset()
    found: set[str] = set()
    for name, fields in _TRAITS.items():
        if (segment := message.first(name)) is not None:
            found.update(trait for number, traits in fields.items() if segment.null(number) for trait in traits)
    contacts = message.all("NK1")
    if contacts and all(_emptied(one) for one in contacts):
        found.add("contact")
    return frozenset(found)


def unmarked(message: Message) -> frozenset[str]:
    """Marks of the person that the sender says to delete (PD1-12, PV2-22), in the form of `Mapped.flags`."""
    if NULL not in message.source:
        return frozenset()
    asked = (("PD1", 12), ("PV2", 22))
    gone = any((segment := message.first(name)) is not None and segment.null(number) for name, number in asked)
    return frozenset(("-confidential",)) if gone else frozenset()


def snapshots(message: Message, whole: bool) -> frozenset[ItemKind]:
    """Classes of which the message is the whole list, because it names at least one line or says that there is none any more.

    `whole`: its event carries the record as it stands; others name what belongs to the event.
    """
    if not whole:
        return frozenset()
    lists = ((kind, action, message.all(name)) for name, (kind, action) in _LISTS.items())
    return frozenset(kind for kind, action, lines in lists if lines and _whole(lines, action))


def struck(message: Message) -> list[Segment]:
    """Lines of lists that an action code deletes, and whose mapping does not know it (DG1 and IAM do)."""
    coded = ((name, action) for name, (kind, action) in _LISTS.items() if action and kind is not ItemKind.PROBLEM)
    return [line for name, action in coded for line in message.all(name) if line.text(action) == "D"]


def _whole(lines: list[Segment], action: int) -> bool:
    told = any(_emptied(one) or any(one.fields[2:]) for one in lines)
    return told and not any(action and one.field(action) not in ("", "S") for one in lines)


def _emptied(segment: Segment) -> bool:
    """Whether a segment holds null and nothing else, but for its number: the list is deleted."""
    rest = [field for field in segment.fields[2:] if field] or segment.fields[1:2]
    return bool(rest) and all(field == NULL for field in rest)
