"""Several processes and threads on one home: nobody is turned away, stamps rise, the chain holds."""

import subprocess
import sys
import threading
import time

import orjson
import pytest
from django.db import connection

from tests.ledger.test_crash import BELLS, COUNTING, node, surroundings, told_by

__all__ = ["node"]
ACTING = """
import json, time
until, slowest, done = time.monotonic() + float(sys.argv[1]), 0.0, 0
while time.monotonic() < until:
    began = time.monotonic()
    ring(ME, clock.now(), bell=f"{sys.argv[2]}-{done}", once=f"{sys.argv[2]}-{done}")
    slowest, done = max(slowest, time.monotonic() - began), done + 1
print(json.dumps({"done": done, "slowest": slowest}))
"""
FEEDING = """
import json, time
until, slowest, done = time.monotonic() + float(sys.argv[1]), 0.0, 0
while time.monotonic() < until:
    began = time.monotonic()
    append_feed([Draft(fact=Rung(bell="fed" * 100), actor="f", actor_name="f", act="feed", at=clock.now()) for _ in range(50)])
    slowest, done = max(slowest, time.monotonic() - began), done + 50
print(json.dumps({"done": done, "slowest": slowest}))
"""
FOLLOWING = """
import json, time
until, done = time.monotonic() + float(sys.argv[1]), 0
while time.monotonic() < until:
    done += projector.catch_up()
    time.sleep(0.005)
print(json.dumps({"done": done, "slowest": 0}))
"""
READING = """
import json, time
until, done, slowest = time.monotonic() + float(sys.argv[1]), 0, 0.0
while time.monotonic() < until:
    began = time.monotonic()
    assert verify().ok
    done, slowest = done + 1, max(slowest, time.monotonic() - began)
print(json.dumps({"done": done, "slowest": slowest}))
"""
COPYING = """
import json, tempfile, time
from pathlib import Path
until, done = time.monotonic() + float(sys.argv[1]), 0
while time.monotonic() < until:
    with tempfile.TemporaryDirectory(dir=sys.argv[2]) as scratch:
        rebuilding.snapshot(Path(scratch) / "copy.db")
    done += 1
print(json.dumps({"done": done, "slowest": 0}))
"""
STAMPS = """
import json
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT hlc, origin, sequence FROM ledger_entry ORDER BY hlc")
    rows = cursor.fetchall()
print(json.dumps({"stamps": len({hlc for hlc, _, _ in rows}), "entries": len(rows)}))
"""
LARGEST_LOG = 512 * 1024 * 1024
A_MOMENT = 10.0  # a guard against starving for the 30 s after which a writer gives up; how long it really takes is for the bench


@pytest.mark.slow
def test_writers_a_projector_readers_and_copies_side_by_side(node):
    seconds = "5"
    parts = [(ACTING, seconds, "one"), (ACTING, seconds, "two"), (FEEDING, seconds), (FOLLOWING, seconds)]
    parts += [(READING, seconds), (COPYING, seconds, str(node))]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", BELLS + program, *arguments],
            env=surroundings(node),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for program, *arguments in parts
    ]
    told, log = [], node / "home" / "stormlamp.db-wal"
    largest = 0
    while any(one.poll() is None for one in running):
        largest = max(largest, log.stat().st_size if log.exists() else 0)
        time.sleep(0.05)
    for one in running:
        out, err = one.communicate()
        assert one.returncode == 0, err[-2000:]
        told.append(orjson.loads(out))
    assert all(one["done"] for one in told), told
    assert max(one["slowest"] for one in told[:3]) < A_MOMENT, told
    stamps = told_by(node, STAMPS)
    assert stamps["stamps"] == stamps["entries"], "no two entries of a node share a stamp"
    found = told_by(node, "projector.catch_up()\n" + COUNTING)
    assert found["ok"], found["faults"]
    assert found["differences"] == 0
    assert largest < LARGEST_LOG, "the log is taken back though readers overlap"


@pytest.mark.django_db(transaction=True)
def test_two_threads_with_one_once_key_get_one_answer():
    from stormlamp.ledger import entries
    from stormlamp.ledger.acts import act
    from stormlamp.ledger.facts import FACTS, fact
    from tests.makers import NOON, an_actor

    assert "test.raced" not in FACTS

    @fact("test.raced")
    class Raced:
        """Somebody was first."""

        who: str

    @act("test.race", needs="test.race")
    def race(by, at, *, who):
        time.sleep(0.05)
        return Raced(who=who)

    answers, ready = [], threading.Barrier(4)

    def run(who):
        ready.wait()
        try:
            answers.append(race(an_actor("test.race"), NOON, who=who, once="form"))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(str(number),)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(answers) == 4
    assert len(set(answers)) == 1
    assert entries.heads()[entries.origin_of("acts")] == 1
