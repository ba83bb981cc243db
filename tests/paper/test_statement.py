"""A printed statement, read back as a director and a scanner would."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormlamp.paper import print_statement
from stormlamp.paper.presenters import labels
from stormlamp.paper.rules import BandKind, Evidence, Language, Signature, Spoken, Statement
from tests.paper import made_up
from tests.paper.reading import codes_on, flat, grey, millimetres, words_of

CRITERIA = (
    ("The outage is over", "Every declared outage of patient records has been ended.", "incident lead"),
    ("Feeds are back at their habit", "Far below what they send in these hours of other weeks: LAB.", "recovery lead"),
    ("What was written here is in the EHR", "3 of 214 items have not reached the EHR.", "recovery lead"),
    ("Contradictions are settled", "None is open.", "medical lead"),
    ("Rejections are settled", "None is open.", "recovery lead"),
    ("Quarantine is empty", "2 messages are kept but not understood.", "recovery lead"),
    ("Paper is entered", "None is open.", "shift lead"),
    ("Everybody is identified", "1 person is not identified yet.", "front desk"),
    ("The ledger is whole", "Each of 48 213 entries is as it was written.", "auditor"),
    ("Nothing is set aside", "None is open.", "administrator"),
)


def statement(language=Language.ENGLISH, **more):
    rows = tuple(
        Evidence(
            criterion=criterion,
            answer="No" if number in (1, 2, 5, 7) else "Yes",
            words=words,
            as_of="Tue 13 Jan 09:44 (4\u00a0s)",
            owner=owner,
            open=number in (1, 2, 5, 7),
        )
        for number, (criterion, words, owner) in enumerate(CRITERIA)
    )
    public = tuple(
        Spoken(language=one, name=one.name.title(), words=f"Our patient records are not yet back to normal ({one}).")
        for one in Language
    )
    told = Statement(
        frame=made_up.frame(kind=BandKind.NORMAL, language=language, ward=""),
        title="Back to normal?",
        subject="Patient records · Tuesday 13 January 2026 09:44",
        word="No",
        why="Not normal yet, because: LAB is far below its habit; 3 of 214 items have not reached the EHR.",
        evidence=rows,
        signed=Signature(
            by="M. Dubois (recovery lead)", at="Tue 13 Jan 09:44", entry="hub-1/acts:48213", note="LAB is being mended."
        ),
        public=public,
    )
    return replace(told, **more)


def test_a_statement_is_one_page_with_its_word_its_reasons_its_signature_and_its_proof():
    (words,) = words_of(print_statement(statement()))
    told = " ".join(words.split())
    assert "Not normal yet, because: LAB is far below its habit" in told
    for criterion, reason, owner in CRITERIA:
        assert criterion in told
        assert reason in told
        assert owner in told
    assert "Signed by M. Dubois (recovery lead) · Tue 13 Jan 09:44" in told
    assert "LAB is being mended." in told
    assert "hub-1/acts:48213" in told
    assert "hub-1/acts 48213 · 7Qx2 9fKd M3vA" in told
    assert "Page 1 of 1" in told
    assert "Mirror current, 4 s old" in told


def test_a_scanner_reads_the_page_code_back():
    assert "SL1:7K3F9Q2M:1" in codes_on(print_statement(statement()), 0, 150)


def test_what_nobody_signed_says_so():
    words = flat(print_statement(statement(signed=None)))
    assert "NOT SIGNED" in words
    assert "Signed by" not in words


@pytest.mark.parametrize("language", list(Language))
def test_a_statement_speaks_each_language_and_says_the_public_words_in_all(language):
    words = flat(print_statement(statement(language)))
    known = labels(language)
    for key in ("evidence", "criterion", "answer", "rests_on", "owner", "signed_by", "entry", "outside", "signature"):
        assert known[key] in words, key
    for one in Language:
        assert f"back to normal ({one})" in words


def test_however_long_its_reasons_a_statement_keeps_to_one_page_and_loses_no_criterion():
    rows = tuple(replace(row, words=f"begin {row.criterion} " + "and another ward " * 60) for row in statement().evidence)
    note = "a long note " * 80
    long = statement(
        evidence=rows, why="because " * 100, word="Kann nicht gesagt werden", signed=Signature(by="b", at="a", entry="e", note=note)
    )
    (words,) = words_of(print_statement(long))
    told = " ".join(words.split())
    for row in rows:
        assert f"begin {row.criterion}" in told
    assert "back to normal (de)" in told


def test_the_large_word_reads_across_a_room_and_without_colour():
    page = millimetres(grey(print_statement(statement()), dpi=100), top=30, bottom=60, left=12, right=60, dpi=100)
    inked = [number for number, row in enumerate(page) if Counter(level < 90 for level in row)[True] > 3]
    tallest = run = 0
    for before, line in zip([-9, *inked], inked, strict=False):
        run = run + 1 if line == before + 1 else 1
        tallest = max(tallest, run)
    assert tallest / 100 * 25.4 > 8, "the word stands at least 8 mm tall"


@settings(max_examples=15, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_any_note_at_all_prints_letter_by_letter(note):
    assert len(words_of(print_statement(statement(signed=Signature(by=note, at="a", entry="e", note=note))))) == 1


def test_a_note_is_never_markup():
    said = '#panic("x") *b* $a$ {{ x }}'
    assert said in flat(print_statement(statement(signed=Signature(by="b", at="a", entry="e", note=said))))


def test_the_same_statement_gives_the_same_bytes():
    assert print_statement(statement()) == print_statement(statement())


def test_a_page_prints_at_any_part_of_a_second():
    told = statement()
    assert print_statement(replace(told, frame=replace(told.frame, printed_moment=told.frame.printed_moment + 123_457)))
