"""What PostgreSQL cannot store, and SQLite stores all the same: bad input on both."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from app.domain.refusals import SignInRefused
from app.models import AuditEvent, SignInAttempt
from app.services import password_sign_in, sessions, sign_in
from app.services.audit import OPERATOR
from app.services.clients import Client
from app.services.errors import Invalid, ServiceError
from app.services.tenants import Tenant
from app.services.transactions import reading, writing
from tests.factories import make_administrator, make_person

CERTS = Path("no-such-folder")
PASSWORD = "a long password"
ODD = ["\0", "a\0b", "\ud800", "x\udfffy", "\ufffe\uffff", "x" * 5000]


@pytest.mark.parametrize("odd", ODD, ids=ascii)
def test_no_value_that_a_stranger_sends_breaks_a_sign_in(
    sso_tenant: Tenant, now: datetime, odd: str
) -> None:
    """Every step refuses it in its own words, and the attempt is in the log."""
    make_person(sso_tenant, now=now, username="anna", password=PASSWORD)
    client = Client("203.0.113.7", "a browser")
    steps: list[Callable[[], object]] = [
        lambda: sign_in.begin(
            sso_tenant,
            CERTS,
            return_path=odd,
            browser=odd,
            idp_entity_id=odd,
            client=client,
            now=now,
        ),
        lambda: sign_in.receive(
            sso_tenant, CERTS, saml_response=odd, relay_state=odd, client=client, now=now
        ),
        lambda: sign_in.complete(
            sso_tenant, ticket=odd, browser=odd, client=client, now=now, replaces=odd
        ),
        lambda: password_sign_in.sign_in(
            sso_tenant,
            username=odd,
            password=odd,
            return_path=odd,
            client=client,
            now=now,
            replaces=odd,
        ),
        lambda: password_sign_in.sign_in(
            sso_tenant, username="anna", password=odd, return_path=None, client=client, now=now
        ),
    ]
    for step in steps:
        with pytest.raises(SignInRefused):
            step()
    with reading() as session:
        attempts = session.execute(select(SignInAttempt.detail, SignInAttempt.name_id)).all()
    assert len(attempts) == len(steps)
    assert "\0" not in str(attempts) and "\ud800" not in str(attempts)


@pytest.mark.parametrize("odd", ODD[:4], ids=ascii)
def test_an_emergencys_reason_is_kept_without_them(
    sso_tenant: Tenant, now: datetime, odd: str
) -> None:
    """The reason that all administrators read holds no control characters."""
    make_administrator(sso_tenant, now=now)
    password_sign_in.sign_in_in_emergency(
        sso_tenant,
        username="admin",
        password=PASSWORD,
        reason=f"the IdP\r\n{odd} is down",
        client=Client("203.0.113.7", "a browser"),
        now=now,
    )
    with reading() as session:
        (reason,) = session.execute(
            select(AuditEvent.reason).where(AuditEvent.reason.is_not(None))
        ).scalars()
    assert reason is not None
    kept = "".join(character for character in odd if character.isprintable())
    assert " ".join(reason.split()) == " ".join(f"the IdP {kept} is down".split())


@pytest.mark.parametrize("odd", ODD, ids=ascii)
def test_what_names_nothing_ends_no_session(tenant: Tenant, now: datetime, odd: str) -> None:
    """A session's ID from an address: there is no such session, or it cannot even be one."""
    someone = make_person(tenant, now=now, username="anna")
    assert someone.account_id is not None
    with pytest.raises(ServiceError):
        sessions.end(tenant, someone.account_id, odd, actor=OPERATOR, now=now)


def test_what_slips_through_is_bad_input_not_a_fault(tenant: Tenant, now: datetime) -> None:
    """A value that no service looked at, and that the database cannot take."""
    fields = ("actor_kind", "channel", "action", "object_kind", "previous_hash", "hash")
    event = AuditEvent(tenant_id=tenant.id, sequence=1000, at=now, actor_label="\ud800")
    for field in fields:
        setattr(event, field, "x")
    with pytest.raises(Invalid, match="cannot be stored"), writing() as session:
        session.add(event)
