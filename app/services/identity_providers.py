"""The identity providers that a tenant set up, ready to verify with."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models import IdentityProvider as Row
from app.models import Tenant as TenantRow
from app.models import db
from app.services import audit
from app.services.errors import NotFound
from app.services.tenants import Tenant
from app.services.transactions import reading, writing
from saml.metadata import IdpMetadata
from saml.settings import IdentityProvider, Policy


@dataclass(frozen=True, slots=True)
class ConfiguredIdp:
    """An IdP of a tenant: its row's ID, its name for people, and what `saml` needs of it."""

    id: str
    name: str
    idp: IdentityProvider
    created_at: datetime
    updated_at: datetime


def of_tenant(tenant: Tenant) -> Mapping[str, ConfiguredIdp]:
    """Return the tenant's IdPs by entity ID; kept in memory until its settings change."""
    return _load(str(db.engine.url), tenant.id, tenant.settings_version)


def saml_values(tenant: Tenant) -> Mapping[str, IdentityProvider]:
    """Return the IdPs as `saml.response.read` wants them."""
    return {entity_id: found.idp for entity_id, found in of_tenant(tenant).items()}


def find(tenant: Tenant, entity_id: str | None = None) -> ConfiguredIdp:
    """Return the IdP with this entity ID, or the only one for None. Raises NotFound."""
    configured = of_tenant(tenant)
    if entity_id is not None:
        if entity_id not in configured:
            raise NotFound(f"There is no identity provider {entity_id!r}.")
        return configured[entity_id]
    if len(configured) != 1:
        count = "several identity providers: name one" if configured else "no identity provider"
        raise NotFound(f"There is {count}.")
    return next(iter(configured.values()))


def save(
    tenant: Tenant,
    metadata: IdpMetadata,
    *,
    document: str,
    name: str | None,
    actor: audit.Actor,
    now: datetime,
) -> ConfiguredIdp:
    """Set an IdP up from its metadata, or renew one that is there; its policy is kept."""
    values = {
        "sso_redirect_url": metadata.sso_redirect_url,
        "sso_post_url": metadata.sso_post_url,
        "slo_redirect_url": metadata.slo_redirect_url,
        "slo_post_url": metadata.slo_post_url,
        "slo_response_url": metadata.slo_response_url,
        "signing_certificates": list(metadata.signing_certificates),
    }
    with writing() as session:
        row = _row(session, tenant.id, metadata.entity_id)
        before = None
        if row is None:
            policy = Policy(sign_requests=metadata.wants_signed_requests)
            row = Row(
                tenant_id=tenant.id,
                entity_id=metadata.entity_id,
                name=(name or metadata.display_name or metadata.entity_id)[:200],
                policy=asdict(policy),
                created_at=now,
            )
            session.add(row)
        else:
            before = {field: getattr(row, field) for field in values}
            row.name = (name or row.name)[:200]
        for field, value in values.items():
            setattr(row, field, value)
        row.metadata_xml = document
        row.updated_at = now
        session.flush()
        _touch(session, tenant.id)
        audit.record(
            session,
            tenant.id,
            actor,
            "identity-provider.saved",
            "identity-provider",
            row.id,
            now=now,
            before=before,
            after={"entityId": row.entity_id, "name": row.name, **values},
        )
        return _value(row)


def set_policy(
    tenant: Tenant, entity_id: str, changes: Mapping[str, Any], *, actor: audit.Actor, now: datetime
) -> Policy:
    """Change fields of an IdP's policy. Raises NotFound. The caller has asked about weakenings."""
    with writing() as session:
        row = _row(session, tenant.id, entity_id)
        if row is None:
            raise NotFound(f"There is no identity provider {entity_id!r}.")
        before = dict(row.policy)
        policy = Policy(**{**before, **changes})
        row.policy = asdict(policy)
        row.updated_at = now
        _touch(session, tenant.id)
        audit.record(
            session,
            tenant.id,
            actor,
            "identity-provider.policy-changed",
            "identity-provider",
            row.id,
            now=now,
            before={name: before.get(name) for name in changes},
            after=dict(changes),
        )
        return policy


def _row(session: Session, tenant_id: str, entity_id: str) -> Row | None:
    return session.execute(
        select(Row).where(Row.tenant_id == tenant_id, Row.entity_id == entity_id)
    ).scalar_one_or_none()


def _touch(session: Session, tenant_id: str) -> None:
    session.execute(
        update(TenantRow)
        .where(TenantRow.id == tenant_id)
        .values(settings_version=TenantRow.settings_version + 1)
    )


@lru_cache(maxsize=256)
def _load(database: str, tenant_id: str, version: int) -> Mapping[str, ConfiguredIdp]:
    # The version is part of the key: a changed setting is another entry, in every worker.
    with reading() as session:
        rows = session.execute(
            select(Row).where(Row.tenant_id == tenant_id).order_by(Row.created_at, Row.id)
        ).scalars()
        return {row.entity_id: _value(row) for row in rows}


def _value(row: Row) -> ConfiguredIdp:
    return ConfiguredIdp(
        id=row.id,
        name=row.name,
        idp=IdentityProvider(
            entity_id=row.entity_id,
            signing_certificates=tuple(row.signing_certificates),
            sso_redirect_url=row.sso_redirect_url,
            sso_post_url=row.sso_post_url,
            slo_redirect_url=row.slo_redirect_url,
            slo_post_url=row.slo_post_url,
            slo_response_url=row.slo_response_url,
            policy=Policy(**row.policy),
        ),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
