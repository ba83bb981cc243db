"""Timed probes: real questions on loopback, kept compactly, slow against their own habit."""

import http.server
import socket
import socketserver
import threading

import pytest

from stormlamp.kernel.moments import DAY, HOUR, MINUTE, Moment
from stormlamp.kernel.refusals import Trouble
from stormlamp.mirror import queries
from stormlamp.mirror.engines.questions import question_of
from stormlamp.mirror.jobs import Probing
from stormlamp.mirror.jobs.keeping import keep_hour
from stormlamp.mirror.models import MirrorProbeHour
from stormlamp.mirror.presenters.probes import probe_lines
from stormlamp.mirror.queries import probes as seen
from stormlamp.mirror.rules.alarms import AlarmKind
from stormlamp.mirror.rules.probes import ProbeStanding, Sample, class_of, merged, probe_standing, quantile
from stormlamp.mirror.rules.settings import ProbeSettings, probe_settings
from stormlamp.mirror.wire.hl7 import Message
from tests.makers import NOON, after
from tests.mirror.watching import WATCH


class Clockwork:
    """A stopwatch that a question moves on."""

    def __init__(self, millis):
        self.millis, self.seconds, self.turn = list(millis), 0.0, 0

    def __call__(self):
        return self.seconds

    def ask(self, *, within):
        """Take as long as the next entry says; None does not answer."""
        took = self.millis[min(self.turn, len(self.millis) - 1)]
        self.turn += 1
        if took is None:
            raise Trouble("no answer in time", retry=True)
        self.seconds += took / 1000


def probing(millis, **told):
    clockwork = Clockwork(millis)
    settings = ProbeSettings(name="EHR", kind="tcp", target="x:1", **told)
    return Probing(WATCH, {"EHR": (settings, clockwork)}, clockwork)


def run(one, times, *, start=NOON, every=MINUTE):
    found = []
    for number in range(times):
        at = after(start, number * every)
        found.append(one.note("EHR", one.asked("EHR", at)))
    return found


@pytest.fixture
def habit(home):
    """Four weeks in which the EHR answered within about 50 ms at every hour."""
    for day in range(1, 28):
        for side in (-1, 0, 1):
            keep_hour("EHR", Moment(NOON - NOON % HOUR - day * DAY + side * HOUR), {class_of(50): 50, class_of(80): 3}, 0)


def test_a_quantile_is_known_within_a_class():
    counts = merged([{class_of(millis): 1} for millis in range(1, 1001)])
    assert quantile(counts, 0.5) == pytest.approx(500, rel=0.06)
    assert quantile(counts, 0.95) == pytest.approx(950, rel=0.06)
    assert quantile({}, 0.5) is None


def test_answers_that_take_long_four_times_in_a_row_are_slow_and_one_alone_is_not():
    usual = {class_of(50): 990, class_of(80): 10}
    took = lambda *millis: tuple(Sample(at=NOON, millis=one) for one in millis)  # noqa: E731
    assert probe_standing(took(50, 400, 50, 400, 400, 400), usual, slow_after=0) is ProbeStanding.USUAL
    assert probe_standing(took(50, 400, 400, 400, 400), usual, slow_after=0) is ProbeStanding.SLOW
    assert probe_standing(took(400, 400, 400, 400), {}, slow_after=0) is ProbeStanding.CANNOT_TELL
    assert probe_standing(took(400, 400, 400, 400), {}, slow_after=300) is ProbeStanding.SLOW
    assert probe_standing(took(50, None, None, None), usual, slow_after=0) is ProbeStanding.DOWN


@pytest.mark.django_db
def test_a_system_that_becomes_slow_raises_an_alarm_before_users_call_and_ends_it_when_quick_again(habit):
    one = probing([50, 52, 49, 300, 310, 320, 330, 50])
    assert run(one, 6)[-1] is ProbeStanding.USUAL
    assert run(one, 1, start=after(NOON, 6 * MINUTE)) == [ProbeStanding.SLOW]
    (alarm,) = queries.open_alarms()
    assert (alarm.kind, alarm.subject, alarm.since_at) == (AlarmKind.PROBE_SLOW, "EHR", after(NOON, 3 * MINUTE))
    assert alarm.raised_at - alarm.since_at <= 5 * MINUTE
    assert 45 < alarm.evidence["usual"] < 60
    run(one, 1, start=after(NOON, 7 * MINUTE))
    assert queries.open_alarms() == ()


@pytest.mark.django_db
def test_a_system_that_does_not_answer_raises_an_alarm_with_the_reason(habit):
    one = probing([50, None])
    run(one, 4)
    (alarm,) = queries.open_alarms()
    assert (alarm.kind, alarm.evidence["why"]) == (AlarmKind.PROBE_DOWN, "no answer in time")
    assert alarm.since_at == after(NOON, MINUTE)


@pytest.mark.django_db
def test_answers_are_kept_as_one_row_an_hour_and_go_after_eight_weeks(home):
    keep_hour("EHR", Moment(NOON - 60 * DAY), {1: 1}, 0)
    run(probing([50]), 100, every=MINUTE)
    rows = list(MirrorProbeHour.objects.order_by("hour_start"))
    assert len(rows) == 2
    hour, failed = seen.probe_last_hour("EHR", after(NOON, 100 * MINUTE))
    assert (sum(hour.values()), failed) == (100, 0)
    again = probing([50])
    run(again, 1, start=after(NOON, 100 * MINUTE))
    assert sum(seen.probe_last_hour("EHR", after(NOON, 100 * MINUTE))[0].values()) == 101, "a start counts on in the same hour"


@pytest.mark.django_db
def test_the_page_says_the_last_hour_beside_what_is_usual(habit):
    run(probing([50, 60]), 10)
    (line,) = probe_lines(after(NOON, 10 * MINUTE))
    assert line.word == "as usual"
    assert line.usual.startswith("5")
    assert line.last == "60 ms"


# ------------------------------------------------------------------------------------------------- real questions


class Answering(socketserver.StreamRequestHandler):
    """An MLLP server that acknowledges what it is asked."""

    asked: list[bytes] = []

    def handle(self):
        """One frame, one answer."""
        raw = self.rfile.read(1)
        while raw[-1:] not in (b"", b"\x1c"):
            raw += self.rfile.read(1)
        message = Message(raw.strip(b"\x0b\x1c\r"))
        self.asked.append(raw)
        told = f"MSH|^~\\&|EHR|H|||2026||RSP^K22|1|P|2.5\rMSA|AA|{message.control_id}\r"
        self.wfile.write(b"\x0b" + told.encode() + b"\x1c\r")


class Page(http.server.BaseHTTPRequestHandler):
    """A page that is there, and one that is broken."""

    def do_GET(self):
        """200, or 500."""
        self.send_response(500 if "broken" in self.path else 200)
        self.end_headers()
        self.wfile.write(b"here")

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture(params=["mllp", "http", "tcp"])
def served(request):
    """A system of each kind on loopback: (kind, target)."""
    kind = request.param
    if kind == "http":
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    else:
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield kind, f"{kind}://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def question(kind, target):
    return question_of(ProbeSettings(name="x", kind=kind, target=target), lambda: NOON)


def test_each_kind_of_question_is_answered(served):
    question(*served).ask(within=5)


def test_a_probe_only_ever_reads():
    from stormlamp.mirror.engines.questions import query

    message = Message(query("1", __import__("datetime").datetime(2026, 1, 13)))
    assert (message.type, message.control_id) == ("QBP", "1")
    assert message.first("PID") is None


def test_no_answer_is_trouble_with_a_reason():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(Trouble, match="no answer in time"):
            question("mllp", f"mllp://{place}").ask(within=0.2)
        with pytest.raises(Trouble):
            question("http", f"http://{place}").ask(within=0.2)
    for kind in ("mllp", "tcp"):
        with pytest.raises(Trouble, match=r"^Connection refused$"):
            question(kind, f"{kind}://127.0.0.1:9").ask(within=1)


def test_an_error_page_is_no_answer():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(Trouble, match="HTTP 500"):
            question("http", f"http://127.0.0.1:{server.server_address[1]}/broken").ask(within=5)
        server.shutdown()


def test_settings_that_are_not_sound_are_said():
    for kind, target in (("ftp", "x:1"), ("tcp", "nowhere"), ("tcp", "x:port"), ("http", "ftp://x")):
        with pytest.raises(Trouble):
            question(kind, target)
    (one,) = probe_settings({"probes": {"EHR": {"kind": "http", "target": "http://x", "every": 30, "slow_after": 800}, "none": {}}})
    assert (one.name, one.every, one.slow_after) == ("EHR", MINUTE // 2, 800)
