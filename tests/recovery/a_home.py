"""A home with a day of outage in it, worked on by processes that may be killed: `python -m tests.recovery.a_home STEP`."""

import json
import os
import sys

ENTRIES = 40


def write() -> None:
    """Make the tables and write a day of outage, and many vital signs."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from stormlamp.charts import actions as charts
    from stormlamp.kernel.moments import MINUTE
    from tests.charts.ward import JOZEF, MARIE, NORA
    from tests.makers import NOON, after
    from tests.recovery.a_day import SIGNS, WHY, everything

    everything()
    for number in range(ENTRIES):
        at = after(NOON, -number * MINUTE)
        told = {"entry": f"more-{number}", "patient": (MARIE, JOZEF)[number % 2], "measured_at": at}
        charts.chart_vitals(NORA, after(NOON, MINUTE), **told, vitals=SIGNS, although=WHY)


def look() -> None:
    """Print the states, and whether the ledger verifies."""
    from stormlamp.ledger import rebuilding, verifying
    from stormlamp.recovery import queries

    told = {str(state): count for state, count in queries.counts().items()}
    report = verifying.verify(progress=lambda done: None)
    sys.stdout.write(json.dumps({**told, "ok": report.ok, "differences": len(rebuilding.differences())}))


def start(target: str) -> None:
    """Let the hand-back run."""
    from stormlamp.recovery import actions
    from tests.recovery.a_day import EVENING, LEAD

    actions.start_handback(LEAD, EVENING, handback="h", target=target)


def courier() -> None:
    """Carry items until told to stop."""
    import signal
    import threading

    from stormlamp.recovery.listeners import serve_courier

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    serve_courier(stop)


def main() -> None:
    """Run one step in the home that STORMLAMP_HOME names."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "stormlamp.settings"
    django.setup()
    if sys.argv[1] == "send":
        from stormlamp.recovery.commands import handback

        handback(to=sys.argv[2], dry_run=False, as_json=True)
    elif sys.argv[1] == "start":
        start(sys.argv[2])
    else:
        {"write": write, "look": look, "courier": courier}[sys.argv[1]]()


if __name__ == "__main__":
    main()
