"""The page of the verdict, its signature and its print, as a director meets them."""

import json
import re

import pytest
import typer
from typer.testing import CliRunner

from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import DAY
from stormlamp.ledger import clock
from stormlamp.verdict import actions, queries
from stormlamp.verdict.commands import verdict
from tests.makers import after
from tests.paper.reading import flat, words_of
from tests.shell.browser import visiting
from tests.verdict import hospital
from tests.verdict.hospital import NOW, SIGNS

pytestmark = pytest.mark.django_db
READS, SIGNING = {"Rights": "verdict.read"}, {"Rights": "verdict.read verdict.sign"}


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def seen(answer) -> str:
    return re.search(r'name="seen" value="([^"]*)"', answer.content.decode())[1]


def signs(visitor, *, note="", stand=None):
    page = visitor.get("/verdict/", headers=SIGNING)
    told = {"once": new_id(), "seen": stand or seen(page), "note": note}
    return visitor.post("/verdict/sign", told, headers=SIGNING)


def left_open() -> None:
    hospital.put_right()
    hospital.write_a_note(at=NOW)
    hospital.on_paper(entered=False)


def test_the_page_says_one_word_and_why_and_each_criterion_with_its_owner(visitor):
    left_open()
    page = words(visitor.get("/verdict/", headers=READS))
    assert "Not normal yet, because: Items not in the EHR yet: 1 of 5. The sheets of 1 time on paper" in page
    assert page.count("recovery lead") == 4
    assert "Nobody has signed what stands here." in page
    for said in ("patient records are", "dossiers", "patiëntendossiers", "Patientenakten"):
        assert re.search(said, page), "the public wording stands there in four languages"


def test_who_may_not_sign_sees_no_button_and_is_refused(visitor):
    hospital.put_right()
    assert "Sign this verdict" not in words(visitor.get("/verdict/", headers=READS))
    assert visitor.post("/verdict/sign", {"once": new_id(), "seen": "x"}, headers=READS).status_code == 403


def test_a_signed_page_is_kept_shown_and_printed(visitor):
    left_open()
    assert signs(visitor, note="Rik sends it tonight.").status_code == 302
    page = words(visitor.get("/verdict/", headers=READS))
    assert "Signed by Mia Dubois (recovery-lead)" in page
    assert "Print the signed page" in page
    answer = visitor.get("/verdict/print", headers=READS)
    assert answer.headers["Content-Type"] == "application/pdf"
    (sheet,) = words_of(answer.content)
    told = " ".join(sheet.split())
    assert "Not normal yet, because: Items not in the EHR yet: 1 of 5" in told
    assert "Signed by Mia Dubois (recovery-lead)" in told
    assert "Rik sends it tonight." in told
    assert queries.signed_verdicts()[0].entry in told


def test_what_nobody_signed_prints_as_a_draft(visitor):
    hospital.put_right()
    assert "NOT SIGNED" in flat(visitor.get("/verdict/print", headers=READS).content)


def test_an_old_signed_page_prints_as_it_was_signed(visitor):
    left_open()
    signs(visitor)
    hospital.accept_everything()
    (signed,) = queries.signed_verdicts()
    assert "NOT SIGNED" in flat(visitor.get("/verdict/print", headers=READS).content)
    old = flat(visitor.get(f"/verdict/print/{signed.entry}", headers=READS).content)
    assert "Items not in the EHR yet: 1 of 5" in old
    assert "Signed by Mia Dubois (recovery-lead)" in old
    assert visitor.get("/verdict/print/nobody:1", headers=READS).status_code == 404


def test_a_verdict_that_changed_since_it_was_read_is_shown_again_instead_of_signed(visitor):
    hospital.put_right()
    stand = seen(visitor.get("/verdict/", headers=SIGNING))
    hospital.on_paper(entered=False)
    answer = signs(visitor, stand=stand, note="all is well")
    assert answer.status_code == 409
    assert "The verdict has changed since you read it." in words(answer)
    assert "all is well" in answer.content.decode()
    assert queries.signed_verdicts() == ()
    assert visitor.post("/verdict/sign", {"once": new_id(), "seen": seen(answer)}, headers=SIGNING).status_code == 302


def test_a_yes_that_fell_back_is_said_first(visitor):
    hospital.put_right()
    signs(visitor)
    assert "has fallen back" not in words(visitor.get("/verdict/", headers=READS))
    hospital.on_paper(entered=False)
    assert "has fallen back" in words(visitor.get("/verdict/", headers=READS))


def test_the_ledger_is_verified_from_the_page(visitor):
    hospital.put_right(check=False)
    assert visitor.post("/verdict/check-ledger", headers=READS).status_code == 403
    assert visitor.post("/verdict/check-ledger", headers=SIGNING).status_code == 302
    assert "Patient records are back to normal" in words(visitor.get("/verdict/", headers=READS))


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
def test_page_and_print_speak_each_language_with_the_longest_reasons(visitor, language):
    left_open()
    signs(visitor)
    told = {**READS, "Accept-Language": language}
    page = words(visitor.get("/verdict/", headers=told))
    assert "Items not in" not in page
    (sheet,) = words_of(visitor.get("/verdict/print", headers=told).content)
    assert "Items not in" not in sheet


def test_nothing_keeps_a_reader_with_a_screen_reader_or_a_keyboard_out(visitor):
    left_open()
    signs(visitor)
    html = visitor.get("/verdict/", headers=SIGNING).content.decode()
    with visiting({"/": html}) as visit:
        page = visit.open()
        assert visit.violations() == []
        assert visit.complaints == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366
        names = []
        for _ in range(60):
            page.keyboard.press("Tab")
            names.append(page.evaluate("document.activeElement.textContent.trim()"))
        assert "Sign this verdict" in names
        assert "Print the signed page" in names


def run(*told: str):
    app = typer.Typer()
    app.command()(verdict)
    return CliRunner().invoke(app, list(told))


def test_the_command_says_it_as_one_document(home):
    answer = run("--json")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.output)
    assert told["answer"] == "cannot tell"
    assert {"criterion", "answer", "evidence", "as_of", "owner"} == set(told["reasons"][0])
    assert next(one for one in told["reasons"] if one["criterion"] == "ledger-verified")["answer"] == "yes", "it verified first"


def test_the_command_writes_the_page_and_says_whether_it_is_signed(home, tmp_path):
    out = tmp_path / "page.pdf"
    assert "not signed" in run("--pdf", str(out)).output
    assert "NOT SIGNED" in flat(out.read_bytes())
    actions.sign(SIGNS, after(clock.now(), -DAY // 100))
    assert "signed by Mia Dubois" in run("--pdf", str(out)).output
    assert "Signed by Mia Dubois (recovery lead)" in flat(out.read_bytes()).replace("Recovery", "recovery"), "in words"


def test_the_page_of_the_command_speaks_the_language_that_was_asked_for_and_the_terminal_english(home, tmp_path):
    out = tmp_path / "page.pdf"
    answer = run("--pdf", str(out), "--language", "fr")
    assert "It cannot be told yet, because:" in answer.output
    assert "NON SIGNÉ" in flat(out.read_bytes())
    assert run("--language", "es").exit_code == 2


def test_no_check_leaves_the_ledger_unread(home):
    told = json.loads(run("--json", "--no-check").output)
    assert next(one for one in told["reasons"] if one["criterion"] == "ledger-verified")["answer"] == "cannot tell"
