"""The assertion ledger: no assertion is used twice, in whichever worker, after any restart."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert
from sqlalchemy.exc import IntegrityError

from app.models import UsedAssertion
from app.services.prepared import Prepared
from saml.assertion import Assertion

_LEDGER = UsedAssertion.__table__
_ENTER = Prepared(insert(_LEDGER))
#: An administrator may allow a larger skew later; what is over today must not come back then.
_SKEW_MAY_GROW = timedelta(hours=1)


class AssertionUsed(Exception):
    """This assertion is in the ledger already. The caller's transaction has to roll back."""


def use_up(connection: Connection, tenant_id: str, assertion: Assertion, *, now: datetime) -> None:
    """Enter an assertion, within the caller's transaction. Raises AssertionUsed."""
    names = "\0".join((tenant_id, assertion.issuer, assertion.id))
    entry = {
        "id_hash": hashlib.sha256(names.encode()).hexdigest(),
        "tenant_id": tenant_id,
        "used_at": now,
        "expires_at": assertion.usable_until,
    }
    try:
        _ENTER.execute(connection, entry)
    except IntegrityError:
        raise AssertionUsed(assertion.id) from None


def sweep(connection: Connection, *, now: datetime) -> None:
    """Forget the assertions that no check would accept any more."""
    connection.execute(delete(_LEDGER).where(_LEDGER.c.expires_at < now - _SKEW_MAY_GROW))
