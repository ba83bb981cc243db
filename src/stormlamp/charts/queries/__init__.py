"""Questions about charts."""

from stormlamp.charts.queries.entries import aliases_in_use as aliases_in_use
from stormlamp.charts.queries.entries import count_of_outage as count_of_outage
from stormlamp.charts.queries.entries import entries_between as entries_between
from stormlamp.charts.queries.entries import entries_of as entries_of
from stormlamp.charts.queries.entries import entries_of_outage as entries_of_outage
from stormlamp.charts.queries.entries import entry as entry
from stormlamp.charts.queries.entries import flags as flags
from stormlamp.charts.queries.entries import identifications as identifications
from stormlamp.charts.queries.entries import last_counter as last_counter
from stormlamp.charts.queries.entries import movements as movements
from stormlamp.charts.queries.entries import newborns_of as newborns_of
from stormlamp.charts.queries.entries import paper_periods as paper_periods
from stormlamp.charts.queries.entries import registered_patients as registered_patients
from stormlamp.charts.queries.entries import registrations as registrations
from stormlamp.charts.queries.entries import reveals as reveals
from stormlamp.charts.queries.entries import stays as stays
from stormlamp.charts.queries.entries import unresolved_paper as unresolved_paper
