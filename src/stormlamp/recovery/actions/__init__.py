"""Acts of the hand-back: people start and stop it and decide; the courier records what goes and what comes."""

from stormlamp.recovery.actions.courier import NotToBeSent as NotToBeSent
from stormlamp.recovery.actions.courier import note_answer as note_answer
from stormlamp.recovery.actions.courier import note_conflict as note_conflict
from stormlamp.recovery.actions.courier import note_sending as note_sending
from stormlamp.recovery.actions.deciding import AlreadyWithEhr as AlreadyWithEhr
from stormlamp.recovery.actions.deciding import NoSuchItem as NoSuchItem
from stormlamp.recovery.actions.deciding import NotInConflict as NotInConflict
from stormlamp.recovery.actions.deciding import NotRejected as NotRejected
from stormlamp.recovery.actions.deciding import ReasonMissing as ReasonMissing
from stormlamp.recovery.actions.deciding import done_by_hand as done_by_hand
from stormlamp.recovery.actions.deciding import retry as retry
from stormlamp.recovery.actions.deciding import settle_conflict as settle_conflict
from stormlamp.recovery.actions.reading import see_item as see_item
from stormlamp.recovery.actions.running import AlreadyRunning as AlreadyRunning
from stormlamp.recovery.actions.running import NoSuchTarget as NoSuchTarget
from stormlamp.recovery.actions.running import NotRunning as NotRunning
from stormlamp.recovery.actions.running import start_handback as start_handback
from stormlamp.recovery.actions.running import stop_handback as stop_handback
