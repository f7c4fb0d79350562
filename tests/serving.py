"""A real `doorward serve`, as a process of its own on a port of its own."""

import http.client
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serving(
    port: int, environment: Mapping[str, str], *, log: Path, workers: int = 1
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the server until the block ends; it answers by the time the block begins.

    What it prints goes to `log`: a pipe that nobody reads would stop it when it is full.
    """
    command = [sys.executable, "-c", "from app.cli import main; main()"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "serve", "--port", str(port), "--workers", str(workers)],
            env=dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(port, process, log)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    # The listening line comes before the first worker listens: only asking tells.
    while not _is_ready(port):
        try:
            process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        raise RuntimeError(f"the server ended before it was ready: {log.read_text()}")


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (ConnectionRefusedError, ConnectionResetError):
        return False
    finally:
        connection.close()
