"""The audit trail: every change writes its event in the transaction that makes it.

Events of one tenant form a chain: each hash covers the event and the hash before it, so a
row that is changed or removed later is found by `verify`.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.models import AuditEvent, AuditHead
from app.services.prepared import Prepared

GENESIS = "0" * 64

_HEADS = AuditHead.__table__
_EVENTS = AuditEvent.__table__
_LOCK_HEAD = Prepared(
    select(_HEADS.c.sequence, _HEADS.c.hash)
    .where(_HEADS.c.tenant_id == bindparam("tenant"))
    .with_for_update()
)
_APPEND = Prepared(insert(_EVENTS))
_MOVE_HEAD = Prepared(
    update(_HEADS)
    .where(_HEADS.c.tenant_id == bindparam("tenant"))
    .values(sequence=bindparam("sequence"), hash=bindparam("hash"))
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and through which channel: page, api, command-line, sign-in or system."""

    kind: str
    id: str | None
    label: str
    channel: str


OPERATOR = Actor("operator", None, "command line", "command-line")
SYSTEM = Actor("system", None, "Doorward", "system")


def begin_chain(session: Session, tenant_id: str) -> None:
    """Give a new tenant the empty chain that `record` continues."""
    session.add(AuditHead(tenant_id=tenant_id, sequence=0, hash=GENESIS))


def record(
    executor: Session | Connection,
    tenant_id: str,
    actor: Actor,
    action: str,
    object_kind: str,
    object_id: str | None,
    *,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """Append one event within the caller's transaction.

    `before` and `after` are plain JSON and never hold a secret or a password hash. The
    tenant's writers queue here until commit, so call it last.
    """
    connection = executor.connection() if isinstance(executor, Session) else executor
    ((sequence, previous_hash),) = _LOCK_HEAD.rows(connection, {"tenant": tenant_id})
    event = {
        "tenant_id": tenant_id,
        "sequence": sequence + 1,
        "at": now,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_label": actor.label,
        "channel": actor.channel,
        "action": action,
        "object_kind": object_kind,
        "object_id": object_id,
        "before": before,
        "after": after,
        "reason": reason,
        "previous_hash": previous_hash,
    }
    event["hash"] = event_hash(event)
    _APPEND.execute(connection, event)
    head = {"tenant": tenant_id, "sequence": event["sequence"], "hash": event["hash"]}
    _MOVE_HEAD.execute(connection, head)


def event_hash(event: dict[str, Any]) -> str:
    """SHA-256 over the event's fields (`hash` left out) in one fixed spelling."""
    fields = {name: value for name, value in event.items() if name != "hash"}
    fields["at"] = fields["at"].isoformat()
    spelling = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(spelling.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class ChainReport:
    """How many events were read, and the first that does not fit, by its sequence number."""

    events: int
    broken_at: int | None


def verify(session: Session, tenant_id: str) -> ChainReport:
    """Walk a tenant's chain from its first event to its head, in bounded memory."""
    previous, count = GENESIS, 0
    query = (
        select(_EVENTS)
        .where(_EVENTS.c.tenant_id == tenant_id)
        .order_by(_EVENTS.c.sequence)
        .execution_options(yield_per=1000)
    )
    with session.execute(query) as rows:
        for row in rows.mappings():
            event = dict(row)
            fits = (
                event["sequence"] == count + 1
                and event["previous_hash"] == previous
                and event["hash"] == event_hash(event)
            )
            if not fits:
                return ChainReport(count, count + 1)
            previous, count = event["hash"], count + 1
    head = session.get_one(AuditHead, tenant_id)
    if (head.sequence, head.hash) != (count, previous):
        return ChainReport(count, count + 1)
    return ChainReport(count, None)
