"""Help says how a command is called and which home it takes; two nodes never share a port."""

import socket

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
