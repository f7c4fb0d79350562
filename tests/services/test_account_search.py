"""People are listed and found alike on both databases, by looking at indexes alone."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.services import account_search, sign_in_attempts
from app.services.account_search import LastSignIn, State
from app.services.clients import Client
from app.services.sign_in_attempts import Outcome
from app.services.tenants import Tenant
from app.services.transactions import reading, writing
from tests.factories import make_person

CLIENT = Client("203.0.113.7", "a browser")


def names(found: account_search.People) -> list[str]:
    return [row.display_name for row in found.rows]


def test_the_list_goes_on_after_any_of_its_people(tenant: Tenant, now: datetime) -> None:
    """Pages of any size join up to one list by family name, accents aside."""
    for name in ("Zoë Ängström", "Ada Zander", "Bo Åberg", "Åsa Berg", "Bo Berg", "bo berg"):
        make_person(tenant, name, now=now)
    everybody = names(account_search.browse(tenant))
    assert everybody[0] == "Bo Åberg" and everybody[1] == "Zoë Ängström"
    assert everybody[-1] == "Ada Zander"
    for size in (1, 2, 4, 6):
        seen: list[str] = []
        after = None
        while True:
            page = account_search.browse(tenant, after=after, size=size)
            seen += names(page)
            if not page.is_cut:
                break
            after = page.rows[-1].person_id
        assert seen == everybody


def test_states_are_told_apart_by_the_thousand(
    tenant: Tenant, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a state is rare or common, the same people are listed in the same order."""
    for number in range(12):
        make_person(
            tenant,
            f"Given Family{number:02d}",
            now=now,
            username=f"u{number}" if number % 4 else None,
            is_enabled=number % 3 != 0,
        )
    expected = {
        State.WITHOUT_ACCOUNT: [0, 4, 8],
        State.DISABLED: [3, 6, 9],
        State.ENABLED: [1, 2, 5, 7, 10, 11],
    }
    for few in (10_000, 2):
        monkeypatch.setattr(account_search, "_FEW", few)
        for state, numbers in expected.items():
            first = account_search.browse(tenant, state=state, size=2)
            rest = account_search.browse(tenant, state=state, after=first.rows[-1].person_id)
            found = [*names(first), *names(rest)]
            assert found == [f"Given Family{number:02d}" for number in numbers]
            assert {row.state for row in (*first.rows, *rest.rows)} == {state}


def test_a_search_with_a_filter_says_when_it_did_not_look_at_all(
    tenant: Tenant, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only so many that begin alike are looked at; then the answer says that there are more."""
    monkeypatch.setattr(account_search, "_LOOKED_AT", 3)
    for number in range(5):
        make_person(tenant, f"Anna Aa{number}", now=now, username=f"a{number}", is_enabled=False)
    found = account_search.search(tenant, "anna", state=State.ENABLED)
    assert (found.rows, found.is_cut) == ((), True)
    exact = account_search.search(tenant, "anna aa4", state=State.DISABLED)
    assert (names(exact), exact.is_cut) == (["Anna Aa4"], False)


def test_a_long_result_is_cut(tenant: Tenant, now: datetime) -> None:
    """At most so many are shown, whole identifiers first."""
    for number in range(6):
        make_person(tenant, f"Anna Aa{number}", now=now, username=f"anna{number}")
    make_person(tenant, "Zoe Zz", now=now, username="anna")
    found = account_search.search(tenant, "ANNA", most=3)
    assert names(found) == ["Zoe Zz", "Anna Aa0", "Anna Aa1"]
    assert found.is_cut


def test_the_last_sign_in_is_the_latest_that_was_accepted(tenant: Tenant, now: datetime) -> None:
    """With the rule that found the account; refusals since do not count."""
    someone = make_person(tenant, now=now, username="anna")

    def attempt(age: int, reason: str | None, rule: str | None) -> None:
        with writing() as session:
            outcome = Outcome("sso", reason, rule=rule, account_id=someone.account_id)
            at = now - timedelta(days=age)
            sign_in_attempts.record(session, tenant.id, outcome, CLIENT, now=at)

    attempt(1, "ACCOUNT_DISABLED", "username")
    assert account_search.browse(tenant).rows[0].last_sign_in is None
    attempt(3, None, "primary-email")
    attempt(2, None, "username")
    (row,) = account_search.browse(tenant).rows
    assert row.last_sign_in == LastSignIn(now - timedelta(days=2), "username")


def test_keys_are_compared_byte_by_byte(app: Flask) -> None:
    """Whatever a PostgreSQL server's locale, "begins with" is a range of the index."""
    with reading() as session:
        if session.get_bind().dialect.name != "postgresql":
            return
        columns = session.execute(
            text(
                "SELECT table_name, column_name, collation_name FROM information_schema.columns "
                "WHERE table_name IN ('people', 'accounts') "
                r"AND (column_name LIKE '%\_key' OR column_name LIKE '%\_folded')"
            )
        ).all()
    assert len(columns) == 10
    assert {collation for _, _, collation in columns} == {"C"}
