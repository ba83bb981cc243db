"""The mirror's commands, by subject."""

from stormlamp.mirror.commands.feeding import as_document as as_document
from stormlamp.mirror.commands.feeding import feed as feed
from stormlamp.mirror.commands.mapping import feed_coverage as feed_coverage
from stormlamp.mirror.commands.mapping import map_files as map_files
from stormlamp.mirror.commands.programmes import programme as programme
from stormlamp.mirror.commands.quarantining import quarantine as quarantine
from stormlamp.mirror.commands.servers import fhir_export_from as fhir_export_from
from stormlamp.mirror.commands.servers import fhir_key as fhir_key
from stormlamp.mirror.commands.servers import poll as poll
from stormlamp.mirror.commands.watching import feeds as feeds
