"""The matching look-up at a thousand and at a million accounts, on SQLite."""

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import insert

from app import create_app
from app.config import Config
from app.domain.matching import Match, match_account
from app.models import Account, Person, db
from app.services import migrations
from app.services.directory import SqlDirectory
from app.services.transactions import reading, writing
from tests.factories import make_tenant

SIZES = (1_000, 1_000_000)
ROUNDS = 9
LOOK_UPS = 400
BAR = 1.3
_CHUNK = 10_000


def run() -> bool:
    """Print the medians of interleaved rounds; say whether the bar is met."""
    with tempfile.TemporaryDirectory() as name:
        databases = {size: _database(Path(name), size) for size in SIZES}
        times: dict[int, list[float]] = {size: [] for size in SIZES}
        for _ in range(ROUNDS):
            for size, (app, tenant_id) in databases.items():
                with app.app_context():
                    times[size].append(_look_up(tenant_id, size))
    small, large = (median(times[size]) for size in SIZES)
    print(f"look-up: {ROUNDS} rounds of {LOOK_UPS}, four rules in one statement, medians")
    for size in SIZES:
        print(f"  {size:9,} accounts {1000 * median(times[size]):7.3f} ms")
    met = large <= BAR * small
    print(f"  {large / small:.2f} x, bar {BAR} x: {'met' if met else 'MISSED'}")
    return met


def _look_up(tenant_id: str, size: int) -> float:
    """CPU seconds per look-up; each finds somebody by the last rule, so that all four are run."""
    with reading() as session:
        directory = SqlDirectory(session, tenant_id)
        step = max(1, size // LOOK_UPS)
        before = time.process_time()
        for position in range(LOOK_UPS):
            found = match_account(f"E{position * step % size:07}", directory)
            assert isinstance(found, Match)
        return (time.process_time() - before) / LOOK_UPS


def _database(folder: Path, size: int) -> tuple[Any, str]:
    url = f"sqlite:///{folder / f'{size}.sqlite3'}"
    app = create_app(Config(folder, folder / "certs", url, "x" * 40))
    now = datetime.now(UTC)
    with app.app_context():
        migrations.upgrade()
        tenant = make_tenant(now=now)
        with writing() as session:
            for start in range(0, size, _CHUNK):
                numbers = range(start, min(start + _CHUNK, size))
                session.execute(insert(Person), list(_people(tenant.id, numbers, now)))
                session.execute(insert(Account), list(_accounts(tenant.id, numbers, now)))
        db.engine.dispose()
    return app, tenant.id


def _people(tenant_id: str, numbers: range, now: datetime) -> Iterator[dict[str, Any]]:
    for number in numbers:
        yield {
            "id": f"p{number}",
            "tenant_id": tenant_id,
            "number": number,
            "given_name": "Given",
            "family_name": f"Family{number}",
            "created_at": now,
            "updated_at": now,
        }


def _accounts(tenant_id: str, numbers: range, now: datetime) -> Iterator[dict[str, Any]]:
    for number in numbers:
        yield {
            "id": f"a{number}",
            "tenant_id": tenant_id,
            "person_id": f"p{number}",
            "username": f"user.{number}",
            "username_key": f"user.{number}",
            "sso_id": f"S-{number}",
            "sso_id_key": f"S-{number}",
            "sso_id_folded": f"s-{number}",
            "email_key": f"user.{number}@northwind.example",
            "employee_number_key": f"E{number:07}",
            "employee_number_folded": f"e{number:07}",
            "is_enabled": True,
            "created_at": now,
            "updated_at": now,
        }
