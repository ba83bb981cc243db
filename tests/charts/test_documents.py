"""A document on its page: read without scripts, in the reader's language, never with anything that acts."""

import pytest
from django.urls import reverse

from stormlamp.mirror import queries as mirror
from tests.mirror.makers import send
from tests.mirror.test_documents import WHO, a_document

pytestmark = pytest.mark.django_db


def of_the_letter(text="<paragraph>Rest &amp; drink</paragraph>"):
    send(a_document(text=text), fhir=True, interface="letters")
    (note,) = mirror.section(WHO, "note").items
    return note


def test_a_letter_is_found_from_its_source_and_read(site, home):
    note = of_the_letter()
    source = site("nora").get(reverse("charts:source", args=[WHO, note.source.entry])).content.decode()
    address = reverse("charts:document", args=[WHO, note.key])
    shown = site("nora").get(address)
    text = shown.content.decode()

    assert address in source
    assert "<h1>Discharge letter</h1>" in text
    assert "<p>Rest &amp; drink</p>" in text
    assert text.index("<h2>Plan</h2>") < text.index("<h3>Diet</h3>") < text.index("<h2>Last</h2>")
    assert "Nora Maes" in text
    assert "<dd>in force</dd>" in text
    assert "There is nothing here to read." in text[text.index("<h2>Last</h2>") :]
    assert "script-src" in shown.headers["content-security-policy"]


def test_what_acts_never_reaches_the_page(site, home):
    note = of_the_letter("<p onclick='alert(1)'>a</p><script>alert(1)</script><a href='javascript:alert(1)'>b</a>")
    text = site("nora").get(reverse("charts:document", args=[WHO, note.key])).content.decode()

    assert "alert(1)" not in text
    assert "javascript:" not in text


def test_the_frame_speaks_the_readers_language(site, home):
    note = of_the_letter()
    client = site("nora")
    for tongue, words in (("fr", "Rédigé par"), ("nl", "Geschreven door"), ("de", "Verfasst von")):
        text = client.get(reverse("charts:document", args=[WHO, note.key]), headers={"accept-language": tongue}).content.decode()
        assert words in text


def test_a_document_that_is_not_of_this_patient_is_not_there(site, home):
    note = of_the_letter()
    assert site("nora").get(reverse("charts:document", args=["nobody", note.key])).status_code == 404
    assert site("nora").get(reverse("charts:document", args=[WHO, "DocumentReference/other"])).status_code == 404
