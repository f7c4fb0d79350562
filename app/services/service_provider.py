"""Ourselves as a SAML service provider: a tenant's URLs, and the key pairs in `certs/`.

A key pair is two files, `sp-NAME.key` (mode 600) and `sp-NAME.crt`; names sort by age. The
oldest pair signs, every pair decrypts and stands in the metadata: so a new pair is announced
before it is used. Retired pairs lie in `certs/retired/`.
"""

import os
import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from app.services.errors import Invalid, NotFound
from app.services.tenants import Tenant
from saml import keys
from saml.metadata import service_provider_metadata
from saml.settings import KeyPair, ServiceProvider

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}\Z")


def of_tenant(tenant: Tenant, certs: Path) -> ServiceProvider:
    """Return what this tenant's IdPs know of us, with the keys as they lie in `certs` now."""
    pairs = tuple(pair for _, pair in key_pairs(certs))
    return ServiceProvider(tenant.entity_id, tenant.acs_url, tenant.slo_url, pairs)


def metadata_of(tenant: Tenant, certs: Path, *, now: datetime) -> bytes:
    """Return the tenant's SP metadata document."""
    return service_provider_metadata(of_tenant(tenant, certs), now=now, name=tenant.name)


def key_pairs(certs: Path) -> tuple[tuple[str, KeyPair], ...]:
    """Return the live key pairs by name, the oldest first."""
    try:
        changed = certs.stat().st_mtime_ns
    except FileNotFoundError:
        return ()
    return _load(certs, changed)


def new_key_pair(certs: Path, *, now: datetime, name: str | None = None) -> str:
    """Make a key pair in `certs` and return its name, which sorts behind the present ones."""
    chosen = name or now.strftime("%Y%m%d-%H%M%S")
    if not _NAME.match(chosen):
        raise Invalid("name", "A key's name has up to 41 of a-z, 0-9 and hyphens.")
    if any(chosen <= existing for existing, _ in key_pairs(certs)):
        raise Invalid("name", "A new key's name must sort behind those there are.")
    pair = keys.generate("Doorward service provider", now=now)
    certs.mkdir(parents=True, exist_ok=True)
    # The key first: a certificate alone would be published without anything to use it.
    _write(certs / f"sp-{chosen}.key", pair.private_key, 0o600)
    _write(certs / f"sp-{chosen}.crt", pair.certificate, 0o644)
    return chosen


def retire_key_pair(certs: Path, name: str) -> None:
    """Take a key pair out of use; the last one stays. Raises NotFound or Invalid."""
    names = [existing for existing, _ in key_pairs(certs)]
    if name not in names:
        raise NotFound(f"There is no key pair {name!r}.")
    if len(names) == 1:
        raise Invalid("name", "This is the only key pair: make a new one first.")
    retired = certs / "retired"
    retired.mkdir(mode=0o700, exist_ok=True)
    for suffix in (".crt", ".key"):
        (certs / f"sp-{name}{suffix}").rename(retired / f"sp-{name}{suffix}")


@lru_cache(maxsize=4)
def _load(certs: Path, changed: int) -> tuple[tuple[str, KeyPair], ...]:
    pairs = []
    for path in sorted(certs.glob("sp-*.crt")):
        private = path.with_suffix(".key")
        if private.exists():
            name = path.stem.removeprefix("sp-")
            pairs.append((name, KeyPair(path.read_text(), private.read_text())))
    return tuple(pairs)


def _write(path: Path, text: str, mode: int) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
