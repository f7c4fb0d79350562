"""Trying the matching rules without a sign-in: for any NameID, and for what an account is called.

Nobody gets a session from it and nothing is written.
"""

from dataclasses import dataclass

from app.domain.identifiers import Identifier
from app.domain.matching import Match, NoMatch, match_account
from app.services import accounts
from app.services.directory import SqlDirectory
from app.services.tenants import Tenant
from app.services.transactions import reading


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One identifier of an account, and what a sign-in as it comes to.

    `outcome` is None where the account has no such identifier.
    """

    identifier: Identifier
    value: str | None
    outcome: Match | NoMatch | None


def check(tenant: Tenant, name_id: str) -> Match | NoMatch:
    """Tell what a sign-in as `name_id` would come to in this tenant right now."""
    with reading() as session:
        return match_account(name_id, SqlDirectory(session, tenant.id))


def review(tenant: Tenant, account: accounts.AccountView) -> tuple[Reviewed, ...]:
    """Tell of each identifier of an account whether a sign-in as it finds this account."""
    values = {
        Identifier.SSO_ID: account.sso_id,
        Identifier.PRIMARY_EMAIL: account.primary_email,
        Identifier.USERNAME: account.username,
        Identifier.EMPLOYEE_NUMBER: account.employee_number,
    }
    with reading() as session:
        directory = SqlDirectory(session, tenant.id)
        return tuple(
            Reviewed(identifier, value, match_account(value, directory) if value else None)
            for identifier, value in values.items()
        )
