"""What is wrong with the set-up: every place that could be, looked at one by one."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import and_, func, select

from app.config import Config
from app.models import AuditEvent, AuditHead
from app.services import (
    identity_providers,
    metadata_fetch,
    migrations,
    service_provider,
    tenants,
)
from app.services.idp_policies import NEED_A_KEY_PAIR
from app.services.metadata_fetch import FetchFailed
from app.services.tenants import Tenant
from app.services.transactions import DatabaseAway, reading
from saml.errors import KeyUnusable
from saml.keys import CertificateFacts, describe, private_key, public_key

OK, WARNING, FAULT = "ok", "warning", "fault"
#: The first day on which this code existed: a clock that says less is wrong.
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
_SECONDS = 5.0
_WARN_DAYS = 60
_ASIDE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the diagnosis; `state` is ok, warning or fault."""

    subject: str
    state: str
    sentence: str


def of_clock(now: datetime) -> Finding:
    """Whether the clock can be right, as far as this machine alone can tell."""
    said = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if now < _EARLIEST:
        return Finding("clock", FAULT, f"{said} is in the past: set the clock, and run NTP.")
    return Finding("clock", OK, f"{said}.")


def of_proxies(config: Config) -> Finding:
    """Whose X-Forwarded-For is believed."""
    trusted = config.trusted_proxies
    if any(network.prefixlen == 0 for network in trusted):
        return Finding(
            "proxy headers",
            FAULT,
            "DOORWARD_TRUSTED_PROXIES trusts the whole internet, so anybody can claim any "
            "address: name your proxies alone.",
        )
    if not trusted:
        return Finding(
            "proxy headers",
            OK,
            "None is believed. Behind a proxy, name it in DOORWARD_TRUSTED_PROXIES: else the "
            "log and the throttle know all visitors by its address.",
        )
    return Finding("proxy headers", OK, f"Believed from {', '.join(map(str, trusted))}.")


def of_secret_key(config: Config) -> Finding:
    """Whether others on this machine can read what signs our page cookies."""
    path = config.instance / "secret_key"
    if path.exists() and path.read_text().strip() == config.secret_key and _others_read(path):
        return Finding("secret key", FAULT, f"Others can read it: run chmod 600 {path}")
    if len(config.secret_key) < 32:
        return Finding("secret key", FAULT, "DOORWARD_SECRET_KEY is shorter than 32 characters.")
    return Finding("secret key", OK, "It is kept from others.")


def of_database(config: Config, now: datetime) -> Finding:
    """Whether the database answers with the code's schema, and its time is not ahead of ours."""
    kind = config.database_url.partition(":")[0].partition("+")[0]
    try:
        if not migrations.is_current():
            return Finding(
                "database",
                FAULT,
                f"The {kind} database has not this version's schema: run `doorward db upgrade`.",
            )
        latest = _latest_event()
    except DatabaseAway as away:
        return Finding("database", FAULT, f"The {kind} database does not answer: {away}.")
    if latest is not None and latest - now > _ASIDE:
        return Finding(
            "database",
            FAULT,
            f"Its latest event is of {latest:%Y-%m-%d %H:%M:%S} UTC, which this clock has not "
            "reached: one of the workers' clocks is wrong.",
        )
    return Finding("database", OK, f"The {kind} database answers, with this version's schema.")


def of_keys(certs: Path, now: datetime) -> Iterator[Finding]:
    """Our own key pairs: who can read them, and how long their certificates last."""
    pairs = service_provider.key_pairs(certs)
    if not pairs:
        yield Finding("keys", OK, f"No key pair in {certs}; `doorward keys new` makes one.")
    for name, pair in pairs:
        private = certs / f"sp-{name}.key"
        if _others_read(private):
            yield Finding("keys", FAULT, f"Others can read {private}: run chmod 600 {private}")
            continue
        try:
            facts = describe(pair.certificate, now)
            fits = private_key(pair.private_key).public_key() == public_key(pair.certificate)
        except KeyUnusable as unusable:
            yield Finding("keys", FAULT, f"Key pair {name}: {unusable}")
            continue
        if not fits:
            yield Finding("keys", FAULT, f"Key pair {name}: the key is not the certificate's.")
            continue
        state, sentence = _expiry(facts)
        hint = "" if state == OK else " Make the next one: `doorward keys new`."
        yield Finding("keys", state, f"Key pair {name}: {sentence}{hint}")


def of_tenant(tenant: Tenant, config: Config, now: datetime, *, online: bool) -> Iterator[Finding]:
    """A tenant's address, cookie and identity providers. `online` asks them over the network."""
    yield _base_url(tenant, online=online)
    yield _cookie(tenant)
    configured = identity_providers.of_tenant(tenant)
    if not configured:
        state = FAULT if tenant.sso_enabled else OK
        yield Finding(
            f"{tenant.slug}: identity provider", state, "None is set up: `doorward idp import`."
        )
    has_keys = bool(service_provider.key_pairs(config.certs))
    for each in configured.values():
        for facts in (describe(pem, now) for pem in each.idp.signing_certificates):
            state, sentence = _expiry(facts)
            # Dates decide nothing when a signature is verified: an expired one still works.
            state = WARNING if state == FAULT and facts.problem is None else state
            yield Finding(f"{tenant.slug}: IdP certificate", state, f"{each.name}: {sentence}")
        policy = each.idp.policy
        if not has_keys and any(getattr(policy, field) for field in NEED_A_KEY_PAIR):
            yield Finding(
                f"{tenant.slug}: policy",
                FAULT,
                f"The policy of {each.name} needs a key pair of ours: run `doorward keys new`.",
            )
        url = each.idp.sso_redirect_url or each.idp.sso_post_url
        if online and url:
            yield _reach(f"{tenant.slug}: IdP reachability", url, policy.clock_skew)


def of_installation(config: Config, now: datetime) -> Iterator[Finding]:
    """What concerns all tenants. Where the database is at fault, nothing else can be read."""
    yield of_clock(now)
    yield of_proxies(config)
    yield of_secret_key(config)
    yield from of_keys(config.certs, now)
    yield of_database(config, now)


def chosen(slug: str | None) -> tuple[Tenant, ...]:
    """Return the tenant of this slug, or all. Raises NotFound."""
    return (tenants.by_slug(slug),) if slug is not None else tenants.every()


def _latest_event() -> datetime | None:
    """When the last event of any tenant's audit trail was."""
    last_of_its_tenant = and_(
        AuditEvent.tenant_id == AuditHead.tenant_id, AuditEvent.sequence == AuditHead.sequence
    )
    with reading() as session:
        query = select(func.max(AuditEvent.at)).join(AuditHead, last_of_its_tenant)
        return session.execute(query).scalar_one()


def _base_url(tenant: Tenant, *, online: bool) -> Finding:
    subject = f"{tenant.slug}: base URL"
    if not tenant.is_secure and not _is_local(tenant):
        return Finding(
            subject, FAULT, f"{tenant.base_url} is not HTTPS: cookies and assertions can be read."
        )
    if not online:
        return Finding(subject, OK, f"{tenant.base_url}.")
    try:
        document = metadata_fetch.fetch(
            tenant.entity_id, may_connect=metadata_fetch.anywhere, seconds=_SECONDS
        )
    except FetchFailed as failed:
        return Finding(subject, WARNING, f"{tenant.base_url} does not answer from here: {failed}")
    if f'entityID="{tenant.entity_id}"'.encode() not in document:
        return Finding(
            subject,
            FAULT,
            f"{tenant.entity_id} answers with other metadata: does the proxy pass the Host "
            "header on?",
        )
    return Finding(subject, OK, f"{tenant.base_url} answers as this tenant.")


def _cookie(tenant: Tenant) -> Finding:
    subject = f"{tenant.slug}: cookie"
    if tenant.is_secure:
        return Finding(subject, OK, "__Host-doorward_session: Secure, HttpOnly, SameSite=Lax.")
    state = OK if _is_local(tenant) else FAULT
    return Finding(subject, state, "doorward_session, not Secure: the base URL is not HTTPS.")


def _reach(subject: str, url: str, clock_skew: int) -> Finding:
    try:
        reached = metadata_fetch.reach(url, may_connect=metadata_fetch.anywhere, seconds=_SECONDS)
    except FetchFailed as failed:
        return Finding(subject, FAULT, f"{url}: {failed}")
    said = f"{url} answers"
    if reached.clock is None:
        return Finding(subject, OK, f"{said}.")
    ahead = (reached.clock - datetime.now(UTC)).total_seconds()
    if abs(ahead) > clock_skew:
        return Finding(
            subject,
            FAULT,
            f"{said}, but its clock differs from ours by {abs(ahead):.0f} seconds, more than "
            f"the {clock_skew} that are allowed.",
        )
    return Finding(subject, OK, f"{said}; its clock differs by about {abs(ahead):.0f} s.")


def _expiry(facts: CertificateFacts) -> tuple[str, str]:
    said = f"{facts.kind}, until {facts.not_after:%Y-%m-%d}"
    if facts.problem is not None:
        return FAULT, f"{said}. {facts.problem}"
    if facts.days_left < 0:
        return FAULT, f"{said}: it has expired."
    if facts.days_left < _WARN_DAYS:
        return WARNING, f"{said}: {facts.days_left} days are left."
    return OK, f"{said}, {facts.days_left} days."


def _others_read(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _is_local(tenant: Tenant) -> bool:
    host = tenant.host.rpartition(":")[0] or tenant.host
    return host in ("localhost", "127.0.0.1", "[::1]") or host.endswith(".localhost")
