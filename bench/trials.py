"""Acknowledged means durable: the real receiver and projector, killed and starved in the middle of a busy feed, over and over.

    python bench/trials.py [TRIALS] [--seed N]             default: 1000

Six senders each send one message after the other, and the same one again until it is acknowledged. Trials of four kinds take turns:

* kill: SIGKILL at a random moment.
* torn: SIGKILL, and then the files get the state that a power failure could have left: of each write that no finished sync has made
  durable, every sector of 512 bytes is kept, turned back or, in the write-ahead log, garbled, as the dice fall.
* full: the disk takes nothing more for a while, the first write only by half; then SIGKILL.
* sync: some syncs fail with an input/output error, and what they should have made durable is lost when the power fails: mostly at
  once, sometimes only after the node was started again and has acknowledged more.

The disk that fails is `faults.c`, compiled where a C compiler is; without one the last three kinds are left out, and that is said.
At the end a fresh process counts what is there: prints one JSON document, exit 1 when an acknowledged message is lost or doubled,
or the ledger or its tables are not whole.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

SENDERS, SECTOR, LOG_BYTES = 6, 512, 64 << 20
CONTROL = struct.Struct("<8I")  # struct control of faults.c
KEPT = struct.Struct("<Q4I")
SYNC_FAILS, DISK_FULL = 1, 2
KINDS = ("kill", "torn", "full", "sync")
CHECK_EVERY = 100
PAUSE = 0.01
WITH_PROJECTOR, POWER_FAILS = 0.7, 0.7
WITHIN = 3.0  # seconds in which a disk that is to fail has to


class Disk:
    """The control page that it shares with the processes that write: see faults.c."""

    def __init__(self, place: Path) -> None:
        self.place = place
        with place.open("wb") as file:
            file.truncate(CONTROL.size + LOG_BYTES)

    def set(self, mode: int = 0, countdown: int = 0, times: int = 0, *, forget: bool = False) -> None:
        """Fail as told from the `countdown`th call on. What no sync has made durable is remembered until the power has failed."""
        with self.place.open("r+b") as file:
            used, overflow = (0, 0) if forget else CONTROL.unpack(file.read(CONTROL.size))[4:6]
            file.seek(0)
            file.write(CONTROL.pack(mode, countdown, times, 0, used, overflow, 0, 0))

    def failed(self) -> int:
        """How many calls have failed."""
        with self.place.open("rb") as file:
            return int(CONTROL.unpack(file.read(CONTROL.size))[6])

    def undurable(self) -> Iterator[tuple[int, int, bytes, bytes]]:
        """(file, offset, what was there before, what is there no sync vouches for) of each such write, the latest first."""
        raw = self.place.read_bytes()
        used, overflow = CONTROL.unpack(raw[: CONTROL.size])[4:6]
        found, at = [], CONTROL.size
        while not overflow and at < CONTROL.size + used:
            offset, size, before, file, state = KEPT.unpack(raw[at : at + KEPT.size])
            if state:
                start = at + KEPT.size
                found.append((file, offset, raw[start : start + before], bytes(size)))
            at += (KEPT.size + size + 7) & ~7
        yield from reversed(found)

    def fail_the_power(self, home: Path, dice: random.Random) -> int:
        """Give the files a state that a power failure could have left; how many sectors changed."""
        changed = 0
        for file, offset, before, after in self.undurable():
            place = home / ("stormlamp.db-wal" if file == 1 else "stormlamp.db")
            if not place.exists():
                continue
            with place.open("r+b") as opened:
                for at in range(0, len(after), SECTOR):
                    size = min(SECTOR, len(after) - at)
                    fate = dice.random()
                    if fate < 0.4:
                        continue
                    old = before[at : at + size].ljust(size, b"\0")
                    opened.seek(offset + at)
                    opened.write(old if file == 2 or fate < 0.8 else dice.randbytes(size))
                    changed += 1
        (home / "stormlamp.db-shm").unlink(missing_ok=True)  # memory, which a power failure empties
        self.set(forget=True)
        return changed


class Sender(threading.Thread):
    """Sends messages of its own in strict order, each until it is acknowledged, through every fall of the node."""

    def __init__(self, name: str, port: int, ending: threading.Event) -> None:
        super().__init__(daemon=True)
        self.label, self.port, self.ending = name, port, ending
        self.acknowledged: list[str] = []
        self.codes: Counter[str] = Counter()
        self.wire: socket.socket | None = None

    def run(self) -> None:
        """Until told to end, and until the last message is acknowledged."""
        number = 0
        while not self.ending.is_set():
            number += 1
            raw = _message(self.label, number)
            while not self._sent(raw, f"{self.label}-{number}"):
                time.sleep(0.01)
            self.acknowledged.append(hashlib.sha256(raw).hexdigest())
            time.sleep(PAUSE)

    def _sent(self, raw: bytes, control: str) -> bool:
        try:
            if self.wire is None:
                self.wire = socket.create_connection(("127.0.0.1", self.port), timeout=20)
            self.wire.sendall(b"\x0b" + raw + b"\x1c\r")
            answer = b""
            while not answer.endswith(b"\x1c\r"):
                some = self.wire.recv(65536)
                if not some:
                    raise ConnectionError
                answer += some
        except OSError:
            if self.wire is not None:
                self.wire.close()
            self.wire = None
            return False
        code, named = answer.split(b"MSA|", 1)[1].split(b"\r", 1)[0].decode().split("|")[:2]
        self.codes[code] += 1
        return code == "AA" and named == control


def _message(label: str, number: int) -> bytes:
    """Every tenth message is a long one, so that some commits are of many pages."""
    note = random.Random(f"{label}{number}").randbytes(15_000 if number % 10 == 0 else 20).hex()
    more = f"OBX|1|TX|NOTE||{note}|||||F\r"
    return (
        f"MSH|^~\\&|EHR|HOSP|DT|HOSP|20260113110000||ORU^R01|{label}-{number}|P|2.5\r"
        f"PID|1||{label}{number % 50}^^^HOSP^MR||JANSSENS^Marie||19510312|F\rOBR|1||{label}{number}|ELEC\r{more}"
    ).encode()


def _surroundings(folder: Path, library: Path | None) -> None:
    os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
    os.environ["STORMLAMP_HOME"] = str(folder / "home")
    os.environ["DJANGO_SETTINGS_MODULE"] = "stormlamp.settings"
    os.environ.pop("STORMLAMP_KEY_FILE", None)
    if library is not None:
        os.environ["LD_PRELOAD"] = str(library)
        os.environ["STORMLAMP_TRIAL_DISK"] = str(folder / "disk")


def _compiled(folder: Path) -> Path | None:
    compiler, library = shutil.which("cc") or shutil.which("gcc"), folder / "faults.so"
    if compiler is None or sys.platform != "linux":
        return None
    source = Path(__file__).with_name("faults.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(source), "-ldl"], check=True)
    return library


def _forked(work: object, *given: object) -> int:
    """A process of its own that does one thing; a fork, for the framework takes a second to load."""
    child = os.fork()
    if child == 0:
        try:
            work(*given)  # type: ignore[operator]
        finally:
            os._exit(0)
    return child


def _receive(told: int) -> None:
    from stormlamp.mirror.listeners import serve_feeds

    serve_feeds(threading.Event(), listening=lambda *_: os.write(told, b"."))  # type: ignore[arg-type, func-returns-value]


def _follow() -> None:
    from stormlamp.mirror.listeners import follow_feeds

    follow_feeds(threading.Event())


def _prepare() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _count(place: str) -> None:
    from stormlamp.ledger import entries, projector, rebuilding
    from stormlamp.ledger.verifying import verify
    from stormlamp.mirror.models import MirrorMessage

    report, last = verify(), place.endswith("end")
    if last:
        projector.catch_up()
    kept = [one.fact.digest for origin, end in entries.heads().items() for one in entries.read(origin, after=0, limit=end)]
    told = {
        "kept": kept,
        "ok": report.ok,
        "faults": [[fault.entry, fault.reason] for fault in report.faults[:5]],
        "rows": MirrorMessage.objects.count(),
        "differences": [repr(one)[:300] for one in rebuilding.differences()[:3]] if last else [],
    }
    Path(place).write_text(json.dumps(told))


def _counted(disk: Disk, place: Path) -> dict:
    disk.set()  # who was killed may have held its lock
    os.waitpid(_forked(_count, str(place)), 0)
    return dict(json.loads(place.read_text()))


def _trial(kind: str, disk: Disk, home: Path, dice: random.Random) -> int:
    """One trial: start, work, fail, fall. How many calls failed, or sectors were changed by the power failure."""
    if kind == "sync":
        disk.set(SYNC_FAILS, dice.randrange(1, 30), dice.randrange(1, 5))
    elif kind == "full":
        disk.set(DISK_FULL, dice.randrange(5, 200), dice.randrange(1, 40))
    else:
        disk.set()
    heard, told = os.pipe()
    # Without the projector the receiver is alone: when it closes the database, the log is read anew by who opens it next.
    running = [_forked(_receive, told), *([_forked(_follow)] if dice.random() < WITH_PROJECTOR else [])]
    os.close(told)
    os.read(heard, 1)
    os.close(heard)
    deadline = time.monotonic() + WITHIN
    while kind in ("full", "sync") and not disk.failed() and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(dice.uniform(0.02, 0.2))
    for child in running:
        os.kill(child, signal.SIGKILL)
    for child in running:
        os.waitpid(child, 0)
    failed = disk.failed()
    if kind == "torn" or (kind == "sync" and dice.random() < POWER_FAILS):
        return max(failed, disk.fail_the_power(home, dice))
    return failed


def _play(folder: Path, trials: int, kinds: tuple[str, ...], dice: random.Random, port: int) -> dict:
    disk, done, tears = Disk(folder / "disk"), Counter[str](), Counter[str]()
    senders_told = folder / "acknowledged"
    senders = subprocess.Popen([sys.executable, __file__, "--senders", str(port), str(senders_told)], stdin=subprocess.PIPE)
    assert senders.stdin is not None
    for number in range(trials):
        kind = kinds[number % len(kinds)]
        struck = _trial(kind, disk, folder / "home", dice)
        done[kind] += 1
        tears[kind] += bool(struck)
        if number % CHECK_EVERY == CHECK_EVERY - 1:
            seen = _counted(disk, folder / "seen")
            print(f"{number + 1} trials, {len(seen['kept'])} messages, verify {seen['ok']}", file=sys.stderr, flush=True)
            if not seen["ok"]:
                break
    disk.set()
    heard, told = os.pipe()
    last = [_forked(_receive, told), _forked(_follow)]
    os.read(heard, 1)
    senders.communicate(b"end\n", timeout=120)
    for child in last:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    answers = json.loads(senders_told.read_text())
    return {"by_kind": dict(done), "struck": dict(tears), **_judged(answers, _counted(disk, folder / "end"))}


def _judged(answers: dict, end: dict) -> dict:
    acknowledged, kept = Counter(answers["acknowledged"]), Counter(end["kept"])
    return {
        "acknowledged": sum(acknowledged.values()),
        "answers": answers["codes"],
        "lost": sum((acknowledged - kept).values()),
        "doubled": sum(count - 1 for count in kept.values()),
        "verify": end["ok"],
        "faults": end["faults"],
        "tables_equal_a_rebuild": not end["differences"] and end["rows"] == len(end["kept"]),
        "differences": end["differences"],
    }


def _send(port: int, place: Path) -> None:
    """The process of the senders: runs until a line comes on its standard input."""
    ending = threading.Event()
    senders = [Sender(chr(ord("A") + number), port, ending) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    sys.stdin.readline()
    ending.set()
    for sender in senders:
        sender.join(100)
    codes = sum((sender.codes for sender in senders), Counter[str]())
    place.write_text(json.dumps({"acknowledged": [one for sender in senders for one in sender.acknowledged], "codes": codes}))


def main() -> int:
    """Play the trials in a process under the failing disk; exit 1 when something was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trials", nargs="?", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20260113)
    parser.add_argument("--kind", choices=KINDS, action="append", help="only these kinds")
    parser.add_argument("--senders", nargs=2, metavar=("PORT", "FILE"), help=argparse.SUPPRESS)
    parser.add_argument("--play", metavar="FOLDER", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.senders:
        _send(int(wanted.senders[0]), Path(wanted.senders[1]))
        return 0
    if wanted.play:
        return _under_way(Path(wanted.play), wanted.trials, wanted.seed, tuple(wanted.kind or KINDS))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        library = _compiled(folder)
        Disk(folder / "disk").set(forget=True)
        _surroundings(folder, library)
        command = [sys.executable, __file__, str(wanted.trials), "--seed", str(wanted.seed), "--play", scratch]
        command += [word for kind in wanted.kind or () for word in ("--kind", kind)]
        return subprocess.run(command, check=False).returncode


def _under_way(folder: Path, trials: int, seed: int, wanted: tuple[str, ...]) -> int:
    from stormlamp.nodes.engines.home import create_home

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    create_home(folder / "home", role="hub", authority="TEST", options={"mllp.adt": {"host": "127.0.0.1", "port": port}})
    import django

    django.setup()
    os.waitpid(_forked(_prepare), 0)
    kinds = tuple(kind for kind in wanted if kind == "kill" or "LD_PRELOAD" in os.environ)
    began = time.monotonic()
    told = _play(folder, trials, kinds, random.Random(seed), port)
    left_out = [f"{kind}: no C compiler here" for kind in wanted if kind not in kinds]
    print(
        json.dumps(
            {"trials": sum(told["by_kind"].values()), **told, "left_out": left_out, "seconds": round(time.monotonic() - began)}
        )
    )
    whole = told["verify"] and told["tables_equal_a_rebuild"] and not told["lost"] and not told["doubled"]
    return 0 if whole and told["acknowledged"] else 1


if __name__ == "__main__":
    sys.exit(main())
