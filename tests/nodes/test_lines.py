"""A line to another node outlives whatever goes wrong on it: a failing disk, and what proves nothing."""

import threading
import time

import pytest
from django.db import OperationalError

from stormlamp.kernel.identifiers import NodeId
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger.rules.spans import Unproven
from stormlamp.nodes.engines import tls
from stormlamp.nodes.listeners import syncing
from stormlamp.nodes.rules import Node
from tests.makers import NOON

pytestmark = pytest.mark.django_db


def test_neither_a_failing_disk_nor_what_proves_nothing_ends_a_line(home, monkeypatch):
    monkeypatch.setattr(syncing, "AGAIN_AFTER", 0.0)
    faults = [OperationalError("database or disk is full"), Unproven("other bytes"), Trouble("no answer")]
    stop, turns = threading.Event(), []

    def turn(_):
        turns.append(1)
        if faults:
            raise faults.pop()
        stop.set()

    node = Node(
        node=NodeId("hub-1"), home="h", role="hub", wards=(), everyone=True, public_key=bytes(32),
        certificate=tls.certificate(home), enrolled_at=NOON, urls=("https://127.0.0.1:9",),
    )  # fmt: skip
    line = syncing.Line(node, stop, noted_at=time.monotonic())
    thread = threading.Thread(target=line._keep_on, args=(turn,))  # a connection of its own, as it has in a node
    thread.start()
    thread.join(20)
    assert stop.is_set()
    assert len(turns) == 4
