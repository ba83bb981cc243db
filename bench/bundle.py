"""How fast a bundle is taken in, every entry proven and durable, beside the same rows written without any check in the same run.

    python bench/bundle.py [ENTRIES]

Makes a hub with so many messages (200,000) and nodes that have joined it, writes a bundle, and takes it in there: read, opened,
signatures, digests, links, tree and root checked, written in groups of 4,000, each synced to the disk. Then writes the very rows
that this made into an empty database like it, in the same groups, with nothing checked. Prints entries/s of wall time, CPU
microseconds per entry, and the ratio; and how fast it goes on when all of it is there already.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROUNDS, GROUP, CLOCK = 3, 4000, time.perf_counter
TEXT = "MSH|^~\\&|EHR|HOSP|DT|HOSP|20260113110000||ADT^A08|1|P|2.5\rPID|1||77^^^HOSP^MR||JANSSENS^Marie||19510312|F\r" * 5


def prepared(folder: Path) -> None:
    """A hub, and a node that has joined it without a network: what joining would have told it is known here."""
    from stormlamp.kernel.identifiers import NodeId
    from stormlamp.nodes.engines import tls
    from stormlamp.nodes.engines.home import SHARED, Joined, Pinned, create_home

    hub = create_home(folder / "hub", role="hub")
    pinned = Pinned(
        node=hub.node, home=hub.id, url="https://127.0.0.1:1", public_key=hub.public_key(), certificate=tls.certificate(hub)
    )
    for number in range(ROUNDS):
        shared = {purpose: hub.key(purpose) for purpose in SHARED}
        told = Joined(id=f"home-{number}", secret=os.urandom(32), node=NodeId(f"crisis-{number}"), hub=pinned, shared=shared)
        create_home(folder / f"node-{number}", role="crisis", joined=told)


def opened_home() -> None:
    """The home that STORMLAMP_HOME names, with its tables."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def made(file: Path, size: int) -> dict[str, float]:
    """Fill the hub, and write the bundle."""
    opened_home()
    from stormlamp.ledger import Draft, clock, fact
    from stormlamp.ledger.feeds import append_feed
    from stormlamp.nodes.listeners.carrying import export_bundle

    @fact("bench.told")
    class Told:
        """As much as a short message says."""

        text: str

    for first in range(0, size, 1000):
        drafts = [
            Draft(fact=Told(text=f"{TEXT}{row}"), actor="bench", actor_name="Bench", act="bench", at=clock.now(), once=str(row))
            for row in range(first, min(size, first + 1000))
        ]
        append_feed(drafts)
    began = CLOCK()
    done = export_bundle(file)
    assert done.entries == size
    return {"export": size / (CLOCK() - began), "bytes": done.size / size}


def taken(file: Path) -> dict[str, float]:
    """Take the bundle in, twice; then the rows that it made, into a database like it, as they are."""
    opened_home()
    from stormlamp.nodes.listeners.carrying import import_bundle

    ends: list[float] = []
    cpus: list[float] = []

    def moved(_done: int, _of: int) -> None:
        ends.append(CLOCK())
        cpus.append(time.process_time())

    began, cpu = CLOCK(), time.process_time()
    size = import_bundle(file, moved=moved).joined.taken
    ours, ours_cpu = ends[-1] - began, cpus[-1] - cpu
    began = CLOCK()
    assert import_bundle(file, moved=moved).joined.known == size
    again = ends[-1] - began
    bare, bare_cpu = unchecked()
    return {
        "ours": size / ours,
        "cpu": ours_cpu / size * 1e6,
        "again": size / again,
        "bare": size / bare,
        "bare_cpu": bare_cpu / size * 1e6,
        "ratio": bare / ours,
    }


def unchecked() -> tuple[float, float]:
    """Write every entry's row again, unchecked, in the same groups: wall and CPU seconds."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT origin, sequence, hlc, payload_digest, previous, digest, salt, payload"
            " FROM ledger_entry ORDER BY origin, sequence"
        )
        rows = cursor.fetchall()
    connection.close()
    connection.settings_dict["NAME"] = str(settings.HOME.path / "bare.db")
    call_command("migrate", verbosity=0)
    began, cpu = CLOCK(), time.process_time()
    for first in range(0, len(rows), GROUP):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany("INSERT INTO ledger_entry VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", rows[first : first + GROUP])
    return CLOCK() - began, time.process_time() - cpu


def asked(folder: Path, home: str, *words: str) -> dict[str, float]:
    """What this script prints when it runs inside a home."""
    inside = {"STORMLAMP_HOME": str(folder / home), "STORMLAMP_KEY_FILE": "", "DJANGO_SETTINGS_MODULE": "stormlamp.settings"}
    command = [sys.executable, __file__, *words]
    found = subprocess.run(command, env=os.environ | inside, stdout=subprocess.PIPE, check=True)
    answer: dict[str, float] = json.loads(found.stdout)
    return answer


def main(size: int) -> None:
    """Everything, and what it came to."""
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="stormlamp-bench-") as name:
        folder, file = Path(name), Path(name) / "all.bundle"
        os.environ |= {"XDG_CONFIG_HOME": name, "STORMLAMP_KEY_FILE": ""}
        prepared(folder)
        told = asked(folder, "hub", "make", str(file), str(size))
        print(f"{size:,} entries, {told['bytes']:.0f} bytes each in the bundle; written at {told['export']:,.0f} entries/s")
        rounds = [asked(folder, f"node-{number}", "take", str(file)) for number in range(ROUNDS)]
    for number, one in enumerate(rounds, 1):
        print(
            f"round {number}: taken in {one['ours']:,.0f}/s ({one['cpu']:.1f} us CPU), unchecked {one['bare']:,.0f}/s"
            f" ({one['bare_cpu']:.1f} us CPU), ratio {one['ratio']:.2f}; all there already {one['again']:,.0f}/s"
        )
    middle = {name: median(one[name] for one in rounds) for name in ("ours", "ratio")}
    print(f"median: {middle['ours']:,.0f} entries/s checked and durable, {middle['ratio']:.2f} of the same rows unchecked")


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        print(json.dumps(made(Path(sys.argv[2]), int(sys.argv[3]))))
    elif sys.argv[1:2] == ["take"]:
        print(json.dumps(taken(Path(sys.argv[2]))))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 200_000)
