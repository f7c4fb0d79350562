"""What an operator's monitoring watches: sign-ins, sessions, certificates, all tenants."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.models import Session, SignInAttempt, Tenant
from app.services import identity_providers, tenants
from app.services.transactions import reading
from saml.keys import describe

#: Attempts are counted over the last hour: a figure to alarm on, and one small index range.
WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class AttemptCount:
    """How many attempts of one kind ended in one way; `reason` is "" where accepted."""

    tenant: str
    method: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one moment. Days are those until an IdP's last certificate ends."""

    attempts: tuple[AttemptCount, ...]
    sessions: dict[str, int]
    certificate_days: dict[tuple[str, str], int]


def measure(*, now: datetime) -> Measured:
    """Take all figures; nothing in them names a person."""
    with reading() as session:
        attempts = session.execute(
            select(Tenant.slug, SignInAttempt.method, SignInAttempt.reason, func.count())
            .select_from(SignInAttempt)
            .join(Tenant, Tenant.id == SignInAttempt.tenant_id)
            .where(SignInAttempt.at > now - WINDOW)
            .group_by(Tenant.slug, SignInAttempt.method, SignInAttempt.reason)
        ).all()
        live = session.execute(
            select(Tenant.slug, func.count())
            .select_from(Session)
            .join(Tenant, Tenant.id == Session.tenant_id)
            .where(Session.ended_at.is_(None), Session.expires_at > now)
            .group_by(Tenant.slug)
        ).all()
    return Measured(
        attempts=tuple(
            AttemptCount(slug, method, reason or "", count)
            for slug, method, reason, count in attempts
        ),
        sessions=dict(live),
        certificate_days={
            (tenant.slug, entity_id): max(
                describe(certificate, now).days_left
                for certificate in found.idp.signing_certificates
            )
            for tenant in tenants.every()
            for entity_id, found in identity_providers.of_tenant(tenant).items()
        },
    )
