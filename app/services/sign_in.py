"""The conductor of a sign-in through the identity provider: begin, receive, complete.

`begin` remembers a pending sign-in and says where the browser goes. `receive` takes what the
IdP posted: verified, its request used up, its ID in the ledger, all committed before anybody
is matched. `complete` takes the one-time ticket in the browser that began, finds the account
and starts the session. Each step returns to the caller; none calls another. A refusal rises
as SignInRefused when its attempt is in the log.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

import saml.authn_request as authn_request
from app.domain.matching import Match, match_account
from app.domain.refusals import Reason, SignInRefused
from app.domain.return_paths import local_path
from app.services import (
    assertion_ledger,
    audit,
    identity_providers,
    pending_sign_ins,
    service_provider,
    sessions,
    sign_in_attempts,
)
from app.services.clients import Client
from app.services.directory import SqlDirectory
from app.services.sign_in_attempts import Outcome
from app.services.tenants import Tenant
from app.services.tokens import new_token
from app.services.transactions import writing_core
from saml import response
from saml.assertion import Assertion, NameID
from saml.errors import KeyUnusable, ResponseRejected

METHOD = "sso"

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
    try:
        message = authn_request.start(
            service_provider.of_tenant(tenant, certs),
            chosen.idp,
            request_id=request_id,
            relay_state=relay_state,
            now=now,
            force_authn=force_authn,
            is_passive=is_passive,
        )
    except KeyUnusable as error:
        outcome = Outcome(METHOD, Reason.NO_IDP, str(error), idp_entity_id=chosen.idp.entity_id)
        raise refused(tenant, outcome, client, now=now) from None
    with writing_core() as connection:
        if secrets.randbelow(_SWEEP_ONE_IN) == 0:
            pending_sign_ins.sweep(connection, now=now)
            assertion_ledger.sweep(connection, now=now)
        pending_sign_ins.add(
            connection,
            tenant.id,
            relay_state=relay_state,
            request_id=request_id,
            identity_provider_id=chosen.id,
            return_path=return_path,
            browser=browser,
            now=now,
        )
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
        taken = pending_sign_ins.take(connection, tenant.id, ticket, now=now)
        found = _matched(connection, tenant, taken, browser)
        reference = sign_in_attempts.record(connection, tenant.id, found, client, now=now)
        if taken is not None and found.reason is None:
            token = _start_session(connection, tenant, found, client, now, replaces)
            return Completed(token, taken.return_path)
    raise SignInRefused(found.reason or "", found.detail, reference)


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
    if verified.in_response_to is None:
        if idp.policy.unsolicited == "restart":
            return Restart(local_path(relay_state), idp.entity_id)
        assertion = verified.accept(None)
        with writing_core() as connection:
            _use_up(connection, tenant, assertion, now)
            ticket = pending_sign_ins.add_unsolicited(
                connection,
                tenant.id,
                identity_provider_id=configured[idp.entity_id].id,
                return_path=relay_state,
                assertion=sign_in_attempts.assertion_as_data(assertion),
                now=now,
            )
        return Received(ticket)

    request_id = verified.in_response_to
    assertion = verified.accept(request_id)
    data = sign_in_attempts.assertion_as_data(assertion)
    with writing_core() as connection:
        answered = pending_sign_ins.answer(connection, tenant.id, request_id, data, now=now)
        if answered is None:
            raise _Refusal(_why_not_pending(connection, tenant, assertion, request_id))
        sent, ticket = answered
        if sent.identity_provider_id != configured[idp.entity_id].id:
            raise _Refusal(
                _outcome(assertion, Reason.UNKNOWN_REQUEST, "the request went to another IdP")
            )
        # Some IdPs lose the RelayState; one that sends another's has mixed two people up.
        if relay_state and relay_state != sent.relay_state:
            raise _Refusal(_outcome(assertion, Reason.RELAY_STATE, "RelayState of another request"))
        _use_up(connection, tenant, assertion, now)
    return Received(ticket)


def _use_up(connection: Connection, tenant: Tenant, assertion: Assertion, now: datetime) -> None:
    try:
        assertion_ledger.use_up(connection, tenant.id, assertion, now=now)
    except assertion_ledger.AssertionUsed:
        raise _Refusal(
            _outcome(assertion, Reason.ALREADY_USED, f"Assertion {assertion.id}")
        ) from None


def _why_not_pending(
    connection: Connection, tenant: Tenant, assertion: Assertion, request_id: str
) -> Outcome:
    answered_at = pending_sign_ins.answered_at(connection, tenant.id, request_id)
    if answered_at is not None:
        return _outcome(assertion, Reason.ALREADY_USED, f"answered at {answered_at.isoformat()}")
    return _outcome(assertion, Reason.UNKNOWN_REQUEST, f"InResponseTo {request_id!r}")


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
    connection: Connection,
    tenant: Tenant,
    taken: pending_sign_ins.Ticket | None,
    browser: str | None,
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
    if not taken.belongs_to(browser):
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
