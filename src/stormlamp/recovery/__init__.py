"""The return: what the outage wrote goes back to the EHR, item by item, and the sum is shown until it closes."""
