"""People and accounts from a file: all of its rows, or, where one of them is bad, none."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import Connection, Table, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.chunks import in_chunks
from app.domain.collisions import Collision
from app.domain.identifiers import Identifier
from app.domain.matching import Candidate, Holder
from app.domain.people_csv import Broken, Row, rows
from app.models import Account, Company, Membership, Person, StructureLevel, new_id
from app.models import Tenant as TenantRow
from app.services import accounts, audit, guard_on_writes, people, permission_groups
from app.services.accounts import AccountData
from app.services.errors import Conflict, Invalid, ServiceError
from app.services.look_ups import rows_by_value
from app.services.people import PersonData
from app.services.tenants import Tenant
from app.services.transactions import writing

MOST_FAULTS = 100
_CHUNK = 500
_PEOPLE = Person.__table__
_ACCOUNTS = Account.__table__


@dataclass(frozen=True, slots=True)
class Report:
    """What an import made."""

    people: int = 0
    accounts: int = 0
    enabled_accounts: int = 0
    system_administrators: int = 0
    companies: int = 0
    structure_levels: int = 0


class BadRows(ServiceError):
    """Rows of the file cannot be imported, so none was. Each of `faults` names a row's line.

    Of very many the first are kept; `more` says how many are not.
    """

    def __init__(self, faults: Sequence[str], total: int) -> None:
        rows_are = "row is" if total == 1 else "rows are"
        super().__init__(f"nothing was imported: {total} {rows_are} bad")
        self.faults = tuple(faults)
        self.more = total - len(self.faults)


class _DryRun(Exception):
    """Takes everything back when it would have been kept."""


def import_people(
    tenant: Tenant,
    file: BinaryIO,
    *,
    file_name: str,
    dry_run: bool = False,
    actor: audit.Actor,
    now: datetime,
    on_progress: Callable[[], None] = lambda: None,
) -> Report:
    """Make all people and accounts of a file (see `domain.people_csv`) in one transaction.

    A row may collide neither with what there is nor with the rows before it; see
    `guard_on_writes`. Companies and structure levels are made where they are missing.
    `on_progress` is called now and then. With `dry_run` everything is checked and nothing
    kept. Raises BadRows; Conflict where somebody else's change came between.
    """
    report = Report()
    try:
        with writing() as session:
            guard_on_writes.take_turns(session, tenant.id)
            importing = _Import(session, tenant.id, now)
            try:
                for chunk in in_chunks(rows(file), _CHUNK):
                    importing.take(chunk)
                    on_progress()
            except Broken as broken:
                importing.bad(str(broken))
            if importing.bad_rows:
                raise BadRows(importing.faults, importing.bad_rows)
            report = importing.finish()
            if dry_run:
                raise _DryRun
            audit.record(
                session,
                tenant.id,
                actor,
                "people.imported",
                "tenant",
                tenant.id,
                now=now,
                after={
                    "file": file_name[:200],
                    "people": report.people,
                    "accounts": report.accounts,
                    "enabledAccounts": report.enabled_accounts,
                    "systemAdministrators": report.system_administrators,
                    "companies": report.companies,
                    "structureLevels": report.structure_levels,
                },
            )
    except _DryRun:
        pass
    except IntegrityError:
        raise Conflict(
            "file", "nothing was imported: somebody else made changes meanwhile; try again"
        ) from None
    return report


@dataclass(slots=True)
class _Making:
    """A row on its way into the tables: columns of the person and, perhaps, of the account."""

    row: Row
    person: dict[str, Any]
    account: dict[str, Any] | None

    @property
    def holder(self) -> Holder | None:
        """The account as the guard sees it."""
        if self.account is None:
            return None
        found = self.account
        keys = {
            Identifier.SSO_ID: found["sso_id_key"],
            Identifier.PRIMARY_EMAIL: found["email_key"],
            Identifier.USERNAME: found["username_key"],
            Identifier.EMPLOYEE_NUMBER: found["employee_number_key"],
        }
        account = Candidate(found["id"], found["person_id"], found["username"], found["is_enabled"])
        return Holder(account, keys, found["email_is_shared"])


class _Import:
    """One import under way. Good rows go into the tables at once: later rows see them there."""

    def __init__(self, session: Session, tenant_id: str, now: datetime) -> None:
        self.faults: list[str] = []
        self.bad_rows = 0
        self._connection = session.connection()
        self._tenant_id = tenant_id
        self._stamp = {"tenant_id": tenant_id, "created_at": now, "updated_at": now}
        self._groups = permission_groups.ids_by_name(session, tenant_id)
        self._administrators = permission_groups.id_of_kind(
            session, tenant_id, permission_groups.SYSTEM_ADMINISTRATOR
        )
        self._companies = _Named(self._connection, Company.__table__, tenant_id)
        self._structure_levels = _Named(self._connection, StructureLevel.__table__, tenant_id)
        self._first_number: int = session.execute(
            select(TenantRow.next_person_number).where(TenantRow.id == tenant_id)
        ).scalar_one()
        #: The line of each person made, in the order of their numbers.
        self._lines = array("L")
        self._counts = {"accounts": 0, "enabled": 0, "administrators": 0}

    def bad(self, words: str) -> None:
        """Count a bad row, and remember what is wrong with it unless there are very many."""
        self.bad_rows += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(words)

    def take(self, chunk: Sequence[Row]) -> None:
        """Insert the rows that are good; remember the faults of the others."""
        prepared = [making for row in chunk if (making := self._prepare(row)) is not None]
        numbers = self._numbers_taken(prepared)
        batch = guard_on_writes.Batch(
            self._connection,
            self._tenant_id,
            [making.holder.keys for making in prepared if making.holder is not None],
        )
        good = []
        lines: dict[str, int] = {}
        for making in prepared:
            number = making.person["employee_number_key"]
            if number in numbers:
                words = f"employeeNumber is {numbers[number]}'s already; people are not updated"
                self._bad(making.row, [words])
                continue
            holder = making.holder
            if holder is not None:
                if found := batch.find_collisions(holder):
                    self._bad(making.row, self._collisions(found, making, lines))
                    continue
                batch.add(holder)
                lines[holder.account.account_id] = making.row.line
            if number is not None:
                numbers[number] = f"line {making.row.line}"
            good.append(making)
        self._insert(good)

    def finish(self) -> Report:
        """Say what was made, and count the people of the tenant on from there."""
        self._connection.execute(
            update(TenantRow)
            .where(TenantRow.id == self._tenant_id)
            .values(next_person_number=self._first_number + len(self._lines))
        )
        return Report(
            people=len(self._lines),
            accounts=self._counts["accounts"],
            enabled_accounts=self._counts["enabled"],
            system_administrators=self._counts["administrators"],
            companies=self._companies.made,
            structure_levels=self._structure_levels.made,
        )

    def _bad(self, row: Row, faults: Iterable[str]) -> None:
        self.bad(f"line {row.line}: {'; '.join(faults)}")

    def _prepare(self, row: Row) -> _Making | None:
        unknown = [name for name in row.groups if name not in self._groups]
        faults = [
            *row.faults,
            *(f"there is no permission group {name[:100]!r}" for name in unknown),
        ]
        if faults:
            self._bad(row, faults)
            return None
        try:
            person = people.columns(
                PersonData(
                    row.given_name,
                    row.family_name,
                    row.primary_email,
                    row.email_is_shared,
                    row.employee_number,
                )
            )
            person |= {"id": new_id(), **self._stamp}
            account = self._account(row, person) if row.username is not None else None
        except Invalid as invalid:
            self._bad(row, [str(invalid)])
            return None
        return _Making(row, person, account)

    def _account(self, row: Row, person: dict[str, Any]) -> dict[str, Any]:
        data = AccountData(row.username or "", row.sso_id, row.is_enabled)
        return {
            **accounts.columns(data),
            **accounts.columns_of_person(
                person["email_key"], person["email_is_shared"], person["employee_number_key"]
            ),
            "id": new_id(),
            "person_id": person["id"],
            **self._stamp,
        }

    def _numbers_taken(self, prepared: Iterable[_Making]) -> dict[str, str]:
        """Return those of the chunk's employee numbers that people have, and who they are."""
        wanted = {making.person["employee_number_key"] for making in prepared} - {None}
        found = rows_by_value(
            self._connection,
            (
                _PEOPLE.c.employee_number_key,
                _PEOPLE.c.number,
                _PEOPLE.c.given_name,
                _PEOPLE.c.family_name,
            ),
            _PEOPLE.c.employee_number_key,
            wanted,
            [_PEOPLE.c.tenant_id == self._tenant_id],
        )
        return {
            row.employee_number_key: self._line_of(row.number)
            or f"{row.given_name} {row.family_name}"
            for row in found
        }

    def _line_of(self, number: int) -> str | None:
        """The line of a person whom this import made, or None for anybody else."""
        position = number - self._first_number
        return f"line {self._lines[position]}" if position >= 0 else None

    def _collisions(
        self, found: Iterable[Collision], making: _Making, lines: dict[str, int]
    ) -> Iterator[str]:
        if self.bad_rows >= MOST_FAULTS:
            return  # it is counted only: nobody has to be looked up
        for one in found:
            who = self._who(one.other, lines)
            field = guard_on_writes.FIELD_NAMES[one.field]
            if not one.is_duplicate:
                yield (
                    f"{field} would change whom a sign-in finds: {who} is found by it under "
                    f"the rule {one.rule.value}"
                )
            elif making.row.email_is_shared and one.field is Identifier.PRIMARY_EMAIL:
                yield f"{field} is {who}'s already, which does not mark it as shared"
            else:
                yield f"{field} is {who}'s already"

    def _who(self, other: Candidate, lines: dict[str, int]) -> str:
        if other.account_id in lines:
            return f"line {lines[other.account_id]}"
        number = self._connection.execute(
            select(_PEOPLE.c.number).where(_PEOPLE.c.id == other.person_id)
        ).scalar_one()
        return self._line_of(number) or f"the account {other.username}"

    def _insert(self, good: Sequence[_Making]) -> None:
        for making in good:
            making.person["number"] = self._first_number + len(self._lines)
            making.person["company_id"] = self._companies.id_of(making.row.company)
            making.person["structure_level_id"] = self._structure_levels.id_of(
                making.row.structure_level
            )
            self._lines.append(making.row.line)
        self._companies.insert()
        self._structure_levels.insert()
        with_account = [making for making in good if making.account is not None]
        new_accounts = [making.account for making in with_account if making.account is not None]
        memberships = [
            {
                "id": new_id(),
                "tenant_id": self._tenant_id,
                "account_id": making.account["id"],
                "permission_group_id": self._groups[name],
            }
            for making in with_account
            if making.account is not None
            for name in making.row.groups
        ]
        for table, values in (
            (_PEOPLE, [making.person for making in good]),
            (_ACCOUNTS, new_accounts),
            (Membership.__table__, memberships),
        ):
            if values:
                self._connection.execute(insert(table), values)
        self._counts["accounts"] += len(new_accounts)
        self._counts["enabled"] += sum(account["is_enabled"] for account in new_accounts)
        self._counts["administrators"] += sum(
            membership["permission_group_id"] == self._administrators for membership in memberships
        )


class _Named:
    """A tenant's companies, or its structure levels, by name; made where they are missing."""

    def __init__(self, connection: Connection, table: Table, tenant_id: str) -> None:
        self._connection = connection
        self._table = table
        self._tenant_id = tenant_id
        self._new: list[dict[str, Any]] = []
        self.made = 0
        found = connection.execute(
            select(table.c.name, table.c.id).where(table.c.tenant_id == tenant_id)
        )
        self._ids: dict[str, str] = {row.name: row.id for row in found}

    def id_of(self, name: str | None) -> str | None:
        """Return the ID for a name; a new one is inserted with the next `insert`."""
        if name is None:
            return None
        if name not in self._ids:
            self._ids[name] = new_id()
            self._new.append({"id": self._ids[name], "tenant_id": self._tenant_id, "name": name})
        return self._ids[name]

    def insert(self) -> None:
        """Insert what is new."""
        if self._new:
            self._connection.execute(insert(self._table), self._new)
        self.made += len(self._new)
        self._new = []
