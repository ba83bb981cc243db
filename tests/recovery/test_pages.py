"""The pages of the return: what they show, whom they let do what, in four languages."""

import re

import pytest
from django.test import Client

from stormlamp.charts import actions as charts
from stormlamp.ledger.models import LedgerEntry
from stormlamp.recovery import queries
from stormlamp.recovery.rules import ItemState, control_id
from tests.charts.ward import BEN, MARIE
from tests.makers import NOON
from tests.recovery.a_day import EVENING, MemoryEhr, everything, hand_back

pytestmark = [pytest.mark.django_db]
LEAD = "handback.read handback.send handback.decide charts.find"
AUDITOR = "handback.read"
ONCE = "0b5d5a3e-5f6c-4a53-9a3a-8f9a2f3c1d11"


def words(answer) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", text)


def page(visitor: Client, place: str, rights: str = LEAD, language: str = "en", code: int = 200) -> str:
    answer = visitor.get(place, headers={"rights": rights, "accept-language": language})
    assert answer.status_code == code, answer.content.decode()[:2000]
    return words(answer)


def post(visitor: Client, place: str, rights: str = LEAD, **told: str):
    return visitor.post(place, told, headers={"rights": rights, "accept-language": "en"})


@pytest.fixture
def handed_back(visitor):
    """A day of which one kind was rejected, and one item contradicts the EHR."""
    everything()
    charts.record_no_allergies(BEN, NOON, entry="clash", patient=MARIE, asked="her son", occurred_at=NOON)
    hand_back(MemoryEhr(answers={"ADT^A04": "AE"}))
    return visitor


def test_the_board_shows_classes_by_states_and_a_sum_that_closes(handed_back):
    text = page(handed_back, "/return/")
    counts = queries.counts()
    numbers = " ".join(str(counts[state]) for state in ItemState)
    assert f"Sum {numbers} {len(queries.items())}" in text
    assert "Nora Peeters" in text
    assert "Start the hand-back" in text


def test_the_board_before_anything_was_written_says_so(visitor):
    text = page(visitor, "/return/")
    assert "Nothing has gone back yet." in text
    assert "Nothing is left." in text


def test_who_may_only_read_starts_nothing(handed_back):
    assert "Start the hand-back" not in page(handed_back, "/return/", AUDITOR)
    assert post(handed_back, "/return/start", AUDITOR, target="mllp://ehr:2575", handback=ONCE).status_code == 403
    assert post(handed_back, "/return/conflict/clash", AUDITOR).status_code == 403
    assert queries.latest_run() is None


def test_starting_and_stopping(handed_back):
    assert post(handed_back, "/return/start", target="mllp://ehr:2575", handback=ONCE).status_code == 302
    assert "to mllp://ehr:2575" in page(handed_back, "/return/")
    assert post(handed_back, "/return/stop").status_code == 302
    assert not queries.latest_run().running


def test_a_wrong_place_is_said_beside_the_form(handed_back):
    answer = post(handed_back, "/return/start", target="ehr", handback=ONCE)
    assert "Write it like mllp://ehr.example:2575" in words(answer)


def test_lists_by_state_and_class(handed_back):
    assert "record is locked" in page(handed_back, "/return/items?state=rejected")
    assert "JANSSENS Marie" in page(handed_back, "/return/items?class=vitals")
    assert "No item is here." in page(handed_back, "/return/items?state=sent")
    assert "JANSSENS" not in page(handed_back, "/return/items?class=vitals", AUDITOR)


def test_an_item_shows_its_message_and_its_history_and_reading_it_is_recorded(handed_back):
    before = LedgerEntry.objects.count()
    text = page(handed_back, "/return/item/vitals")
    assert control_id("vitals") in text
    assert "The message as it went" in text
    assert "OBX|1|NM|8310-5" in text
    assert "The EHR answered AA" in text
    assert LedgerEntry.objects.count() == before + 1
    assert "OBX|1" not in page(handed_back, "/return/item/vitals", AUDITOR)


def test_an_item_that_waits_says_for_what(handed_back):
    text = page(handed_back, "/return/item/unknown/admission")
    assert "It waits for" in text
    assert "The message as it would go now" in text


def test_an_unknown_item_is_not_found(handed_back):
    page(handed_back, "/return/item/nothing", code=404)
    page(handed_back, "/return/conflict/vitals", code=404)


def test_a_conflict_stands_side_by_side_and_is_decided(handed_back):
    text = page(handed_back, "/return/conflict/clash")
    assert "asked, none known" in text
    assert "Penicillin" in text
    assert "differs" in text
    assert queries.standing("clash").state == ItemState.CONFLICT
    answer = post(handed_back, "/return/conflict/clash", kept="theirs", once=ONCE, why="the son did not know")
    assert answer.headers["Location"] == "/return/item/clash"
    assert queries.standing("clash").state == ItemState.BY_HAND
    assert "Somebody has decided already." in page(handed_back, "/return/conflict/clash")
    settled = page(handed_back, "/return/item/clash")
    assert "The message that was not sent" in settled
    assert "as it would go now" not in settled


def test_done_by_hand_needs_a_reason_and_names_who_answers(handed_back):
    assert post(handed_back, "/return/by-hand/unknown", once=ONCE, why=" ").status_code == 200
    assert post(handed_back, "/return/by-hand/unknown", once=ONCE, why="typed at 14:20").status_code == 302
    text = page(handed_back, "/return/item/unknown")
    assert "typed at 14:20" in text
    assert "Nora Peeters" in text


def test_a_rejected_item_is_sent_anew(handed_back):
    assert "Send it anew" in page(handed_back, "/return/item/unknown")
    assert post(handed_back, "/return/retry/unknown").status_code == 302
    assert queries.standing("unknown").state == ItemState.TO_DO
    assert post(handed_back, "/return/retry/unknown").status_code == 409


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
@pytest.mark.parametrize(
    "place", ["/return/", "/return/items", "/return/item/vitals", "/return/conflict/clash", "/return/by-hand/unknown"]
)
def test_every_page_speaks_the_readers_language(handed_back, place, language):
    text = page(handed_back, place, language=language)
    for english in ("The EHR", "What happened", "Written by", "hand-back", "Control id"):
        assert english not in text


def test_burn_down_falls_to_what_is_left(handed_back):
    line = queries.burn_down(queries.items(), EVENING)
    assert line[-1] == (EVENING, queries.open_count())
