"""The groups of a message: which segments belong together, and what they become. One file per part of a hospital's work."""

from stormlamp.mirror.mapping.groups.envelope import Envelope
from stormlamp.mirror.mapping.groups.group import Group
from stormlamp.mirror.mapping.groups.orders import Orders
from stormlamp.mirror.mapping.groups.person import Person

# The person first: the others refer to the patient and the stay. A segment that several take goes to the first of them.
GROUPS: tuple[type[Group], ...] = (Person, Orders, Envelope)
