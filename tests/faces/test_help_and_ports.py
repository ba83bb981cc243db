"""Help says how a command is called and which home it takes; two nodes never share a port."""

import os
import socket
import subprocess
import sys
import time

import pytest
import typer

from stormlamp.faces.commands import app
from tests.faces.test_front_door import stormlamp


def leaves(command, path=()):
    below = getattr(command, "commands", None)
    if not below:
        yield path
    for name, child in sorted((below or {}).items()):
        if not child.hidden:
            yield from leaves(child, (*path, name))


@pytest.mark.parametrize("words", tuple(leaves(typer.main.get_command(app))), ids=" ".join)
def test_every_help_has_an_example_and_says_what_home_is(words, capsys):
    app([*words, "--help"], standalone_mode=False, prog_name="stormlamp")
    told = capsys.readouterr().out
    assert f"Example: stormlamp {' '.join(words)}" in told
    assert "--home DIR" in told
    assert "STORMLAMP_HOME" in told


def test_up_on_a_taken_port_is_trouble_and_starts_nothing(tmp_path):
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as other:
        place = f"127.0.0.1:{other.getsockname()[1]}"
        assert stormlamp(tmp_path, "init", "--home", str(tmp_path / "a home"), "--web", place).returncode == 0
        done = stormlamp(tmp_path, "up", "--home", str(tmp_path / "a home"))
    assert done.returncode == 1
    assert f"cannot listen on {place}" in done.stderr
    assert "answers at" not in done.stdout


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _taken(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent is gone")
@pytest.mark.slow
def test_nothing_is_left_behind_when_up_is_killed(tmp_path):
    web, mllp = _free_port(), _free_port()
    home, places = str(tmp_path / "home"), ("--web", f"127.0.0.1:{web}", "--mllp", f"127.0.0.1:{mllp}")
    assert stormlamp(tmp_path, "init", "--home", home, *places).returncode == 0
    surroundings = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}
    up = subprocess.Popen([sys.executable, "-m", "stormlamp", "up", "--home", home], env=surroundings, stdout=subprocess.PIPE)
    assert b"answers at" in up.stdout.readline()
    up.kill()
    up.wait()
    deadline = time.monotonic() + 20
    while _taken(web) or _taken(mllp):
        assert time.monotonic() < deadline, "a part of the node is still there"
        time.sleep(0.2)
