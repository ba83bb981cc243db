"""Real questions to real machines: on loopback, and between two networks that are made for the test and taken away."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from stormlamp.kernel.moments import MINUTE
from stormlamp.ledger import clock
from stormlamp.mirror.engines.machines import NetworkMachines
from stormlamp.mirror.rules.watch_host import LATE, NOT_ALLOWED, Reply
from stormlamp.mirror.wire.mllp import frame
from tests.makers import after
from tests.mirror.makers import adt
from tests.mirror.senders import running, start_node
from tests.mirror.test_kill import said_by

HERE, THERE, PORT = "10.77.0.1", "10.77.0.2", 2575
# Of a network that this process made: who may ask by ICMP echo there (icmp(7)).
ALLOW = 'echo "{groups}" > /proc/sys/net/ipv4/ping_group_range'
OWN = (
    "ip link set lo up && ip link add stub type veth peer name other && ip link set other up"
    " && ip addr add 10.78.0.1/24 dev stub && ip link set stub up && {allow}"
)
ASK = """
import json, sys
from stormlamp.mirror.engines.machines import NetworkMachines
told = NetworkMachines().ask([(one, 0) for one in sys.argv[1:]])
print(json.dumps({place[0]: [reply.answered, reply.why] for place, reply in told.items()}))
"""


def may_make_networks() -> bool:
    """Whether this is root with the tools, on a system that lets it make networks."""
    tools = all(shutil.which(one) for one in ("ip", "unshare"))
    return tools and not subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode


needs_networks = pytest.mark.skipif(not may_make_networks(), reason="needs root, ip and unshare, to make networks of its own")


def asked_in_own_network(*addresses, groups="0 2147483647"):
    """The replies of addresses, asked in a network that has loopback, and a cable to nowhere at 10.78.0.0/24."""
    begin = OWN.format(allow=ALLOW.format(groups=groups)) + ' && exec "$0" "$@"'
    command = ["unshare", "--net", "sh", "-c", begin, sys.executable, "-c", ASK, *addresses]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return {address: Reply(answered=answered, why=why) for address, (answered, why) in json.loads(told.stdout).items()}


@needs_networks
def test_machines_are_asked_by_a_real_echo_all_at_once_and_only_those_that_are_there_answer():
    told = asked_in_own_network("127.0.0.5", "127.0.0.6", "::1", "::ffff:127.0.0.7", "10.78.0.9", "10.79.0.1", "nowhere")
    here, gone = Reply(answered=True), Reply(answered=False, why=LATE)
    assert told == {
        "127.0.0.5": here,
        "127.0.0.6": here,
        "::1": here,
        "::ffff:127.0.0.7": here,
        "10.78.0.9": gone,
        "10.79.0.1": Reply(answered=False, why="Network is unreachable"),
        "nowhere": Reply(answered=None, why="nowhere is no address"),
    }


@needs_networks
def test_where_the_system_does_not_allow_an_echo_that_is_said_and_no_machine_is_called_gone():
    told = asked_in_own_network("127.0.0.5", groups="1 0")
    assert told == {"127.0.0.5": Reply(answered=None, why=NOT_ALLOWED)}


def test_a_port_that_the_hospital_named_is_connected_to_and_a_refusal_is_an_answer_too():
    with socket.create_server(("127.0.0.1", 0)) as open_port:
        taken = open_port.getsockname()[1]
        told = NetworkMachines().ask([("127.0.0.1", taken), ("127.0.0.1", 9)])
    assert told == {("127.0.0.1", taken): Reply(answered=True), ("127.0.0.1", 9): Reply(answered=True)}


# --------------------------------------------------------------------------------------------------- a machine that is cut


@contextmanager
def two_networks() -> Iterator[tuple[str, str]]:
    """The node's network and the sender's, joined by a cable; both are taken away at the end."""
    ours, theirs = f"stormlamp-{os.getpid()}-a", f"stormlamp-{os.getpid()}-b"
    made = [
        f"ip netns add {ours}",
        f"ip netns add {theirs}",
        f"ip -n {ours} link add cable type veth peer name cable netns {theirs}",
        f"ip -n {ours} addr add {HERE}/24 dev cable",
        f"ip -n {theirs} addr add {THERE}/24 dev cable",
        f"ip -n {ours} link set cable up",
        f"ip -n {theirs} link set cable up",
        f"ip -n {ours} link set lo up",
    ]
    try:
        for one in made:
            subprocess.run(one.split(), check=True, capture_output=True)
        subprocess.run([*inside(ours), "sh", "-c", ALLOW.format(groups="0 2147483647")], check=True)
        yield ours, theirs
    finally:
        for name in (ours, theirs):
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)


def inside(network):
    """The command that runs another in a network."""
    return ("ip", "netns", "exec", network)


SEND = """
import socket, sys
with socket.create_connection((sys.argv[1], 2575), timeout=10) as wire:
    wire.sendall(bytes.fromhex(sys.argv[2]))
    assert b"MSA|AA" in wire.recv(65536)
"""
HEARD = """
import sys, time
import django
django.setup()
from stormlamp.mirror.queries.lines import lines_kept
deadline = time.monotonic() + 40
while time.monotonic() < deadline:
    line = lines_kept().get("adt")
    if line and line.heard and line.heard[-1][1] >= int(sys.argv[1]):
        break
    time.sleep(0.2)
print('["' + line.heard[-1][0] + '"]')
"""
# The watch as `up` runs it, on the node's own clock, which goes 15 seconds on before each look.
WATCH = """
import json, sys
from zoneinfo import ZoneInfo
import django
django.setup()
from django.conf import settings
from stormlamp.kernel.actors import system
from stormlamp.kernel.moments import MINUTE, SECOND, Moment
from stormlamp.ledger import clock, projector
from stormlamp.mirror import queries
from stormlamp.mirror.engines.machines import NetworkMachines
from stormlamp.mirror.jobs import HostWatch, Watch
from stormlamp.mirror.rules.settings import watch_settings
from stormlamp.mirror.rules.watch_habit import Calendar
projector.catch_up()
by, told = system("hub"), watch_settings({})
hosts = HostWatch(by, told, NetworkMachines())
watch = Watch(by, lambda _: Calendar(zone=ZoneInfo("Europe/Brussels")), told, hosts=hosts)
began = clock.now()
while clock.now() - began < int(sys.argv[1]) * MINUTE and not queries.open_alarms():
    clock.set_scaled(settings.HOME.path, at=Moment(clock.now() + 15 * SECOND), factor=1.0)
    hosts.ask(clock.now())
    watch.look(clock.now())
print(json.dumps([[one.kind.value, one.subject, (one.raised_at - began) / MINUTE] for one in queries.open_alarms()]))
"""


@needs_networks
def test_a_real_sender_of_six_messages_an_hour_whose_machine_is_cut_is_an_alarm_within_five_minutes(tmp_path):
    with two_networks() as (ours, theirs), running(start_node(tmp_path, PORT, *inside(ours), host=HERE)):
        began = clock.WallClock().now()
        for number in range(6):
            at = after(began, (number + 1) * 10 * MINUTE)
            clock.set_scaled(tmp_path / "home", at=at, factor=1.0)
            raw = frame(adt(control=f"N{number}")).hex()
            subprocess.run([*inside(theirs), sys.executable, "-c", SEND, HERE, raw], check=True, timeout=30)
        assert said_by(HEARD, tmp_path, str(at)) == [THERE]
        alive = said_by(WATCH, tmp_path, "9", under=inside(ours))
        assert alive == [], "nine quiet minutes are usual, and the machine answers"
        subprocess.run(["ip", "-n", theirs, "link", "set", "cable", "down"], check=True)
        ((kind, subject, minutes),) = said_by(WATCH, tmp_path, "6", under=inside(ours))
    assert (kind, subject) == ("host-gone", "adt")
    assert 2 <= minutes <= 5
