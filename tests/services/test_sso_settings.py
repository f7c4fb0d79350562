"""SSO on, off and enforced, each behind its gates."""

from datetime import datetime
from pathlib import Path

import pytest

from app.services import password_sign_in, sso_settings, tenants
from app.services.audit import OPERATOR
from app.services.clients import Client
from app.services.errors import Conflict
from app.services.tenants import Tenant
from tests.factories import make_administrator, set_up_idp
from tests.idp.mock_idp import MockIdp


def failing(tenant: Tenant, certs: Path, now: datetime) -> set[str]:
    status = sso_settings.status(tenant, certs, now=now)
    return {gate.name for gate in status.gates if not gate.holds}


def test_sso_cannot_be_turned_on_before_somebody_can_get_back_in(
    tenant: Tenant, idp: MockIdp, tmp_path: Path, now: datetime
) -> None:
    """Each gate falls in its turn; the emergency administrator has to have signed in once."""
    certs = tmp_path / "certs"
    missing = {"identity-provider", "certificate", "accounts", "emergency-administrator"}
    assert failing(tenant, certs, now) == missing
    tenant = set_up_idp(tenant, idp.metadata, certs, now=now, sso_on=False)
    make_administrator(tenant, now=now)
    assert failing(tenant, certs, now) == {"emergency-administrator"}
    with pytest.raises(Conflict) as refused:
        sso_settings.turn_on(tenant, certs, actor=OPERATOR, now=now)
    assert refused.value.rule == "emergency-administrator"
    password_sign_in.sign_in(
        tenant,
        username="admin",
        password="a long password",
        return_path=None,
        client=Client("203.0.113.7", ""),
        now=now,
    )
    sso_settings.turn_on(tenant, certs, actor=OPERATOR, now=now)
    assert tenants.by_slug(tenant.slug).sso_enabled


def test_force_passes_gates_but_not_without_an_identity_provider(
    tenant: Tenant, idp: MockIdp, tmp_path: Path, now: datetime
) -> None:
    """The console may force SSO on; a login page that leads nowhere cannot be had."""
    certs = tmp_path / "certs"
    with pytest.raises(Conflict):
        sso_settings.turn_on(tenant, certs, force=True, actor=OPERATOR, now=now)
    tenant = set_up_idp(tenant, idp.metadata, certs, now=now, sso_on=False)
    sso_settings.turn_on(tenant, certs, force=True, actor=OPERATOR, now=now)
    assert tenants.by_slug(tenant.slug).sso_enabled


def test_turning_off_stops_enforcing_too(sso_tenant: Tenant, tmp_path: Path, now: datetime) -> None:
    """`sso off` is the rescue: afterwards every password works again."""
    make_administrator(sso_tenant, now=now)
    with pytest.raises(Conflict):
        sso_settings.set_enforced(sso_tenant, tmp_path, True, actor=OPERATOR, now=now)
    password_sign_in.sign_in(
        sso_tenant,
        username="admin",
        password="a long password",
        return_path=None,
        client=Client("203.0.113.7", ""),
        now=now,
    )
    sso_settings.set_enforced(sso_tenant, tmp_path, True, actor=OPERATOR, now=now)
    sso_settings.turn_off(sso_tenant, actor=OPERATOR, now=now)
    tenant = tenants.by_slug(sso_tenant.slug)
    assert (tenant.sso_enabled, tenant.sso_enforced) == (False, False)
