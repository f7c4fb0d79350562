"""The audit trail: with its change or not at all, and no row changed behind its back."""

import threading
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import update

from app.models import AuditEvent
from app.services import accounts, audit
from app.services.audit import OPERATOR
from app.services.tenants import Tenant
from app.services.transactions import reading, writing
from tests.factories import make_person


def report(tenant: Tenant) -> audit.ChainReport:
    with reading() as session:
        return audit.verify(session, tenant.id)


def note(tenant: Tenant, text: str, now: datetime) -> None:
    with writing() as session:
        audit.record(
            session, tenant.id, OPERATOR, "test.noted", "test", None, now=now, after={"é": text}
        )


def test_the_chain_of_real_changes_holds(tenant: Tenant, now: datetime) -> None:
    """I9: each change has its event, and each event fits the one before it."""
    someone = make_person(tenant, now=now, username="anna")
    assert someone.account_id is not None
    before = report(tenant)
    accounts.set_enabled(tenant, someone.account_id, False, actor=OPERATOR, now=now)
    accounts.set_enabled(tenant, someone.account_id, False, actor=OPERATOR, now=now)
    after = report(tenant)
    assert (after.events, after.broken_at) == (before.events + 1, None)


@pytest.mark.parametrize("column", ["actor_label", "action", "after", "reason", "at"])
def test_a_changed_event_is_found(tenant: Tenant, now: datetime, column: str) -> None:
    """Whatever is altered in the table afterwards, `verify` names the event."""
    for text in ("one", "two", "three"):
        note(tenant, text, now)
    altered = report(tenant).events - 1
    value = {"after": {"é": "else"}, "at": now.replace(year=2001)}.get(column, "else")
    with writing() as session:
        session.execute(
            update(AuditEvent).where(AuditEvent.sequence == altered).values({column: value})
        )
    assert report(tenant).broken_at == altered


def test_a_removed_event_is_found(tenant: Tenant, now: datetime) -> None:
    """The last event cannot be cut off either: the head knows how long the chain is."""
    for text in ("one", "two"):
        note(tenant, text, now)
    last = report(tenant).events
    with writing() as session:
        session.delete(session.get_one(AuditEvent, (tenant.id, last)))
    assert report(tenant).broken_at == last


def test_an_event_goes_when_its_change_goes(tenant: Tenant, now: datetime) -> None:
    """A transaction that fails after the event was written leaves neither."""
    events = report(tenant).events
    with pytest.raises(RuntimeError), writing() as session:
        audit.record(session, tenant.id, OPERATOR, "test.noted", "test", None, now=now)
        raise RuntimeError
    assert report(tenant) == audit.ChainReport(events, None)


def test_parallel_writers_make_one_chain(app: Flask, tenant: Tenant, now: datetime) -> None:
    """Writers of one tenant queue at the head: no sequence number is used twice."""
    events = report(tenant).events

    def write() -> None:
        with app.app_context():
            for text in "abcde":
                note(tenant, text, now)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert report(tenant) == audit.ChainReport(events + 20, None)
