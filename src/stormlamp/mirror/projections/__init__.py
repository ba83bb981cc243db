"""Facts to rows: HL7 v2 messages, FHIR resources, and brought history. Importing a module here registers its projections."""

from stormlamp.mirror.projections import alarms as alarms
from stormlamp.mirror.projections import answers as answers
from stormlamp.mirror.projections import exports as exports
from stormlamp.mirror.projections import habits as habits
from stormlamp.mirror.projections import oversized as oversized
from stormlamp.mirror.projections import programmes as programmes
from stormlamp.mirror.projections import r4 as r4
from stormlamp.mirror.projections import replays as replays
from stormlamp.mirror.projections import v2 as v2
