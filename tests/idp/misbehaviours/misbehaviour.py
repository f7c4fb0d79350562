"""Misbehaviour: one way to answer, and what should come of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from tests.idp.encryption import Encryption
from tests.idp.keys import Keys
from tests.idp.reply import Reply
from tests.idp.responses import build

Build = Callable[[Reply, Keys], bytes]


@dataclass(frozen=True)
class Misbehaviour:
    """One drawer entry: `expect` is "accepted" or the code of the refusal.

    `policy` holds the settings of the IdP at the service provider without which the outcome
    would be another; `name_id` is what is to be read where that is not the reply's own. `ledger`
    marks those whose outcome needs what the service provider remembers, so that one response
    alone does not show it.
    """

    about: str
    expect: str
    build: Build
    policy: dict[str, str] = field(default_factory=dict)
    name_id: str | None = None
    ledger: bool = False


class NotPossibleError(Exception):
    """The misbehaviour needs what is not there; the message says what."""


def saying(change: Callable[[Reply], Reply]) -> Build:
    """Build the reply after a change: whatever it says is properly signed."""
    return lambda reply, keys: build(change(reply), keys)


def afterwards(change: Callable[[bytes], bytes]) -> Build:
    """Build an ordinary response, then change its bytes behind the signature's back."""
    return lambda reply, keys: change(build(reply, keys))


def shifted(reply: Reply, by: timedelta) -> Reply:
    """The same reply at another time: every instant in it moves."""
    moved: dict[str, Any] = {
        knob.name: value + by
        for knob in fields(reply)
        if isinstance(value := getattr(reply, knob.name), datetime)
    }
    return replace(reply, **moved)


def later(reply: Reply, by: timedelta) -> datetime:
    """The instant of the reply, moved."""
    if not isinstance(reply.issue_instant, datetime):
        raise NotPossibleError("the reply's IssueInstant is no instant")
    return reply.issue_instant + by


def for_addressee(reply: Reply, **how: Any) -> Encryption:
    """An Encryption that the addressee can undo."""
    certificate = reply.addressee.encryption_certificate
    if certificate is None:
        raise NotPossibleError("the service provider's metadata holds no encryption certificate")
    return replace(Encryption(certificate), **how)


def replace_once(document: bytes, old: bytes, new: bytes) -> bytes:
    """Replace the first occurrence; that there is none is an error, not a no-op."""
    if old not in document:
        raise NotPossibleError(f"nothing to change: no {old.decode('utf-8', 'replace')!r}")
    return document.replace(old, new, 1)
