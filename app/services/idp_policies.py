"""An identity provider's policy, changed by whoever may: with the keys it asks for, knowingly."""

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from app.services import identity_providers, service_provider
from app.services.audit import Actor
from app.services.errors import Invalid
from app.services.tenants import Tenant
from saml.settings import Policy

#: What our own key pair is needed for.
NEED_A_KEY_PAIR = ("sign_requests", "want_encrypted")


def change(
    tenant: Tenant,
    certs: Path,
    entity_id: str,
    changes: Mapping[str, Any],
    *,
    confirmed: Collection[str] = (),
    actor: Actor,
    now: datetime,
) -> Policy:
    """Change fields of a policy, like `identity_providers.set_policy`.

    Raises Invalid also where a setting needs a key pair of ours and there is none: the next
    sign-in would fail.
    """
    for field in NEED_A_KEY_PAIR:
        if changes.get(field) and not service_provider.key_pairs(certs):
            raise Invalid(field, "That needs a key pair of ours: run `doorward keys new` first.")
    return identity_providers.set_policy(
        tenant, entity_id, changes, confirmed=confirmed, actor=actor, now=now
    )
