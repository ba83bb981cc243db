"""The simulated hospital as a process: it speaks, goes dark, works, and answers the hand-back."""

from stormlamp.drills.listeners.simulating import serve_simulator as serve_simulator
