"""Reading from FHIR servers: bulk export, polling, signing in. The servers are real ones, on loopback."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import httpx
import orjson
import pytest
from typer.testing import CliRunner

from stormlamp.faces.commands import app
from stormlamp.kernel.moments import SECOND
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import clock
from stormlamp.mirror import queries
from stormlamp.mirror.engines.keys import client_key
from stormlamp.mirror.engines.progress import Progress
from stormlamp.mirror.engines.servers import Server
from stormlamp.mirror.listeners.polling import Poller, _hook
from stormlamp.mirror.rules.servers import server_of, servers_of
from stormlamp.mirror.wire.smart import public_jwk
from stormlamp.nodes.engines.home import create_home
from tests.mirror.bulk_server import Bulk, checked, serving
from tests.mirror.test_fhir_feed import ADA, PATIENT, about, problems

PATIENTS = [orjson.dumps(PATIENT)]
CONDITIONS = [orjson.dumps(about(own=str(one)) | {"code": {"text": f"Illness {one}"}}) for one in range(3)]
GONE = b'{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Condition/0"}}]}'
OUTCOME = b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","diagnostics":"Binary is not exported"}]}'


@pytest.fixture
def own_home(db, tmp_path, settings, monkeypatch):
    """A home with a folder of its own, where progress is kept."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    settings.HOME = create_home(tmp_path / "home", role="hub", authority="TEST")
    return settings.HOME


def run(*arguments):
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def export(bulk, *more):
    return run("fhir-export-from", bulk.url, "--interface", "ehr", "--json", *more)


def everything(**more):
    return Bulk(files={"Patient": PATIENTS, "Condition": CONDITIONS}, deleted=[GONE], errors=[OUTCOME], **more)


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_an_export_is_signed_for_waited_for_and_read_whole(own_home, algorithm):
    jwks = {"keys": [public_jwk(client_key(own_home, algorithm))]}
    with serving(everything(jwks=jwks, busy=1)) as bulk:
        told = export(bulk, "--client-id", "stormlamp", "--algorithm", algorithm)

    count = json.loads(told.stdout)
    assert (told.exit_code, count["received"], count["understood"]) == (0, 6, 5)
    assert count["reasons"] == {"the server reports: Binary is not exported": 1}
    assert sorted(problems()) == ["Illness 1", "Illness 2"]
    assert "half of it" in told.stderr
    assert bulk.asked_for("DELETE /fhir/jobs/1")


def test_the_key_is_the_homes_own_and_its_public_half_is_printed(own_home):
    printed = json.loads(run("fhir-key").stdout)

    assert printed == {"keys": [public_jwk(client_key(own_home, "ES384"))]}
    assert "d" not in printed["keys"][0]
    rsa = own_home.path / "fhir-client.pem"
    run("fhir-key", "--algorithm", "RS384")
    assert (rsa.stat().st_mode & 0o777, b"ENCRYPTED" in rsa.read_bytes()) == (0o600, True)


def test_compressed_files_are_read_and_reading_twice_changes_nothing(own_home):
    with serving(everything(packed=True)) as bulk:
        first, again = export(bulk), export(bulk)

    assert json.loads(first.stdout) == json.loads(again.stdout)
    assert queries.feed_board(clock.now())[0].total == 6
    assert bulk.job == 2


def test_a_broken_download_is_told_and_the_next_run_reads_only_what_is_missing(own_home):
    with serving(everything(breaks={"Condition": 1})) as bulk:
        with pytest.raises(Trouble, match="closed connection"):
            export(bulk)
        bulk.asked.clear()
        told = export(bulk)

    assert told.exit_code == 0
    assert sorted(problems()) == ["Illness 1", "Illness 2"]
    assert bulk.job == 1
    assert not bulk.asked_for("/files/Patient")
    assert len(bulk.asked_for("/files/Condition")) == 1


def test_an_export_that_the_server_has_forgotten_is_asked_for_anew(own_home):
    with serving(everything(breaks={"Condition": 1})) as bulk:
        with pytest.raises(Trouble, match="closed connection"):
            export(bulk)
        bulk.gone = True
        told = export(bulk)

    assert (told.exit_code, bulk.job) == (0, 2)
    assert "forgotten" in told.stderr


def test_what_is_new_since_the_last_export_can_be_asked_for(own_home):
    with serving(everything()) as bulk:
        export(bulk, "--types", "Patient,Condition")
        bulk.asked.clear()
        export(bulk, "--types", "Patient,Condition", "--since", "last")

    (asked,) = bulk.asked_for("$export")
    assert "_since=2026-01-13T10%3A00%3A00Z" in asked
    assert "_type=Patient%2CCondition" in asked


def test_errors_of_the_server_are_told_in_its_words(own_home):
    with serving(Bulk(jwks={"keys": []})) as bulk, pytest.raises(Trouble, match=r"401: who are you\?"):
        export(bulk)
    with pytest.raises(Trouble, match="needs a url"):
        run("fhir-export-from", "ftp://ehr.example", "--json")


def test_a_token_is_never_sent_to_another_store(own_home):
    jwks = {"keys": [public_jwk(client_key(own_home, "ES384"))]}
    with serving(Bulk(jwks=jwks)) as bulk, serving(Bulk(files={"Patient": PATIENTS})) as store:
        told = server_of("ehr", {"url": bulk.url, "client_id": "stormlamp"})
        server = Server(told, client_key(own_home, "ES384"), now=clock.now, stop=threading.Event())
        server.get(bulk.url + "/Patient")
        assert server._signed_in(bulk.url) != {}
        assert server._signed_in(store.url) == {}
        server.close()


def test_an_assertion_holds_what_the_standard_asks_for(own_home):
    from stormlamp.mirror.wire.smart import assertion

    key = client_key(own_home, "ES384")
    claims = checked(assertion(key, client="me", audience="https://x/token", at=clock.now(), once="1"), {"keys": [public_jwk(key)]})
    assert claims["iss"] == claims["sub"] == "me"
    assert claims["exp"] - claims["iat"] <= 300


KILLED = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stormlamp.settings")
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from stormlamp.faces.commands import app
app(["fhir-export-from", sys.argv[1], "--interface", "ehr", "--json"], standalone_mode=False)
"""


def test_a_killed_export_goes_on_where_it_was(tmp_path):
    surroundings = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config"), "STORMLAMP_HOME": str(tmp_path / "home")}
    create_home(tmp_path / "home", role="hub", authority="TEST", key_file=tmp_path / "key")
    command = [sys.executable, "-c", KILLED]
    with serving(Bulk(files={"Patient": PATIENTS, "Condition": CONDITIONS, "Slow": [b""]}, not_ready=0)) as bulk:
        bulk.files["Slow"] = _Slow()
        first = subprocess.Popen([*command, bulk.url], env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while not bulk.asked_for("/files/Slow") and time.monotonic() < deadline:
            time.sleep(0.05)
        first.send_signal(signal.SIGKILL)
        first.wait()
        first.stdout.close()
        first.stderr.close()
        bulk.files["Slow"] = [orjson.dumps(about(own="late"))]
        bulk.asked.clear()
        second = subprocess.run([*command, bulk.url], env=surroundings, capture_output=True, check=True)

    assert json.loads(second.stdout)["received"] == 1
    assert (bulk.job, bulk.asked_for("/files/Patient"), bulk.asked_for("/files/Condition")) == (1, [], [])


class _Slow(list):
    """Lines that never come."""

    def __iter__(self):
        threading.Event().wait(30)
        return iter(())


def entry(own, minute, text="Asthma"):
    meta = {"lastUpdated": f"2026-01-13T10:{minute:02d}:00Z", "versionId": str(minute)}
    return {"resource": about(own=own, meta=meta) | {"code": {"text": text}}}


def poller(home, bulk, **more):
    told = server_of("ehr", {"url": bulk.url, "types": "Patient,Condition", **more})
    return Poller(home, told, threading.Event())


def test_polling_reads_all_pages_once_and_then_only_what_is_new(own_home):
    patient = {"resource": {**PATIENT, "meta": {"lastUpdated": "2026-01-13T09:00:00Z"}}}
    with serving(Bulk(searches={"Patient": [patient], "Condition": [entry(str(one), one) for one in range(5)]})) as bulk:
        assert poller(own_home, bulk).ask().received == 6
        bulk.searches["Condition"].append(entry("new", 30, "Gout"))
        bulk.asked.clear()
        poller(own_home, bulk).ask()

    assert sorted(problems()) == ["Asthma"] * 5 + ["Gout"]
    assert [one for one in bulk.asked_for("Condition") if "page" not in one] == [
        "/fhir/Condition?_count=200&_sort=_lastUpdated&_lastUpdated=ge2026-01-13T10:03:00Z"
    ]
    assert queries.feed_board(clock.now())[0].total == 7


def test_polling_after_an_outage_of_the_server_catches_up_from_where_it_was(own_home, monkeypatch):
    monkeypatch.setattr("stormlamp.mirror.engines.servers.TRIES", 1)
    bulk = Bulk(searches={"Patient": [{"resource": {**PATIENT, "meta": {"lastUpdated": "2026-01-13T09:00:00Z"}}}], "Condition": []})
    with serving(bulk):
        poller(own_home, bulk).ask()
    with pytest.raises(Trouble, match="does not answer"):
        poller(own_home, bulk).ask()
    bulk.searches["Condition"] = [entry("a", 1), entry("b", 2)]
    with serving(bulk):
        told = server_of("ehr", {"url": bulk.url, "types": "Patient,Condition"})
        Poller(own_home, told, threading.Event()).ask()

    assert problems() == ["Asthma", "Asthma"]


def test_a_poller_tells_since_when_its_server_fails_and_why_and_that_it_answers_again(own_home):
    bulk = Bulk(searches={"Patient": [], "Condition": [entry("a", 1)]})
    with serving(bulk):
        one = poller(own_home, bulk)
        one.ask()
        told = one.standing()
        assert (told.failing_since, told.why, told.heard_at > 0) == (0, "", True)
    began = clock.now()
    with pytest.raises(Trouble, match="does not answer"):
        one.ask()
    told = one.standing()
    assert began <= told.failing_since <= began + SECOND, "since the first try, not since it was given up"
    assert "refused" in told.why
    assert "http" not in told.why
    with serving(bulk):
        again = Poller(own_home, server_of("ehr", {"url": bulk.url, "types": "Patient,Condition"}), threading.Event())
        again._standing = told
        again.ask()
    assert again.standing().failing_since == 0


def test_a_deletion_is_heard_of_where_the_history_is_asked_for(own_home):
    gone = {"request": {"method": "DELETE", "url": "Condition/a"}, "response": {"lastModified": "2026-01-13T10:05:00Z"}}
    with serving(Bulk(searches={"Patient": [], "Condition": [entry("b", 1), gone, entry("a", 2)]})) as bulk:
        count = poller(own_home, bulk, deletes=True).ask()

    assert count.received == 3
    assert problems(ADA) == []
    assert [item.key for item in queries.section(_stand_in(), "problem").items] != []
    assert len(queries.section(_stand_in(), "problem").items) == 1


def _stand_in():
    from stormlamp.mirror.mapping.resources.references import stand_in

    return stand_in("ehr", "Patient/1").id


def test_a_hook_wakes_the_asking_only_with_its_secret():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = server_of("ehr", {"url": "http://x", "hook_port": port, "hook_secret": "s" * 16})
    wake = threading.Event()
    listener = _hook(told, wake)
    try:
        assert httpx.post(f"http://127.0.0.1:{port}/wrong", content=b"{}").status_code == 404
        assert not wake.is_set()
        assert httpx.put(f"http://127.0.0.1:{port}/{'s' * 16}/Patient/1", content=b"{}").status_code == 200
        assert wake.is_set()
    finally:
        listener.shutdown()
        listener.server_close()


def test_a_wrong_section_of_the_home_is_told_in_words():
    for wrong, words in (
        ({}, "needs a url"),
        ({"url": "https://x", "algorithm": "none"}, "algorithm is one of"),
        ({"url": "https://x", "hook_port": 1, "hook_secret": "short"}, "at least 16 characters"),
    ):
        with pytest.raises(ValueError, match=words):
            servers_of({"fhir": {"ehr": wrong}})


def test_progress_that_cannot_be_read_begins_anew(tmp_path):
    progress = Progress(tmp_path / "fhir", "a")
    assert progress.read() == {}
    progress.keep({"Patient": "2026"})
    assert Progress(tmp_path / "fhir", "a").read() == {"Patient": "2026"}
    progress.path.write_bytes(b"{torn")
    assert progress.read() == {}


def test_the_part_of_up_keeps_asking_and_a_hook_wakes_it(tmp_path):
    surroundings = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config"), "STORMLAMP_HOME": str(tmp_path / "home")}
    with serving(Bulk(searches={"Patient": []})) as bulk:
        with socket.create_server(("127.0.0.1", 0)) as free:
            hook = free.getsockname()[1]
        section = {"url": bulk.url, "types": "Patient", "every": 3600, "hook_port": hook, "hook_secret": "s" * 16}
        create_home(tmp_path / "home", role="hub", authority="TEST", options={"fhir.ehr": section}, key_file=tmp_path / "key")
        poller = subprocess.Popen([sys.executable, "-c", POLLER], env=surroundings, stderr=subprocess.DEVNULL)
        try:
            _wait_for(lambda: bulk.asked_for("Patient"))
            asked = len(bulk.asked)
            assert httpx.post(f"http://127.0.0.1:{hook}/{'s' * 16}", content=b"").status_code == 200
            _wait_for(lambda: len(bulk.asked) > asked)
        finally:
            poller.terminate()
            assert poller.wait(30) in (0, -signal.SIGTERM)


POLLER = """
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stormlamp.settings")
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from stormlamp.faces.listeners import serve
serve("poller")
"""


def _wait_for(reached):
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.05)
