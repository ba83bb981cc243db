"""The quarantine in words: states, reasons, and marks."""

import re
from collections.abc import Mapping

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
    "a list of resources is not FHIR": lazy(
        "a list of resources ([ ]): ask for a Bundle, for one resource, or for one on each line"
    ),
    "neither HL7 v2 nor FHIR as JSON": lazy("neither HL7 v2 nor FHIR as JSON"),
    "JSON that is not UTF-8": lazy("its letters are not UTF-8, as FHIR wants them: its sender has to write UTF-8"),
    "FHIR as XML": lazy("FHIR as XML, which is not read: ask for FHIR as JSON (application/fhir+json)"),
    "a web page, not FHIR": lazy("a web page, not FHIR: its words may say what went wrong at its sender"),
    "nested too deeply": lazy("nested too deeply"),
    "bundles nested too deeply": lazy("Bundles nested too deeply"),
    "a number is beyond a double": lazy("a number is too large to be read"),
    "bundle entry without a resource": lazy("an entry of the Bundle holds nothing"),
    "Patient without an identifier or id": lazy("the Patient has no number"),
    "clinical document of a patient without a number": lazy("the document's patient has no number"),
    "a PATCH changes a resource that only its server has": lazy("a PATCH: what it changes is only on its server"),
    "a conditional delete names no resource": lazy("a deletion that does not name what it deletes"),
    "the server deleted a Patient: the chart stays until a person decides": lazy(
        "the server deleted a Patient: the chart stays until a person decides"
    ),
    "the server deleted an Encounter: where its patient lies stays until a person decides": lazy(
        "the server deleted an Encounter: where its patient lies stays until a person decides"
    ),
    "XML with a document type or entities of its own": lazy("XML with a document type or entities of its own, which is refused"),
    "XML nested too deeply": lazy("XML nested too deeply"),
    "ADT^A20 without a bed (NPU-1) and its status (NPU-2)": lazy("ADT^A20 without a bed (NPU-1) and its status (NPU-2)"),
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
    (re.compile(r"not readable as XML: (?P<type>.*)"), lazy("not readable as XML: {type}")),
    (re.compile(r"bundle not readable: (?P<type>.*)"), lazy("the Bundle is not readable: {type}")),
    (re.compile(r"bundle entry not readable: (?P<type>.*)"), lazy("an entry of the Bundle is not readable: {type}")),
    (re.compile(r"XML, but no clinical document: (?P<type>.*)"), lazy("XML, but no clinical document: {type}")),
    (re.compile(r"XML of more than (?P<type>.*)"), lazy("XML of more than {type}")),
    (re.compile(r"(?P<type>\w+) without an id"), lazy("{type} has no id")),
    (re.compile(r"FHIR (?P<type>\S+), not R4: (?P<why>.*)"), lazy("FHIR {type} ({why}), which is not read: ask for FHIR R4")),
    (re.compile(r"the server answered (?P<type>.*) for an entry"), lazy("the server answered {type} for an entry")),
    (re.compile(r"the server reports: (?P<type>.*)", re.DOTALL), lazy("the server reports: {type}")),
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
            return _sentence(str(words), told.groupdict())
    return reason


def _sentence(words: str, told: Mapping[str, str]) -> str:
    for name, said in told.items():
        words = words.replace(f"{{{name}}}", said)
    return words
