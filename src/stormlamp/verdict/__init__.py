"""Is the hospital back to normal? Per hospital service, from stated criteria, each with its evidence and age."""
