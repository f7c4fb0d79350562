"""Single sign-on on and off: what has to hold first, and who would be left outside."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnExpressionArgument, func, select
from sqlalchemy.orm import Session

from app.domain.refusals import N_
from app.models import Account, SignInAttempt
from app.models import Tenant as TenantRow
from app.services import audit, identity_providers, service_provider
from app.services.errors import Conflict
from app.services.tenants import Tenant
from app.services.transactions import reading, writing
from saml import keys


@dataclass(frozen=True, slots=True)
class Gate:
    """One thing that has to hold before SSO is turned on; `advice` says how to get there."""

    name: str
    holds: bool
    sentence: str
    advice: str


class GateShut(Conflict):
    """Something has to hold first; `gate` is the first thing that does not."""

    def __init__(self, gate: Gate) -> None:
        super().__init__("sso", f"Not yet: {gate.sentence} {gate.advice}", rule=gate.name)
        self.gate = gate


@dataclass(frozen=True, slots=True)
class Status:
    """How a tenant signs in at the moment."""

    sso_enabled: bool
    sso_enforced: bool
    redirects_at_once: bool
    identity_providers: tuple[identity_providers.ConfiguredIdp, ...]
    gates: tuple[Gate, ...]
    enabled_accounts: int
    emergency_administrators: int


def status(tenant: Tenant, certs: Path, *, now: datetime) -> Status:
    """Return how a tenant signs in, with the gates as they stand now."""
    configured = tuple(identity_providers.of_tenant(tenant).values())
    with reading() as session:
        enabled = _count(session, tenant, Account.is_enabled)
        emergency = _count(session, tenant, *_EMERGENCY)
        verified = _has_verified_emergency(session, tenant)
    has_key_pair = bool(service_provider.key_pairs(certs))
    return Status(
        sso_enabled=tenant.sso_enabled,
        sso_enforced=tenant.sso_enforced,
        redirects_at_once=tenant.sso_redirects_at_once,
        identity_providers=configured,
        gates=(
            *_gates_of_identity_providers(configured, has_key_pair, now),
            Gate(
                "accounts",
                enabled > 0,
                N_("Somebody has an enabled account."),
                N_("Import people, or create accounts."),
            ),
            Gate(
                "emergency-administrator",
                verified,
                N_("An emergency administrator has signed in with a password."),
                N_(
                    "Make one with “doorward admin create … --emergency” and sign in once: "
                    "it is the way back in when the identity provider fails."
                ),
            ),
        ),
        enabled_accounts=enabled,
        emergency_administrators=emergency,
    )


def turn_on(
    tenant: Tenant, certs: Path, *, force: bool = False, actor: audit.Actor, now: datetime
) -> None:
    """Swap the login page to company sign-in. Passwords go on working at their own address.

    Raises GateShut for the first gate that does not hold, unless forced; an identity
    provider there must be all the same.
    """
    gates = status(tenant, certs, now=now).gates
    failed = [gate for gate in gates if not gate.holds]
    for gate in failed:
        if not force or gate.name == "identity-provider":
            raise GateShut(gate)
    after = {"sso_enabled": True, "forcedPast": [gate.name for gate in failed]}
    _change(tenant, {"sso_enabled": True}, "sso.turned-on", after, actor, now)


def turn_off(tenant: Tenant, *, actor: audit.Actor, now: datetime) -> None:
    """Put the password form back on the login page, and stop refusing passwords."""
    values = {"sso_enabled": False, "sso_enforced": False}
    _change(tenant, values, "sso.turned-off", dict(values), actor, now)


def set_enforced(
    tenant: Tenant, certs: Path, is_enforced: bool, *, actor: audit.Actor, now: datetime
) -> None:
    """Refuse passwords to all but emergency administrators, or accept them again.

    Raises Conflict where SSO is off, GateShut where no emergency administrator is proven to
    get in.
    """
    if is_enforced:
        if not tenant.sso_enabled:
            raise Conflict("sso", "Turn single sign-on on first.")
        for gate in status(tenant, certs, now=now).gates:
            if gate.name == "emergency-administrator" and not gate.holds:
                raise GateShut(gate)
    values = {"sso_enforced": is_enforced}
    action = "sso.enforced" if is_enforced else "sso.no-longer-enforced"
    _change(tenant, values, action, dict(values), actor, now)


def set_redirects_at_once(
    tenant: Tenant, redirects: bool, *, actor: audit.Actor, now: datetime
) -> None:
    """Send people from the login page straight to the IdP, or show them the page again."""
    values = {"sso_redirects_at_once": redirects}
    _change(tenant, values, "sso.redirect-changed", dict(values), actor, now)


def accounts_without_sso_sign_in(tenant: Tenant) -> int:
    """Count enabled accounts that never came in through the IdP: enforcing may shut them out."""
    came = (
        select(SignInAttempt.id)
        .where(
            SignInAttempt.account_id == Account.id,
            SignInAttempt.method == "sso",
            SignInAttempt.reason.is_(None),
        )
        .exists()
    )
    with reading() as session:
        return _count(session, tenant, Account.is_enabled, ~came)


_EMERGENCY = (
    Account.is_enabled,
    Account.is_emergency,
    Account.password_hash.is_not(None),
)


def _gates_of_identity_providers(
    configured: tuple[identity_providers.ConfiguredIdp, ...], has_key_pair: bool, now: datetime
) -> tuple[Gate, ...]:
    usable = [
        all(
            keys.describe(certificate, now).problem
            for certificate in found.idp.signing_certificates
        )
        is False
        for found in configured
    ]
    asks_for_keys = any(
        found.idp.policy.sign_requests or found.idp.policy.want_encrypted for found in configured
    )
    return (
        Gate(
            "identity-provider",
            bool(configured),
            N_("An identity provider is set up."),
            N_("Import the metadata of your identity provider."),
        ),
        Gate(
            "certificate",
            bool(usable) and all(usable),
            N_("Each identity provider has a certificate that can be verified with."),
            N_("Import its metadata again, with a certificate that is valid and strong enough."),
        ),
        Gate(
            "key-pair",
            has_key_pair or not asks_for_keys,
            N_("There is a key pair of ours to sign or decrypt with, where one is needed."),
            N_("Make one with “doorward keys new”."),
        ),
    )


def _count(session: Session, tenant: Tenant, *conditions: ColumnExpressionArgument[bool]) -> int:
    return session.execute(
        select(func.count()).select_from(Account).where(Account.tenant_id == tenant.id, *conditions)
    ).scalar_one()


def _has_verified_emergency(session: Session, tenant: Tenant) -> bool:
    return (
        session.execute(
            select(Account.id)
            .join(SignInAttempt, SignInAttempt.account_id == Account.id)
            .where(
                Account.tenant_id == tenant.id,
                *_EMERGENCY,
                SignInAttempt.method.in_(("password", "emergency")),
                SignInAttempt.reason.is_(None),
            )
            .limit(1)
        ).first()
        is not None
    )


def _change(
    tenant: Tenant,
    values: dict[str, bool],
    action: str,
    after: dict[str, Any],
    actor: audit.Actor,
    now: datetime,
) -> None:
    with writing() as session:
        row = session.get_one(TenantRow, tenant.id, with_for_update=True)
        before = {name: getattr(row, name) for name in values}
        if before == values:
            return
        for name, value in values.items():
            setattr(row, name, value)
        row.settings_version += 1
        session.flush()
        audit.record(
            session,
            tenant.id,
            actor,
            action,
            "tenant",
            tenant.id,
            now=now,
            before=before,
            after=after,
        )
