"""Accounts found by identifier: the SQL side of `domain.matching.Directory`."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, literal, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.sql import Select

from app.domain.identifiers import Identifier
from app.domain.matching import Candidate
from app.models import Account

_ACCOUNTS = Account.__table__
_KEY = {
    Identifier.SSO_ID: _ACCOUNTS.c.sso_id_key,
    Identifier.PRIMARY_EMAIL: _ACCOUNTS.c.email_key,
    Identifier.USERNAME: _ACCOUNTS.c.username_key,
    Identifier.EMPLOYEE_NUMBER: _ACCOUNTS.c.employee_number_key,
}
#: More holders of one value than this are not worth telling apart.
_MOST_HITS = 20


class SqlDirectory:
    """The accounts of one tenant. One statement answers for all rules, by index each."""

    def __init__(self, executor: Session | Connection, tenant_id: str) -> None:
        self._executor = executor
        self._tenant_id = tenant_id

    def holders(self, values: dict[Identifier, str]) -> dict[Identifier, Sequence[Candidate]]:
        """See `domain.matching.Directory`; at most 20 accounts are named for a rule."""
        found: dict[Identifier, list[Candidate]] = {rule: [] for rule in values}
        parts = [self._holders_by(rule, value) for rule, value in values.items()]
        for rule, *columns in self._executor.execute(union_all(*parts)):
            found[Identifier(rule)].append(Candidate(*columns))
        return dict(found)

    def _holders_by(self, rule: Identifier, value: str) -> Select[Any]:
        columns = (
            literal(rule.value).label("rule"),
            _ACCOUNTS.c.id,
            _ACCOUNTS.c.person_id,
            _ACCOUNTS.c.username,
            _ACCOUNTS.c.is_enabled,
        )
        condition = and_(_ACCOUNTS.c.tenant_id == self._tenant_id, _KEY[rule] == value)
        inner = select(*columns).where(condition).limit(_MOST_HITS).subquery()
        return select(inner)
