"""The simulated hospital's wires: who plays its messages, and who answers the hand-back."""
