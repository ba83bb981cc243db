"""Ways to reach an EHR."""
