"""The pages of the wires: feeds, alarms, quarantine."""

from stormlamp.mirror.views.alarms import acknowledge as acknowledge
from stormlamp.mirror.views.alarms import alarm as alarm
from stormlamp.mirror.views.alarms import alarms as alarms
from stormlamp.mirror.views.alarms import close_alarm as close_alarm
from stormlamp.mirror.views.feeds import feeds as feeds
from stormlamp.mirror.views.feeds import interface as interface
from stormlamp.mirror.views.messages import correct as correct
from stormlamp.mirror.views.messages import download as download
from stormlamp.mirror.views.messages import message as message
from stormlamp.mirror.views.quarantine import answer as answer
from stormlamp.mirror.views.quarantine import chosen as chosen
from stormlamp.mirror.views.quarantine import quarantine as quarantine
