"""Who may call a view, and what everybody else is told."""

import pytest
from django.test import Client

from stormlamp.shell.request import next_of


def text(answer) -> str:
    return answer.content.decode()


def test_a_person_with_the_right_sees_the_page_and_it_is_not_kept_by_the_browser(visitor):
    answer = visitor.get("/chart", headers={"rights": "charts.read"})

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "OUTAGE since Tue" in text(answer)
    assert "Nora Peeters" in text(answer)


def test_nobody_is_sent_to_sign_in_and_back(visitor):
    answer = visitor.get("/chart?bed=12")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in?next=%2Fchart%3Fbed%3D12"


def test_a_panel_that_polls_after_the_session_ended_sends_the_whole_page_to_sign_in(visitor):
    answer = visitor.get("/chart", headers={"hx-request": "true"})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in")


def test_a_missing_right_is_said_and_the_band_stays(visitor):
    answer = visitor.get("/chart", headers={"rights": "billing.read"})

    assert answer.status_code == 403
    assert "Your role does not include this" in text(answer)
    assert "What to do next" in text(answer)
    assert "OUTAGE since Tue" in text(answer)


def test_a_view_without_a_mark_is_never_called(visitor):
    answer = visitor.get("/unmarked", headers={"rights": "*"})

    assert answer.status_code == 403
    assert "nobody may see this" not in text(answer)


def test_a_method_that_a_page_does_not_take_is_refused(visitor):
    assert visitor.get("/move", headers={"rights": "charts.move"}).status_code == 405


def test_a_refusal_that_no_form_caught_is_said_as_a_sentence(visitor):
    answer = visitor.post("/move", headers={"rights": "charts.move"})

    assert answer.status_code == 409
    assert "This was refused (shell.bed-taken-in-a-test)." in text(answer)


def test_trouble_says_what_to_try(visitor):
    answer = visitor.get("/fail", headers={"rights": "charts.read"})

    assert answer.status_code == 503
    assert "The printer does not answer." in text(answer)
    assert "Look at its cable." in text(answer)


def test_a_page_that_is_not_there_says_what_to_do_and_keeps_the_band(visitor):
    answer = visitor.get("/nowhere", headers={"rights": "charts.read"})

    assert answer.status_code == 404
    assert "find box" in text(answer)
    assert "OUTAGE since Tue" in text(answer)


def test_a_fault_of_ours_asks_nothing_of_the_database_and_says_that_the_state_is_unknown(visitor):
    answer = visitor.get("/crash", headers={"rights": "charts.read"})

    assert answer.status_code == 500
    assert "The fault is ours" in text(answer)
    assert "State of this copy not known" in text(answer)


def test_a_form_without_its_safety_mark_is_refused_in_words(visitor):
    answer = Client(enforce_csrf_checks=True).post("/shell/theme", {"theme": "dark"})

    assert answer.status_code == 403
    assert "This form is too old" in text(answer)


def test_a_reader_chooses_a_language_and_keeps_it(visitor):
    chosen = visitor.post("/shell/language", {"language": "fr", "next": "/chart"})
    answer = visitor.get("/chart", headers={"rights": "charts.read"})

    assert chosen.headers["Location"] == "/chart"
    assert '<html lang="fr"' in text(answer)
    assert "PANNE depuis" in text(answer)


def test_without_a_choice_the_browser_s_language_holds(visitor):
    answer = visitor.get("/chart", headers={"rights": "charts.read", "accept-language": "nl-BE,nl;q=0.9,en;q=0.5"})

    assert '<html lang="nl"' in text(answer)


def test_a_language_and_a_theme_that_are_not_there_fall_back(visitor):
    visitor.post("/shell/language", {"language": "xx"})
    visitor.post("/shell/theme", {"theme": "pink"})
    answer = visitor.get("/chart", headers={"rights": "charts.read"})

    assert '<html lang="en" data-theme="auto"' in text(answer)


def test_a_dark_ward_stays_dark(visitor):
    visitor.post("/shell/theme", {"theme": "dark"})

    assert 'data-theme="dark"' in text(visitor.get("/chart", headers={"rights": "charts.read"}))


def test_what_an_act_says_stands_on_the_next_page_once(visitor):
    first = visitor.get("/chart", headers={"rights": "charts.read"})
    second = visitor.get("/shell/keys", headers={"rights": "charts.read"})

    assert text(first).count("read by Nora Peeters") == 1
    assert "read by Nora Peeters" not in text(second)


def test_the_band_is_there_alone_for_a_page_that_stays_open(visitor):
    answer = visitor.get("/shell/band")

    assert "OUTAGE since Tue" in text(answer)
    assert "<html" not in text(answer)


@pytest.mark.parametrize(
    "wanted", ["https://elsewhere.test/", "//elsewhere.test", "javascript:alert(1)", "", "sign-in", "http:///x"]
)
def test_going_on_never_leaves_this_node(rf, wanted):
    assert next_of(rf.post("/shell/theme", {"next": wanted})) == "/"
    assert next_of(rf.post("/shell/theme", {"next": "/chart?bed=12"})) == "/chart?bed=12"
