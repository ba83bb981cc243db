"""The mirror's ways to the outside: FHIR servers that it reads from, systems that it times, people that it tells."""
