"""What feeds the mirror: files and folders here; listeners for what comes over the wire."""

from stormlamp.mirror.actions.answering import NothingToAnswerFor as NothingToAnswerFor
from stormlamp.mirror.actions.answering import answer_quarantine as answer_quarantine
from stormlamp.mirror.actions.exporting import delete_export as delete_export
from stormlamp.mirror.actions.exporting import request_export as request_export
from stormlamp.mirror.actions.feeding import feed_paths as feed_paths
from stormlamp.mirror.actions.feeding import feed_resources as feed_resources
from stormlamp.mirror.actions.feeding import receive as receive
from stormlamp.mirror.actions.feeding import refuse as refuse
from stormlamp.mirror.actions.programmes import SheetUnreadable as SheetUnreadable
from stormlamp.mirror.actions.programmes import read_programme as read_programme
from stormlamp.mirror.actions.quarantining import CannotBeWritten as CannotBeWritten
from stormlamp.mirror.actions.quarantining import NoSuchMessage as NoSuchMessage
from stormlamp.mirror.actions.quarantining import NotACorrection as NotACorrection
from stormlamp.mirror.actions.quarantining import NothingToReplay as NothingToReplay
from stormlamp.mirror.actions.quarantining import correct_message as correct_message
from stormlamp.mirror.actions.quarantining import replay_quarantine as replay_quarantine
from stormlamp.mirror.actions.reading import read_message as read_message
from stormlamp.mirror.actions.reading import read_over_fhir as read_over_fhir
from stormlamp.mirror.actions.watching import AlarmIsClosed as AlarmIsClosed
from stormlamp.mirror.actions.watching import AlarmStands as AlarmStands
from stormlamp.mirror.actions.watching import NoSuchAlarm as NoSuchAlarm
from stormlamp.mirror.actions.watching import WhyIsMissing as WhyIsMissing
from stormlamp.mirror.actions.watching import acknowledge_alarm as acknowledge_alarm
from stormlamp.mirror.actions.watching import close_alarm as close_alarm
