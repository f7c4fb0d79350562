"""`doorward idp`: identity providers, from their metadata, and their policies."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import click

from app.cli.running import config, now, tenant_option, with_app
from app.services import identity_providers, idp_policies, metadata_fetch, metadata_import, tenants
from app.services.audit import OPERATOR
from app.services.identity_providers import MAX_CLOCK_SKEW, ConfiguredIdp, WeakensPolicy
from app.services.metadata_import import Preview
from app.services.tenants import Tenant
from saml import keys
from saml.settings import NameIDFormat, Unsolicited, WantSigned

_ON_OFF = click.Choice(["on", "off"])
_SWITCHES = ("sign_requests", "want_encrypted", "signed_logout")
_ENDPOINT_NAMES = {
    "sso_redirect_url": "sign-on, HTTP-Redirect",
    "sso_post_url": "sign-on, HTTP-POST",
    "slo_redirect_url": "logout, HTTP-Redirect",
    "slo_post_url": "logout, HTTP-POST",
    "slo_response_url": "logout responses",
}
_idp_option = click.option(
    "--idp", "entity_id", metavar="ENTITY_ID", help="Which one, where there are several."
)


@click.group()
def idp() -> None:
    """Identity providers: set up from their metadata, each with a policy."""


@idp.command("import")
@click.argument("source", metavar="FILE_OR_URL")
@tenant_option
@click.option("--name", help="What to call it; else the name in its metadata.")
@click.option("--entity-id", help="Which one, where the metadata describes several.")
@click.option("--allow-private", is_flag=True, help="Fetch from addresses of your own network too.")
@with_app
def import_(
    source: str,
    tenant_slug: str | None,
    name: str | None,
    entity_id: str | None,
    allow_private: bool,
) -> None:
    """Set an identity provider up from its metadata, or renew one that is there.

    FILE_OR_URL is a file, - for standard input, or an http or https address. A name that
    leads into your own network needs --allow-private; an address that is typed as such, or
    localhost, does not. What is renewed keeps its policy.
    """
    tenant = tenants.by_slug(tenant_slug)
    document = _read(source, allow_private)
    previews = metadata_import.preview(tenant, document, now=now())
    if entity_id is None and len(previews) > 1:
        names = ", ".join(each.metadata.entity_id for each in previews[:10])
        raise click.ClickException(
            f"the metadata describes {len(previews)} identity providers, name one with "
            f"--entity-id: {names}" + (", …" if len(previews) > 10 else "")
        )
    chosen = metadata_import.choose(previews, entity_id)
    saved = metadata_import.save(
        tenant,
        document,
        entity_id=chosen.metadata.entity_id,
        name=name,
        actor=OPERATOR,
        now=now(),
    )
    _tell(chosen, saved, tenant)


@idp.command("list")
@tenant_option
@click.option("--json", "as_json", is_flag=True, help="Everything, as JSON.")
@with_app
def list_all(tenant_slug: str | None, as_json: bool) -> None:
    """List the identity providers: tenant, entity ID, name, certificate.

    Those of all tenants, where none is named.
    """
    found = [
        (tenant, each)
        for tenant in ([tenants.by_slug(tenant_slug)] if tenant_slug else tenants.every())
        for each in identity_providers.of_tenant(tenant).values()
    ]
    if as_json:
        click.echo(json.dumps([_as_json(tenant, each) for tenant, each in found], indent=2))
        return
    for tenant, each in found:
        facts = [keys.describe(pem, now()) for pem in each.idp.signing_certificates]
        until = max((one.not_after for one in facts), default=None)
        validity = f"certificate until {until:%Y-%m-%d}" if until else "no certificate"
        click.echo(f"{tenant.slug}\t{each.idp.entity_id}\t{each.name}\t{validity}")
    if not found:
        click.echo("No identity provider yet: `doorward idp import`", err=True)


@idp.command("set")
@tenant_option
@_idp_option
@click.option(
    "--unsolicited",
    type=click.Choice(get_args(Unsolicited)),
    help="What to do with a response that nobody asked for.",
)
@click.option(
    "--clock-skew",
    type=click.IntRange(0, MAX_CLOCK_SKEW),
    metavar="SECONDS",
    help=f"How far clocks may differ; at most {MAX_CLOCK_SKEW}.",
)
@click.option("--sign-requests", type=_ON_OFF, help="Sign what we send.")
@click.option(
    "--want-signed", type=click.Choice(get_args(WantSigned)), help="Which part has to be signed."
)
@click.option("--want-encrypted", type=_ON_OFF, help="Refuse assertions that are not encrypted.")
@click.option(
    "--nameid-format", type=click.Choice(get_args(NameIDFormat)), help="What NameID to ask for."
)
@click.option("--authn-context", metavar="none|URI", help="How people have to sign in there.")
@click.option("--signed-logout", type=_ON_OFF, help="Refuse logout messages without a signature.")
@click.option("--yes", is_flag=True, help="Do not ask about what weakens the policy.")
@with_app
def set_(
    tenant_slug: str | None, entity_id: str | None, yes: bool, **given: str | int | None
) -> None:
    """Change the policy of an identity provider, which need not be named where there is one.

    What weakens the policy is said, and asked about.
    """
    changes = {field: _value(field, value) for field, value in given.items() if value is not None}
    if not changes:
        raise click.UsageError("Name at least one setting to change.")
    tenant = tenants.by_slug(tenant_slug)
    found = identity_providers.find(tenant, entity_id)

    def change(confirmed: list[str]) -> None:
        policy = idp_policies.change(
            tenant,
            config().certs,
            found.idp.entity_id,
            changes,
            confirmed=confirmed,
            actor=OPERATOR,
            now=now(),
        )
        before = found.idp.policy
        for field in changes:
            old, new = _shown(getattr(before, field)), _shown(getattr(policy, field))
            option = field.replace("_", "-")
            click.echo(f"{option}: {new}" + (f" (was {old})" if old != new else ", as it was"))

    _with_consent(change, yes)


@idp.command()
@tenant_option
@click.argument("entity_id")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_app
def remove(tenant_slug: str | None, entity_id: str, yes: bool) -> None:
    """Forget an identity provider, its policy and its certificates."""
    tenant = tenants.by_slug(tenant_slug)
    found = identity_providers.find(tenant, entity_id)
    with _consent(f"Nobody can sign in to {tenant.name} with {found.name} any more.", yes):
        identity_providers.remove(tenant, entity_id, actor=OPERATOR, now=now())
    click.echo(f"{entity_id} is removed")


def _with_consent(change: Callable[[list[str]], None], yes: bool) -> None:
    """Make a change; where it weakens the policy, only if somebody agrees to just that."""
    try:
        change([])
    except WeakensPolicy as weakens:
        found = weakens.weakenings
    else:
        return
    with _consent("This weakens the policy. " + " ".join(map(str, found)), yes):
        change([weakening.field for weakening in found])


@contextmanager
def _consent(sentences: str, yes: bool) -> Iterator[None]:
    """Ask before; with --yes say it afterwards, when it is done."""
    if not yes and not sys.stdin.isatty():
        raise click.ClickException(f"{sentences} Add --yes to do it all the same.")
    if not yes:
        click.confirm(f"{sentences}\nGo on?", abort=True, err=True)
    yield
    if yes:
        click.echo(sentences, err=True)


def _read(source: str, allow_private: bool) -> bytes:
    if source.startswith(("http://", "https://")):
        typed = metadata_fetch.as_typed(source)
        return metadata_fetch.fetch(
            source, may_connect=metadata_fetch.anywhere if allow_private else typed
        )
    try:
        # One byte more than is taken, so that what is too long is known to be.
        if source == "-":
            return sys.stdin.buffer.read(metadata_fetch.MAX_BYTES + 1)
        with Path(source).open("rb") as file:
            return file.read(metadata_fetch.MAX_BYTES + 1)
    except OSError as error:
        raise click.ClickException(f"{source}: {error.strerror or error}") from None


def _tell(preview: Preview, saved: ConfiguredIdp, tenant: Tenant) -> None:
    done = "is set up" if preview.live is None else "is renewed"
    if not preview.is_changed:
        done = "is as it was"
    named = f"{saved.name} " if saved.name != saved.idp.entity_id else ""
    click.echo(f"{named}{saved.idp.entity_id} {done} for {tenant.slug}")
    for endpoint in preview.endpoints:
        was = f" (was {endpoint.before or 'not there'})" if preview.live else ""
        if endpoint.after or endpoint.before:
            shown = endpoint.after or "not there any more"
            click.echo(
                f"  {_ENDPOINT_NAMES[endpoint.field]:24}{shown}"
                + (was if endpoint.is_changed else "")
            )
    for certificate in preview.certificates:
        facts = certificate.facts
        change = "" if preview.live is None else f", {certificate.change}"
        click.echo(
            f"  {'certificate':24}{facts.kind}, until {facts.not_after:%Y-%m-%d} "
            f"({facts.days_left} days){change}\n  {'':24}SHA-256 {facts.sha256_fingerprint}"
        )
    for warning in preview.warnings:
        click.echo(f"  {'warning':24}{warning}")


def _value(field: str, given: Any) -> Any:
    if field in _SWITCHES:
        return given == "on"
    if field == "authn_context" and given == "none":
        return None
    return given


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else str(value)


def _as_json(tenant: Tenant, found: ConfiguredIdp) -> dict[str, Any]:
    provider, policy = found.idp, found.idp.policy
    facts = [keys.describe(pem, now()) for pem in provider.signing_certificates]
    return {
        "tenant": tenant.slug,
        "entityId": provider.entity_id,
        "name": found.name,
        "ssoRedirectUrl": provider.sso_redirect_url,
        "ssoPostUrl": provider.sso_post_url,
        "sloRedirectUrl": provider.slo_redirect_url,
        "sloPostUrl": provider.slo_post_url,
        "sloResponseUrl": provider.slo_response_url,
        "certificates": [
            {
                "subject": each.subject,
                "sha256": each.sha256_fingerprint,
                "kind": each.kind,
                "notBefore": each.not_before.isoformat(),
                "notAfter": each.not_after.isoformat(),
                "daysLeft": each.days_left,
            }
            for each in facts
        ],
        "policy": {
            "unsolicited": policy.unsolicited,
            "clockSkew": policy.clock_skew,
            "signRequests": policy.sign_requests,
            "wantSigned": policy.want_signed,
            "wantEncrypted": policy.want_encrypted,
            "nameidFormat": policy.nameid_format,
            "authnContext": policy.authn_context,
            "signedLogout": policy.signed_logout,
        },
        "updatedAt": found.updated_at.isoformat(),
    }
