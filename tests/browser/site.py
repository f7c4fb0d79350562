"""A real Doorward and real identity providers, each at a site of its own in a browser's eyes."""

import http.client
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server

from app import create_app
from app.config import Config
from app.services import migrations
from app.services.tenants import Tenant
from tests.idp.__main__ import QuietRequestHandler
from tests.idp.config import IdpConfig, Person
from tests.idp.mock_idp import MockIdp
from tests.idp.server import create_idp
from tests.serving import free_port, serving


@dataclass(frozen=True)
class Site:
    """A running server with an empty database; `app` is for the tests to prepare that."""

    port: int
    app: Flask
    certs: Path
    log: Path

    def base_url(self, slug: str) -> str:
        """Where a company lives; browsers take every such name for their own machine."""
        return f"http://{slug}.localhost:{self.port}"

    def get(self, tenant: Tenant, path: str) -> bytes:
        """What the server answers to a program that asks for a page of a tenant."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path, headers={"Host": tenant.host})
            response = connection.getresponse()
            assert response.status == 200, response.status
            return response.read()
        finally:
            connection.close()


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """Serve from a new SQLite database in a folder."""
    environment = {
        **os.environ,
        "DOORWARD_INSTANCE": str(folder),
        "DOORWARD_CERTS": str(folder / "certs"),
    }
    environment.pop("DOORWARD_DATABASE_URL", None)
    config = Config.from_environment(environment)
    app = create_app(config)
    with app.app_context():
        migrations.upgrade()
    port, log = free_port(), folder / "server.log"
    with serving(port, environment, log=log):
        yield Site(port, app, config.certs, log)
    with app.app_context():
        from app.models import db

        db.engine.dispose()


class IdpServer:
    """The mock IdP at an address of its own: another site than Doorward's."""

    def __init__(self, people: tuple[Person, ...], sp_metadata: Path) -> None:
        self._server = make_server(
            "127.0.0.1",
            0,
            Flask(__name__),
            threaded=True,
            request_handler=QuietRequestHandler,
        )
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.idp = MockIdp(base_url=self.url)
        # The port is known only now: the system chose it.
        self._server.app = create_idp(
            IdpConfig(self.idp, people, (str(sp_metadata),), title="Northwind login")
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self) -> None:
        """Answer nobody any more; stopping twice is fine."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
