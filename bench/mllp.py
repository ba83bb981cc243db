"""How fast MLLP is received: durable and encrypted before each acknowledgement, while the projector of the same node follows.

    python bench/mllp.py [FOLDER]          default: ../shared/data/hl7v2/simhospital

The whole node under `stormlamp up`; senders in a process of their own. 32 connections, then one strictly ordered one, RUNS
times on the same home, in turns with the limit: a receiver that puts the same bytes from the same senders into an equally
encrypted database with the same group commit and no parsing. The best of each counts, as the machine may be doing other things;
every run is printed, with what a sync of 24 KB took on this disk just then, for no ordered connection can be faster than that.
Beside stand the database alone, and what others measured, quoted and not measured here. Exit 1 when a claim does not hold.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from parts.node import HOSPITAL_FEED, Node, free_port, open_home, running
from parts.senders import fresh, messages

RUNS, MANY, ORDERED = 4, (32, 20_000), (1, 2_000)
CLAIMS = {"per_second": 5000, "p99_ms": 25, "cpu_ms_per_message": 0.2, "ordered_per_second": 1000, "share_of_limit": 0.25}
QUOTED = {
    "Open Integration Engine 4.5, default": 57,
    "Open Integration Engine 4.5, best setting": 435,
    "HAPI receiver without any storage": 589,
    "bare prototype, encryption and group commit, quiet machine": 10_000,
}
PARTS = Path(__file__).with_name("parts")
Told = dict[str, float]


def main() -> int:
    """Measure and print."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HOSPITAL_FEED
    if not folder.is_dir():
        print(f"{folder} is not there: name a folder of HL7 v2 files", file=sys.stderr)
        return 2
    many, ordered, limits = [], [], []
    with running() as node:
        open_home()
        for run in range(RUNS):
            many.append(_run(node, folder, *MANY, seed=2 * run))
            ordered.append(_run(node, folder, *ORDERED, seed=2 * run + 1))
            limits.append(_limit(folder, run))
        alone = max(_database_alone(folder) for _ in range(RUNS))
    document = _document(many, ordered, limits)
    print(json.dumps({**document, "database_alone_per_second": alone, "quoted_per_second_not_measured_here": QUOTED}, indent=1))
    return 0 if all(document["held"].values()) else 1


def _document(many: list[Told], ordered: list[Told], limits: list[Told]) -> dict:
    best, limit = (max(one["per_second"] for one in found) for found in (many, limits))
    told = {
        "per_second": best,
        "p99_ms": min(one["p99_ms"] for one in many),
        "cpu_ms_per_message": min(one["cpu_ms_per_message"] for one in many),
        "ordered_per_second": max(one["per_second"] for one in ordered),
        "share_of_limit": round(best / limit, 2),
    }
    held = {
        name: told[name] <= CLAIMS[name] if name.endswith(("_ms", "_message")) else told[name] >= CLAIMS[name] for name in CLAIMS
    }
    return {
        **told,
        "claims": CLAIMS,
        "held": held,
        "limit_per_second": limit,
        "runs_of_32": many,
        "runs_of_1": ordered,
        "limits": limits,
    }


def _send(port: int, connections: int, count: int, seed: int, folder: Path) -> Told:
    command = [sys.executable, str(PARTS / "senders.py"), *map(str, (port, connections, count, seed, folder))]
    return dict(json.loads(subprocess.run(command, capture_output=True, check=True).stdout))


def _run(node: Node, folder: Path, connections: int, count: int, *, seed: int) -> Told:
    """One load, and what it cost the receiver. The projector follows all the while; `behind` says how far it is then."""
    from stormlamp.ledger import projector

    sync, before, known = _sync_ms(node.home), node.cpu("feeds"), projector.behind()
    told = _send(node.port, connections, count, seed, folder)
    told["cpu_ms_per_message"] = round(1000 * (node.cpu("feeds") - before) / count, 3)
    behind = projector.behind()
    return {**told, "projected_meanwhile": count + known - behind, "behind": behind, "sync_ms": sync, "load": os.getloadavg()[0]}


def _limit(folder: Path, run: int) -> Told:
    """The bare receiver with the same senders."""
    from django.conf import settings

    options, port = settings.DATABASES["default"]["OPTIONS"], free_port()
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, str(PARTS / "bare.py"), str(port), scratch, options["key"], options["init_command"]]
        bare = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert bare.stdout is not None
        bare.stdout.readline()
        told = _send(port, *MANY, 900 + run, folder)
        bare.kill()
        bare.wait()
    return {name: told[name] for name in ("per_second", "p50_ms", "p99_ms")}


def _database_alone(folder: Path) -> int:
    """The same bytes by the driver alone, without any wire: messages per second in commits of 16."""
    from django.conf import settings
    from sqlcipher3 import dbapi2

    options, raws = settings.DATABASES["default"]["OPTIONS"], list(fresh(messages(folder), 8000, 999))
    with tempfile.TemporaryDirectory() as scratch:
        database = dbapi2.connect(f"{scratch}/alone.db", isolation_level=None)
        for pragma in (f"PRAGMA key = \"x'{options['key']}'\"", "PRAGMA cipher_hmac_algorithm = HMAC_SHA256"):
            database.execute(pragma)
        for pragma in options["init_command"].split(";"):
            database.execute(pragma.strip())
        database.execute("CREATE TABLE raw (number INTEGER PRIMARY KEY, message BLOB NOT NULL)")
        began = time.perf_counter()
        for start in range(0, len(raws), 16):
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO raw (message) VALUES (?)", [(raw,) for raw in raws[start : start + 16]])
            database.execute("COMMIT")
        spent = time.perf_counter() - began
        database.close()
    return round(len(raws) / spent)


def _sync_ms(home: Path) -> float:
    """What a sync of 24 KB into a file that is long enough takes now: the median of 40."""
    with tempfile.TemporaryFile(dir=home, buffering=0) as file:
        file.write(bytes(1 << 20))
        os.fsync(file.fileno())
        return round(1000 * median(_timed(lambda at=at: _written(file.fileno(), at)) for at in range(40)), 2)  # type: ignore[misc]


def _written(file: int, at: int) -> None:
    os.pwrite(file, os.urandom(24 * 1024), at * 24 * 1024)
    os.fsync(file)


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
