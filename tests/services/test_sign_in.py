"""The conductor of a sign-in, on both databases: used once, by the browser that began."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.domain.refusals import Reason, SignInRefused
from app.models import AuditEvent, PendingSignIn, Session, SignInAttempt, UsedAssertion
from app.services import accounts, identity_providers, sessions, sign_in, sso_settings, tenants
from app.services.audit import OPERATOR
from app.services.clients import Client
from app.services.sign_in import Begun, Completed, Received, Restart
from app.services.tenants import Tenant
from app.services.transactions import reading
from saml.authn_request import Redirect
from tests.factories import make_person
from tests.idp.client import answer
from tests.idp.mock_idp import MockIdp
from tests.idp.reply import Addressee

CLIENT = Client("203.0.113.7", "a browser")


class Visit:
    """One employee's way through the three steps, at instants of the test's choosing."""

    def __init__(self, tenant: Tenant, certs: Path, idp: MockIdp) -> None:
        self.tenant, self.certs, self.idp = tenant, certs, idp

    def begin(self, now: datetime, **options: Any) -> Begun:
        defaults: dict[str, Any] = {"return_path": "/account?tab=2", "browser": None}
        return sign_in.begin(
            self.tenant, self.certs, client=CLIENT, now=now, **{**defaults, **options}
        )

    def form(self, begun: Begun, name_id: str, now: datetime, **knobs: Any) -> dict[str, str]:
        assert isinstance(begun.message, Redirect)
        return answer(self.idp, begun.message.url, name_id=name_id, now=now, **knobs)

    def receive(self, form: dict[str, str], now: datetime) -> Received | Restart:
        return sign_in.receive(
            self.tenant,
            self.certs,
            saml_response=form["SAMLResponse"],
            relay_state=form.get("RelayState", ""),
            client=CLIENT,
            now=now,
        )

    def ticket(self, name_id: str, now: datetime) -> tuple[str, str]:
        """A ticket for `name_id`, and the cookie value of the browser that began."""
        begun = self.begin(now)
        received = self.receive(self.form(begun, name_id, now), now)
        assert isinstance(received, Received)
        return received.ticket, begun.browser

    def complete(
        self, ticket: str, browser: str | None, now: datetime, replaces: str | None = None
    ) -> Completed:
        return sign_in.complete(
            self.tenant, ticket=ticket, browser=browser, client=CLIENT, now=now, replaces=replaces
        )


@pytest.fixture
def visit(sso_tenant: Tenant, tmp_path: Path, idp: MockIdp) -> Visit:
    return Visit(sso_tenant, tmp_path / "certs", idp)


@pytest.fixture
def anna(sso_tenant: Tenant, now: datetime) -> str:
    someone = make_person(sso_tenant, now=now, username="anna", email="anna@northwind.example")
    assert someone.account_id is not None
    return someone.account_id


def count(table: type[Any]) -> int:
    with reading() as session:
        return session.execute(select(func.count()).select_from(table)).scalar_one()


def refusal_of(step: Callable[[], object]) -> SignInRefused:
    with pytest.raises(SignInRefused) as raised:
        step()
    return raised.value


def test_a_sign_in_leaves_its_session_attempt_and_audit_event(
    visit: Visit, anna: str, now: datetime
) -> None:
    """What belongs to a sign-in is written together, and leads to the remembered page."""
    before = count(AuditEvent)
    ticket, browser = visit.ticket("anna", now)
    completed = visit.complete(ticket, browser, now)
    assert completed.return_path == "/account?tab=2"
    live = sessions.find(visit.tenant, completed.session_token, now=now)
    assert live is not None
    assert (live.account_id, live.method, live.rule) == (anna, "sso", "username")
    assert (count(Session), count(SignInAttempt), count(UsedAssertion)) == (1, 1, 1)
    assert count(AuditEvent) == before + 1


def test_a_response_is_used_once(visit: Visit, anna: str, now: datetime) -> None:
    """The same Response a second time is refused, also when the first was not completed."""
    form = visit.form(visit.begin(now), "anna", now)
    assert isinstance(visit.receive(form, now), Received)
    assert refusal_of(lambda: visit.receive(form, now)).reason == Reason.ALREADY_USED


def test_an_assertion_is_used_once_whatever_request_it_answers(
    visit: Visit, anna: str, now: datetime
) -> None:
    """An assertion ID that comes back in another Response is refused, and changes nothing."""
    visit.receive(visit.form(visit.begin(now), "anna", now, assertion_id="_the-same"), now)
    second = visit.begin(now)
    form = visit.form(second, "anna", now, assertion_id="_the-same")
    assert refusal_of(lambda: visit.receive(form, now)).reason == Reason.ALREADY_USED
    fresh = visit.form(second, "anna", now)
    assert isinstance(visit.receive(fresh, now), Received), "the request was not used up by it"


def test_a_refused_response_cannot_come_back_after_the_account_is_mended(
    visit: Visit, now: datetime
) -> None:
    """S2.28: request, assertion and ticket are used up before anybody is matched."""
    begun = visit.begin(now)
    form = visit.form(begun, "anna", now)
    received = visit.receive(form, now)
    assert isinstance(received, Received)
    complete = lambda: visit.complete(received.ticket, begun.browser, now)  # noqa: E731
    assert refusal_of(complete).reason == Reason.NO_MATCH
    make_person(visit.tenant, now=now, username="anna")
    assert refusal_of(complete).reason == Reason.TICKET_UNKNOWN
    assert refusal_of(lambda: visit.receive(form, now)).reason == Reason.ALREADY_USED
    assert count(Session) == 0


def test_two_workers_use_one_response_once(
    app: Flask, visit: Visit, anna: str, now: datetime
) -> None:
    """Of parallel posts of one Response exactly one gets a ticket."""
    form = visit.form(visit.begin(now), "anna", now)
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def post() -> None:
        with app.app_context():
            start.wait()
            try:
                visit.receive(form, now)
                outcomes.append("ticket")
            except SignInRefused as refused:
                outcomes.append(refused.reason)

    workers = [threading.Thread(target=post) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(outcomes) == ["ALREADY_USED"] * 3 + ["ticket"]


def test_another_browser_cannot_finish_a_sign_in(visit: Visit, anna: str, now: datetime) -> None:
    """No login CSRF: a ticket in a browser that did not begin is refused and used up."""
    ticket, browser = visit.ticket("anna", now)
    assert refusal_of(lambda: visit.complete(ticket, "x" * 43, now)).reason == Reason.OTHER_BROWSER
    assert refusal_of(lambda: visit.complete(ticket, browser, now)).reason == Reason.TICKET_UNKNOWN
    ticket, _ = visit.ticket("anna", now)
    assert refusal_of(lambda: visit.complete(ticket, None, now)).reason == Reason.OTHER_BROWSER


def test_several_tabs_may_be_under_way(visit: Visit, anna: str, now: datetime) -> None:
    """Two sign-ins of one browser end in any order; the cookie's value serves both."""
    first = visit.begin(now, return_path="/account?tab=first")
    second = visit.begin(now, return_path="/account?tab=second", browser=first.browser)
    assert second.browser == first.browser
    for begun, page in ((second, "second"), (first, "first")):
        received = visit.receive(visit.form(begun, "anna", now), now)
        assert isinstance(received, Received)
        completed = visit.complete(received.ticket, first.browser, now)
        assert completed.return_path == f"/account?tab={page}"


def test_requests_and_tickets_expire(visit: Visit, anna: str, now: datetime) -> None:
    """A request waits 10 minutes, a ticket 60 seconds."""
    begun, late = visit.begin(now), now + timedelta(minutes=10)
    form = visit.form(begun, "anna", late)
    assert refusal_of(lambda: visit.receive(form, late)).reason == Reason.UNKNOWN_REQUEST
    ticket, browser = visit.ticket("anna", now)
    late = now + timedelta(seconds=60)
    assert refusal_of(lambda: visit.complete(ticket, browser, late)).reason == "TICKET_UNKNOWN"


def test_a_new_sign_in_replaces_the_browsers_session(
    visit: Visit, anna: str, now: datetime
) -> None:
    """The session that the browser held ends where the new one begins."""
    old = visit.complete(*visit.ticket("anna", now), now)
    ticket, browser = visit.ticket("anna", now)
    new = visit.complete(ticket, browser, now, replaces=old.session_token)
    assert sessions.find(visit.tenant, old.session_token, now=now) is None
    assert sessions.find(visit.tenant, new.session_token, now=now) is not None


def test_session_not_on_or_after_caps_the_session(visit: Visit, anna: str, now: datetime) -> None:
    """The IdP's end of the session is ours at the latest."""
    begun, end = visit.begin(now), now + timedelta(minutes=7)
    received = visit.receive(visit.form(begun, "anna", now, session_not_on_or_after=end), now)
    assert isinstance(received, Received)
    token = visit.complete(received.ticket, begun.browser, now).session_token
    shortly_before, at_the_end = end - timedelta(seconds=2), end + timedelta(seconds=1)
    assert sessions.find(visit.tenant, token, now=shortly_before) is not None
    assert sessions.find(visit.tenant, token, now=at_the_end) is None


def test_a_relay_state_of_another_request_is_refused(
    visit: Visit, anna: str, now: datetime
) -> None:
    """RelayState may be lost on the way, but must not be somebody else's."""
    begun = visit.begin(now)
    form = visit.form(begun, "anna", now)
    swapped = {**form, "RelayState": "of-somebody-else"}
    assert refusal_of(lambda: visit.receive(swapped, now)).reason == Reason.RELAY_STATE
    assert isinstance(visit.receive({"SAMLResponse": form["SAMLResponse"]}, now), Received)


@pytest.mark.parametrize(
    ("policy", "outcome"), [("restart", Restart), ("accept", Received), ("refuse", "UNSOLICITED")]
)
def test_unsolicited_responses_are_treated_as_the_idps_setting_says(
    visit: Visit, anna: str, now: datetime, policy: str, outcome: Any
) -> None:
    """`restart` uses nothing up, `accept` signs in, `refuse` says so."""
    identity_providers.set_policy(
        visit.tenant,
        visit.idp.entity_id,
        {"unsolicited": policy},
        confirmed=["unsolicited"],
        actor=OPERATOR,
        now=now,
    )
    visit.tenant = tenants.by_slug(visit.tenant.slug)
    addressee = Addressee(visit.tenant.entity_id, visit.tenant.acs_url)
    form = {
        "SAMLResponse": visit.idp.respond(addressee, name_id="anna", now=now),
        "RelayState": "/account?from=portal",
    }
    if outcome == "UNSOLICITED":
        assert refusal_of(lambda: visit.receive(form, now)).reason == outcome
        return
    received = visit.receive(form, now)
    assert isinstance(received, outcome)
    if isinstance(received, Restart):
        assert received.return_path == "/account?from=portal"
        assert count(UsedAssertion) == count(PendingSignIn) == 0
    else:
        completed = visit.complete(received.ticket, None, now)
        assert completed.return_path == "/account?from=portal"
        assert refusal_of(lambda: visit.receive(form, now)).reason == Reason.ALREADY_USED


def test_a_disabled_account_is_refused_and_its_sessions_die(
    visit: Visit, anna: str, now: datetime
) -> None:
    """S2.19, S2.45, I10: disabling ends the sessions at once and the next sign-in is refused."""
    token = visit.complete(*visit.ticket("anna", now), now).session_token
    accounts.set_enabled(visit.tenant, anna, False, actor=OPERATOR, now=now)
    assert sessions.find(visit.tenant, token, now=now) is None
    ticket, browser = visit.ticket("anna", now)
    refused = refusal_of(lambda: visit.complete(ticket, browser, now))
    assert refused.reason == Reason.ACCOUNT_DISABLED
    accounts.set_enabled(visit.tenant, anna, True, actor=OPERATOR, now=now)
    assert sessions.find(visit.tenant, token, now=now) is None, "what has ended stays ended"
    visit.complete(*visit.ticket("anna", now), now)


def test_two_accounts_under_one_rule_are_refused(visit: Visit, now: datetime) -> None:
    """Two people who share an address are never told apart by guessing."""
    for username in ("desk.one", "desk.two"):
        make_person(
            visit.tenant,
            now=now,
            username=username,
            email="desk@northwind.example",
            email_is_shared=True,
        )
    ticket, browser = visit.ticket("desk@northwind.example", now)
    assert refusal_of(lambda: visit.complete(ticket, browser, now)).reason == Reason.AMBIGUOUS


def test_sso_turned_off_on_the_way_is_said(visit: Visit, anna: str, now: datetime) -> None:
    """Whoever is between IdP and session when SSO goes off is told so, at either step."""
    ticket, browser = visit.ticket("anna", now)
    begun = visit.begin(now)
    form = visit.form(begun, "anna", now)
    sso_settings.turn_off(visit.tenant, actor=OPERATOR, now=now)
    visit.tenant = tenants.by_slug(visit.tenant.slug)
    assert refusal_of(lambda: visit.complete(ticket, browser, now)).reason == Reason.SSO_OFF
    assert refusal_of(lambda: visit.receive(form, now)).reason == Reason.SSO_OFF
    assert refusal_of(lambda: visit.begin(now)).reason == Reason.SSO_OFF


def test_another_tenants_pending_request_answers_nothing_here(
    visit: Visit, anna: str, now: datetime, idp: MockIdp, tmp_path: Path
) -> None:
    """InResponseTo must name a request of this very tenant."""
    from tests.factories import make_tenant, set_up_idp

    other = make_tenant("contoso", base_url="https://contoso.example", now=now)
    other = set_up_idp(other, idp.metadata, tmp_path / "certs", now=now)
    elsewhere = Visit(other, tmp_path / "certs", idp)
    begun = elsewhere.begin(now)
    form = elsewhere.form(
        begun,
        "anna",
        now,
        destination=visit.tenant.acs_url,
        recipient=visit.tenant.acs_url,
        audiences=((visit.tenant.entity_id,),),
    )
    assert refusal_of(lambda: visit.receive(form, now)).reason == Reason.UNKNOWN_REQUEST


@pytest.mark.parametrize("table", ["sessions", "audit_events", "sign_in_attempts"])
def test_a_failure_at_any_write_of_the_completion_leaves_nothing(
    app: Flask, visit: Visit, anna: str, now: datetime, table: str
) -> None:
    """No session without its attempt and its audit event; the ticket can be tried again."""
    from app.models import db

    ticket, browser = visit.ticket("anna", now)
    counts = {row: count(row) for row in (Session, SignInAttempt, AuditEvent)}
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_away")
    with pytest.raises(Exception) as raised:
        visit.complete(ticket, browser, now)
    assert not isinstance(raised.value, SignInRefused)
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table}_away RENAME TO {table}")
    assert {row: count(row) for row in counts} == counts
    visit.complete(ticket, browser, now)


def test_what_has_expired_is_swept_away(visit: Visit, anna: str, now: datetime) -> None:
    """Pending sign-ins and ledger entries do not pile up: sign-ins themselves clear them."""
    visit.complete(*visit.ticket("anna", now), now)
    tomorrow = now + timedelta(days=1)
    for _ in range(2000):
        visit.begin(tomorrow)
        if count(UsedAssertion) == 0:
            break
    with reading() as session:
        oldest = session.execute(select(func.min(PendingSignIn.created_at))).scalar_one()
    assert count(UsedAssertion) == 0
    assert oldest >= tomorrow
