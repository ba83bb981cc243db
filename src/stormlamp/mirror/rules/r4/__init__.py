"""FHIR R4 as the door gives it: which types and parameters there are, what a search asks for, and how a resource is shaped."""
