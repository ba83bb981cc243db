import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormlamp.kernel.identifiers import AccountId
from stormlamp.kernel.moments import HOUR, SECOND, Moment
from stormlamp.kernel.refusals import NotAllowed
from stormlamp.ledger import entries, facts, projector, rebuilding
from stormlamp.ledger.models import LedgerEntry
from stormlamp.people import actions, queries
from stormlamp.people import facts as told
from stormlamp.people.models import Account, Password, RecoveryCodes, RoleHeld, Standing, Totp
from stormlamp.people.queries import LinkState
from tests.makers import NOON, after
from tests.people.staff import PASSWORD, SECRET, acting, an_account, code_at, node

pytestmark = pytest.mark.django_db


def payloads() -> bytes:
    """Every payload of the ledger, as its bytes."""
    return b"".join(entries.stretched(bytes(row.payload)) for row in LedgerEntry.objects.order_by("origin", "sequence"))


def test_somebody_acts_with_the_rights_and_wards_of_their_role(home):
    actor = acting(an_account(wards=("3B", "3C")))
    assert (actor.name, actor.role, actor.wards) == ("Nora Peeters", "nurse", ("3B", "3C"))
    assert actor.may("charts.write")
    assert not actor.may("people.manage")


def test_a_changed_role_holds_at_once(home):
    account = an_account()
    actions.set_role(node(), after(NOON, 1), account=account, role="auditor")
    assert acting(account).may("audit.read")
    assert not acting(account).may("charts.read")


def test_a_closed_account_acts_no_more_and_may_be_reopened(home):
    account = an_account()
    actions.close_account(node(), after(NOON, 1), account=account, reason="left the hospital")
    assert queries.actor_for(account, home.node) is None
    assert queries.account_of_login("n.peeters") is None
    actions.reopen_account(node(), after(NOON, 2), account=account, reason="is back")
    assert acting(account).name == "Nora Peeters"


def test_a_sign_in_name_is_given_once_and_is_free_again_when_its_account_is_closed(home):
    first = an_account()
    with pytest.raises(actions.LoginTaken):
        an_account("N.Peeters ")
    actions.close_account(node(), NOON, account=first, reason="left")
    second = an_account()
    with pytest.raises(actions.LoginTaken):
        actions.reopen_account(node(), NOON, account=first, reason="back")
    assert queries.account_of_login("n.peeters").account == second


@pytest.mark.parametrize("login", ["", "a", "has space", "é.è", "-x", "x" * 60, "a/b"])
def test_an_unusable_sign_in_name_is_refused(home, login):
    with pytest.raises(actions.LoginUnusable):
        an_account(login)


def test_the_last_administrator_is_neither_closed_nor_given_another_role(home):
    admin = an_account("root", role="administrator")
    with pytest.raises(actions.LastAdministrator):
        actions.close_account(node(), NOON, account=admin, reason="x")
    with pytest.raises(actions.LastAdministrator):
        actions.set_role(node(), NOON, account=admin, role="nurse")
    an_account("second", role="administrator", name="Second")
    actions.close_account(node(), NOON, account=admin, reason="x")


def test_only_who_manages_people_opens_accounts(home):
    nora = acting(an_account())
    with pytest.raises(NotAllowed):
        actions.open_account(nora, NOON, account=AccountId("x"), login="x1", name="X", role="nurse")


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short", "short"),
        ("password1234!", "common"),
        ("aaaaaaaaaaaaaaaa", "monotone"),
        ("n.peeters2026", "named"),
        ("x" * 300, "long"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(home, password, fault):
    nora = acting(an_account())
    with pytest.raises(actions.PasswordUnfit) as refused:
        actions.set_password(nora, NOON, password=password)
    assert refused.value.facts["fault"] == fault


def test_a_new_password_holds_and_the_old_one_is_worth_nothing(home):
    nora = acting(an_account())
    assert queries.password_matches(nora.account, PASSWORD)
    actions.set_password(nora, after(NOON, 1), password="another lamp entirely")
    assert queries.password_matches(nora.account, "another lamp entirely")
    assert not queries.password_matches(nora.account, PASSWORD)


def test_nobody_has_a_password(home):
    assert not queries.password_matches(None, "nobody knows this, and it opens nothing")
    assert not queries.password_matches("no such account", PASSWORD)


def test_neither_password_nor_totp_secret_nor_recovery_code_is_in_the_ledger(home):
    nora, codes = acting(an_account()), actions.fresh_codes()
    actions.renew_recovery_codes(nora, NOON, codes=codes)
    digest = queries.recovery_digest(nora.account, codes[0])
    actions.use_recovery_code(nora, NOON, session="s", code_digest=digest, factors=("password", "recovery-code"), address="")
    path = actions.link_for("n.peeters", NOON)
    held = payloads()
    assert b"$argon2id$v=19$m=19456,t=2,p=1$" in held
    for secret in (PASSWORD, SECRET, *codes, *(code.replace("-", "") for code in codes), path.removeprefix("/first/")):
        assert secret.encode() not in held


def test_a_totp_secret_is_sealed_for_its_account_and_home(home):
    account = an_account()
    assert queries.totp_secret(account) == SECRET
    other = an_account("other", name="Other", secret=None)
    sealed = bytes(Totp.objects.get(account=account).sealed)
    assert queries.totp_secret(other) is None
    from stormlamp.people.rules import unsealed_secret

    assert unsealed_secret(sealed, account=other, key=home.key("totp")) is None
    assert unsealed_secret(sealed, account=account, key=home.key("web")) is None


def test_a_recovery_code_is_worth_something_once(home):
    nora, codes = acting(an_account()), actions.fresh_codes()
    actions.renew_recovery_codes(nora, NOON, codes=codes)
    assert queries.unspent_codes(nora.account) == 10
    digest = queries.recovery_digest(nora.account, codes[3].lower().replace("-", " "))
    actions.use_recovery_code(nora, NOON, session="s1", code_digest=digest, factors=("password", "recovery-code"), address="")
    assert queries.recovery_digest(nora.account, codes[3]) is None
    assert queries.unspent_codes(nora.account) == 9
    with pytest.raises(actions.RecoveryCodeSpent):
        actions.use_recovery_code(nora, NOON, session="s2", code_digest=digest, factors=(), address="")


def test_fresh_recovery_codes_replace_the_old_ones(home):
    nora, old = acting(an_account()), actions.fresh_codes()
    actions.renew_recovery_codes(nora, NOON, codes=old)
    actions.renew_recovery_codes(nora, after(NOON, 1), codes=actions.fresh_codes())
    assert queries.recovery_digest(nora.account, old[0]) is None
    assert queries.unspent_codes(nora.account) == 10


def accept(path: str, *, at=NOON, password="a lamp for my ward", code="") -> None:
    token = path.removeprefix("/first/")
    link = queries.link_of(token, at=at)
    actions.accept_link(
        acting(link.account), at, token=token, password=password, secret=SECRET, code=code or code_at(NOON),
        codes=actions.fresh_codes(), device_at=NOON,
    )  # fmt: skip


def test_the_first_administrator_gets_in_by_a_link_that_holds_once(home):
    path = actions.first_administrator_link(NOON)
    assert queries.link_of(path.removeprefix("/first/"), at=NOON).state is LinkState.GOOD
    accept(path)
    (admin,) = queries.administrators()
    assert queries.account(admin).login == "admin"
    assert queries.password_matches(admin, "a lamp for my ward")
    assert queries.unspent_codes(admin) == 10
    with pytest.raises(actions.LinkWorthless) as refused:
        accept(path)
    assert refused.value.facts == {"state": "used"}


def test_a_link_expires_after_72_hours_and_a_newer_one_replaces_it(home):
    old = actions.first_administrator_link(NOON)
    new = actions.first_administrator_link(after(NOON, SECOND))
    with pytest.raises(actions.LinkWorthless) as refused:
        accept(old)
    assert refused.value.facts == {"state": "replaced"}
    late = after(NOON, SECOND + 72 * HOUR)
    assert queries.link_of(new.removeprefix("/first/"), at=late).state is LinkState.EXPIRED
    with pytest.raises(actions.LinkWorthless):
        accept(new, at=late)
    accept(new, at=Moment(late - 1))


def test_a_link_needs_a_code_of_the_new_second_factor(home):
    path = actions.first_administrator_link(NOON)
    with pytest.raises(actions.CodeWrong):
        accept(path, code=code_at(after(NOON, HOUR)))
    assert queries.link_of(path.removeprefix("/first/"), at=NOON).state is LinkState.GOOD


def test_a_link_for_a_closed_account_opens_nothing(home):
    account = an_account()
    path = actions.link_for("n.peeters", NOON)
    actions.close_account(node(), NOON, account=account, reason="left")
    assert queries.link_of(path.removeprefix("/first/"), at=NOON).state is LinkState.CLOSED
    with pytest.raises(actions.AccountUnknown):
        actions.link_for("n.peeters", NOON)
    with pytest.raises(actions.AccountUnknown):
        actions.link_for(account, NOON)


def test_the_tables_rebuilt_from_the_ledger_are_the_living_ones(home):
    nora = acting(an_account(wards=("3B",)))
    boss = acting(an_account("boss", role="administrator", name="Boss"))
    actions.sign_in(nora, NOON, session="one", factors=("password", "totp"), address="10.0.0.1")
    actions.renew_recovery_codes(nora, NOON, codes=actions.fresh_codes())
    actions.set_role(boss, after(NOON, 1), account=nora.account, role="shift-lead", wards=("3B", "4A"))
    actions.set_password(nora, after(NOON, 2), password="another lamp entirely", session="")
    actions.report_wrong_tries(node(), NOON, account=nora.account, address="10.0.0.9", count=7)
    actions.link_for("boss", NOON)
    actions.close_account(boss, after(NOON, 3), account=nora.account, reason="left")
    assert rebuilding.differences() == []


def crafted(origin: str, sequence: int, hlc: int, fact: object) -> entries.Entry:
    """A fact as another node may have written it."""
    raw = facts.packed(facts.payload_of(fact, actor="a", actor_name="A", act="test", at=NOON, once=""))
    return entries.Entry(origin, sequence, hlc, facts.opened(raw), fact)


WARD, HUB = "ward-1/acts", "hub-1/acts"
ONE = AccountId("one")
STORY = [
    crafted(WARD, 1, 10, told.AccountOpened(account=ONE, login="one", name="One", role="nurse", wards=())),
    crafted(WARD, 2, 30, told.PasswordSet(account=ONE, verifier="of the ward")),
    crafted(WARD, 3, 50, told.AccountReopened(account=ONE, reason="was a mistake")),
    crafted(WARD, 4, 70, told.RecoveryCodesSet(account=ONE, salt=b"w", digests=("w1",))),
    crafted(WARD, 5, 80, told.RecoveryCodeUsed(account=ONE, digest="h1")),
    crafted(HUB, 1, 20, told.RoleChanged(account=ONE, role="midwife", wards=("M1",))),
    crafted(HUB, 2, 40, told.AccountClosed(account=ONE, reason="left")),
    crafted(HUB, 3, 60, told.PasswordSet(account=ONE, verifier="of the hub")),
    crafted(HUB, 4, 70, told.RecoveryCodesSet(account=ONE, salt=b"h", digests=("h1",))),
    crafted(HUB, 5, 75, told.TotpSet(account=ONE, sealed=b"sealed")),
    crafted(HUB, 6, 80, told.RecoveryCodeUsed(account=ONE, digest="h1")),
]


def rows() -> dict[str, list[dict[str, object]]]:
    return {m._meta.db_table: sorted(m.objects.values(), key=str) for m in rebuilding.projection_models("people")}


@pytest.fixture
def expected(home):
    from django.db import transaction

    with transaction.atomic():
        projector.apply(STORY)
        found = rows()
        assert found["people_password"][0]["verifier"] == "of the hub"
        assert json.loads(found["people_role"][0]["wards"]) == ["M1"]
        assert not found["people_standing"][0]["closed"]
        assert len(found["people_recovery_use"]) == 2
        transaction.set_rollback(True)
    return found


def test_credentials_of_two_nodes_give_the_same_rows_in_whatever_order_they_arrive(expected):
    from django.db import transaction

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.booleans(), min_size=len(STORY), max_size=len(STORY)), st.integers(1, len(STORY)))
    def in_order(first, size):
        ward, hub = [one for one in STORY if one.origin == WARD], [one for one in STORY if one.origin == HUB]
        mixed = []
        for of_ward in first:
            queue = (ward if of_ward else hub) or ward or hub
            mixed.append(queue.pop(0))
        with transaction.atomic():
            for start in range(0, len(mixed), size):
                projector.apply(mixed[start : start + size])
            assert rows() == expected
            transaction.set_rollback(True)

    in_order()
    assert [m.objects.count() for m in (Account, Password, RecoveryCodes, RoleHeld, Standing)] == [0] * 5
