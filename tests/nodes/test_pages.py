"""The board of all nodes, and letting a node join or trusting one no more on the hub's own pages."""

import re
from dataclasses import replace

import pytest
from django.conf import settings as django_settings

from stormlamp.kernel.identifiers import NodeId, new_id
from stormlamp.kernel.moments import HOUR, MINUTE, SECOND, Moment
from stormlamp.ledger import entries
from stormlamp.nodes import queries
from stormlamp.nodes.models import NodesContact, NodesEnrolment, NodesInvitation
from stormlamp.nodes.rules import NodeState, read_code, secret_digest
from stormlamp.people.rules import Role, rights_of
from tests.makers import NOON
from tests.nodes.freshly import a_joined_node, as_ward, at_clock, in_step
from tests.shell.browser import visiting

pytestmark = pytest.mark.django_db
READER, ADMIN = {"rights": "nodes.read"}, {"rights": "nodes.read nodes.enrol"}
CODE = re.compile(r"(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}")


@pytest.fixture
def hub(visitor, settings):
    """A hub that listens, with two wards: one in step, one that has not been for eleven minutes, its clock three hours ahead."""
    settings.HOME.options["nodes"] = {"host": "10.0.0.1", "port": 8425}
    a_joined_node("ward-3b")
    a_joined_node("ward-icu", wards=("ICU",))
    in_step("ward-icu", at=NOON - 11 * MINUTE, ahead=3 * HOUR, battery=40, plugged=0)
    in_step("ward-3b", at=NOON - 12 * SECOND)
    at_clock(NOON)
    yield visitor
    settings.HOME.options.pop("nodes", None)


def words(answer, status=200):
    assert answer.status_code == status, answer.content.decode()[:2000]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())).replace("\xa0", " ")


def sent(client, **told):
    return client.post("/nodes/invite", {"once": new_id(), "role": "ward", "wards": "3B", "hours": "2", **told}, headers=ADMIN)


def test_the_board_says_of_each_node_how_it_does_in_words(hub):
    text = words(hub.get("/nodes/", headers=READER))
    assert "3 in all" in text
    assert re.search(r"ward-3b Ward · 3B in step 1\d s ago 1\d s ago 1\d s ago right, within a second 50.0 GB 0.1.0", text), text
    assert "ward-icu Ward · ICU NOT IN STEP It has not been in step for 11 min." in text
    assert "Its clock is wrong: 3 h 00 ahead. Times written there are off by as much." in text
    assert "It runs on its battery: 40 %." in text
    assert "1 node is not in step" in text


def test_one_node_shows_all_that_is_known_and_says_what_is_not(hub):
    text = words(hub.get("/nodes/ward-3b/", headers=READER))
    for told in (
        "Size of the database 20 MB",
        "Printer on a cable not known",
        "Battery none, or not known",
        "Last sign-in there 2 min ago",
    ):
        assert told in text
    assert hub.get("/nodes/nobody/", headers=READER).status_code == 404


def test_what_another_node_saw_is_shown_with_its_name(hub):
    told = '{"via": "hub-1", "met_at": %d, "at": %d, "seen": {"met_ago": 5, "has_ours_ago": 6, "have_ago": 7, "lacks": 4}}'
    NodesContact.objects.filter(node="ward-icu").update(relayed=told % (NOON - 5 * SECOND, NOON))
    text = words(hub.get("/nodes/", headers=READER))
    assert "in step 5 s ago by hub-1 6 s ago 4 entries behind 7 s ago" in text
    assert "Has the entries of hub-1 up to 6 s ago 4 entries behind" in words(hub.get("/nodes/ward-icu/", headers=READER))


def test_a_board_without_nodes_says_what_would_be_there(visitor, settings):
    assert "No node has joined." in words(visitor.get("/nodes/", headers=READER))
    settings.HOME = as_ward(settings.HOME)
    assert "This node has not met the hub yet. Every node shows here as soon as hub-1 answers." in words(
        visitor.get("/nodes/", headers=READER)
    )


def test_leads_administrators_and_auditors_read_the_board_and_only_administrators_let_nodes_in():
    readers = {role for role in Role if "nodes.read" in rights_of(role)}
    assert readers >= {Role.INCIDENT_LEAD, Role.RECOVERY_LEAD, Role.ADMINISTRATOR, Role.AUDITOR, Role.SHIFT_LEAD, Role.MEDICAL_LEAD}
    assert Role.NURSE not in readers
    assert [role for role in Role if "nodes.enrol" in rights_of(role)] == [Role.ADMINISTRATOR]


@pytest.mark.parametrize("place", ["/nodes/invite", "/nodes/ward-3b/revoke"])
def test_who_may_only_read_can_neither_invite_nor_revoke(hub, place):
    for answer in (hub.get(place, headers=READER), hub.post(place, {"reason": "x"}, headers=READER)):
        assert answer.status_code == 403
    assert place not in hub.get("/nodes/", headers=READER).content.decode()
    assert "revoke" not in hub.get("/nodes/ward-3b/", headers=READER).content.decode()
    assert queries.node_named("ward-3b").state == NodeState.ENROLLED


def test_on_a_ward_that_does_not_reach_the_hub_the_board_says_that_it_goes_on(hub, settings):
    settings.HOME = replace(as_ward(settings.HOME), node=NodeId("ward-3b"))
    by = f"{queries.hub()}/acts"
    NodesEnrolment.objects.update(origin=by)
    NodesEnrolment.objects.filter(node="ward-icu").update(node="hub-1", role="hub")
    NodesContact.objects.filter(node="ward-icu").update(node="hub-1")
    assert "This node goes on, and gives its own entries back later." in words(hub.get("/nodes/", headers=READER))


# ----------------------------------------------------------------------------------------------------------------- invite


def test_a_code_is_shown_once_large_in_groups_with_what_to_type(hub):
    once = new_id()
    answer = sent(hub, once=once)
    (code,) = set(CODE.findall(words(answer)))
    text = words(answer)
    assert " ".join(code.split("-")) in text
    assert ", ".join(" ".join(group) for group in code.split("-")) in text
    assert f"stormlamp init --home DIR --role ward \\ --join {code} \\ --hub https://10.0.0.1:8425" in text
    assert "Good until Tue 13 Jan 14:00" in text
    assert answer.headers["Cache-Control"] == "no-store"
    assert queries.standing_invitation(secret_digest(read_code(code).secret), at=Moment(NOON + HOUR))["wards"] == ("3B",)
    again = sent(hub, once=once)
    assert CODE.findall(words(again)) == []
    assert "This code was shown once already" in words(again)


def test_the_code_stands_neither_in_the_address_nor_in_the_ledger(hub):
    answer = sent(hub)
    code = CODE.findall(words(answer))[0]
    secret = read_code(code).secret
    assert answer.request["PATH_INFO"] == "/nodes/invite"
    assert answer.request["QUERY_STRING"] == ""
    origin = f"{queries.this_node()}/acts"
    told = " ".join(repr(one.fact) for one in entries.read(origin, after=0, limit=1000))
    assert secret_digest(secret) in told
    for kept in (code, code.replace("-", ""), secret):
        assert kept not in told


def test_a_ward_names_its_ward_and_a_department_may_hold_everybody(hub):
    assert "Which ward is it to be? Name at least one." in words(sent(hub, wards=" , "))
    assert "everybody" in words(sent(hub, role="pharmacy", wards=""))
    assert NodesInvitation.objects.filter(role="pharmacy").get().everyone
    before = NodesInvitation.objects.count()
    for wrong in ({"role": "hub"}, {"hours": "0"}, {"hours": "169"}, {"hours": "x"}, {"once": "short"}):
        assert CODE.findall(words(sent(hub, **wrong))) == []
    assert NodesInvitation.objects.count() == before


def test_a_hub_that_listens_for_no_nodes_says_how_it_would(visitor):
    text = words(visitor.get("/nodes/invite", headers=ADMIN))
    assert "This hub does not listen for nodes" in text
    assert "[nodes]" in text


def test_only_the_hub_invites_and_revokes(hub, settings):
    settings.HOME = as_ward(settings.HOME)
    for place in ("/nodes/invite", "/nodes/ward-3b/revoke"):
        assert "Only the hub, hub-1, says which nodes belong to this hospital." in words(hub.get(place, headers=ADMIN), 409)
        assert hub.post(place, {"reason": "x"}, headers=ADMIN).status_code == 409
    assert "Let a node join" not in words(hub.get("/nodes/", headers=ADMIN))


# ----------------------------------------------------------------------------------------------------------------- revoke


def test_before_a_node_is_trusted_no_more_the_page_says_what_that_means_and_asks_why(hub):
    text = words(hub.get("/nodes/ward-icu/revoke", headers=ADMIN))
    assert "This cannot be taken back" in text
    assert "What it wrote since stands apart on every node" in text
    assert "Reason: This field is required." in words(hub.post("/nodes/ward-icu/revoke", {"reason": " "}, headers=ADMIN))
    assert queries.node_named("ward-icu").state == NodeState.ENROLLED


def test_a_revoked_node_stands_on_the_board_with_who_and_why_and_cannot_be_revoked_again(hub):
    answer = hub.post("/nodes/ward-icu/revoke", {"reason": "laptop stolen"}, headers=ADMIN)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/nodes/ward-icu/")
    text = words(hub.get("/nodes/", headers=READER))
    assert re.search(r"ICU REVOKED Revoked [^:]+:\d\d: laptop stolen. What it wrote since stands apart.", text), text
    assert "Trust it no more" not in words(hub.get("/nodes/ward-icu/", headers=ADMIN))
    again = words(hub.post("/nodes/ward-icu/revoke", {"reason": "again"}, headers=ADMIN))
    assert "ward-icu was revoked before." in again
    mine = queries.this_node()
    assert f"The hub, {mine}, cannot be revoked." in words(hub.post(f"/nodes/{mine}/revoke", {"reason": "x"}, headers=ADMIN))


# ---------------------------------------------------------------------------------------------------------------- as seen


def test_every_page_of_nodes_is_without_accessibility_faults_in_four_languages(hub):
    assert django_settings.LANGUAGE_COOKIE_NAME
    html = {}
    for code in ("en", "fr", "nl", "de"):
        hub.cookies[django_settings.LANGUAGE_COOKIE_NAME] = code
        for place in ("/nodes/", "/nodes/invite", "/nodes/ward-icu/", "/nodes/ward-icu/revoke"):
            html[f"{place}?{code}".replace("?", "_")] = hub.get(place, headers=ADMIN).content.decode()
        html[f"/code_{code}"] = sent(hub).content.decode()
        html[f"/wrong_{code}"] = sent(hub, wards="").content.decode()
    faults = []
    with visiting(html) as visit:
        for place in html:
            page = visit.open(place)
            faults += [f"{place} {fault}" for fault in visit.violations()]
            if page.evaluate("document.documentElement.scrollWidth") > 1366:
                faults.append(f"{place} is wider than the screen")
        assert faults == []
        assert visit.complaints == []
