"""Accounts found by identifier: the SQL side of `domain.matching.Directory`."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, literal, select, union_all
from sqlalchemy.orm import Session

from app.domain.identifiers import Identifier
from app.domain.matching import RULES, Candidate
from app.models import Account
from app.services.prepared import Prepared

_ACCOUNTS = Account.__table__
_KEY = {
    Identifier.SSO_ID: _ACCOUNTS.c.sso_id_key,
    Identifier.PRIMARY_EMAIL: _ACCOUNTS.c.email_key,
    Identifier.USERNAME: _ACCOUNTS.c.username_key,
    Identifier.EMPLOYEE_NUMBER: _ACCOUNTS.c.employee_number_key,
}
#: More holders of one value than this are not worth telling apart.
_MOST_HITS = 20
_HOLDERS = Prepared(
    union_all(
        *(
            select(
                select(
                    literal(rule.value).label("rule"),
                    _ACCOUNTS.c.id,
                    _ACCOUNTS.c.person_id,
                    _ACCOUNTS.c.username,
                    _ACCOUNTS.c.is_enabled,
                )
                .where(
                    _ACCOUNTS.c.tenant_id == bindparam("tenant"),
                    _KEY[rule] == bindparam(rule.name),
                )
                .limit(_MOST_HITS)
                .subquery()
            )
            for rule in RULES
        )
    )
)


class SqlDirectory:
    """The accounts of one tenant. One statement answers for all rules, by index each."""

    def __init__(self, executor: Session | Connection, tenant_id: str) -> None:
        self._connection = executor.connection() if isinstance(executor, Session) else executor
        self._tenant_id = tenant_id

    def holders(self, values: dict[Identifier, str]) -> dict[Identifier, Sequence[Candidate]]:
        """See `domain.matching.Directory`; at most 20 accounts are named for a rule."""
        found: dict[Identifier, list[Candidate]] = {rule: [] for rule in values}
        # A rule that is not asked for compares with NULL, which is equal to nothing.
        wanted = {rule.name: values.get(rule) for rule in RULES} | {"tenant": self._tenant_id}
        for rule, *columns in _HOLDERS.rows(self._connection, wanted):
            found[Identifier(rule)].append(Candidate(*columns))
        return dict(found)
