"""Documents: C-CDA and IPS are kept as documents, and can be read; XML that attacks is refused."""

import base64

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.kernel.identifiers import patient_id
from stormlamp.mirror import queries
from stormlamp.mirror.actions import feed_paths
from stormlamp.mirror.models import MirrorMessage
from stormlamp.mirror.wire import cda
from stormlamp.mirror.wire.documents import readable
from stormlamp.mirror.wire.hl7 import Broken
from stormlamp.mirror.wire.narrative import paragraphs, parsed, safe_html
from tests.makers import NOON
from tests.mirror.makers import send
from tests.mirror.test_fhir_feed import ADA, PATIENT, about, bundle, feed

WHO = patient_id("urn:oid:1.2.3", "77")


def a_document(
    *, version="1", title="Discharge letter", text="<paragraph>Take <content styleCode='Bold'>rest</content>.</paragraph>"
):
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="CDA.xsl"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc">
<id root="9.9" extension="doc{version}"/><code code="18842-5" codeSystem="2.16.840.1.113883.6.1" displayName="Discharge summary"/>
<title>{title}</title><effectiveTime value="2026011{version}0930+0100"/><languageCode code="en"/>
<setId root="9.9" extension="set"/><versionNumber value="{version}"/>
<recordTarget><patientRole><id root="1.2.3" extension="77"/><patient><name><given>Marie</given><family>Janssens</family></name>
<administrativeGenderCode code="F"/><birthTime value="19510312"/></patient></patientRole></recordTarget>
<author><assignedAuthor><assignedPerson><name><given>Nora</given> <family>Maes</family></name></assignedPerson></assignedAuthor>
</author>
<custodian><assignedCustodian><representedCustodianOrganization><name>General</name></representedCustodianOrganization>
</assignedCustodian></custodian>
<component><structuredBody><component><section><title>Plan</title><text>{text}</text>
<component><section><title>Diet</title><text>None</text></section></component></section></component>
<component><section><title>Last</title><text/></section></component></structuredBody></component></ClinicalDocument>""".encode()


@pytest.mark.django_db
def test_a_document_in_a_file_is_a_note_of_its_patient(home, tmp_path):
    (tmp_path / "letter.xml").write_bytes(a_document())
    (tmp_path / "settings.xml").write_bytes(b"<settings/>")
    count = feed_paths([tmp_path], interface="letters", at=NOON)
    (note,) = queries.section(WHO, "note").items
    person = queries.person(WHO)

    assert (count.received, count.understood, count.by_type) == (1, 1, {"ClinicalDocument": 1})
    assert list(count.passed_over) == [str(tmp_path / "settings.xml")]
    assert (note.display, note.code, note.text) == ("Discharge summary", "http://loinc.org|18842-5", "Discharge letter")
    assert (person.family, person.given, person.birth_date, person.sex) == ("Janssens", "Marie", "1951-03-12", "female")
    assert note.resource["subject"] == {"reference": f"Patient/{WHO}"}
    assert queries.verbatim(note.source.entry) == a_document()


@pytest.mark.django_db
@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_of_a_documents_versions_the_newest_stands(home, order):
    send(*(a_document(version=str(one), title=f"Version {one}") for one in order), fhir=True)

    assert [note.text for note in queries.section(WHO, "note").items] == ["Version 2"]


def test_what_can_be_read_of_a_document():
    told = readable({"resourceType": "DocumentReference", "content": [{"attachment": _attached(a_document())}]})

    assert (told.title, told.authors, told.custodian) == ("Discharge letter", ("Nora Maes",), "General")
    assert [(one.title, one.depth) for one in told.sections] == [("Plan", 0), ("Diet", 1), ("Last", 0)]
    assert told.sections[0].html == "<p>Take <strong>rest</strong>.</p>"


def _attached(raw, media="text/xml"):
    return {"contentType": media, "data": base64.b64encode(raw).decode()}


@pytest.mark.django_db
def test_a_summary_of_another_hospital_is_mapped_and_kept_as_a_document(home):
    sections = [
        {"title": "Allergies", "text": {"div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>Peanut&nbsp;<b>!</b></p></div>'}},
        {"title": "Outer", "text": {"div": "no xml <b"}, "section": [{"title": "Inner"}]},
    ]
    summary = {"resourceType": "Composition", "id": "s", "status": "final", "title": "Patient summary", "date": "2026-01-13"}
    summary |= {"type": {"text": "IPS"}, "subject": {"reference": "Patient/1"}, "author": [{"display": "Other hospital"}]}
    feed(bundle(summary | {"section": sections}, PATIENT, about(), kind="document"))
    (note,) = queries.section(ADA, "note").items
    told = readable(note.resource)

    assert [item.display for item in queries.section(ADA, "problem").items] == ["Asthma"]
    assert (told.title, told.at, told.authors) == ("Patient summary", "2026-01-13", ("Other hospital",))
    assert [(one.title, one.html, one.depth) for one in told.sections] == [
        ("Allergies", "<p>Peanut\xa0<strong>!</strong></p>", 0),
        ("Outer", "<p>no xml &lt;b</p>", 0),
        ("Inner", "", 1),
    ]


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + one, b"&%c;" % (97 + one) * 20) for one in range(8))
    + b']><ClinicalDocument xmlns="urn:hl7-org:v3"><title>&i;</title></ClinicalDocument>'
)
HOSTILE = [
    LAUGHS,
    b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><ClinicalDocument><title>&e;</title></ClinicalDocument>',
    b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><ClinicalDocument/>',
    b"<ClinicalDocument>" + b"<a>" * 100_000,
    b"<ClinicalDocument",
    b'<?xml version="1.0" encoding="no-such"?><ClinicalDocument/>',
    b"<ClinicalDocument>\xff</ClinicalDocument>",
    b'<Patient xmlns="http://hl7.org/fhir"/>',
    b'<ClinicalDocument xmlns="urn:hl7-org:v3"><a xmlns:b="x" b:c="1" c="2"/>&nbsp;</ClinicalDocument>',
]


@pytest.mark.django_db
@pytest.mark.parametrize("raw", HOSTILE)
def test_xml_that_attacks_is_kept_marked_and_never_followed(home, raw):
    with pytest.raises(Broken):
        cda.read(raw)
    send(raw, fhir=True)

    told = MirrorMessage.objects.get()
    assert told.state == "broken"
    assert told.reason.startswith(("XML", "not readable as XML", "FHIR as XML"))


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"<text><script>x()</script><p onclick='x()'>a<img src='x' alt='!'/></p></text>", "<p>a!</p>"),
        (b"<text><a href='javascript:x()'>go</a><iframe src='x'>y</iframe></text>", "go"),
        (b"<text><table><tr><td colspan='2' rowspan='x' style='x'>1 &lt; 2</td></tr></table></text>", None),
        (b"<text><list listType='ordered'><item>one</item></list><br/><sub>2</sub></text>", None),
        (b"<text>&lt;script&gt;</text>", "&lt;script&gt;"),
    ],
)
def test_a_narrative_keeps_words_and_shape_and_nothing_that_acts(raw, shown):
    found = safe_html(parsed(raw))

    assert found == shown if shown else found.startswith(('<table><tr><td colspan="2">1 &lt; 2<', "<ol><li>one</li></ol><br><sub>"))


TAGS = st.sampled_from(["p", "script", "a", "td", "content", "list", "svg", "x"])
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="<&>\x00", exclude_categories=["C"]), max_size=8)
NODES = st.recursive(
    WORDS,
    lambda inside: st.builds(
        lambda tag, some: f"<{tag} style='s' href='h'>{''.join(some)}</{tag}>", TAGS, st.lists(inside, max_size=3)
    ),
)


@given(NODES)
def test_no_narrative_comes_out_with_more_than_the_listed_elements(inside):
    import re

    found = safe_html(parsed(f"<text>{inside}</text>".encode()))

    assert set(re.findall(r"<[^>]*>", found)) <= {"<p>", "</p>", "<td>", "</td>", "<ul>", "</ul>"}


@given(st.binary(max_size=80))
def test_any_bytes_are_a_document_or_broken(raw):
    try:
        cda.read(raw)
    except Broken:
        return


def test_plain_text_is_escaped_and_keeps_its_lines():
    assert paragraphs("a < b\r\nc\n\n\nd") == "<p>a &lt; b<br>c</p><p>d</p>"


def test_attachments_of_text_are_shown_and_others_are_named():
    pdf, html = _attached(b"%PDF", "application/pdf"), _attached(b"<html><body><p>Hi</p></body></html>", "text/html; charset=utf-8")
    told = readable({"resourceType": "DocumentReference", "content": [{"attachment": pdf}, {"attachment": html}]})

    assert told.unread == ("application/pdf",)
    assert [one.html for one in told.sections] == ["<p>Hi</p>"]
    assert readable({"resourceType": "Observation"}) is None
    assert (
        orjson.dumps(readable({"resourceType": "DocumentReference", "content": [{"attachment": {"data": "&&&"}}]}).unread)
        == b'["?"]'
    )


def test_headings_of_a_narrative_stay_below_the_pages_own():
    assert safe_html(parsed(b"<div><h1>Plan</h1></div>")) == "<p><strong>Plan</strong></p>"


@pytest.mark.django_db
def test_a_document_inside_an_hl7_message_can_be_read_too(home):
    packed = base64.b64encode(a_document()).decode()
    send(
        b"MSH|^~\\&|LAB|HOSP|DT|HOSP|20260113110500||ORU^R01|R1|P|2.5\rPID|1||77^^^HOSP^MR\rOBR|1||F1|LETTER|||20260113110500\r"
        + f"OBX|1|ED|18842-5^Discharge^LN||^text^xml^Base64^{packed}||||||F\r".encode()
    )
    (note,) = queries.section(ADA, "note").items

    assert readable(note.resource).title == "Discharge letter"
