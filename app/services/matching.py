"""What a NameID would come to, told without anybody signing in."""

from app.domain.matching import Match, NoMatch, match_account
from app.services.directory import SqlDirectory
from app.services.tenants import Tenant
from app.services.transactions import reading


def explain(tenant: Tenant, name_id: str) -> Match | NoMatch:
    """Return whom the NameID means, or why nobody, with the trace of the rules.

    The same decision as at a sign-in; nothing is written.
    """
    with reading() as session:
        return match_account(name_id, SqlDirectory(session, tenant.id))
