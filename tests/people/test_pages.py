import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from stormlamp.kernel.moments import MINUTE, SECOND
from stormlamp.ledger import rebuilding
from stormlamp.ledger.clock import WallClock
from stormlamp.people import actions, queries
from stormlamp.people.models import SessionHere, SignIn, Throttle, TotpStep, WrongTries
from stormlamp.people.projections import here
from tests.makers import NOON
from tests.people.staff import PASSWORD, acting, an_account, code_at, node

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site")]


def device_now() -> int:
    return WallClock().now()


def post(client: Client, place: str, **told: str):
    return client.post(place, told)


def password_step(client: Client, login="n.peeters", password=PASSWORD, **told: str):
    return post(client, "/sign-in/", login=login, password=password, **told)


def sign_in(client: Client, login="n.peeters", password=PASSWORD):
    TotpStep.objects.all().delete()  # the tests sign in more often than a code changes
    assert password_step(client, login, password).status_code == 302
    answer = post(client, "/sign-in/code/", code=code_at(device_now()))
    assert answer.status_code == 302, answer.content.decode()
    return answer


def words(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def waited(moved: int) -> None:
    """Let time pass for every count of wrong tries."""
    for row in Throttle.objects.all():
        Throttle.objects.filter(key=row.key).update(last_at=row.last_at - moved, told_at=row.told_at - moved)


def test_password_and_code_sign_in_and_the_page_knows_who_asks(client):
    an_account(wards=("3B",))
    assert client.get("/").headers["Location"] == "/sign-in/?next=%2F"
    assert sign_in(client).headers["Location"] == "/"
    assert words(client.get("/")) == "Nora Peeters reads 3B"
    assert SignIn.objects.get().factors == '["password", "totp"]'


def test_a_password_alone_opens_nothing(client):
    an_account()
    password_step(client)
    assert client.get("/").status_code == 302
    assert not SignIn.objects.exists()


def test_the_second_page_opens_only_after_the_password(client):
    an_account()
    assert client.get("/sign-in/code/").headers["Location"].startswith("/sign-in/")
    assert post(client, "/sign-in/code/", code=code_at(device_now())).headers["Location"].startswith("/sign-in/")


def test_a_code_is_taken_once(client):
    an_account()
    sign_in(client)
    code, other = code_at(device_now()), Client()
    password_step(other)
    assert "not right, or was used already" in words(post(other, "/sign-in/code/", code=code))
    assert other.get("/").status_code == 302


def test_a_code_of_the_step_before_or_after_is_taken(client):
    an_account()
    password_step(client)
    assert post(client, "/sign-in/code/", code=code_at(device_now() - 30 * SECOND)).status_code == 302
    other = Client()
    password_step(other)
    assert post(other, "/sign-in/code/", code=code_at(device_now() + 30 * SECOND)).status_code == 302
    third = Client()
    password_step(third)
    assert post(third, "/sign-in/code/", code=code_at(device_now() - 90 * SECOND)).status_code == 200


def test_a_recovery_code_signs_in_once(client):
    nora, codes = acting(an_account()), actions.fresh_codes()
    actions.renew_recovery_codes(nora, NOON, codes=codes)
    password_step(client)
    assert post(client, "/sign-in/code/", code=codes[0]).status_code == 302
    assert client.get("/").status_code == 200
    other = Client()
    password_step(other)
    assert post(other, "/sign-in/code/", code=codes[0]).status_code == 200
    assert post(other, "/sign-in/code/", code=codes[1].lower()).status_code == 302


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(client):
    an_account()
    known = words(password_step(client, password="not this one"))
    unknown = words(password_step(client, login="nobody", password="not this one"))
    assert "Name or password is not right." in known

    def bare(page):
        return re.sub(r'value="[^"]*"', "", page)

    assert bare(known) == bare(unknown)


def test_an_unknown_name_asks_the_tables_as_much_as_a_known_one(client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    an_account()
    asked = []
    for login in ("n.peeters", "nobody", "Not A Name!"):
        with CaptureQueriesContext(connection) as seen:
            password_step(client, login=login, password="wrong")
        asked.append(sum("SELECT" in one["sql"] and "ledger" not in one["sql"] for one in seen))
    assert len(set(asked)) == 1, asked


def test_many_tries_at_once_are_slowed_down_like_many_in_a_row(client):
    account = an_account()
    told = []
    for _ in range(6):
        keys = queries.try_keys(login="n.peeters", address="127.0.0.1", account_id=account)
        wait = queries.wait_before_try(keys=keys, address="127.0.0.1", account_id=account, device_at=device_now())
        told.append(bool(wait))
        if not wait:
            here.count_wrong(keys=keys, at=device_now())  # counted, and its check is still running
    assert told == [False] * 3 + [True] * 3


def test_wrong_tries_slow_the_next_one_down_but_never_lock_out(client):
    an_account()
    for _ in range(3):
        assert password_step(client, password="wrong").status_code == 200
    slow = password_step(client)
    assert (slow.status_code, slow.headers["Retry-After"]) == (429, "1")
    for _ in range(40):
        waited(31 * SECOND)
        assert password_step(client, password="wrong").status_code == 200
        assert 0 < int(password_step(client).headers["Retry-After"]) <= 30
    waited(31 * SECOND)
    sign_in(client)
    assert client.get("/").status_code == 200
    assert set(Throttle.objects.values_list("wrong", flat=True)) == {0}


def test_a_try_during_the_wait_does_not_lengthen_it(client):
    an_account()
    for _ in range(3):
        password_step(client, password="wrong")
    before = dict(Throttle.objects.values_list("key", "last_at"))
    assert password_step(client, password="wrong").status_code == 429
    assert dict(Throttle.objects.values_list("key", "last_at")) == before


def test_wrong_tries_elsewhere_do_not_slow_an_account_down_where_it_has_signed_in_before(client):
    an_account()
    sign_in(client)
    far, here_again, strange = Client(REMOTE_ADDR="10.9.9.9"), Client(), Client(REMOTE_ADDR="10.1.1.1")
    for _ in range(12):
        waited(31 * SECOND)
        password_step(far, password="wrong")
    assert password_step(strange).status_code == 429
    assert password_step(here_again).status_code == 302


def test_wrong_codes_slow_down_too(client):
    an_account()
    password_step(client)
    for _ in range(3):
        post(client, "/sign-in/code/", code="000000")
    assert post(client, "/sign-in/code/", code=code_at(device_now())).status_code == 429


def test_wrong_tries_reach_the_ledger_as_one_counted_fact_a_minute(client):
    account = an_account()
    for _ in range(3):
        password_step(client, password="wrong")
    assert [(row.account, row.count) for row in WrongTries.objects.all()] == [(account, 1)]
    waited(MINUTE)
    password_step(client, password="wrong")
    assert sorted(row.count for row in WrongTries.objects.all()) == [1, 3]
    assert queries.wrong_tries_of(account, since=0) == 4


def test_a_session_that_was_ended_elsewhere_is_out_at_its_next_request(client):
    account, other = an_account(), Client()
    sign_in(client)
    sign_in(other)
    assert [client.get("/").status_code, other.get("/").status_code] == [200, 200]
    theirs = next(one for one in queries.sessions_of(account) if one.session != client.session["people_session"])
    assert post(client, f"/me/sessions/{theirs.session}/end").status_code == 302
    assert other.get("/").status_code == 302
    assert client.get("/").status_code == 200
    assert len(queries.sessions_of(account)) == 1


def test_nobody_ends_the_session_of_somebody_else(client):
    an_account()
    an_account("other", name="Other")
    sign_in(client)
    stranger = Client()
    sign_in(stranger, "other")
    assert post(stranger, f"/me/sessions/{client.session['people_session']}/end").status_code == 409
    assert client.get("/").status_code == 200


def test_a_closed_account_is_out_at_once(client):
    account = an_account()
    sign_in(client)
    actions.close_account(node(), NOON, account=account, reason="left")
    assert client.get("/").status_code == 302
    assert "Name or password is not right." in words(password_step(client))


def test_a_changed_role_holds_at_the_next_request(client):
    account = an_account()
    sign_in(client)
    actions.set_role(node(), NOON, account=account, role="auditor")
    assert client.get("/").status_code == 403


def test_signing_out_ends_the_session_for_good(client):
    account = an_account()
    sign_in(client)
    cookie = client.cookies["stormlamp_session"].value
    assert client.get("/sign-out/").status_code == 405
    post(client, "/sign-out/")
    assert queries.open_sessions(account) == ()
    client.cookies["stormlamp_session"] = cookie
    assert client.get("/").status_code == 302


def test_the_session_key_changes_at_sign_in_and_its_cookie_is_hidden_from_scripts(client):
    an_account()
    password_step(client)
    before = client.cookies["stormlamp_session"].value
    TotpStep.objects.all().delete()
    post(client, "/sign-in/code/", code=code_at(device_now()))
    cookie = client.cookies["stormlamp_session"]
    assert cookie.value != before
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert not Session.objects.filter(session_key=before).exists()


def test_an_idle_session_locks_and_its_password_opens_it_where_it_was(client):
    an_account()
    sign_in(client)
    SessionHere.objects.update(seen_at=device_now() - 16 * MINUTE)
    assert client.get("/me/").headers["Location"] == "/sign-in/?next=%2Fme%2F"
    assert "Locked after a pause" in words(client.get("/sign-in/?next=/me/"))
    assert "This password is not right." in words(post(client, "/sign-in/", password="wrong", next="/me/"))
    assert client.get("/").status_code == 302
    assert post(client, "/sign-in/", password=PASSWORD, next="/me/").headers["Location"] == "/me/"
    assert client.get("/").status_code == 200


def test_a_panel_that_polls_does_not_keep_a_session_awake(client):
    an_account()
    sign_in(client)
    SessionHere.objects.update(seen_at=device_now() - 14 * MINUTE)
    client.get("/", headers={"HX-Request": "true"})
    assert SessionHere.objects.get().seen_at < device_now() - 13 * MINUTE
    client.get("/")
    assert SessionHere.objects.get().seen_at > device_now() - MINUTE


def test_a_session_whose_cookie_has_run_out_is_listed_no_more(client):
    account = an_account()
    sign_in(client)
    SessionHere.objects.update(seen_at=device_now() - 15 * 60 * MINUTE)
    sign_in(Client())
    assert len(queries.sessions_of(account)) == 1
    assert len(queries.open_sessions(account)) == 1
    assert client.get("/").status_code == 302


def test_somebody_else_takes_over_a_locked_computer(client):
    an_account()
    sign_in(client)
    SessionHere.objects.update(locked=True)
    post(client, "/sign-out/")
    assert "Sign in" in words(client.get("/sign-in/"))
    assert "Locked" not in words(client.get("/sign-in/"))


def test_an_account_without_a_second_factor_signs_in_only_where_the_home_allows_it(client, home, monkeypatch):
    an_account(secret=None)
    assert "no second factor yet" in words(password_step(client))
    monkeypatch.setitem(home.options, "people", {"second_factor": "optional"})
    assert password_step(client).status_code == 302
    assert client.get("/").status_code == 200


def test_sign_in_goes_on_where_somebody_wanted_to_go_but_never_to_another_site(client):
    an_account()
    assert "next=%2Fme%2F" in password_step(client, next="/me/").headers["Location"]
    answer = post(client, "/sign-in/code/", code=code_at(device_now()), next="https://evil.example/")
    assert answer.headers["Location"] == "/"


def secret_on(page: str) -> str:
    return re.search(r"<code>([A-Z2-7 ]+)</code>", page).group(1).replace(" ", "")


def test_the_first_administrator_sets_up_by_the_link_and_sees_recovery_codes_once(client):
    place = actions.first_administrator_link(device_now())
    page = words(client.get(place))
    assert "<svg" in page
    told = {"new_password": "a lamp for my ward", "again": "a lamp for my ward", "code": "000000"}
    assert "This is not the code" in words(post(client, place, **told))
    assert "not the same password" in words(post(client, place, **{**told, "again": "x"}))
    assert "too easy to guess" in words(post(client, place, **{**told, "new_password": "short", "again": "short"}))
    codes_page = words(post(client, place, **{**told, "code": code_at(device_now(), secret_on(page))}))
    codes = re.findall(r"<code>([A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4})</code>", codes_page)
    assert len(codes) == 10
    assert client.get("/staff/").status_code == 200
    assert client.get(place).status_code == 410
    other = Client()
    password_step(other, "admin", "a lamp for my ward")
    assert post(other, "/sign-in/code/", code=codes[0]).headers["Location"] == "/staff/"


def test_an_unknown_link_says_so(client):
    assert "not known here" in words(client.get("/first/made-up"))


def test_an_administrator_opens_an_account_and_hands_over_its_link(client):
    an_account("boss", role="administrator", name="Boss")
    sign_in(client, "boss")
    form = words(client.get("/staff/new/"))
    account = re.search(r'name="account" value="([^"]+)"', form).group(1)
    told = {"account": account, "name": "Ines Maes", "login": "i.maes", "role": "midwife", "wards": "M1, M2"}
    page = words(post(client, "/staff/new/", **told))
    link = re.search(r"<code>http://testserver(/first/[^<]+)</code>", page).group(1)
    assert link in words(post(client, "/staff/new/", **told)), "the same form twice shows the same link"
    assert acting(account).wards == ("M1", "M2")
    assert Client().get(link).status_code == 200
    newer = words(post(client, f"/staff/{account}/link"))
    assert "/first/" in newer
    assert Client().get(link).status_code == 410
    assert "Somebody else signs in as i.maes already." in words(
        post(client, "/staff/new/", **{**told, "account": "0b9c1e0e-6a0c-4a3c-9d0e-2f1f0c1b2a3d"})
    )
    assert "Ines Maes" in words(client.get("/staff/"))


def test_an_administrator_changes_a_role_and_closes_and_reopens_an_account(client):
    account = an_account()
    an_account("boss", role="administrator", name="Boss")
    sign_in(client, "boss")
    post(client, f"/staff/{account}/role", role="pharmacist", wards="")
    assert acting(account).role == "pharmacist"
    post(client, f"/staff/{account}/close", reason="left")
    assert queries.account(account).closed_because == "left"
    assert "Closed" in words(client.get(f"/staff/{account}/"))
    post(client, f"/staff/{account}/close", reason="is back")
    assert not queries.account(account).closed


def test_the_last_administrator_cannot_close_their_own_account(client):
    boss = an_account("boss", role="administrator", name="Boss")
    sign_in(client, "boss")
    assert "the last administrator" in words(post(client, f"/staff/{boss}/close", reason="x"))
    assert not queries.account(boss).closed


@pytest.mark.parametrize("place", ["/staff/", "/staff/new/"])
def test_a_nurse_does_not_see_the_staff(client, place):
    an_account()
    sign_in(client)
    assert client.get(place).status_code == 403


def test_the_data_protection_officer_reads_the_staff_and_changes_nothing(client):
    account = an_account()
    an_account("dpo", role="data-protection-officer", name="Dora")
    sign_in(client, "dpo")
    assert client.get("/staff/").status_code == 200
    assert client.get(f"/staff/{account}/").status_code == 200
    assert post(client, f"/staff/{account}/close", reason="x").status_code == 403


def test_a_new_password_ends_the_other_sessions(client):
    an_account()
    other = Client()
    sign_in(other)
    sign_in(client)
    told = {"new_password": "entirely other lamps", "again": "entirely other lamps"}
    assert "This password is not right." in words(post(client, "/me/password/", password="wrong", **told))
    assert post(client, "/me/password/", password=PASSWORD, **told).status_code == 302
    assert client.get("/").status_code == 200
    assert other.get("/").status_code == 302
    sign_in(other, password="entirely other lamps")


def test_a_new_app_replaces_the_old_one(client):
    account = an_account()
    sign_in(client)
    secret = secret_on(words(client.get("/me/second-factor/")))
    assert secret == secret_on(words(client.get("/me/second-factor/")))
    told = {"password": PASSWORD, "code": code_at(device_now(), secret)}
    assert post(client, "/me/second-factor/", **{**told, "code": "000000"}).status_code == 200
    assert post(client, "/me/second-factor/", **told).status_code == 302
    assert queries.totp_secret(account) == secret


def test_new_recovery_codes_need_the_password_and_are_shown_once(client):
    account = an_account()
    sign_in(client)
    assert queries.unspent_codes(account) == 0
    assert "This password is not right." in words(post(client, "/me/codes/", password="wrong"))
    page = words(post(client, "/me/codes/", password=PASSWORD))
    code = re.search(r"<code>([A-Z0-9-]{14})</code>", page).group(1)
    assert queries.recovery_digest(account, code)
    assert code not in words(client.get("/me/codes/"))
    assert "10 left" in words(client.get("/me/"))


def test_forms_without_their_csrf_mark_are_refused():
    strict = Client(enforce_csrf_checks=True)
    an_account()
    assert password_step(strict).status_code == 403


@pytest.mark.parametrize("language", ["en", "fr", "nl", "de"])
def test_every_page_opens_in_four_languages(client, language):
    account = an_account("boss", role="administrator", name="Boss", wards=("3B",))
    link = actions.link_for(an_account("new", name="New", secret=None), device_now())
    client.cookies["stormlamp_language"] = language
    assert client.get("/sign-in/").status_code == 200
    assert client.get(link).status_code == 200
    sign_in(client, "boss")
    places = ["/me/", "/me/password/", "/me/second-factor/", "/me/codes/", "/staff/", "/staff/new/", f"/staff/{account}/"]
    for place in places:
        answer = client.get(place)
        assert answer.status_code == 200
        assert f'<html lang="{language}"' in answer.content.decode()


def test_after_a_whole_story_on_the_pages_the_rebuilt_tables_are_the_living_ones(client):
    account = an_account()
    an_account("boss", role="administrator", name="Boss")
    password_step(client, password="wrong")
    sign_in(client)
    post(client, "/me/codes/", password=PASSWORD)
    boss = Client()
    sign_in(boss, "boss")
    post(boss, f"/staff/{account}/role", role="shift-lead", wards="3B")
    post(boss, f"/staff/{account}/link")
    post(client, "/sign-out/")
    post(boss, f"/staff/{account}/close", reason="left")
    assert rebuilding.differences() == []
