"""Parse, map and project (every table, encrypted) on one core, beside python-hl7, which only parses the same messages.

    python bench/feed.py [FOLDER]      default: ../shared/data/hl7v2

Prints one JSON document: messages per CPU second of both and their ratio (the claim: at least 2), the whole path with its durable
commits, and its share of the limit: the raw bytes written into an equal encrypted database with the same group commit. Each runs
`RUNS` times, in turns; the best counts, as the machine may be doing other things.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

RUNS, GROUP, WANTED = 5, 500, 4000
CLAIM = 2.0


def main() -> int:
    """Measure and print; exit 1 when the claim does not hold."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "shared/data/hl7v2")
    if not folder.is_dir():
        print(f"{folder} is not there: name a folder of HL7 v2 files", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as place:
        _open_home(Path(place))
        messages = _messages(folder)
        paths: dict[str, Callable[[int], None]] = {
            "stormlamp_whole_path": lambda run: _whole_path(_fresh(messages, run)),
            "python_hl7_parse_only": lambda run: _python_hl7(_fresh(messages, run)),
            "limit_raw_bytes": lambda run: _raw_bytes(Path(place), run, _fresh(messages, run)),
            "stormlamp_parse_map_project": lambda _run: _project(),
        }
        best: dict[str, tuple[float, float]] = {name: (float("inf"), float("inf")) for name in paths}
        for run in range(RUNS):
            for name, path in paths.items():
                if name == "stormlamp_parse_map_project":
                    _received(_fresh(messages, RUNS + run))
                wall, cpu = _timed(path, run)
                best[name] = min(best[name][0], wall), min(best[name][1], cpu)
        a_second = {name: round(len(messages) / wall) for name, (wall, _) in best.items()}
        of_cpu = {name: round(len(messages) / cpu) for name, (_, cpu) in best.items()}
        ratio = of_cpu["stormlamp_parse_map_project"] / of_cpu["python_hl7_parse_only"]
        document = {
            "messages": len(messages),
            "bytes": sum(map(len, messages)),
            "messages_per_second": a_second,
            "messages_per_cpu_second": of_cpu,
            "cpu_ms_per_message": {name: round(1000 * cpu / len(messages), 3) for name, (_, cpu) in best.items()},
            "ratio_to_python_hl7": round(ratio, 2),
            "claim": f"at least {CLAIM}",
            "share_of_limit_whole_path": round(a_second["stormlamp_whole_path"] / a_second["limit_raw_bytes"], 3),
            "runs": RUNS,
            "processors": os.cpu_count(),
        }
        print(json.dumps(document, indent=2))
        return 0 if ratio >= CLAIM else 1


def _open_home(place: Path) -> None:
    os.environ["XDG_CONFIG_HOME"] = str(place / "config")
    os.environ["STORMLAMP_HOME"] = str(place / "home")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stormlamp.settings")
    from stormlamp.nodes.engines.home import create_home

    create_home(place / "home", role="hub", authority="BENCH")
    import django

    django.setup()
    from django.core.management import call_command

    from stormlamp.ledger import locks

    call_command("migrate", verbosity=0)
    locks.leave_log()  # with the memory for pages that the projector of a node has


def _messages(folder: Path) -> list[bytes]:
    """Messages that both sides read, repeated until there are enough."""
    import hl7

    from stormlamp.mirror.wire import files

    found = [piece.raw for path in sorted(folder.rglob("*.hl7")) for piece in files.split(path.read_bytes())]
    clean = []
    for raw in found:
        try:
            hl7.parse(raw.decode())
        except (hl7.HL7Exception, AssertionError, IndexError, ValueError):
            continue
        if raw.startswith(b"MSH|^~\\&|") and raw.split(b"\r", 1)[0].count(b"|") > 9:
            clean.append(raw)
    return (clean * (1 + WANTED // len(clean)))[:WANTED]


def _fresh(messages: list[bytes], run: int) -> list[bytes]:
    """The messages with control ids of their own, so that none is a duplicate; as production, for a test reaches no table."""
    found = []
    for number, raw in enumerate(messages):
        head, end, rest = raw.partition(b"\r")
        fields = head.split(b"|")
        fields[9] = b"%d-%d" % (run, number)
        fields[10:11] = [b"P"]
        found.append(b"|".join(fields) + end + rest)
    return found


def _timed(path: Callable[[int], None], run: int) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    path(run)
    return time.perf_counter() - wall, time.process_time() - cpu


def _whole_path(messages: list[bytes]) -> None:
    from stormlamp.ledger import projector

    for group in _groups(messages):
        _received(group)
        projector.catch_up()


def _received(messages: list[bytes]) -> None:
    """Durable in the ledger, not yet in the tables."""
    from stormlamp.kernel.actors import system
    from stormlamp.ledger import clock
    from stormlamp.ledger.feeds import append_feed
    from stormlamp.mirror.actions import receive
    from stormlamp.nodes.queries import home

    node, now = home(), clock.now()
    by = system(node.node)
    for group in _groups(messages):
        append_feed([receive(raw, fhir=False, interface="bench", channel="mllp", at=now, by=by, zone=node.zone) for raw in group])


def _project() -> None:
    """What the ledger holds into every table: read, parsed, mapped, written; then the log folded, as a node's projector does."""
    from stormlamp.ledger import locks, projector

    projector.catch_up()
    locks.fold_log()


def _groups(messages: list[bytes]) -> list[list[bytes]]:
    return [messages[start : start + GROUP] for start in range(0, len(messages), GROUP)]


def _python_hl7(messages: list[bytes]) -> None:
    import hl7

    for raw in messages:
        hl7.parse(raw.decode())


def _raw_bytes(place: Path, run: int, messages: list[bytes]) -> None:
    """The same bytes into the same kind of database, encrypted alike, committed in the same groups."""
    from django.conf import settings
    from sqlcipher3 import dbapi2

    options = settings.DATABASES["default"]["OPTIONS"]
    database = dbapi2.connect(str(place / f"raw-{run}.db"), isolation_level=None)
    database.execute(f"PRAGMA key = \"x'{options['key']}'\"")
    database.execute("PRAGMA cipher_hmac_algorithm = HMAC_SHA256")
    for pragma in options["init_command"].split(";"):
        database.execute(pragma.strip())
    database.execute("CREATE TABLE raw (number INTEGER PRIMARY KEY, message BLOB NOT NULL)")
    for start in range(0, len(messages), GROUP):
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO raw (message) VALUES (?)", [(raw,) for raw in messages[start : start + GROUP]])
        database.execute("COMMIT")
    database.close()


if __name__ == "__main__":
    sys.exit(main())
