"""The conductor of a sign-in through the identity provider: begin, receive, complete.

`begin` remembers a pending sign-in and says where the browser goes. `receive` takes what the
IdP posted: verified, its request used up, its ID in the ledger, all committed before anybody
is matched. `complete` takes the one-time ticket in the browser that began, finds the account
and starts the session. Each step returns to the caller; none calls another. A refusal rises
as SignInRefused when its attempt is in the log.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

import saml.authn_request as authn_request
from app.domain.matching import Match, match_account
from app.domain.refusals import Reason, SignInRefused
from app.domain.return_paths import HOME, local_path
from app.models import PendingSignIn
from app.services import (
    assertion_ledger,
    audit,
    identity_providers,
    service_provider,
    sessions,
    sign_in_attempts,
)
from app.services.clients import Client
from app.services.directory import SqlDirectory
from app.services.prepared import Prepared
from app.services.sign_in_attempts import Outcome
from app.services.tenants import Tenant
from app.services.tokens import hash_token, new_token
from app.services.transactions import writing_core
from saml import response
from saml.assertion import Assertion, NameID
from saml.errors import ResponseRejected

PENDING_FOR = timedelta(minutes=10)
TICKET_FOR = timedelta(seconds=60)
METHOD = "sso"

_PENDING = PendingSignIn.__table__
#: What a pending sign-in gets when its Response has come.
_ANSWER = ("received_at", "ticket_hash", "ticket_expires_at", "assertion")
#: One in so many sign-ins sweeps away what has expired, so that nothing else has to.
_SWEEP_ONE_IN = 128


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes with its AuthnRequest, and the value its cookie has to hold."""

    message: authn_request.Redirect | authn_request.PostForm
    browser: str


@dataclass(frozen=True, slots=True)
class Received:
    """The Response was accepted; this ticket completes the sign-in once, within 60 s."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Restart:
    """The Response was unsolicited: nothing was used up, sign-in starts over with this IdP."""

    return_path: str | None
    idp_entity_id: str


@dataclass(frozen=True, slots=True)
class Completed:
    """Somebody is in: the token for the session cookie, and the page to go on with."""

    session_token: str
    return_path: str


def begin(
    tenant: Tenant,
    certs: Path,
    *,
    return_path: str | None,
    browser: str | None,
    idp_entity_id: str | None = None,
    force_authn: bool = False,
    is_passive: bool = False,
    client: Client,
    now: datetime,
) -> Begun:
    """Remember a pending sign-in and build its AuthnRequest.

    `return_path` is dropped unless it is a path on this site. `browser` is the value of the
    cookie that binds a sign-in to its browser, kept where there is one, so that several tabs
    may be under way. Raises SignInRefused: SSO_OFF, NO_IDP.
    """
    configured = identity_providers.of_tenant(tenant)
    if not tenant.sso_enabled:
        raise refused(tenant, Outcome(METHOD, Reason.SSO_OFF), client, now=now)
    chosen = configured.get(idp_entity_id or "") or next(iter(configured.values()), None)
    if chosen is None or (idp_entity_id and idp_entity_id not in configured):
        outcome = Outcome(METHOD, Reason.NO_IDP, f"asked for {idp_entity_id!r}")
        raise refused(tenant, outcome, client, now=now)
    browser = browser or new_token()
    relay_state, request_id = new_token(), authn_request.new_id()
    message = authn_request.start(
        service_provider.of_tenant(tenant, certs),
        chosen.idp,
        request_id=request_id,
        relay_state=relay_state,
        now=now,
        force_authn=force_authn,
        is_passive=is_passive,
    )
    with writing_core() as connection:
        if secrets.randbelow(_SWEEP_ONE_IN) == 0:
            _sweep(connection, now)
        row = _pending_row(tenant, relay_state, chosen.id, return_path, now)
        row |= {"request_id": request_id, "browser_hash": hash_token(browser)}
        _BEGIN.execute(connection, row)
    return Begun(message, browser)


def receive(
    tenant: Tenant,
    certs: Path,
    *,
    saml_response: str,
    relay_state: str,
    client: Client,
    now: datetime,
) -> Received | Restart:
    """Verify what an IdP posted to the ACS, and use it up.

    Raises SignInRefused with the reason of the SAML reader, or SSO_OFF, NO_IDP,
    UNKNOWN_REQUEST, ALREADY_USED, RELAY_STATE.
    """
    try:
        return _receive(tenant, certs, saml_response, relay_state, now)
    except ResponseRejected as rejected:
        outcome = Outcome(METHOD, rejected.reason.value, rejected.detail)
        raise refused(tenant, outcome, client, now=now) from None
    except _Refusal as refusal:
        raise refused(tenant, refusal.outcome, client, now=now) from None


def complete(
    tenant: Tenant,
    *,
    ticket: str,
    browser: str | None,
    client: Client,
    now: datetime,
    replaces: str | None = None,
) -> Completed:
    """Use the ticket up, find the account and start the session, in one transaction.

    `browser` is the binding cookie's value, `replaces` the session cookie's. Raises
    SignInRefused: TICKET_UNKNOWN, OTHER_BROWSER, SSO_OFF, NO_MATCH, AMBIGUOUS,
    ACCOUNT_DISABLED; the ticket is used up all the same.
    """
    with writing_core() as connection:
        wanted = {"tenant": tenant.id, "ticket": hash_token(ticket), "now": now}
        taken = [_Ticket(*row) for row in _TAKE_TICKET.rows(connection, wanted)]
        found = _matched(connection, tenant, taken[0] if taken else None, browser)
        reference = sign_in_attempts.record(connection, tenant.id, found, client, now=now)
        if found.reason is None:
            token = _start_session(connection, tenant, found, client, now, replaces)
            return Completed(token, taken[0].return_path)
    raise SignInRefused(found.reason, found.detail, reference)


def refused(tenant: Tenant, outcome: Outcome, client: Client, *, now: datetime) -> SignInRefused:
    """Record a refused attempt in a transaction of its own and return what to raise."""
    with writing_core() as connection:
        reference = sign_in_attempts.record(connection, tenant.id, outcome, client, now=now)
    return SignInRefused(outcome.reason or "", outcome.detail, reference)


class _Refusal(Exception):
    """Rolls back, then becomes an attempt and a SignInRefused."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


def _receive(
    tenant: Tenant, certs: Path, saml_response: str, relay_state: str, now: datetime
) -> Received | Restart:
    if not tenant.sso_enabled:
        raise _Refusal(Outcome(METHOD, Reason.SSO_OFF))
    configured = identity_providers.of_tenant(tenant)
    if not configured:
        raise _Refusal(Outcome(METHOD, Reason.NO_IDP))
    verified = response.read(
        saml_response,
        sp=service_provider.of_tenant(tenant, certs),
        identity_providers={entity_id: found.idp for entity_id, found in configured.items()},
        now=now,
    )
    idp = verified.identity_provider
    ticket = new_token()
    answer: dict[str, Any] = {
        "received_at": now,
        "ticket_hash": hash_token(ticket),
        "ticket_expires_at": now + TICKET_FOR,
    }
    if verified.in_response_to is None:
        if idp.policy.unsolicited == "restart":
            return Restart(local_path(relay_state), idp.entity_id)
        assertion = verified.accept(None)
        row = _pending_row(
            tenant, new_token(), configured[idp.entity_id].id, local_path(relay_state), now
        )
        with writing_core() as connection:
            _use_up(connection, tenant, assertion, now)
            row |= answer | {"assertion": sign_in_attempts.assertion_as_data(assertion)}
            _BEGIN.execute(connection, row)
        return Received(ticket)

    assertion = verified.accept(verified.in_response_to)
    answer["assertion"] = sign_in_attempts.assertion_as_data(assertion)
    wanted = {"tenant": tenant.id, "request": assertion.in_response_to, "now": now}
    wanted |= {f"set_{name}": value for name, value in answer.items()}
    with writing_core() as connection:
        taken = _TAKE_REQUEST.rows(connection, wanted)
        if not taken:
            raise _Refusal(_why_not_pending(connection, tenant, assertion))
        ((sent_relay_state, sent_to),) = taken
        if sent_to != configured[idp.entity_id].id:
            raise _Refusal(
                _outcome(assertion, Reason.UNKNOWN_REQUEST, "the request went to another IdP")
            )
        # Some IdPs lose the RelayState; one that sends another's has mixed two people up.
        if relay_state and not secrets.compare_digest(
            relay_state.encode(), sent_relay_state.encode()
        ):
            raise _Refusal(_outcome(assertion, Reason.RELAY_STATE, "RelayState of another request"))
        _use_up(connection, tenant, assertion, now)
    return Received(ticket)


_BEGIN = Prepared(insert(_PENDING))
_TAKE_REQUEST = Prepared(
    update(_PENDING)
    .where(
        _PENDING.c.tenant_id == bindparam("tenant"),
        _PENDING.c.request_id == bindparam("request"),
        _PENDING.c.expires_at > bindparam("now"),
        _PENDING.c.received_at.is_(None),
    )
    .values({name: bindparam(f"set_{name}") for name in _ANSWER})
    .returning(_PENDING.c.relay_state, _PENDING.c.identity_provider_id)
)
_TAKE_TICKET = Prepared(
    update(_PENDING)
    .where(
        _PENDING.c.tenant_id == bindparam("tenant"),
        _PENDING.c.ticket_hash == bindparam("ticket"),
        _PENDING.c.ticket_expires_at > bindparam("now"),
        _PENDING.c.completed_at.is_(None),
    )
    .values(completed_at=bindparam("now"))
    .returning(_PENDING.c.return_path, _PENDING.c.browser_hash, _PENDING.c.assertion)
)


@dataclass(frozen=True, slots=True)
class _Ticket:
    return_path: str
    browser_hash: str | None
    assertion: dict[str, Any]


def _pending_row(
    tenant: Tenant, relay_state: str, idp_id: str, return_path: str | None, now: datetime
) -> dict[str, Any]:
    return {
        "relay_state": relay_state,
        "tenant_id": tenant.id,
        "identity_provider_id": idp_id,
        "return_path": local_path(return_path) or HOME,
        "created_at": now,
        "expires_at": now + PENDING_FOR,
        "request_id": None,
        "browser_hash": None,
        "completed_at": None,
        **dict.fromkeys(_ANSWER),
    }


def _use_up(connection: Connection, tenant: Tenant, assertion: Assertion, now: datetime) -> None:
    try:
        assertion_ledger.use_up(connection, tenant.id, assertion, now=now)
    except assertion_ledger.AssertionUsed:
        raise _Refusal(
            _outcome(assertion, Reason.ALREADY_USED, f"Assertion {assertion.id}")
        ) from None


def _why_not_pending(connection: Connection, tenant: Tenant, assertion: Assertion) -> Outcome:
    received_at = connection.execute(
        select(_PENDING.c.received_at).where(
            _PENDING.c.tenant_id == tenant.id, _PENDING.c.request_id == assertion.in_response_to
        )
    ).scalar_one_or_none()
    if received_at is not None:
        return _outcome(assertion, Reason.ALREADY_USED, f"answered at {received_at.isoformat()}")
    return _outcome(assertion, Reason.UNKNOWN_REQUEST, f"InResponseTo {assertion.in_response_to!r}")


def _outcome(assertion: Assertion, reason: Reason, detail: str) -> Outcome:
    return Outcome(
        METHOD,
        reason,
        detail,
        name_id=assertion.name_id.value,
        name_id_format=assertion.name_id.format,
        idp_entity_id=assertion.issuer,
    )


def _matched(
    connection: Connection, tenant: Tenant, taken: _Ticket | None, browser: str | None
) -> Outcome:
    """Decide what becomes of a ticket: an account by a rule, or the reason against it."""
    if taken is None:
        return Outcome(METHOD, Reason.TICKET_UNKNOWN, "unknown, used up or older than 60 s")
    assertion = taken.assertion
    known = Outcome(
        METHOD,
        None,
        name_id=assertion["name_id"]["value"],
        name_id_format=assertion["name_id"]["format"],
        idp_entity_id=assertion["issuer"],
        assertion=assertion,
    )
    if taken.browser_hash is not None and (
        browser is None or not secrets.compare_digest(hash_token(browser), taken.browser_hash)
    ):
        return replace(
            known, reason=Reason.OTHER_BROWSER, detail="the browser that began is another one"
        )
    if not tenant.sso_enabled:
        return replace(known, reason=Reason.SSO_OFF, detail="switched off during the sign-in")
    result = match_account(assertion["name_id"]["value"], SqlDirectory(connection, tenant.id))
    if isinstance(result, Match):
        return replace(
            known,
            rule=result.rule.value,
            account_id=result.account.account_id,
            trace=result.trace,
        )
    disabled = result.reason is Reason.ACCOUNT_DISABLED
    return replace(
        known,
        reason=result.reason,
        rule=result.rule.value if result.rule is not None else None,
        account_id=result.trace[-1].hits[0].account_id if disabled else None,
        trace=result.trace,
    )


def _start_session(
    connection: Connection,
    tenant: Tenant,
    outcome: Outcome,
    client: Client,
    now: datetime,
    replaces: str | None,
) -> str:
    assertion = outcome.assertion
    assert outcome.account_id is not None and outcome.trace is not None and assertion is not None
    username = outcome.trace[-1].hits[0].username
    ends = assertion["session_not_on_or_after"]
    session_id, token = sessions.start(
        connection,
        tenant,
        outcome.account_id,
        sessions.SignedInBy(
            method=METHOD,
            rule=outcome.rule,
            idp_entity_id=outcome.idp_entity_id,
            name_id=NameID(**assertion["name_id"]),
            session_index=assertion["session_index"],
            not_on_or_after=datetime.fromisoformat(ends) if ends else None,
        ),
        client,
        now=now,
        replaces=replaces,
    )
    audit.record(
        connection,
        tenant.id,
        audit.Actor("account", outcome.account_id, username, "sign-in"),
        "session.started",
        "session",
        session_id,
        now=now,
        after={"method": METHOD, "rule": outcome.rule, "idp": outcome.idp_entity_id},
    )
    return token


def _sweep(connection: Connection, now: datetime) -> None:
    connection.execute(delete(_PENDING).where(_PENDING.c.expires_at < now - PENDING_FOR))
    assertion_ledger.sweep(connection, now=now)
