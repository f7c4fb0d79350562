"""`doorward demo`: a company, a mock identity provider and single sign-on, to try things out.

Two processes belong to it, the mock identity provider and the web server; this one makes the
company, starts both and ends both. Everything lies in a folder of its own for these two ports,
so that no real database is ever touched.
"""

import hashlib
import http.client
import json
import multiprocessing
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from app.cli import demo_company
from app.cli.serve import listen, require_free_port
from app.processes import end_with_parent

_HOST = "127.0.0.1"
_PACKAGE = Path(__file__).resolve().parents[1]
_CHECKOUT = _PACKAGE.parent
_STAMP = "made-by"
_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SECONDS_TO_START = 60
_SECONDS_TO_END = 5
_PORT = click.IntRange(1, 65535)


@click.command()
@click.option("--port", default=8000, show_default=True, type=_PORT, help="Where Doorward listens.")
@click.option("--idp-port", default=8001, show_default=True, type=_PORT, help="Where the IdP does.")
@click.option("--reset", is_flag=True, help="Remove the demo's data first and make it anew.")
def demo(port: int, idp_port: int, reset: bool) -> None:
    """Run a company with people, a mock identity provider and single sign-on.

    Prints what to open and whom to sign in as; Ctrl-C ends it. Everything is kept in
    instance/demo/, apart from any real database, and found there at the next start.
    """
    if not (_CHECKOUT / "tests/idp/__main__.py").exists():
        raise click.ClickException(
            "the demo runs from a checkout: its mock identity provider is not in the package"
        )
    if port == idp_port:
        raise click.UsageError("--port and --idp-port must differ.")
    require_free_port(_HOST, port, "--port")
    require_free_port(_HOST, idp_port, "--idp-port")
    base_url, idp_url = f"http://localhost:{port}", f"http://{_HOST}:{idp_port}"
    folder = _folder(port, idp_port)
    if reset or not _is_complete(folder):
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    _point_environment_to(folder)
    with _stop_signals(), _mock_idp(folder, base_url, idp_port) as idp:
        _wait_for_idp(idp)
        if not _is_complete(folder):
            demo_company.found(folder, base_url=base_url, idp_metadata_url=f"{idp_url}/metadata")
            (folder / _STAMP).write_text(_version())
        with _web_server(port) as server:
            _wait_for_server(server, port)
            _tell(folder, base_url, idp_url)
            try:
                _watch(idp, server)
            except KeyboardInterrupt:
                click.echo("\nThe demo has ended.")


def _folder(port: int, idp_port: int) -> Path:
    instance = Path(os.environ.get("DOORWARD_INSTANCE") or _CHECKOUT / "instance").resolve()
    return instance / "demo" / f"{port}-{idp_port}"


def _point_environment_to(folder: Path) -> None:
    """Let nothing of the caller's configuration reach the demo, a real database least of all."""
    for name in [name for name in os.environ if name.startswith("DOORWARD_")]:
        del os.environ[name]
    os.environ["DOORWARD_INSTANCE"] = str(folder)
    os.environ["DOORWARD_CERTS"] = str(folder / "certs")


def _is_complete(folder: Path) -> bool:
    """Whether this very version made the folder, and came to the end of it."""
    stamp = folder / _STAMP
    return stamp.exists() and stamp.read_text() == _version()


def _version() -> str:
    digest = hashlib.sha256()
    for pattern in ("migrations/versions/*.py", "cli/demo_*"):
        for path in sorted(_PACKAGE.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


@contextmanager
def _stop_signals() -> Iterator[None]:
    """Make every polite end of this process a KeyboardInterrupt: the terminal closed, a SIGTERM."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = {one: signal.signal(one, stop) for one in _STOP}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _ignore_stop_signals() -> None:
    # Ending the others takes a moment at most; a second Ctrl-C must not interrupt it.
    for one in _STOP:
        signal.signal(one, signal.SIG_IGN)


@contextmanager
def _mock_idp(folder: Path, base_url: str, idp_port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the mock identity provider, which lies outside of what may be imported here."""
    people = folder / "idp-people.json"
    people.write_text(json.dumps(demo_company.for_identity_provider()), encoding="utf-8")
    process = subprocess.Popen(  # noqa: S603 - our own module and interpreter
        [
            *(sys.executable, "-m", "tests.idp", "--port", str(idp_port)),
            *("--people", str(people), "--keys", str(folder / "idp")),
            *("--sp-metadata", f"{base_url}/saml/metadata"),
            *("--title", f"{demo_company.NAME} sign-in"),
        ],
        cwd=_CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(_CHECKOUT)},
        stdout=subprocess.PIPE,
        preexec_fn=end_with_parent,
    )
    try:
        yield process
    finally:
        _ignore_stop_signals()
        process.terminate()
        try:
            process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for_idp(process: subprocess.Popen[bytes]) -> None:
    """Wait for the line that says that it listens."""
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], _SECONDS_TO_START)
    if not readable or not process.stdout.readline():
        raise click.ClickException("the mock identity provider does not start")


@contextmanager
def _web_server(port: int) -> Iterator[BaseProcess]:
    """Run Doorward, by the way that `doorward serve` takes."""
    process = multiprocessing.Process(target=_serve, args=(port,), name="doorward-demo")
    process.start()
    try:
        yield process
    finally:
        _ignore_stop_signals()
        process.terminate()
        process.join(_SECONDS_TO_END)
        if process.is_alive():
            process.kill()
            process.join()


def _serve(port: int) -> None:
    for one in _STOP:
        signal.signal(one, signal.SIG_DFL)
    end_with_parent()
    listen(_HOST, port, workers=1)


def _wait_for_server(process: BaseProcess, port: int) -> None:
    deadline = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < deadline and process.is_alive():
        connection = http.client.HTTPConnection(_HOST, port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == HTTPStatus.OK:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise click.ClickException("the web server does not start")


def _watch(idp: subprocess.Popen[bytes], server: BaseProcess) -> None:
    """Wait until one of the two has ended, which neither does unasked."""
    while True:
        server.join(1)
        if not server.is_alive():
            raise click.ClickException("the web server has ended")
        if idp.poll() is not None:
            raise click.ClickException("the mock identity provider has ended")


def _tell(folder: Path, base_url: str, idp_url: str) -> None:
    heading = partial(click.style, bold=True)
    shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    roles = demo_company.ROLES
    columns = max(len(role.name) for role in roles), max(len(role.name_id) for role in roles)
    click.echo(
        "\n".join(
            [
                heading(f"{demo_company.NAME} is open: single sign-on is on."),
                "",
                f"  Open this              {base_url}",
                f"  Administration         {base_url}/admin/",
                f"  Identity provider      {idp_url} (a mock: nobody has a password there)",
                f"  Misbehaviour drawer    {idp_url}/drawer (broken and forged answers)",
                "",
                heading("Whom to choose at the identity provider, by NameID"),
                "",
                *(
                    f"  {role.name:{columns[0]}}  {role.name_id:{columns[1]}}  {role.outcome}"
                    for role in roles
                ),
                "",
                heading("The administrator without the identity provider"),
                "",
                f"  {base_url}/login/emergency",
                f"  username {demo_company.ADMINISTRATOR}"
                f"  password {demo_company.password(folder)}",
                "",
                heading("The same company on the command line"),
                "",
                f"  export DOORWARD_INSTANCE={shown} DOORWARD_CERTS={shown / 'certs'}",
                f"  ./run match {roles[0].name_id}",
                "",
                "Ctrl-C ends it. All is kept for the next start; --reset makes it anew.",
            ]
        )
    )
