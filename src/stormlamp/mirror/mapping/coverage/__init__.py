"""Does the mapping do what the v2-to-FHIR guide says? Proven field by field, with the guide's own tables as the yardstick."""

from stormlamp.mirror.mapping.coverage.proof import Coverage as Coverage
from stormlamp.mirror.mapping.coverage.proof import prove as prove
