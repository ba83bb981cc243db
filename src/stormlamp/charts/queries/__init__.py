"""Questions about charts."""

from stormlamp.charts.queries import people as _people
from stormlamp.charts.queries.entries import count_of_outage as count_of_outage
from stormlamp.charts.queries.entries import count_written_since as count_written_since
from stormlamp.charts.queries.entries import entries_between as entries_between
from stormlamp.charts.queries.entries import entries_of as entries_of
from stormlamp.charts.queries.entries import entries_of_outage as entries_of_outage
from stormlamp.charts.queries.entries import entry as entry
from stormlamp.charts.queries.entries import identifications as identifications
from stormlamp.charts.queries.entries import is_registered_here as is_registered_here
from stormlamp.charts.queries.entries import movements as movements
from stormlamp.charts.queries.entries import newborns_of as newborns_of
from stormlamp.charts.queries.entries import paper_periods as paper_periods
from stormlamp.charts.queries.entries import registrations as registrations
from stormlamp.charts.queries.entries import stays as stays
from stormlamp.charts.queries.entries import unresolved_paper as unresolved_paper
from stormlamp.charts.queries.finding import by_number as by_number
from stormlamp.charts.queries.finding import everybody as everybody
from stormlamp.charts.queries.finding import find as find
from stormlamp.charts.queries.people import Place as Place
from stormlamp.charts.queries.people import Who as Who
from stormlamp.charts.queries.people import canonical as canonical
from stormlamp.charts.queries.people import who as who
from stormlamp.charts.queries.pictures import Chart as Chart
from stormlamp.charts.queries.pictures import ChartSection as ChartSection
from stormlamp.charts.queries.pictures import chart as chart
from stormlamp.charts.queries.pictures import conflicts_of_ward as conflicts_of_ward
from stormlamp.charts.queries.pictures import open_identities as open_identities
from stormlamp.charts.queries.pictures import see_chart as see_chart
from stormlamp.charts.queries.places import census as census
from stormlamp.charts.queries.places import unplaced as unplaced
from stormlamp.charts.queries.places import ward_named as ward_named
from stormlamp.charts.queries.places import wards as wards
from stormlamp.charts.queries.places import writing as writing
from stormlamp.charts.queries.sources import Told as Told
from stormlamp.charts.queries.sources import ToldDocument as ToldDocument
from stormlamp.charts.queries.sources import see_document as see_document
from stormlamp.charts.queries.sources import see_source as see_source
from stormlamp.charts.queries.unsettled import contradictions as contradictions
from stormlamp.charts.queries.unsettled import open_identifications as open_identifications
from stormlamp.charts.queries.unsettled import rivals_of as rivals_of

people_of = _people.people
