"""The groups of a message: which segments belong together, and what they become. One file per part of a hospital's work."""

from stormlamp.mirror.mapping.groups.charges import Charges
from stormlamp.mirror.mapping.groups.documents import Documents
from stormlamp.mirror.mapping.groups.envelope import Envelope
from stormlamp.mirror.mapping.groups.group import Group
from stormlamp.mirror.mapping.groups.orders import Orders
from stormlamp.mirror.mapping.groups.person import Person
from stormlamp.mirror.mapping.groups.plans import Plans
from stormlamp.mirror.mapping.groups.referrals import Referrals
from stormlamp.mirror.mapping.groups.schedule import Schedule

# The person first: the others refer to the patient and the stay. A segment that several take goes to the first of them.
GROUPS: tuple[type[Group], ...] = (Person, Orders, Schedule, Documents, Referrals, Plans, Charges, Envelope)
