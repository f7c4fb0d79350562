"""One function decides for people and machines alike: `decide(grant, ask)`."""

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """How somebody comes in."""

    PAGES = "pages"
    API = "api"


class Action(StrEnum):
    """What may be done to a resource."""

    READ = "read"
    WRITE = "write"


class Resource(StrEnum):
    """What is asked for."""

    ACCOUNTS = "accounts"
    SSO_SETTINGS = "sso-settings"
    SIGN_INS = "sign-ins"


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody holds, read afresh for this request."""

    tenant_id: str
    is_active: bool
    is_system_administrator: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody wants to do, where, and how they came in."""

    tenant_id: str
    channel: Channel
    resource: Resource
    action: Action


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes."""


@dataclass(frozen=True, slots=True)
class Denied:
    """No, and why: a closed code for the log and for a 403."""

    reason: str


def decide(grant: Grant, ask: Ask) -> Allowed | Denied:
    """Answer an ask by what is held; whatever is not granted is denied."""
    if grant.tenant_id != ask.tenant_id:
        return Denied("OTHER_TENANT")
    if not grant.is_active:
        return Denied("INACTIVE")
    if ask.channel is not Channel.PAGES:
        return Denied("CHANNEL")
    if grant.is_system_administrator:
        return Allowed()
    return Denied("NOT_GRANTED")
