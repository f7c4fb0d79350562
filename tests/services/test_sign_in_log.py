"""The sign-in log is read alike on both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from app.services import emergencies, password_sign_in, sign_in_attempts, sign_in_log
from app.services.clients import Client
from app.services.errors import NotFound
from app.services.sign_in_attempts import Outcome
from app.services.sign_in_log import LogFilter, UnknownName
from app.services.tenants import Tenant
from app.services.transactions import writing
from tests.factories import make_administrator, make_tenant

CLIENT = Client("203.0.113.7", "a browser")


def record(tenant: Tenant, at: datetime, outcome: Outcome) -> str:
    with writing() as session:
        return sign_in_attempts.record(session, tenant.id, outcome, CLIENT, now=at)


def unknown(name_id: str) -> Outcome:
    return Outcome("sso", "NO_MATCH", name_id=name_id)


def test_pages_join_up_also_within_one_instant(tenant: Tenant, now: datetime) -> None:
    """What happened at the same microsecond is neither lost nor listed twice."""
    made = {record(tenant, now, unknown("a")) for _ in range(5)}
    made |= {record(tenant, now - timedelta(microseconds=1), unknown("a")) for _ in range(5)}
    seen: list[str] = []
    before = None
    while True:
        page = sign_in_log.page(tenant, LogFilter(), before=before, size=3)
        seen += [entry.reference for entry in page.entries]
        if not page.is_cut:
            break
        before = page.entries[-1].reference
    assert len(seen) == 10
    assert set(seen) == made


def test_the_first_day_and_the_last_one_can_be_asked_for(tenant: Tenant, now: datetime) -> None:
    """The ends of the calendar are instants like others."""
    record(tenant, now, unknown("a"))
    ever = LogFilter(since=datetime(1, 1, 1, tzinfo=UTC), until=datetime(9999, 12, 31, tzinfo=UTC))
    assert len(sign_in_log.page(tenant, ever).entries) == 1


def test_attempts_are_counted_by_reason(tenant: Tenant, now: datetime) -> None:
    """The accepted ones under None; what is older than asked for does not count."""
    for age, outcome in [
        (1, unknown("a")),
        (2, unknown("b")),
        (3, Outcome("sso", None)),
        (30, unknown("a")),
    ]:
        record(tenant, now - timedelta(hours=age), outcome)
    since = now - timedelta(hours=24)
    assert sign_in_log.counts(tenant, since=since) == {"NO_MATCH": 2, None: 1}


def test_names_without_a_match_are_ranked(tenant: Tenant, now: datetime) -> None:
    """The most frequent first, then the latest; other refusals' names are not among them."""
    for age, name_id in [(1, "a"), (2, "b"), (3, "b"), (4, "c"), (90, "a")]:
        record(tenant, now - timedelta(hours=age), unknown(name_id))
    record(tenant, now, Outcome("sso", "AMBIGUOUS", name_id="d"))
    found = sign_in_log.unknown_names(tenant, since=now - timedelta(hours=24), most=2)
    assert found == (
        UnknownName("b", 2, now - timedelta(hours=2)),
        UnknownName("a", 1, now - timedelta(hours=1)),
    )


def test_a_long_name_id_is_kept_and_found(tenant: Tenant, now: datetime) -> None:
    """Whatever an IdP sends fits the index; what is cut still says how it begins."""
    name_id = "\N{GRINNING FACE}" * 2000
    reference = record(tenant, now, unknown(name_id))
    entry = sign_in_log.find(tenant, reference).entry
    assert entry.name_id == name_id[:512]
    assert sign_in_log.page(tenant, LogFilter(user=entry.name_id)).entries == (entry,)


def test_an_attempt_is_of_one_tenant(tenant: Tenant, now: datetime) -> None:
    """Another tenant's reference finds nothing."""
    other = make_tenant("southwind", base_url="https://southwind.example", now=now)
    reference = record(other, now, unknown("a"))
    with pytest.raises(NotFound):
        sign_in_log.find(tenant, reference)
    assert sign_in_log.page(tenant, LogFilter(user="a")).entries == ()


def test_emergency_sign_ins_are_announced_for_three_days(tenant: Tenant, now: datetime) -> None:
    """The latest first, five at most, of this tenant alone; an ordinary sign-in is not told of."""
    account_id = make_administrator(tenant, now=now)
    for age in (80, 71, 5):
        password_sign_in.sign_in_in_emergency(
            tenant,
            username="admin",
            password="a long password",
            reason=f"down for {age} hours",
            client=CLIENT,
            now=now - timedelta(hours=age),
        )
    password_sign_in.sign_in(
        tenant,
        username="admin",
        password="a long password",
        return_path=None,
        client=CLIENT,
        now=now,
    )
    announced = emergencies.recent(tenant, now=now)
    assert [each.reason for each in announced] == ["down for 5 hours", "down for 71 hours"]
    assert {(each.account_id, each.username) for each in announced} == {(account_id, "admin")}
    other = make_tenant("southwind", base_url="https://southwind.example", now=now)
    assert emergencies.recent(other, now=now) == ()
