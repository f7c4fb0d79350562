"""Readiness over a real database: each account's own sign-in, and what several hold."""

from datetime import datetime
from io import BytesIO

import pytest

from app.domain.identifiers import Identifier
from app.domain.matching import Match
from app.domain.readiness import Outcome, Result
from app.models import Account
from app.services import readiness
from app.services.audit import OPERATOR
from app.services.match_check import check
from app.services.people_import import import_people
from app.services.tenants import Tenant
from app.services.transactions import writing
from tests.factories import make_person, make_tenant


@pytest.fixture
def company(tenant: Tenant, now: datetime) -> Tenant:
    """A tenant with one account for each thing that can come of an e-mail address."""
    make_person(tenant, "Anna Larsen", now=now, username="anna", email="Anna@x.example")
    make_person(tenant, "Bo Berg", now=now, username="bo", email="bo@x.example", is_enabled=False)
    make_person(tenant, "Cy Dahl", now=now, username="cy", number="0007")
    for name in ("Di", "Ed"):
        make_person(
            tenant,
            f"{name} Desk",
            now=now,
            username=name.lower(),
            email="desk@x.example",
            email_is_shared=True,
        )
    make_person(tenant, "Flo Gray", now=now, username="flo", email="flo@x.example")
    gus = make_person(tenant, "Gus Hart", now=now, username="gus", sso_id="GH")
    make_person(tenant, "Hal Ito", now=now, email="hal@x.example")
    with writing() as session:
        # An administrator confirmed it in the pages: Flo's address is Gus's SSO ID now.
        account = session.get_one(Account, gus.account_id)
        account.sso_id = account.sso_id_key = account.sso_id_folded = "flo@x.example"
    other = make_tenant("contoso", base_url="https://contoso.example", now=now)
    make_person(other, "Ida Jay", now=now, username="desk@x.example", number="0007")
    return tenant


def told(results: list[Result]) -> dict[str, tuple[str, str | None, list[str]]]:
    return {
        (result.owner.account.username if result.owner is not None else result.name_id or ""): (
            result.outcome.value,
            result.rule.value if result.rule is not None else None,
            [account.username for account in result.found],
        )
        for result in results
    }


def test_every_account(company: Tenant) -> None:
    """S2.46, S2.2: every account is told with its outcome, no person without one is."""
    results = list(readiness.of_accounts(company, Identifier.PRIMARY_EMAIL))
    assert told(results) == {
        "anna": ("signs-in", "primary-email", ["anna"]),
        "bo": ("disabled", "primary-email", ["bo"]),
        "cy": ("no-value", None, []),
        "di": ("ambiguous", "primary-email", ["di", "ed"]),
        "ed": ("ambiguous", "primary-email", ["di", "ed"]),
        "flo": ("somebody-else", "sso-id", ["gus"]),
        "gus": ("no-value", None, []),
    }
    assert [result.name_id for result in results][:2] == ["Anna@x.example", "bo@x.example"]
    assert readiness.account_count(company) == len(results)


@pytest.mark.parametrize(
    ("sent", "signs_in"),
    [
        (Identifier.SSO_ID, ["gus"]),
        (Identifier.PRIMARY_EMAIL, ["anna"]),
        (Identifier.USERNAME, ["anna", "cy", "di", "ed", "flo", "gus"]),
        (Identifier.EMPLOYEE_NUMBER, ["cy"]),
    ],
)
def test_each_identifier(company: Tenant, sent: Identifier, signs_in: list[str]) -> None:
    """Whichever identifier IdPs send, it is tried as the account spells it."""
    results = told(list(readiness.of_accounts(company, sent)))
    assert [name for name, (outcome, *_) in results.items() if outcome == "signs-in"] == signs_in


@pytest.mark.parametrize("sent", Identifier)
def test_it_says_what_a_sign_in_would(company: Tenant, sent: Identifier) -> None:
    """Each result is what the match check says of that NameID alone."""
    for result in readiness.of_accounts(company, sent):
        if result.name_id is None:
            continue
        match = check(company, result.name_id)
        assert set(match.trace[-1].hits) == set(result.found)
        assert result.rule is match.rule
        assert (result.outcome is Outcome.SIGNS_IN) <= isinstance(match, Match)


def test_a_list_of_name_ids(company: Tenant) -> None:
    """Of a list it is told whom each NameID finds, and which enabled accounts none does."""
    name_ids = ["ANNA@x.example", "bo", "nobody", "desk@x.example", "0007", "a\0b", "x" * 3000]
    results = list(readiness.of_name_ids(company, name_ids))
    assert told(results[:5]) == {
        "ANNA@x.example": ("signs-in", "primary-email", ["anna"]),
        "bo": ("disabled", "username", ["bo"]),
        "nobody": ("nobody", None, []),
        "desk@x.example": ("ambiguous", "primary-email", ["di", "ed"]),
        "0007": ("signs-in", "employee-number", ["cy"]),
    }
    assert [result.outcome for result in results[5:7]] == [Outcome.NOBODY] * 2
    assert told(results[7:]) == {
        name: ("unreached", None, []) for name in ("di", "ed", "flo", "gus")
    }


def test_overlapping(company: Tenant) -> None:
    """What several accounts of the tenant hold is told with who holds it under which rule."""
    found = list(readiness.overlapping(company))
    assert [
        (
            each.name_id,
            isinstance(each.match, Match),
            [(rule.value, account.username) for rule, account in each.holders],
        )
        for each in found
    ] == [
        ("desk@x.example", False, [("primary-email", "di"), ("primary-email", "ed")]),
        ("flo@x.example", True, [("sso-id", "gus"), ("primary-email", "flo")]),
    ]


def test_a_report(company: Tenant) -> None:
    """A page gets counts over everything, and the first few of what needs a look."""
    report = readiness.report(company, Identifier.PRIMARY_EMAIL, keep=1)
    assert report.counts.total == 7
    assert report.counts.by_outcome[Outcome.AMBIGUOUS] == 2
    assert report.counts.by_rule[Identifier.PRIMARY_EMAIL] == 1
    assert report.counts.locked_out == 5
    assert [len(results) for results in report.first.values()] == [1, 1, 1, 1]
    assert report.overlap_count == 2
    assert [overlap.name_id for overlap in report.first_overlaps] == ["desk@x.example"]


def test_more_than_is_tried_at_once(tenant: Tenant, now: datetime) -> None:
    """Everybody is told of once, however many there are."""
    count = 1203
    lines = ["givenName,familyName,primaryEmail,username,isEnabled,sharedEmail"]
    lines += [f"A,B,u{n % 600}@x.example,u{n},true,true" for n in range(count)]
    import_people(
        tenant, BytesIO("\n".join(lines).encode()), file_name="x", actor=OPERATOR, now=now
    )
    results = list(readiness.of_accounts(tenant, Identifier.PRIMARY_EMAIL))
    assert len({result.owner.account.account_id for result in results if result.owner}) == count
    assert {result.outcome for result in results} == {Outcome.AMBIGUOUS}
    assert len(list(readiness.overlapping(tenant))) == 600
    listed = list(readiness.of_name_ids(tenant, (f"u{n}" for n in range(count))))
    assert [result.outcome for result in listed] == [Outcome.SIGNS_IN] * count
