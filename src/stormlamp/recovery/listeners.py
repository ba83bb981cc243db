"""The courier: carries items to the EHR while a hand-back runs."""

import threading

LOOK_EVERY = 1.0


def serve_courier(stop: threading.Event) -> None:
    """Look for a running hand-back until told to stop."""
    while not stop.wait(LOOK_EVERY):
        continue
