"""The identity providers that a tenant set up, ready to verify with."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, get_args

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.policy_weakening import Weakening, weakenings
from app.models import IdentityProvider as Row
from app.models import Tenant as TenantRow
from app.models import db
from app.services import audit
from app.services.errors import Conflict, Invalid, NotFound
from app.services.tenants import Tenant
from app.services.transactions import reading, writing
from saml.metadata import IdpMetadata
from saml.settings import IdentityProvider, NameIDFormat, Policy, Unsolicited, WantSigned

MAX_CLOCK_SKEW = 900
_MAX_URI = 500
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "unsolicited": get_args(Unsolicited),
    "want_signed": get_args(WantSigned),
    "nameid_format": get_args(NameIDFormat),
}


@dataclass(frozen=True, slots=True)
class ConfiguredIdp:
    """An IdP of a tenant: its row's ID, its name for people, and what `saml` needs of it."""

    id: str
    name: str
    idp: IdentityProvider
    created_at: datetime
    updated_at: datetime


class WeakensPolicy(Conflict):
    """A change of a policy lets in more than before, and nobody has confirmed that yet."""

    def __init__(self, found: tuple[Weakening, ...]) -> None:
        sentences = " ".join(map(str, found))
        super().__init__("policy", f"This weakens the policy: {sentences}")
        self.weakenings = found


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
        try:
            session.flush()
        except IntegrityError:
            raise Conflict("entityId", "Somebody else just set this IdP up: look again.") from None
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
    tenant: Tenant,
    entity_id: str,
    changes: Mapping[str, Any],
    *,
    confirmed: Collection[str] = (),
    actor: audit.Actor,
    now: datetime,
) -> Policy:
    """Change fields of an IdP's policy and return what it is then.

    `confirmed` names the fields that somebody agreed to weaken; a weakening that is not among
    them raises WeakensPolicy. Raises NotFound, or Invalid naming the field.
    """
    with writing() as session:
        row = _row(session, tenant.id, entity_id)
        if row is None:
            raise NotFound(f"There is no identity provider {entity_id!r}.")
        before = Policy(**row.policy)
        policy = Policy(**{**row.policy, **changes})
        _check(policy)
        if policy == before:
            return policy
        unconfirmed = [w for w in weakenings(before, policy) if w.field not in confirmed]
        if unconfirmed:
            raise WeakensPolicy(tuple(unconfirmed))
        changed = [name for name in changes if changes[name] != row.policy.get(name)]
        old = row.policy
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
            before={name: old.get(name) for name in changed},
            after={name: changes[name] for name in changed},
        )
        return policy


def remove(tenant: Tenant, entity_id: str, *, actor: audit.Actor, now: datetime) -> None:
    """Forget an IdP. Raises NotFound, or Conflict for the last one while SSO is on."""
    with writing() as session:
        row = _row(session, tenant.id, entity_id)
        if row is None:
            raise NotFound(f"There is no identity provider {entity_id!r}.")
        count = select(func.count()).select_from(Row).where(Row.tenant_id == tenant.id)
        sso_enabled = session.get_one(TenantRow, tenant.id, with_for_update=True).sso_enabled
        if sso_enabled and session.execute(count).scalar_one() == 1:
            raise Conflict(
                "sso", "This is the only identity provider: turn single sign-on off first."
            )
        session.execute(delete(Row).where(Row.id == row.id))
        _touch(session, tenant.id)
        audit.record(
            session,
            tenant.id,
            actor,
            "identity-provider.removed",
            "identity-provider",
            row.id,
            now=now,
            before={"entityId": row.entity_id, "name": row.name, "policy": row.policy},
        )


def _check(policy: Policy) -> None:
    for field, choices in _CHOICES.items():
        if getattr(policy, field) not in choices:
            raise Invalid(field, f"{field} is one of {', '.join(choices)}.")
    if not 0 <= policy.clock_skew <= MAX_CLOCK_SKEW:
        raise Invalid("clock_skew", f"The clock skew is 0 to {MAX_CLOCK_SKEW} seconds.")
    uri = policy.authn_context
    if uri is not None and not (
        len(uri) <= _MAX_URI
        and uri.isascii()
        and uri.isprintable()
        and " " not in uri
        and ":" in uri[1:]
    ):
        raise Invalid(
            "authn_context",
            "The authentication context is a URI such as "
            "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport.",
        )


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
