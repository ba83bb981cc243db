"""From entries to the tables of a standard."""

from stormlamp.charts.mapping.r4 import DOWNTIME as DOWNTIME
from stormlamp.charts.mapping.r4 import bundle as bundle
