"""The wires in words: how each interface stands, alarms, probes, and messages with their faults marked."""

from stormlamp.mirror.presenters.alarms import ALARMS as ALARMS
from stormlamp.mirror.presenters.alarms import ANSWERS as ANSWERS
from stormlamp.mirror.presenters.alarms import alarm_now_words as alarm_now_words
from stormlamp.mirror.presenters.alarms import alarm_reason as alarm_reason
from stormlamp.mirror.presenters.alarms import alarm_state as alarm_state
from stormlamp.mirror.presenters.alarms import alarm_title as alarm_title
from stormlamp.mirror.presenters.alarms import alarm_tone as alarm_tone
from stormlamp.mirror.presenters.alarms import false_words as false_words
from stormlamp.mirror.presenters.alarms import telling_words as telling_words
from stormlamp.mirror.presenters.alarms import told_words as told_words
from stormlamp.mirror.presenters.feeds import CHANNELS as CHANNELS
from stormlamp.mirror.presenters.feeds import Board as Board
from stormlamp.mirror.presenters.feeds import board as board
from stormlamp.mirror.presenters.feeds import boards as boards
from stormlamp.mirror.presenters.feeds import day_drawing as day_drawing
from stormlamp.mirror.presenters.lines import wires as wires
from stormlamp.mirror.presenters.probes import probe_lines as probe_lines
from stormlamp.mirror.presenters.quarantine import FLAGS as FLAGS
from stormlamp.mirror.presenters.quarantine import STATES as STATES
from stormlamp.mirror.presenters.quarantine import reason_in_words as reason_in_words


def N_(message: str) -> str:  # noqa: N802 - the name by which translators' tools know a message that is translated later
    """A message for the catalogues, translated where it is shown."""
    return message


SENTENCES: dict[str, str] = {
    "mirror.sheet-unreadable": N_(
        "This file cannot be read as a list: it must be a CSV text of at most 4 MB with a column of patient numbers."
    ),
    "mirror.nothing-to-answer-for": N_("Nothing is in quarantine for this reason any more."),
    "mirror.nothing-to-replay": N_("Nothing of this is in quarantine any more."),
    "mirror.no-such-message": N_("There is no such message."),
    "mirror.not-a-correction": N_("This is the message as it came: change what is wrong in it first."),
    "mirror.cannot-be-written": N_("The character set that the message names ({charset}) has no {character}. Write it otherwise."),
    "mirror.alarm-stands": N_("The same alarm is open already."),
    "mirror.no-such-alarm": N_("There is no such alarm."),
    "mirror.alarm-is-closed": N_("This alarm is closed already."),
    "mirror.why-is-missing": N_("Say why: it helps whoever looks at the next one."),
}
