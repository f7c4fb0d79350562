"""The guard on writes over a real database, also when two write at once."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.matching import Match
from app.models import Account, Person
from app.services import accounts
from app.services.accounts import AccountData
from app.services.audit import OPERATOR
from app.services.errors import Conflict
from app.services.match_check import check
from app.services.tenants import Tenant
from app.services.transactions import reading, writing
from tests.factories import Someone, make_person

AT_ONCE = 6


def at_once(app: Flask, jobs: list[Callable[[], object]]) -> list[Exception | None]:
    """Run all jobs at the same moment, each in a thread; return what each raised."""
    raised: list[Exception | None] = [None] * len(jobs)
    ready = Barrier(len(jobs), timeout=30)

    def run(position: int, job: Callable[[], object]) -> None:
        with app.app_context():
            ready.wait()
            try:
                job()
            except Exception as error:
                raised[position] = error

    threads = [Thread(target=run, args=each) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return raised


def test_new_accounts_at_once(app: Flask, tenant: Tenant, now: datetime) -> None:
    """I1: of accounts made at one moment, none gets an address that another has for itself."""
    people = [
        make_person(tenant, f"Person {n}", now=now, email="desk@x", email_is_shared=n % 2 == 0)
        for n in range(AT_ONCE)
    ]

    def add(position: int) -> None:
        # No unique index stands between an address that is shared and the same that is not.
        with writing() as session:
            person = session.get_one(Person, people[position].person_id)
            accounts.add(session, person, AccountData(f"u{position}"), now=now)

    raised = at_once(app, [partial(add, n) for n in range(AT_ONCE)])
    assert {type(error) for error in raised} == {Conflict, type(None)}
    with reading() as session:
        shared = session.execute(select(Account.email_is_shared)).scalars().all()
    assert shared in ([False], [True] * (AT_ONCE // 2))


def test_two_sso_ids_at_once(app: Flask, tenant: Tenant, now: datetime) -> None:
    """I1: of several accounts that are given one SSO ID at the same moment, one gets it."""
    someone = [
        make_person(tenant, f"Person {n}", now=now, username=f"u{n}") for n in range(AT_ONCE)
    ]

    def give(one: Someone) -> None:
        assert one.account_id is not None
        accounts.set_sso_id(
            tenant, one.account_id, "SAME", confirmed="SAME", actor=OPERATOR, now=now
        )

    raised = at_once(app, [partial(give, one) for one in someone])
    assert [type(error) for error in raised if error is not None] == [Conflict] * (AT_ONCE - 1)
    assert isinstance(check(tenant, "SAME"), Match)


@pytest.mark.parametrize("sharing", [1, 2, 5])
def test_very_many_share_an_address(tenant: Tenant, now: datetime, sharing: int) -> None:
    """However many share an address, one who does not mark it as shared is refused."""
    for n in range(sharing):
        make_person(tenant, "A B", now=now, username=f"u{n}", email="desk@x", email_is_shared=True)
    with pytest.raises(Conflict) as refused:
        make_person(tenant, "C D", now=now, username="me", email="Desk@X")
    assert (refused.value.field, refused.value.rule) == ("primaryEmail", "primary-email")
    assert "u0" not in str(refused.value)
    make_person(tenant, "C D", now=now, username="me", email="Desk@X", email_is_shared=True)


def test_one_who_did_not_agree_to_share(tenant: Tenant, now: datetime) -> None:
    """I1: nobody is locked out by somebody else's marking of their address as shared."""
    make_person(tenant, "A B", now=now, username="u1", email="desk@x")
    with pytest.raises(Conflict):
        make_person(tenant, "C D", now=now, username="u2", email="desk@x", email_is_shared=True)
    assert isinstance(check(tenant, "desk@x"), Match)


def test_a_refused_account_leaves_nothing(tenant: Tenant, now: datetime) -> None:
    """A write that collides changes nothing, not even the person it was for."""
    make_person(tenant, "A B", now=now, username="u1", number="7")
    with pytest.raises(Conflict) as refused:
        make_person(tenant, "C D", now=now, username="7", email="cd@x")
    assert (refused.value.field, refused.value.rule) == ("username", "employee-number")
    with reading() as session:
        assert len(session.execute(select(Person)).all()) == 1
