"""Telling a person: by a real SMTP server on loopback, at least once, with failures on record."""

import email
import email.policy
import socket

import pytest
from aiosmtpd.controller import Controller

from stormlamp.kernel.moments import MINUTE, SECOND
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import rebuilding
from stormlamp.mirror import queries
from stormlamp.mirror.actions import watching as acts
from stormlamp.mirror.engines.messages import AppriseMessenger
from stormlamp.mirror.jobs import Telling
from stormlamp.mirror.presenters.alarms import message_words, told_words
from stormlamp.mirror.rules.alarms import AlarmKind
from stormlamp.mirror.rules.settings import alarm_settings
from stormlamp.shell.words import speaking
from tests.makers import NOON, after
from tests.mirror.watching import WATCH

pytestmark = pytest.mark.django_db
EVIDENCE = {
    "standing": "silent", "at": NOON, "from_at": NOON - 12 * MINUTE, "usual": 120.0, "low": 85, "high": 160,
    "expected": 24.0, "came": 0, "once_in": 10_234.0, "limit": 0,
}  # fmt: skip


class Postbox:
    """What an SMTP server was given; `refusing` says no to the next ones."""

    def __init__(self):
        self.mails = []
        self.refusing = 0

    async def handle_DATA(self, server, session, envelope):
        """Take or refuse one mail."""
        if self.refusing:
            self.refusing -= 1
            return "451 the queue is full"
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 taken"


@pytest.fixture
def post():
    """A mail server on a free port of this machine."""
    box = Postbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, f"mailto://127.0.0.1:{port}?from=stormlamp@hospital.example&to=duty@hospital.example&mode=insecure"
    server.stop()


@pytest.fixture
def alarm(home):
    """An open alarm."""
    acts.raise_alarm(
        WATCH, NOON, alarm="a1", what=AlarmKind.SILENT, subject="lab", since_at=after(NOON, -12 * MINUTE), evidence=EVIDENCE
    )
    return "a1"


def words(alarm):
    with speaking("fr"):
        return message_words(alarm, hospital="St Elisabeth", now=NOON)


def test_a_person_gets_a_mail_with_the_reason_once_and_that_is_on_record(post, alarm):
    box, url = post
    telling = Telling(WATCH, AppriseMessenger([url]), words)
    assert telling.tell(lambda: NOON) == 1
    assert telling.tell(lambda: after(NOON, MINUTE)) == 0, "once taken, it is not sent again"
    (mail,) = box.mails
    assert mail["To"] == "duty@hospital.example"
    assert "lab" in mail["Subject"]
    said = mail.get_body(("plain", "html")).get_content()
    assert "120" in said
    assert "10" in said
    (told,) = queries.alarm("a1").told
    assert (told.reached, told.target) == (True, "1 mailto 127.0.0.1")
    assert rebuilding.differences() == []


def test_a_server_that_refuses_is_tried_again_and_the_failure_shows_until_then(post, alarm):
    box, url = post
    box.refusing = 1
    telling = Telling(WATCH, AppriseMessenger([url]), words)
    assert telling.tell(lambda: NOON) == 0
    failed = queries.alarm("a1")
    assert not failed.reached
    assert "Nobody could be told." in told_words(failed, {})
    assert telling.tell(lambda: after(NOON, 5 * SECOND)) == 0, "not before its time"
    assert telling.tell(lambda: after(NOON, 20 * SECOND)) == 1
    assert "NOT reached" not in told_words(queries.alarm("a1"), {})
    assert len(box.mails) == 1


def test_one_way_that_fails_does_not_keep_another_from_being_tried(post, alarm):
    _, url = post
    nowhere = "mailto://127.0.0.1:9?from=stormlamp@hospital.example&to=duty@hospital.example&mode=insecure"
    telling = Telling(WATCH, AppriseMessenger([nowhere, url]), words)
    assert telling.tell(lambda: NOON) == 1
    told = queries.alarm("a1")
    assert told.reached == {"2 mailto 127.0.0.1"}
    assert [one.reached for one in told.told] == [False, True]


def test_the_same_failure_is_noted_once_however_often_it_is_tried(alarm):
    nowhere = "mailto://127.0.0.1:9?from=stormlamp@hospital.example&to=duty@hospital.example&mode=insecure"
    telling = Telling(WATCH, AppriseMessenger([nowhere]), words)
    for minute in range(4):
        telling.tell(lambda minute=minute: after(NOON, minute * 10 * MINUTE))
    assert len(queries.alarm("a1").told) == 1


def test_after_a_crash_between_sending_and_noting_it_is_sent_again(post, alarm):
    box, url = post
    messenger = AppriseMessenger([url])
    messenger.send(messenger.targets()[0], title="t", body="b")
    assert Telling(WATCH, messenger, words).tell(lambda: NOON) == 1
    assert len(box.mails) == 2


def test_no_password_shows_and_an_address_that_is_none_is_said_at_once():
    (name,) = AppriseMessenger(["mailtos://duty:secret@mail.hospital.example?to=x@y.example"]).targets()
    assert "secret" not in name
    assert "duty" not in name
    with pytest.raises(Trouble, match="address 1"):
        AppriseMessenger(["nonsense"])


def test_a_rehearsal_tells_nobody_outside():
    assert alarm_settings({"alarms": {"urls": ["x"], "whom": "Duty IT"}}).outside
    for home in ({"demo": {}}, {"rehearsal": {}}):
        assert not alarm_settings({"alarms": {"urls": ["x"]}, **home}).outside
