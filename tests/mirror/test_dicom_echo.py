"""C-ECHO: our few bytes against the DICOM implementation of another project, and against peers that send anything."""

import socket
import struct
import threading
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynetdicom import AE, evt
from pynetdicom.sop_class import CTImageStorage, Verification

from stormlamp.kernel.refusals import Trouble
from stormlamp.mirror.engines.questions import question_of
from stormlamp.mirror.rules.settings import ProbeSettings, probe_settings
from stormlamp.mirror.wire import dicom_echo as dicom
from tests.makers import NOON

ACCEPTED = bytes(68) + b"\x21\x00\x00\x08\x01\x00\x00\x00\x40\x00\x00\x00"


@contextmanager
def archive(*, title="ARCHIVE", only="", status=0x0000, classes=(Verification,)):
    """A PACS on loopback: its port, and who asked under which titles."""
    heard = []

    def echoed(event):
        asked = event.assoc.requestor
        heard.append((asked.ae_title, asked.primitive.called_ae_title, event.request.MessageID))
        return status

    released = threading.Event()
    entity = AE(title)
    entity.require_called_aet = bool(only)
    for each in classes:
        entity.add_supported_context(each)
    handlers = [(evt.EVT_C_ECHO, echoed), (evt.EVT_RELEASED, lambda _event: released.set())]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    try:
        yield server.socket.getsockname()[1], heard, released
    finally:
        server.shutdown()


def echo(port, *, within=5, **told):
    settings = ProbeSettings(name="PACS", kind="dicom", target=f"dicom://127.0.0.1:{port}", **told)
    question_of(settings, lambda: NOON).ask(within=within)


def test_an_archive_is_asked_under_both_titles_answers_and_is_released():
    with archive() as (port, heard, released):
        echo(port, called="ARCHIVE", calling="WARD3B")
        assert heard == [("WARD3B", "ARCHIVE", 1)]
        assert released.wait(5)


def test_a_title_that_the_archive_does_not_know_is_told_as_the_reason():
    with archive(only="ARCHIVE") as (port, heard, _), pytest.raises(Trouble, match="the called AE title is not known there"):
        echo(port, called="OTHER")
    assert heard == []


def test_an_archive_without_verification_or_with_a_failure_is_told():
    with archive(classes=(CTImageStorage,)) as (port, _, _), pytest.raises(Trouble):
        echo(port)
    with archive(status=0x0122) as (port, _, _), pytest.raises(Trouble, match="status 0122"):
        echo(port)


def test_a_port_that_only_takes_connections_is_no_archive():
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Trouble, match="no answer in time"):
        echo(silent.getsockname()[1], within=0.3)


@contextmanager
def answering(*pieces):
    """A peer that sends these bytes, whatever it is asked, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            wire, _ = server.accept()
            with wire:
                for piece in pieces:
                    wire.recv(65536)
                    wire.sendall(piece)

        one = threading.Thread(target=serve, daemon=True)
        one.start()
        yield server.getsockname()[1]
        one.join(10)


def pdu(kind, body):
    return struct.pack(">BBI", kind, 0, len(body)) + body


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], "not what DICOM says"),
        ([struct.pack(">BBI", 2, 0, 0xFFFFFFFF)], "not what DICOM says"),
        ([pdu(7, bytes(4))], "aborted"),
        ([pdu(3, b"\0\1\3\2")], "its limit of associations"),
        ([pdu(2, ACCEPTED.replace(b"\x01\x00\x00\x00\x40", b"\x01\x00\x03\x00\x40"))], "Verification"),
        ([pdu(2, ACCEPTED), pdu(4, b"\0\0\0\x02\x01\x03")], "not what DICOM says"),
        ([pdu(2, ACCEPTED), pdu(4, b"\0\0\0\x02\x01\x01") * 65], "no end"),
        ([pdu(2, ACCEPTED), b""], "closed before an answer"),
    ],
)
def test_what_a_peer_sends_that_is_no_answer_is_trouble_with_a_reason(pieces, said):
    with answering(*pieces) as port, pytest.raises(Trouble, match=said):
        echo(port)


@given(st.integers(0, 255), st.binary(max_size=300))
def test_whatever_bytes_come_the_codec_answers_or_says_trouble(kind, body):
    for asked in (dicom.check_accepted, dicom.command_part):
        try:
            asked(kind, body)
        except Trouble:
            continue
    for command in (body, dicom.echo_request()[12:] + body):
        with pytest.raises(Trouble):
            dicom.check_echoed(command)


def test_a_command_in_several_parts_is_put_together():
    first, last = dicom.command_part(4, b"\0\0\0\x04\x01\x01ab" + b"\0\0\0\x04\x01\x01cd")
    assert (first, last) == (b"abcd", False)
    assert dicom.command_part(4, b"\0\0\0\x03\x01\x03e") == (b"e", True)


@pytest.mark.parametrize("name", ["", " ", "SEVENTEEN-LETTERS", "BACK\\SLASH", "ÜMLAUT\n", "TAB\t"])
def test_what_is_no_title_is_said(name):
    with pytest.raises(Trouble, match="is no AE title"):
        dicom.title(name)


def test_the_titles_stand_in_the_settings():
    told = {"kind": "dicom", "target": "pacs:104", "called": "ARCHIVE", "calling": "WARD3B"}
    (one,) = probe_settings({"probes": {"PACS": told}})
    assert (one.kind, one.called, one.calling) == ("dicom", "ARCHIVE", "WARD3B")
    (other,) = probe_settings({"probes": {"PACS": {"kind": "dicom", "target": "pacs:104"}}})
    assert (other.called, other.calling) == ("ANY-SCP", "STORMLAMP")
