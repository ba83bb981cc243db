"""The projector is a process of its own: it follows at once, and a receiver without it loses nothing."""

import os
import socket
import subprocess
import sys
import time

import pytest

from stormlamp.mirror.listeners.bell import Bell, Ear
from stormlamp.mirror.wire.mllp import frame
from tests.mirror.makers import adt
from tests.mirror.senders import free_port, running, start_node

FOLLOW = """
import os, signal, threading
import django
django.setup()
from stormlamp.mirror.listeners import follow_feeds
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
follow_feeds(stop)
"""
WAIT = """
import sys, time
import django
django.setup()
from stormlamp.mirror.models import MirrorMessage
until = time.monotonic() + 30
while MirrorMessage.objects.count() < int(sys.argv[1]) and time.monotonic() < until:
    time.sleep(0.02)
print(MirrorMessage.objects.count())
"""


def surroundings(folder):
    found = {name: value for name, value in os.environ.items() if name != "STORMLAMP_KEY_FILE"}
    found |= {"XDG_CONFIG_HOME": str(folder / "config"), "STORMLAMP_HOME": str(folder / "home")}
    return found | {"DJANGO_SETTINGS_MODULE": "stormlamp.settings"}


def rows(folder, wanted):
    command = [sys.executable, "-c", WAIT, str(wanted)]
    return int(subprocess.run(command, env=surroundings(folder), capture_output=True, text=True, check=True).stdout)


@pytest.mark.slow
def test_what_came_before_and_while_it_runs_is_in_the_tables(tmp_path):
    port = free_port()
    with running(start_node(tmp_path, port)), socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        for number in range(50):
            wire.sendall(frame(adt(control=f"F{number}", number=f"F{number}")))
            assert b"MSA|AA" in wire.recv(4096)
        assert rows(tmp_path, 0) == 0, "the receiver does not project"
        follow = [sys.executable, "-c", FOLLOW]
        with running(subprocess.Popen(follow, env=surroundings(tmp_path), start_new_session=True)) as projector:
            assert rows(tmp_path, 50) == 50
            wire.sendall(frame(adt(control="LATER", number="F1")))
            assert b"MSA|AA" in wire.recv(4096)
            assert rows(tmp_path, 51) == 51
            assert projector.poll() is None


def test_a_ring_is_heard_and_wakes_who_waits(tmp_path):
    ear, bell = Ear(tmp_path), Bell(tmp_path)
    bell.ring()
    began = time.monotonic()
    ear.wait(30)
    assert time.monotonic() - began < 10
    assert not ear.heard()
    for _ in range(10_000):
        bell.ring()
    assert ear.heard()
    assert not ear.heard()
    ear.close()
    bell.ring()
    bell.close()


def test_a_second_listener_of_a_home_looks_by_time(tmp_path):
    first, second = Ear(tmp_path), Ear(tmp_path)
    began = time.monotonic()
    second.wait(30)
    assert time.monotonic() - began < 10
    assert not second.heard()
    first.close()
    second.close()
