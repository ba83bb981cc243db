"""Law 5: a node starts, receives, shows and prints with every network switched off but its own loopback."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stormlamp.mirror.wire.mllp import frame
from tests.mirror.makers import adt

pytestmark = pytest.mark.slow

# Runs inside a network namespace of its own, where loopback is all there is.
STORY = r"""
import os, re, signal, socket, subprocess, sys, time, urllib.request

home, command, message = sys.argv[1], [sys.executable, "-m", "stormlamp"], bytes.fromhex(sys.argv[2])
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
try:
    socket.create_connection(("192.0.2.1", 53), timeout=2)
    sys.exit("there is a network here")
except OSError:
    pass


def run(*arguments):
    return subprocess.run([*command, *arguments, "--home", home], check=True, capture_output=True, text=True).stdout


link = re.search(r"(/first/\S+)", run("init", "--role", "hub", "--web", "127.0.0.1:8420", "--mllp", "127.0.0.1:2575"))[1]
up = subprocess.Popen([*command, "up", "--home", home], stdout=subprocess.PIPE, text=True)
try:
    assert "http://127.0.0.1:8420/" in up.stdout.readline()
    for path, wanted in (("/", b"password"), (link, b"<svg")):
        page = urllib.request.urlopen("http://127.0.0.1:8420" + path, timeout=20).read()
        assert wanted in page, path
    deadline = time.monotonic() + 20
    while True:
        try:
            wire = socket.create_connection(("127.0.0.1", 2575), timeout=10)
            break
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "nobody listens for messages"
            time.sleep(0.2)
    wire.sendall(message)
    assert b"MSA|AA|" in wire.recv(4096)
    while run("patients", "--json").strip() == "[]":
        assert time.monotonic() < deadline + 20, "the patient never shows"
        time.sleep(0.3)
    run("outage", "declare", "--kind", "cyber")
    ward = re.search(r'"ward": "([^"]+)"', run("census", "--json"))[1]
    run("pack", "--ward", ward, "--pdf", home + "/pack.pdf")
    print(open(home + "/pack.pdf", "rb").read(5).decode(), "alone")
finally:
    up.send_signal(signal.SIGTERM)
    up.wait(20)
"""


@pytest.fixture
def namespace() -> list[str]:
    """How to run a command where there is no network; making such a place takes root and two small tools."""
    for tool in ("unshare", "ip"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not on this machine")
    if subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode:
        pytest.skip("a network namespace needs root")
    return ["unshare", "--net"]


def test_a_node_without_any_network_signs_in_receives_declares_and_prints(namespace, tmp_path: Path):
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("STORMLAMP_")}
    surroundings["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    told = subprocess.run(
        [*namespace, sys.executable, "-c", STORY, str(tmp_path / "home"), frame(adt()).hex()],
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert told.returncode == 0, told.stderr[-3000:]
    assert told.stdout.strip() == "%PDF- alone"
