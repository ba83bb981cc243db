"""FHIR R4 resources to the items of a chart. The resource itself is kept as it came; only its words are read here."""

from stormlamp.mirror.mapping.resources.items import item as item
