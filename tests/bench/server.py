"""A real `doorward serve` for a benchmark, with its CPU and memory as the kernel counts them."""

import http.client
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app import create_app
from app.config import Config
from app.services import migrations
from app.services.tenants import Tenant
from tests.factories import make_person, make_tenant, set_up_idp
from tests.idp.mock_idp import MockIdp
from tests.serving import free_port, serving

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Server:
    """A running server, its tenant and IdP."""

    port: int
    process: subprocess.Popen[bytes]
    tenant: Tenant
    idp: MockIdp

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port)

    def cpu_seconds(self) -> float:
        """User and system time of the server and all its workers so far."""
        return sum(_cpu(pid) for pid in self._processes())

    def resident_bytes(self) -> int:
        """Resident memory of the largest worker."""
        return max(_resident(pid) for pid in self._processes())

    def _processes(self) -> list[int]:
        found = [self.process.pid]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").iterdir():
                found.extend(int(child) for child in (task / "children").read_text().split())
        return found


@contextmanager
def running(workers: int = 1) -> Iterator[Server]:
    """Serve a tenant with one employee, `anna`, on SQLite in a temporary folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {
            **os.environ,
            "DOORWARD_INSTANCE": str(folder),
            "DOORWARD_CERTS": str(folder / "certs"),
        }
        environment.pop("DOORWARD_DATABASE_URL", None)
        idp = MockIdp()
        port = free_port()
        config = Config.from_environment(environment)
        with create_app(config).app_context():
            migrations.upgrade()
            now = datetime.now(UTC)
            tenant = make_tenant(base_url=f"http://127.0.0.1:{port}", now=now)
            tenant = set_up_idp(tenant, idp.metadata, config.certs, now=now)
            make_person(tenant, now=now, username="anna", email="anna@northwind.example")
        with serving(port, environment, log=folder / "log", workers=workers) as process:
            yield Server(port, process, tenant, idp)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
