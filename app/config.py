"""Where Doorward keeps its things and whom it trusts: read from the environment, once."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network


class ConfigurationError(Exception):
    """A setting cannot be used. The message is one line for the operator."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that is configured outside the database.

    `trusted_proxies` are the networks whose X-Forwarded-For is believed; `mail_url` is None
    where mail goes to files in `instance/outbox/`.
    """

    instance: Path
    certs: Path
    database_url: str
    secret_key: str = field(repr=False)
    trusted_proxies: tuple[Network, ...] = ()
    mail_url: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Config":
        """Read the DOORWARD_… variables; makes `instance/` and the secret key where absent.

        Raises ConfigurationError naming the variable that is wrong.
        """
        home = _home()
        instance = Path(environment.get("DOORWARD_INSTANCE") or home / "instance").resolve()
        # Everything is in it: nobody else of this machine reads the database.
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(
            instance=instance,
            certs=Path(environment.get("DOORWARD_CERTS") or home / "certs").resolve(),
            database_url=_database_url(environment.get("DOORWARD_DATABASE_URL"), instance),
            secret_key=environment.get("DOORWARD_SECRET_KEY") or _kept_secret(instance),
            trusted_proxies=_networks(environment.get("DOORWARD_TRUSTED_PROXIES", "")),
            mail_url=environment.get("DOORWARD_MAIL_URL") or None,
        )


def _home() -> Path:
    """The checkout that this file lies in, or the working directory for an installed package."""
    checkout = Path(__file__).resolve().parents[1]
    return checkout if (checkout / "pyproject.toml").exists() else Path.cwd()


def _database_url(given: str | None, instance: Path) -> str:
    if not given:
        return f"sqlite:///{instance / 'doorward.sqlite3'}"
    # Other tools write these two; SQLAlchemy wants the driver named.
    for scheme in ("postgres://", "postgresql://"):
        if given.startswith(scheme):
            given = "postgresql+psycopg://" + given.removeprefix(scheme)
    if not given.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ConfigurationError(
            "DOORWARD_DATABASE_URL must begin with sqlite:/// or postgresql://"
        )
    try:
        urlsplit(given).port  # noqa: B018 - reading it is the check
    except ValueError as error:
        raise ConfigurationError(f"DOORWARD_DATABASE_URL: {error}") from None
    return given


def _kept_secret(instance: Path) -> str:
    path = instance / "secret_key"
    try:
        # Exclusive creation: of two processes that start together, one writes and both read.
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    secret = path.read_text().strip()
    if len(secret) < 32:
        raise ConfigurationError(f"{path} is too short for a secret key: remove it to make one")
    return secret


def _networks(given: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in given.split(",") if part.strip())
    except ValueError as error:
        raise ConfigurationError(f"DOORWARD_TRUSTED_PROXIES: {error}") from None
