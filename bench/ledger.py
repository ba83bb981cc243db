"""How fast facts reach the ledger, beside raw encrypted SQLite writing the same bytes with the same commits in the same run.

    python bench/ledger.py [SECONDS]

Prints, for commits of 1, 10, 100 and 1000 entries, entries/s and CPU of both and their ratio: what chain, tree, signature, once key
and compression cost over the disk and the cipher. Then acts, projecting, verifying and rebuilding.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

SCRATCH = tempfile.TemporaryDirectory(dir="/var/tmp", prefix="stormlamp-bench-")
os.environ |= {
    "XDG_CONFIG_HOME": SCRATCH.name,
    "STORMLAMP_KEY_FILE": "",
    "STORMLAMP_HOME": f"{SCRATCH.name}/home",
    "DJANGO_SETTINGS_MODULE": "stormlamp.settings",
}
from stormlamp.nodes.engines.home import create_home  # noqa: E402

create_home(Path(SCRATCH.name) / "home", role="hub")
import django  # noqa: E402

django.setup()
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from sqlcipher3 import dbapi2  # noqa: E402

from stormlamp.kernel.actors import Actor, system  # noqa: E402
from stormlamp.kernel.identifiers import NodeId  # noqa: E402
from stormlamp.kernel.moments import Moment  # noqa: E402
from stormlamp.ledger import Draft, act, clock, fact, projector, rebuilding  # noqa: E402
from stormlamp.ledger.feeds import append_feed  # noqa: E402
from stormlamp.ledger.verifying import verify  # noqa: E402

ROUNDS = 3
TEXT = "MSH|^~\\&|EHR|HOSP|DT|HOSP|20260113110000||ADT^A08|1|P|2.5\rPID|1||77^^^HOSP^MR||JANSSENS^Marie||19510312|F\r" * 5
Rate = tuple[float, float]


@fact("bench.told")
class Told:
    """As much as a short message says."""

    text: str


@act("bench.tell", needs="bench.tell")
def tell(by: Actor, at: Moment, *, text: str) -> Told:
    """Say it."""
    return Told(text=text)


def rate(once: Callable[[int], object], rows: int, seconds: float) -> Rate:
    """Rows per second of wall time, and CPU microseconds per row."""
    done, began, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        once(done)
        done += rows
    return done / (time.perf_counter() - began), (time.process_time() - cpu) / done * 1e6


def ours(size: int) -> Callable[[int], object]:
    """One commit of a batch through the feeds origin."""

    def commit(number: int) -> None:
        now = clock.now()
        append_feed(
            [
                Draft(
                    fact=Told(text=f"{TEXT}{row}"),
                    actor="bench",
                    actor_name="Bench",
                    act="bench",
                    at=now,
                    once=f"{size}:{now}:{row}",
                )
                for row in range(number, number + size)
            ]
        )

    return commit


def raw(place: Path, size: int) -> Callable[[int], object]:
    """One commit of as many rows of the same size into one encrypted table, by the driver alone."""
    database = dbapi2.connect(str(place), isolation_level=None)
    database.execute(f"PRAGMA key = \"x'{settings.HOME.key('database').hex()}'\"")
    database.execute("PRAGMA cipher_hmac_algorithm = HMAC_SHA256")
    for pragma in settings.DATABASES["default"]["OPTIONS"]["init_command"].split(";"):
        database.execute(pragma)
    database.execute("CREATE TABLE IF NOT EXISTS entry (number INTEGER PRIMARY KEY, body BLOB)")
    body = os.urandom(330)  # what a row of ours weighs: three digests, a salt and the squeezed payload

    def commit(number: int) -> None:
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO entry (body) VALUES (?)", [(body,)] * size)
        database.execute("COMMIT")

    return commit


def main(seconds: float) -> None:
    """Interleave the rounds and print the medians."""
    call_command("migrate", verbosity=0)
    for size in (1, 10, 100, 1000):
        told, limit = [], []
        for _ in range(ROUNDS):
            told.append(rate(ours(size), size, seconds))
            limit.append(rate(raw(Path(SCRATCH.name) / "raw.db", size), size, seconds))
        mine, best = (tuple(median(column) for column in zip(*found, strict=True)) for found in (told, limit))
        print(
            f"commits of {size:4}: {mine[0]:7.0f} entries/s, {mine[1]:6.0f} us CPU each;"
            f" raw {best[0]:7.0f}/s, {best[1]:6.0f} us; ratio {mine[0] / best[0]:.2f}"
        )
    by = system(NodeId("bench"))
    single = rate(lambda number: tell(by, clock.now(), text=TEXT, once=str(number)), 1, seconds)
    print(f"acts, each its own commit: {single[0]:.0f}/s, {single[1]:.0f} us CPU each")
    for words, work in (("projected", projector.catch_up), ("verified", lambda: verify().entries), ("rebuilt", rebuilding.rebuild)):
        began = time.perf_counter()
        print(f"{words}: {work() / (time.perf_counter() - began):.0f} entries/s")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
