"""What the mirror asks of the outside: FHIR servers that it reads from."""
