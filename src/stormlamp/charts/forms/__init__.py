"""What people fill in: entries of the chart, registrations, identities, paper."""
