"""Tenants: made by the operator, found by a browser's Host header or by their slug."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.models import Tenant as TenantRow
from app.services import audit, permission_groups
from app.services.errors import Conflict, Invalid, NotFound
from app.services.prepared import Prepared
from app.services.transactions import reading, reading_core, writing

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_USUAL_PORT = re.compile(r":(?:80|443)\Z")
_TABLE = TenantRow.__table__


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant with its sign-in settings, as of now."""

    id: str
    slug: str
    name: str
    base_url: str
    host: str
    default_language: str
    settings_version: int
    sso_enabled: bool
    sso_enforced: bool
    sso_redirects_at_once: bool
    session_idle_minutes: int
    session_absolute_minutes: int

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach this tenant over HTTPS, by its configured base URL."""
        return self.base_url.startswith("https://")

    @property
    def entity_id(self) -> str:
        """Our entity ID for this tenant's IdPs; also where the metadata is."""
        return self.base_url + "/saml/metadata"

    @property
    def acs_url(self) -> str:
        """Our Assertion Consumer Service for this tenant."""
        return self.base_url + "/saml/acs"

    @property
    def slo_url(self) -> str:
        """Our Single Logout service for this tenant."""
        return self.base_url + "/saml/slo"


_COLUMNS = [_TABLE.c[name] for name in Tenant.__dataclass_fields__]
_BY_HOST = Prepared(select(*_COLUMNS).where(_TABLE.c.host == bindparam("wanted")))
_ANY_TWO = Prepared(select(*_COLUMNS).limit(2))


def create(slug: str, *, name: str, base_url: str, now: datetime) -> Tenant:
    """Make a tenant with its system groups. Raises Invalid, or Conflict for a taken name."""
    if not _SLUG.match(slug):
        raise Invalid("slug", "A slug has 1 to 63 of a-z, 0-9 and hyphens inside.")
    if not name.strip() or len(name) > 200:
        raise Invalid("name", "A tenant needs a name of at most 200 characters.")
    base_url, host = _split_base_url(base_url)
    with writing() as session:
        row = TenantRow(slug=slug, name=name.strip(), base_url=base_url, host=host, created_at=now)
        session.add(row)
        try:
            session.flush()
        except IntegrityError:
            raise Conflict("slug", "There is a tenant with this slug or base URL.") from None
        audit.begin_chain(session, row.id)
        session.flush()
        permission_groups.create_system_groups(session, row.id, now=now)
        audit.record(
            session,
            row.id,
            audit.OPERATOR,
            "tenant.created",
            "tenant",
            row.id,
            now=now,
            after={"slug": slug, "name": name, "baseUrl": base_url},
        )
        return by_id(session, row.id)


def by_host(host: str) -> Tenant | None:
    """Return the tenant whose base URL has this Host, else the only tenant, else None.

    A usual port that a proxy wrote behind the name makes no difference.
    """
    with reading_core() as connection:
        rows = _BY_HOST.rows(connection, {"wanted": host.lower()})
        if not rows:
            rows = _BY_HOST.rows(connection, {"wanted": _USUAL_PORT.sub("", host.lower())})
        if not rows:
            rows = _ANY_TWO.rows(connection, {})
        return Tenant(*rows[0]) if len(rows) == 1 else None


def by_id(session: Session, tenant_id: str) -> Tenant:
    """Return the tenant with this ID, which must exist, within the caller's transaction."""
    return _value(session.execute(select(*_COLUMNS).where(_TABLE.c.id == tenant_id)).one())


def by_slug(slug: str | None) -> Tenant:
    """Return the tenant with this slug, or the only one for None. Raises NotFound."""
    with reading() as session:
        query = select(*_COLUMNS).limit(2)
        if slug is not None:
            query = query.where(_TABLE.c.slug == slug)
        rows = session.execute(query).all()
    if len(rows) == 1:
        return _value(rows[0])
    if slug is not None:
        raise NotFound(f"There is no tenant {slug!r}.")
    if rows:
        raise NotFound("There are several tenants: name one with --tenant.")
    raise NotFound("There is no tenant yet: make one with `doorward tenant create`.")


def every() -> tuple[Tenant, ...]:
    """Return all tenants by slug."""
    with reading() as session:
        rows = session.execute(select(*_COLUMNS).order_by(_TABLE.c.slug)).all()
        return tuple(_value(row) for row in rows)


def _value(row: Row[Any]) -> Tenant:
    # The columns are the fields, in order.
    return Tenant(*tuple(row))


def _split_base_url(given: str) -> tuple[str, str]:
    base_url = given.rstrip("/")
    parts = urlsplit(base_url)
    plain = (
        parts.scheme in ("http", "https")
        and parts.hostname
        and not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    )
    try:
        parts.port  # noqa: B018 - reading it is the check
    except ValueError:
        plain = False
    if not plain or len(base_url) > 500 or not base_url.isascii() or base_url != base_url.strip():
        raise Invalid("url", "A base URL is like https://hr.example.com, without a path.")
    # Browsers leave the usual port out of the Host.
    host = parts.netloc.lower().removesuffix(":443" if parts.scheme == "https" else ":80")
    return f"{parts.scheme}://{host}", host
