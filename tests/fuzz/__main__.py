"""Spoil real inputs and look for what no input may do: an exception, a lost byte, or a time out of all proportion.

    python -m tests.fuzz [--seconds 60] [--seed 1] [--findings FOLDER] [--corpus FOLDER]... [--guided]

The corpus is everything under ../shared/data and the findings so far. What is found is made as small as it stays the same finding
(the same exception from the same line), and written to FOLDER (default tests/golden/fuzz), which `tests/mirror/test_fuzz.py` plays
again. With `--guided` atheris (a package of its own, not among ours) leads the way by the branches that an input takes. Prints one
JSON document; exit 1 when something was found.
"""

import argparse
import json
import random
import sys
import time
import traceback
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST, LARGEST = 3.0, 48_000


class Findings:
    """What was found, once each."""

    def __init__(self, folder: Path, check: Callable[[bytes], None]) -> None:
        self.folder = folder
        self.check = check
        self.seen: dict[str, str] = {}
        self.tries = 0

    def trouble(self, raw: bytes) -> str:
        """What an input does that it may not: where, and which exception; nothing when all is well."""
        self.tries += 1
        start = time.process_time()
        try:
            self.check(raw)
        except Exception as fault:  # noqa: BLE001 - whatever comes is what we look for
            last = [
                step
                for step in traceback.extract_tb(fault.__traceback__)
                if "/tests/" in step.filename or "/stormlamp/" in step.filename
            ]
            return f"{type(fault).__name__} at {Path(last[-1].filename).relative_to(ROOT)}:{last[-1].lineno}"
        return "slow" if time.process_time() - start > LONGEST else ""

    def note(self, raw: bytes) -> None:
        """Try an input; keep a new trouble, small."""
        kind = self.trouble(raw)
        if kind and kind not in self.seen:
            small = raw if kind == "slow" else self._smaller(raw, kind)
            name = f"{blake2b(small, digest_size=5).hexdigest()}.bin"
            self.seen[kind] = name
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(small)
            print(f"{kind}: {name}, {len(small)} bytes {small[:120]!r}", file=sys.stderr, flush=True)

    def _smaller(self, raw: bytes, kind: str) -> bytes:
        """Leave out ever smaller stretches as long as the trouble stays."""
        until, size = time.monotonic() + 20, max(1, len(raw) // 2)
        while size and time.monotonic() < until:
            at = 0
            while at < len(raw) and time.monotonic() < until:
                shorter = raw[:at] + raw[at + size :]
                if self.trouble(shorter) == kind:
                    raw = shorter
                else:
                    at += size
            size //= 2
        return raw


def corpus(folders: list[Path]) -> list[bytes]:
    """Real inputs of moderate size, each once: messages as they are, resources singly and in small bundles."""
    found: dict[bytes, None] = {}
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.suffix in (".hl7", ".json", ".ndjson", ".bin")):
            raw = path.read_bytes()
            for piece in _pieces(raw, path.suffix):
                if 0 < len(piece) <= LARGEST:
                    found[piece] = None
    return list(found)


def _pieces(raw: bytes, suffix: str) -> list[bytes]:
    if suffix == ".ndjson":
        return raw.splitlines()[:40]
    if suffix != ".json" or len(raw) <= LARGEST:
        return [raw]
    try:
        entries = json.loads(raw).get("entry", [])
    except (ValueError, AttributeError):
        return []
    few = [
        json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries[at : at + 3]}).encode()
        for at in range(0, 60, 3)
    ]
    return [one for one in few if len(one) <= LARGEST]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--findings", type=Path, default=ROOT / "tests/golden/fuzz")
    parser.add_argument("--corpus", type=Path, action="append")
    parser.add_argument("--guided", action="store_true")
    return parser.parse_args()


def main() -> int:
    """Look for trouble for a while."""
    asked = _options()
    if asked.guided:
        import atheris

        with atheris.instrument_imports(include=["stormlamp.mirror"]):
            from tests.fuzz.checks import check
    else:
        from tests.fuzz.checks import check
    from tests.fuzz.mutations import spoilt

    inputs = corpus(asked.corpus or [ROOT.parent / "shared/data", ROOT / "tests/golden"])
    rng, found = random.Random(asked.seed), Findings(asked.findings, check)
    until = time.monotonic() + asked.seconds
    if asked.guided:
        return _guided(found, inputs, asked)
    while time.monotonic() < until:
        found.note(spoilt(rng.choice(inputs), inputs, rng))
    print(json.dumps({"inputs": len(inputs), "tries": found.tries, "seconds": asked.seconds, "found": found.seen}, indent=2))
    return 1 if found.seen else 0


def _guided(found: Findings, inputs: list[bytes], asked: argparse.Namespace) -> int:
    """Atheris ends the process itself when its time is over."""
    import tempfile

    import atheris

    from tests.fuzz.mutations import spoilt

    def accident(raw: bytes, size: int, seed: int) -> bytes:
        return spoilt(raw, inputs, random.Random(seed))[:size]

    with tempfile.TemporaryDirectory() as place:
        for number, raw in enumerate(inputs):
            (Path(place) / str(number)).write_bytes(raw)
        told = [
            f"-max_total_time={int(asked.seconds)}",
            f"-seed={asked.seed}",
            f"-max_len={LARGEST}",
            "-timeout=60",
            "-rss_limit_mb=4096",
        ]
        atheris.Setup([sys.argv[0], *told, place], lambda raw: found.note(bytes(raw)), custom_mutator=accident)
        atheris.Fuzz()
    return 1 if found.seen else 0


if __name__ == "__main__":
    sys.exit(main())
