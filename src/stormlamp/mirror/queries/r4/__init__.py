"""Questions of the FHIR door: items by type, persons by id, the directory, and what references lead to."""
