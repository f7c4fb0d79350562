"""Slows guessing down: tries are counted in the database, so all workers share them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.models import Throttle


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` tries within `window`, counted from the first one."""

    count: int
    window: timedelta


def key(*parts: str) -> str:
    """Return the counter's key: a hash, so that the table tells nothing of who tried."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def take(session: Session, limits: dict[str, Limit], *, now: datetime) -> bool:
    """Count one try on each counter and say whether all of them still allow it.

    The try is counted before its outcome is known, so that many at once cannot slip through;
    `give_back` takes it off again after a success. Put the narrowest counter first: where it
    is over, the wider ones are not counted, so one guesser cannot use up everybody's tries.
    """
    return all(_take_one(session, key_hash, limit, now) for key_hash, limit in limits.items())


def _take_one(session: Session, key_hash: str, limit: Limit, now: datetime) -> bool:
    row = session.get(Throttle, key_hash, with_for_update=True)
    if row is None:
        try:
            with session.begin_nested():
                session.add(Throttle(key_hash=key_hash, since=now, count=1))
            return True
        except IntegrityError:
            # Another worker was first.
            row = session.get_one(Throttle, key_hash, with_for_update=True)
    if row.since + limit.window <= now:
        row.since, row.count = now, 0
    if row.count >= limit.count:
        return False
    row.count += 1
    return True


def give_back(session: Session, limits: dict[str, Limit]) -> None:
    """Take the try off again after a success: an office behind one address is not a guesser.

    The narrowest counter, the first one, is forgotten: who got in has mistyped, not guessed.
    """
    narrowest, *wider = limits
    session.execute(delete(Throttle).where(Throttle.key_hash == narrowest))
    for key_hash in wider:
        session.execute(
            update(Throttle)
            .where(Throttle.key_hash == key_hash, Throttle.count > 0)
            .values(count=Throttle.count - 1)
            .execution_options(synchronize_session=False)
        )


def sweep(session: Session, *, now: datetime) -> None:
    """Remove counters that no limit looks at any more."""
    session.execute(delete(Throttle).where(Throttle.since < now - timedelta(days=1)))
