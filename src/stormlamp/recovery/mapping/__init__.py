"""Items of the outage to HL7 v2.5.1 messages: the same item gives the same bytes."""

from stormlamp.recovery.mapping.letters import Bed as Bed
from stormlamp.recovery.mapping.letters import Letter as Letter
from stormlamp.recovery.mapping.letters import Subject as Subject
from stormlamp.recovery.mapping.messages import message as message
from stormlamp.recovery.mapping.segments import APPLICATION as APPLICATION
