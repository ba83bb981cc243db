"""The pages of numbers, and the labels that they print, read back by a scanner."""

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import RequestFactory
from django.urls import resolve, reverse
from django.utils import translation

from stormlamp.kernel.identifiers import new_id
from stormlamp.numbers import actions, presenters, queries
from stormlamp.numbers.rules import Misread, NumberKind, number_text, read_number
from stormlamp.paper import print_labels
from stormlamp.shell.words import speaking
from tests.makers import NOON, actor
from tests.numbers.test_allotting import NORA, allotted, project, sheet
from tests.paper.reading import codes_on, flat, words_of
from tests.shell.browser import visiting

pytestmark = pytest.mark.django_db
LANGUAGES = {"en": "SPECIMEN", "fr": "PRÉLÈVEMENT", "nl": "STAAL", "de": "PROBE"}


def answer(path, who=NORA, post=None):
    """The response to a signed-in person, without the session that sign-in keeps."""
    made = RequestFactory()
    request = made.get(path) if post is None else made.post(path, post)
    request.actor, request.arrived_at = who, NOON
    request._messages = CookieStorage(request)
    found = resolve(path.partition("?")[0])
    return found.func(request, *found.args, **found.kwargs)


def asked(**told):
    return {"allotment": new_id(), "kind": "specimen", "ward": "3B", "sheets": "1", "language": "nl", **told}


class TestSheets:
    def test_one_press_prints_labels_that_are_written_down_first_and_a_scanner_reads_every_one(self, home):
        told = answer(reverse("numbers:numbers"), post=asked(sheets="2"))
        assert told["Content-Type"] == "application/pdf"
        (out,) = queries.latest_sheets()
        assert (out.count, out.ward, out.by_name) == (48, "3B", "Nora Peeters")
        texts = [number_text(out.kind, out.block, out.first + place) for place in range(48)]
        for page in (0, 1):
            on_it = texts[page * 24 : page * 24 + 24]
            read = codes_on(told.content, page, 300)
            assert read >= set(on_it)
            for strip in read - set(on_it):  # now and then a scanner takes a part of a label for a code of another sort
                with pytest.raises(Misread):
                    read_number(strip)
            assert all(text in words_of(told.content)[page] for text in on_it)

    def test_the_same_press_again_prints_nothing_twice(self, home):
        form = asked()
        assert answer(reverse("numbers:numbers"), post=form)["Content-Type"] == "application/pdf"
        again = answer(reverse("numbers:numbers"), post=form)
        assert again["Content-Type"].startswith("text/html")
        assert len(queries.latest_sheets()) == 1
        assert form["allotment"].encode() not in again.content

    @pytest.mark.parametrize(
        "wrong", [{"kind": "blood"}, {"sheets": "0"}, {"sheets": "21"}, {"language": "xx"}, {"allotment": "1"}]
    )
    def test_a_form_that_is_not_whole_gives_nothing_out(self, home, wrong):
        assert b"error-summary" in answer(reverse("numbers:numbers"), post=asked(**wrong)).content
        assert queries.latest_sheets() == ()

    @pytest.mark.parametrize("kind", NumberKind)
    def test_labels_speak_four_languages_and_each_kind_has_its_word(self, home, kind):
        sheet(kind, 1)
        (out,) = queries.latest_sheets()
        for language, specimen in LANGUAGES.items():
            with speaking(language):
                said = flat(print_labels(presenters.label_sheet(out, NORA, NOON)))
                assert str(presenters.ON_LABELS[kind]) in said
            assert (specimen in said) == (kind == NumberKind.SPECIMEN)

    def test_the_longest_number_of_an_exercise_fits_its_label_and_says_so(self, home):
        sheet(count=1)
        (out,) = queries.latest_sheets()
        longest = queries.Allotment(**{name: getattr(out, name) for name in out.__slots__} | {"first": 32**7 - 1, "exercise": True})
        printed = print_labels(presenters.label_sheet(longest, NORA, NOON))
        assert codes_on(printed, 0, 300) == {number_text(out.kind, out.block, 32**7 - 1, exercise=True)}
        assert "EXERCISE · SPECIMEN" in flat(printed)

    def test_a_ward_with_any_name_is_printed_as_text(self, home):
        sheet(count=1, ward='#panic() $x$ <b> *3B* \\" ' + "W" * 300)
        (out,) = queries.latest_sheets()
        assert "#panic() $x$" in flat(print_labels(presenters.label_sheet(out, NORA, NOON)))

    def test_numbers_given_out_twice_are_called_out(self, home):
        mine = read_number(sheet()[0])
        assert b"given out twice" not in answer(reverse("numbers:numbers")).content
        project("copy/acts", allotted(mine.block, mine.counter, 1))
        said = answer(reverse("numbers:numbers")).content.decode()
        assert f"{mine.text}: by " in said
        assert "(copy)" in said


class TestReading:
    def read(self, text, **post):
        return answer(f"{reverse('numbers:read')}?number={text}", post={"number": text, **post} if post else None)

    def test_a_number_is_told_with_its_kind_its_node_and_when_it_went_out(self, home):
        said = self.read(sheet(ward="5A")[0].lower()).content.decode()
        for word in ("Specimen", home.node, "Nora Peeters", "printed on a sheet", "Ward 5A"):
            assert word in said

    def test_a_mistyped_one_is_refused_in_a_clear_sentence(self, home):
        text = sheet()[0]
        said = self.read(text[:-1] + ("0" if text[-1] != "0" else "1")).content.decode()
        assert "has a wrong sign, or two that changed places" in said
        assert "is no number of this hospital" in self.read("4711").content.decode()
        assert "Say what it stands on" not in said

    def test_one_that_was_never_given_out_or_is_used_already_is_warned_about(self, home):
        assert "nobody here knows that it was ever given out" in self.read(number_text(NumberKind.FORM, 77, 1)).content.decode()
        text = sheet()[0]
        assert self.read(text, once=new_id(), what="blood count").status_code == 302
        said = self.read(text).content.decode()
        assert "it stands on something already" in said
        assert "blood count" in said
        refused = self.read(text, once=new_id(), what="urine").content.decode()
        assert "if it is right, say why" in refused
        assert self.read(text, once=new_id(), what="urine", although="one bag").status_code == 302

    @pytest.mark.parametrize(
        "typed", ["%3Cscript%3Ealert(1)%3C/script%3E", "%00", "{number}", "{0.__class__}", "%F0%9F%A9%B8", "x" * 5000]
    )
    def test_whatever_is_typed_is_answered(self, home, typed):
        told = self.read(typed)
        assert told.status_code == 200
        assert b"<script>alert" not in told.content


def test_only_who_has_the_right_opens_the_pages(home):
    for route in ("numbers", "read"):
        assert answer(reverse(f"numbers:{route}"), who=actor("billing")).status_code == 403


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_page_of_numbers_is_without_accessibility_faults(home, language):
    used = sheet()[0]
    actions.use_number(NORA, NOON, number=used, what="blood count")
    mine = read_number(used)
    project("copy/acts", allotted(mine.block, mine.counter, 1))
    with translation.override(language):
        told = [answer(reverse("numbers:numbers")), answer(reverse("numbers:numbers"), post=asked(sheets="0"))]
        told += [answer(f"{reverse('numbers:read')}?number={typed}") for typed in (used, "4711", "")]
    html = {f"/{place}": one.content.decode() for place, one in enumerate(told)}
    faults = []
    with visiting(html) as visit:
        for place in html:
            page = visit.open(place)
            faults += [f"{place} {fault}" for fault in visit.violations()]
            if page.evaluate("document.documentElement.scrollWidth") > 1366:
                faults.append(f"{place} is wider than the screen")
        assert faults == []
        assert visit.complaints == []
