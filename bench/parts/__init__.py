"""What several benches share: a whole node under `stormlamp up`, and senders in a process of their own."""
