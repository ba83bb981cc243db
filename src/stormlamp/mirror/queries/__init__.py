"""Questions to the mirror: persons, their values, and the interfaces. Merges are followed; answers are ordered to the key."""

from stormlamp.mirror.queries.feeds import arrivals as arrivals
from stormlamp.mirror.queries.feeds import feed_ages as feed_ages
from stormlamp.mirror.queries.feeds import feed_board as feed_board
from stormlamp.mirror.queries.feeds import habit as habit
from stormlamp.mirror.queries.feeds import interfaces as interfaces
from stormlamp.mirror.queries.feeds import message as message
from stormlamp.mirror.queries.feeds import oldest_clinical_feed as oldest_clinical_feed
from stormlamp.mirror.queries.feeds import parts_of as parts_of
from stormlamp.mirror.queries.feeds import quarantine as quarantine
from stormlamp.mirror.queries.feeds import quarantine_count as quarantine_count
from stormlamp.mirror.queries.feeds import quarantine_reasons as quarantine_reasons
from stormlamp.mirror.queries.feeds import same_control_id as same_control_id
from stormlamp.mirror.queries.identities import aliases as aliases
from stormlamp.mirror.queries.identities import canonical as canonical
from stormlamp.mirror.queries.persons import all_persons as all_persons
from stormlamp.mirror.queries.persons import find_persons as find_persons
from stormlamp.mirror.queries.persons import person as person
from stormlamp.mirror.queries.persons import persons as persons
from stormlamp.mirror.queries.persons import persons_by_mrn as persons_by_mrn
from stormlamp.mirror.queries.persons import ward_persons as ward_persons
from stormlamp.mirror.queries.persons import wards as wards
from stormlamp.mirror.queries.sections import items_changed_since as items_changed_since
from stormlamp.mirror.queries.sections import patient_resource as patient_resource
from stormlamp.mirror.queries.sections import section as section
from stormlamp.mirror.queries.sections import sections as sections
