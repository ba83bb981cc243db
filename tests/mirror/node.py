"""A node of its own: a process that listens to MLLP, for tests that kill it or watch what it asks of the system.

    python tests/mirror/node.py FOLDER PORT [HOST]

Makes a home in the folder unless there is one, opens the port, prints `listening PORT`, and runs until it is stopped or killed.
"""

import os
import signal
import sys
import threading
from pathlib import Path


def main() -> None:
    """Run until told to stop."""
    folder, port, host = Path(sys.argv[1]), int(sys.argv[2]), next(iter(sys.argv[3:]), "127.0.0.1")
    os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
    os.environ["STORMLAMP_HOME"] = str(folder / "home")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stormlamp.settings")
    from stormlamp.nodes.engines.home import create_home

    if not (folder / "home" / "home.toml").exists():
        create_home(folder / "home", role="hub", authority="TEST", options={"mllp.adt": {"host": host, "port": port}})
    import django

    django.setup()
    from django.core.management import call_command

    from stormlamp.mirror.listeners import serve_feeds

    call_command("migrate", verbosity=0)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    serve_feeds(stop, listening=lambda _name, _host, opened: print("listening", opened, flush=True))


if __name__ == "__main__":
    main()
