"""A file of people goes in as a whole or not at all, on both databases."""

import io
from collections.abc import Iterable
from datetime import datetime

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.domain.matching import Match
from app.models import AuditEvent, Base, Membership, PermissionGroup, Person
from app.services import accounts, audit, people
from app.services.accounts import AccountData
from app.services.audit import OPERATOR
from app.services.errors import ServiceError
from app.services.match_check import check
from app.services.people import PersonData
from app.services.people_import import MOST_FAULTS, BadRows, Report, import_people
from app.services.tenants import Tenant
from app.services.transactions import reading, writing
from tests.factories import make_person, make_tenant

HEADER = (
    "employeeNumber,givenName,familyName,primaryEmail,username,ssoId,isEnabled,"
    "company,structureLevel,permissionGroups,sharedEmail"
)
#: More rows than are looked at together.
FILLERS = 1100


def load(tenant: Tenant, lines: Iterable[str], now: datetime, *, dry_run: bool = False) -> Report:
    """Import a file with these lines under the usual header."""
    data = "\n".join([HEADER, *lines]).encode()
    return import_people(
        tenant, io.BytesIO(data), file_name="staff.csv", dry_run=dry_run, actor=OPERATOR, now=now
    )


def refused(tenant: Tenant, lines: Iterable[str], now: datetime) -> list[str]:
    """The faults of an import that must be refused, and has changed nothing."""
    before = counts()
    with pytest.raises(BadRows) as bad:
        load(tenant, lines, now)
    assert counts() == before
    return list(bad.value.faults)


def counts() -> dict[str, int]:
    """How many rows each table has."""
    with reading() as session:
        return {
            name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in Base.metadata.tables.items()
        }


def filler(number: int) -> str:
    return f"F{number},Given,Family,f{number}@x.example,filler{number},,true,,,,"


def test_what_an_import_makes(tenant: Tenant, now: datetime) -> None:
    """S2.2, S2.43: accounts enabled or not, people without one, and what they belong to."""
    report = load(
        tenant,
        [
            "00042,Anna,Larsen,Anna@x.example,ALarsen,AL-77,true,Nord,Finance,Staff member,",
            "00043,Bo,Berg,bo@x.example,bberg,,false,Nord,Sales,System administrator;Staff member,",
            "00044,Cy,Dahl,cy@x.example,,,,,,,",
        ],
        now,
    )
    assert report == Report(
        people=3,
        accounts=2,
        enabled_accounts=1,
        system_administrators=1,
        companies=1,
        structure_levels=2,
    )
    anna = check(tenant, "AL-77")
    assert isinstance(anna, Match)
    view = accounts.find(tenant, anna.account.account_id)
    assert (view.display_name, view.username, view.primary_email) == (
        "Anna Larsen",
        "ALarsen",
        "Anna@x.example",
    )
    assert (view.employee_number, view.sso_id, view.groups) == ("00042", "AL-77", ("Staff member",))
    assert not view.has_password
    bo = check(tenant, "bo@x.example").trace[-1].hits[0]
    assert not bo.is_enabled
    assert accounts.find(tenant, bo.account_id).groups == ("Staff member", "System administrator")
    assert not isinstance(check(tenant, "cy@x.example"), Match)
    with reading() as session:
        cy = session.execute(select(Person).where(Person.given_name == "Cy")).scalar_one()
        assert (cy.number, cy.family_name, cy.employee_number) == (3, "Dahl", "00044")


def test_what_is_there_is_used(tenant: Tenant, now: datetime) -> None:
    """Companies and levels are made once, people are numbered on, in whatever order they come."""
    load(tenant, ["1,Anna,Larsen,,,,,Nord,Finance,,"], now)
    report = load(tenant, ["2,Bo,Berg,,,,,Nord,Sales,,", "3,Cy,Dahl,,,,,Süd,Finance,,"], now)
    assert (report.companies, report.structure_levels) == (1, 1)
    make_person(tenant, "Di Ek", now=now)
    with reading() as session:
        found = session.execute(select(Person.number).order_by(Person.number)).scalars().all()
    assert found == [1, 2, 3, 4]


def test_the_event(tenant: Tenant, now: datetime) -> None:
    """I9: one event tells of the import, with counts, and the chain holds."""
    load(tenant, ["1,Anna,Larsen,,anna,,true,Nord,,System administrator,"], now)
    with reading() as session:
        event = session.execute(
            select(AuditEvent).where(AuditEvent.action == "people.imported")
        ).scalar_one()
        assert (event.actor_kind, event.channel, event.tenant_id) == (
            "operator",
            "command-line",
            tenant.id,
        )
        assert event.after == {
            "file": "staff.csv",
            "people": 1,
            "accounts": 1,
            "enabledAccounts": 1,
            "systemAdministrators": 1,
            "companies": 1,
            "structureLevels": 0,
        }
        assert audit.verify(session, tenant.id).broken_at is None


def test_a_dry_run(tenant: Tenant, now: datetime) -> None:
    """A dry run says what an import would make, and keeps nothing."""
    lines = ["1,Anna,Larsen,,anna,,true,Nord,Finance,Staff member,", "2,Bo,Berg,,,,,,,,"]
    before = counts()
    would = load(tenant, lines, now, dry_run=True)
    assert counts() == before
    assert load(tenant, lines, now) == would
    assert refused(tenant, lines, now)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (",A,B,,anna,,,,,,", ",C,D,,ANNA,,,,,,", "username is {who}'s already"),
        (",A,B,a@x,u1,,,,,,", ",C,D,A@X,u2,,,,,,", "primaryEmail is {who}'s already"),
        (",A,B,,u1,S,,,,,", ",C,D,,u2,S,,,,,", "ssoId is {who}'s already"),
        ("7,A,B,,u1,,,,,,", "7,C,D,,u2,,,,,,", "employeeNumber is {who}'s already"),
        ("7,A,B,,,,,,,,", "7,C,D,,,,,,,,", "employeeNumber is {who}'s already"),
        ("7,A,B,,,,,,,,", "7,C,D,,u2,,,,,,", "employeeNumber is {who}'s already"),
        (",A,B,a@x,u1,,,,,,", ",C,D,,u2,a@x,,,,,", "ssoId would change whom a sign-in finds: "
            "{who} is found by it under the rule primary-email"),
        (",A,B,,a@x,,,,,,", ",C,D,a@x,u2,,,,,,", "under the rule username"),
        ("7,A,B,,u1,,,,,,", ",C,D,,7,,,,,,", "under the rule employee-number"),
        ("K,A,B,,u1,,,,,,", ",C,D,,k,,,,,,", "under the rule employee-number"),
        (",A,B,d@x,u1,,,,,,true", ",C,D,d@x,u2,,,,,,", "primaryEmail is {who}'s already"),
        (",A,B,d@x,u1,,,,,,", ",C,D,d@x,u2,,,,,,true", "which does not mark it as shared"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("distance", ["near", "far", "before"])
def test_collisions(
    tenant: Tenant, now: datetime, first: str, second: str, words: str, distance: str
) -> None:
    """I1: a row collides with what is there and with earlier rows, however far away they are."""
    if distance == "before":
        load(tenant, [first], now)
        (fault,) = refused(tenant, [second], now)
        who = "A B" if first.startswith("7") and second.startswith("7") else "the account "
        line = 2
    else:
        between = [filler(n) for n in range(FILLERS if distance == "far" else 0)]
        (fault,) = refused(tenant, [first, *between, second], now)
        who, line = "line 2", 3 + len(between)
    assert fault.startswith(f"line {line}: ")
    assert words.partition("{who}")[0] in fault
    assert who in fault or "{who}" not in words
    assert words.rpartition("{who}")[2] in fault


@pytest.mark.parametrize(
    "lines",
    [
        [",A,B,d@x,u1,,true,,,,true", ",C,D,D@X,u2,,true,,,,true", ",E,F,d@x,u3,,true,,,,true"],
        [",A,B,d@x,u1,,,,,,", ",C,D,d@x,,,,,,,"],
        [",A,B,d@x,,,,,,,", ",C,D,d@x,,,,,,,"],
        [",A,B,n@x,n@x,n@x,,,,,"],
        [",A,B,,u1,K,,,,,", ",C,D,,u2,k,,,,,"],
        [",A,B,,u1,7,,,,,", "7,C,D,,u2,,,,,,"],
        ["7,A,B,,u1,,,,,,", "07,C,D,,u2,,,,,,"],
    ],
    ids=["shared", "no account", "no accounts", "one account", "case", "later rule", "zeros"],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_what_does_not_collide(
    tenant: Tenant, now: datetime, lines: list[str], at_once: bool
) -> None:
    """What leaves every NameID as it was may be imported, in one file or one after another."""
    for part in [lines] if at_once else [[line] for line in lines]:
        load(tenant, part, now)
    assert counts()["people"] == len(lines)


def test_a_shared_address_signs_nobody_in(tenant: Tenant, now: datetime) -> None:
    """S2.27, I1: several accounts may share an address that nobody signs in by."""
    load(tenant, [f"{n},A,B,desk@x,u{n},,true,,,,true" for n in range(30)], now)
    assert not isinstance(check(tenant, "desk@x"), Match)
    assert isinstance(check(tenant, "u7"), Match)


def test_other_tenants_do_not_collide(tenant: Tenant, now: datetime) -> None:
    """Each tenant has its own people, companies and groups."""
    line = "1,Anna,Larsen,anna@x,anna,AL,true,Nord,Finance,Staff member,"
    load(tenant, [line], now)
    other = make_tenant("contoso", base_url="https://contoso.example", now=now)
    assert load(other, [line], now).companies == 1
    with reading() as session:
        mixed = session.execute(
            select(func.count())
            .select_from(Membership)
            .join(PermissionGroup, PermissionGroup.id == Membership.permission_group_id)
            .where(PermissionGroup.tenant_id != Membership.tenant_id)
        ).scalar_one()
    assert mixed == 0


def test_every_bad_row_is_named(tenant: Tenant, now: datetime) -> None:
    """Each bad row is told by its line with its cause; the good ones around it are not kept."""
    assert refused(
        tenant,
        [
            "1,Anna,Larsen,,anna,,true,,,,",
            "2,,Berg,,bberg,,yes,,,,",
            "3,Cy,Dahl,cy,cdahl,,,,,,",
            "4,Di,Ek,,dek,,,,,Nobody;Staff member,",
            "5,Ed,Fox,,anna,,,,,,",
            "6,Flo,Gray,,flo\u212a,,,,,,",
            f"7,{'G' * 201},Hart,,ghart,,,,,,",
        ],
        now,
    ) == [
        "line 3: isEnabled must be true or false, not 'yes'; givenName is missing",
        "line 4: primaryEmail is not an e-mail address.",
        "line 5: there is no permission group 'Nobody'",
        "line 7: username must have 1 to 256 characters, without control characters and "
        "look-alikes of ASCII letters.",
        "line 8: givenName must have 1 to 200 printable characters.",
        "line 6: username is line 2's already",
    ]


def test_very_many_bad_rows(tenant: Tenant, now: datetime) -> None:
    """The first hundred faults are told, and how many more there are."""
    lines = [f",A,B,,{n % 3},,,,,," for n in range(3 + MOST_FAULTS + 50)]
    with pytest.raises(BadRows) as bad:
        load(tenant, lines, now)
    assert len(bad.value.faults) == MOST_FAULTS
    assert bad.value.more == 50
    assert str(bad.value) == "nothing was imported: 150 rows are bad"


def test_a_file_that_breaks_off(tenant: Tenant, now: datetime) -> None:
    """What was inserted before the broken line is taken back too."""
    before = counts()
    data = "\n".join([HEADER, *(filler(n) for n in range(FILLERS))]).encode() + b"\n\xff\n"
    with pytest.raises(BadRows) as bad:
        import_people(tenant, io.BytesIO(data), file_name="staff.csv", actor=OPERATOR, now=now)
    assert bad.value.faults == (
        f"line {FILLERS + 2}: byte 1 is not UTF-8: save the file as CSV in UTF-8",
    )
    assert counts() == before


def test_the_same_file_twice(tenant: Tenant, now: datetime) -> None:
    """An import makes people; who is there already is named and not changed."""
    line = "42,Anna,Larsen,anna@x,anna,,true,,,,"
    load(tenant, [line], now)
    assert refused(tenant, [line], now) == [
        "line 2: employeeNumber is Anna Larsen's already; people are not updated"
    ]


values = st.sampled_from(["", "", "a@x", "A@x", "b@x", "c@x"])
lines = st.lists(
    st.builds(
        lambda number, email, username, sso_id, shared: (
            f"{number},A,B,{email},{username},{sso_id if username else ''},,,,,"
            f"{'true' if shared and email else ''}"
        ),
        values,
        values,
        values,
        values,
        st.booleans(),
    ),
    min_size=2,
    max_size=6,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(file=lines)
def test_an_import_judges_as_one_account_after_another(
    app: Flask, now: datetime, file: list[str]
) -> None:
    """I1: the import refuses exactly those rows that could not be added one by one."""
    with writing() as session:
        number = session.execute(select(func.count()).select_from(Base.metadata.tables["tenants"]))
        name = f"t{number.scalar_one()}"
    imported, added = (
        make_tenant(f"{name}{kind}", base_url=f"https://{name}{kind}.example", now=now)
        for kind in ("i", "a")
    )
    bad = set()
    with writing() as session:
        seen = set[str]()
        for line, text in enumerate(file, start=2):
            number_, _, _, email, username, sso_id, *_, shared = text.split(",")
            savepoint = session.begin_nested()
            try:
                person = people.add(
                    session,
                    added.id,
                    PersonData("A", "B", email or None, bool(shared), number_ or None),
                    now=now,
                )
                if username:
                    accounts.add(session, person, AccountData(username, sso_id or None), now=now)
                if number_ in seen:
                    bad.add(line)
                    savepoint.rollback()
                    continue
                savepoint.commit()
                seen |= {number_} - {""}
            except ServiceError:
                savepoint.rollback()
                bad.add(line)
    try:
        load(imported, file, now)
        told = set[int]()
    except BadRows as refusal:
        told = {int(fault.split(":")[0].removeprefix("line ")) for fault in refusal.faults}
    assert told == bad
