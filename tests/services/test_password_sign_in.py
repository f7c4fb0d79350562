"""Passwords: where SSO is off, beside it, against it, and in an emergency."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.domain.refusals import Reason, SignInRefused
from app.models import AuditEvent, SignInAttempt
from app.services import password_sign_in, sessions, sso_settings, tenants
from app.services.audit import OPERATOR
from app.services.clients import Client
from app.services.errors import Invalid
from app.services.tenants import Tenant
from app.services.transactions import reading
from tests.factories import make_administrator, make_person

CERTS = Path("no-such-folder")
PASSWORD = "a long password"
CLIENT = Client("203.0.113.7", "a browser")


def sign_in(tenant: Tenant, username: str, password: str, now: datetime, **options: str) -> str:
    client = Client(options.get("address", CLIENT.ip_address), "a browser")
    completed = password_sign_in.sign_in(
        tenant,
        username=username,
        password=password,
        return_path=None,
        client=client,
        now=now,
    )
    return completed.session_token


def refusal(tenant: Tenant, username: str, password: str, now: datetime, **options: str) -> str:
    with pytest.raises(SignInRefused) as refused:
        sign_in(tenant, username, password, now, **options)
    return refused.value.reason


@pytest.mark.parametrize("name", ["anna", "ANNA", " anna ", "Anna@Northwind.example"])
def test_username_or_primary_email_with_the_password_lets_in(
    tenant: Tenant, now: datetime, name: str
) -> None:
    """S2.1, S2.22: the names are compared as in matching."""
    make_person(tenant, now=now, username="anna", email="anna@northwind.example", password=PASSWORD)
    live = sessions.find(tenant, sign_in(tenant, name, PASSWORD, now), now=now)
    assert live is not None
    assert (live.username, live.method, live.rule) == ("anna", "password", None)


def test_everything_wrong_is_the_same_refusal(tenant: Tenant, now: datetime) -> None:
    """S2.2, S2.45: unknown name, wrong or no password, disabled account: one reason."""
    make_person(tenant, now=now, username="anna", password=PASSWORD)
    make_person(tenant, "Bo Disabled", now=now, username="bo", password=PASSWORD, is_enabled=False)
    make_person(tenant, "Cy Passwordless", now=now, username="cy")
    for username, password in (
        ("nobody", PASSWORD),
        ("anna", "another password"),
        ("anna", ""),
        ("", PASSWORD),
        ("bo", PASSWORD),
        ("cy", ""),
        ("anna\0", PASSWORD),
        ("\ud800", PASSWORD),
    ):
        assert refusal(tenant, username, password, now) == Reason.PASSWORD_WRONG


def test_guessing_is_slowed_down_per_account_and_address(tenant: Tenant, now: datetime) -> None:
    """The sixth try of one address at one account is refused, the right password too."""
    make_person(tenant, now=now, username="anna", password=PASSWORD)
    for _ in range(5):
        assert refusal(tenant, "anna", "wrong", now) == Reason.PASSWORD_WRONG
    assert refusal(tenant, "Anna ", PASSWORD, now) == Reason.THROTTLED
    sign_in(tenant, "anna", PASSWORD, now, address="198.51.100.9")
    sign_in(tenant, "anna", PASSWORD, now + timedelta(minutes=15))


def test_one_guesser_cannot_keep_the_owner_out(tenant: Tenant, now: datetime) -> None:
    """Tries beyond an address's own limit do not use up the account's."""
    make_person(tenant, now=now, username="anna", password=PASSWORD)
    for _ in range(70):
        refusal(tenant, "anna", "wrong", now)
    sign_in(tenant, "anna", PASSWORD, now, address="198.51.100.9")


def test_a_success_gives_the_tries_back(tenant: Tenant, now: datetime) -> None:
    """Who mistypes now and then is not locked out by it."""
    make_person(tenant, now=now, username="anna", password=PASSWORD)
    for _ in range(3):
        for _ in range(4):
            refusal(tenant, "anna", "wrong", now)
        sign_in(tenant, "anna", PASSWORD, now)


def test_an_office_behind_one_address_is_not_a_guesser(tenant: Tenant, now: datetime) -> None:
    """However many sign in rightly from one address, the next one still can."""
    make_person(tenant, now=now, username="anna", password=PASSWORD)
    for _ in range(110):
        sign_in(tenant, "anna", PASSWORD, now)


def test_sso_on_leaves_passwords_alone_until_it_is_enforced(
    sso_tenant: Tenant, now: datetime
) -> None:
    """With SSO on a password works at its own address; enforced, it is refused."""
    make_administrator(sso_tenant, now=now)
    make_person(sso_tenant, now=now, username="anna", password=PASSWORD)
    sign_in(sso_tenant, "anna", PASSWORD, now)
    sign_in(sso_tenant, "admin", PASSWORD, now)
    sso_settings.set_enforced(sso_tenant, CERTS, True, actor=OPERATOR, now=now)
    tenant = tenants.by_slug(sso_tenant.slug)
    assert refusal(tenant, "anna", PASSWORD, now) == Reason.SSO_ENFORCED
    assert refusal(tenant, "admin", PASSWORD, now) == Reason.SSO_ENFORCED
    assert refusal(tenant, "anna", "wrong", now) == Reason.PASSWORD_WRONG


def test_an_emergency_administrator_gets_in_with_a_reason(
    sso_tenant: Tenant, now: datetime
) -> None:
    """The emergency sign-in is for the named ones, and its reason is in the audit trail."""
    make_administrator(sso_tenant, now=now)
    make_administrator(sso_tenant, "other", now=now, is_emergency=False)

    def emergency(username: str, reason: str) -> str:
        return password_sign_in.sign_in_in_emergency(
            sso_tenant,
            username=username,
            password=PASSWORD,
            reason=reason,
            client=CLIENT,
            now=now,
        ).session_token

    with pytest.raises(Invalid):
        emergency("admin", "   ")
    with pytest.raises(SignInRefused) as refused:
        emergency("other", "the IdP is down")
    assert refused.value.reason == Reason.NOT_EMERGENCY
    assert sessions.find(sso_tenant, emergency("admin", "the IdP is down"), now=now) is not None
    with reading() as session:
        event = session.execute(
            select(AuditEvent).where(AuditEvent.action == "session.started-in-emergency")
        ).scalar_one()
        assert event.reason == "the IdP is down"
        assert event.actor_label == "admin"


def test_no_attempt_holds_the_password(tenant: Tenant, now: datetime) -> None:
    """What was typed as a password is in no row of the log."""
    make_person(tenant, now=now, username="anna", password=PASSWORD)
    refusal(tenant, "anna", "typed-by-mistake", now)
    sign_in(tenant, "anna", PASSWORD, now)
    with reading() as session:
        for attempt in session.execute(select(SignInAttempt)).scalars():
            written = str(vars(attempt))
            assert "typed-by-mistake" not in written
            assert PASSWORD not in written
