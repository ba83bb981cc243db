"""The quarantine in words: states, reasons, and marks."""

import re

from stormlamp.mirror.rules import State
from stormlamp.shell.words import lazy

STATES = {
    State.UNDERSTOOD: lazy("understood"),
    State.NOT_UNDERSTOOD: lazy("not understood"),
    State.BROKEN: lazy("broken"),
}
REASONS = {
    "empty": lazy("empty"),
    "no-header": lazy("does not begin with an HL7 header (MSH)"),
    "unfinished-frame": lazy("broken off: the end of its frame never came"),
    "xml": lazy("XML, which is not read: ask for HL7 v2 with bars, or FHIR as JSON"),
    "no-message-type": lazy("the header names no message type (MSH-9)"),
    "no-field-separator": lazy("the header names no field separator (MSH-1)"),
    "bad-delimiters": lazy("the header names unusable delimiters (MSH-2)"),
    "batch-count-differs": lazy("a batch says another number of messages than came"),
    "second-header": lazy("two messages came as one (a second MSH)"),
    "too-many-segments": lazy("more segments than a message can have"),
    "too-many-parts": lazy("more parts than a message can have"),
    "larger-than-a-message": lazy("larger than a message can be: its beginning is kept"),
    "waiting for its continuation": lazy("the rest of it has not come yet (DSC)"),
    "no resourceType": lazy("the resource does not say its type"),
}
SHAPES = (
    (re.compile(r"message type (?P<type>.*) is not mapped yet"), lazy("messages of type {type} are not read yet")),
    (re.compile(r"resource type (?P<type>.*) is not mapped yet"), lazy("resources of type {type} are not read yet")),
    (re.compile(r"(?P<type>.*) without a PID segment"), lazy("{type} names no patient (PID)")),
    (re.compile(r"(?P<type>.*) without a patient number \(PID-3\)"), lazy("{type} has no patient number (PID-3)")),
    (re.compile(r"(?P<type>\w+) of a patient that is not known: .*"), lazy("{type} of a patient that is not known")),
    (
        re.compile(r"(?P<type>\w+) of a Patient inside of it who has no number of an authority"),
        lazy("{type} carries its patient inside, without a number that says whose it is"),
    ),
    (re.compile(r"mapping failed: (?P<type>.*)"), lazy("our reading of it failed ({type}): tell Stormlamp's makers")),
    (re.compile(r"not readable as JSON: (?P<type>.*)"), lazy("not readable as JSON: {type}")),
)
FLAGS = {
    "test message": lazy("marked as a test by its sender"),
    "charset guessed": lazy("character set guessed"),
    "charset unknown": lazy("character set unknown"),
    "delimiters repaired": lazy("delimiters written twice, read as once"),
    "value cut short": lazy("a value was cut short by its sender"),
}


def reason_in_words(reason: str) -> str:
    """Why a message is not understood, in the reader's language."""
    if reason in REASONS:
        return str(REASONS[reason])
    for shape, words in SHAPES:
        if told := shape.fullmatch(reason):
            return _sentence(str(words), told["type"])
    return reason


def _sentence(words: str, told: str) -> str:
    return words.replace("{type}", told)
