"""The mirror's values and pure decisions: persons, items, sections, interfaces, visits, names, merges."""

from stormlamp.mirror.rules.feeds import CLINICAL as CLINICAL
from stormlamp.mirror.rules.feeds import FeedAge as FeedAge
from stormlamp.mirror.rules.feeds import FeedCount as FeedCount
from stormlamp.mirror.rules.feeds import FeedRow as FeedRow
from stormlamp.mirror.rules.feeds import Habit as Habit
from stormlamp.mirror.rules.feeds import HourCount as HourCount
from stormlamp.mirror.rules.feeds import Part as Part
from stormlamp.mirror.rules.feeds import QuarantineAnswer as QuarantineAnswer
from stormlamp.mirror.rules.feeds import Quarantined as Quarantined
from stormlamp.mirror.rules.feeds import State as State
from stormlamp.mirror.rules.names import folded as folded
from stormlamp.mirror.rules.pictures import KINDS as KINDS
from stormlamp.mirror.rules.pictures import Absence as Absence
from stormlamp.mirror.rules.pictures import Identifier as Identifier
from stormlamp.mirror.rules.pictures import Item as Item
from stormlamp.mirror.rules.pictures import Kind as Kind
from stormlamp.mirror.rules.pictures import Person as Person
from stormlamp.mirror.rules.pictures import Section as Section
from stormlamp.mirror.rules.pictures import Source as Source
from stormlamp.mirror.rules.pictures import absence as absence
from stormlamp.mirror.rules.visits import Movement as Movement
from stormlamp.mirror.rules.visits import Place as Place
from stormlamp.mirror.rules.visits import Step as Step
from stormlamp.mirror.rules.visits import Visit as Visit
from stormlamp.mirror.rules.visits import VisitStatus as VisitStatus
from stormlamp.mirror.rules.visits import visit_after as visit_after
