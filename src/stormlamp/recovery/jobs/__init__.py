"""Later work of the hand-back: writing items out, and sending them."""

from stormlamp.recovery.jobs.letters import letter_of as letter_of
from stormlamp.recovery.jobs.sending import Outcome as Outcome
from stormlamp.recovery.jobs.sending import opposed as opposed
from stormlamp.recovery.jobs.sending import send_all as send_all
from stormlamp.recovery.jobs.sending import would_go as would_go
