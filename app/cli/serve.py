"""`doorward serve`: the production server."""

import errno
import os
import socket

import click

from app.cli.running import require_current_database

# A pool has 15 database connections: more requests at once would wait there and time out.
_MOST_THREADS_PER_WORKER = 12
_SECONDS_TO_FINISH = 10


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes; about one for each core.",
)
def serve(host: str, port: int, workers: int) -> None:
    """Serve on HOST and PORT; put a TLS proxy in front that passes the Host header on.

    Ends at SIGTERM or Ctrl-C, when the requests under way are answered.
    """
    from app import create_app
    from app.services.transactions import disconnect

    with create_app().app_context():
        require_current_database()
        # The workers are forks of this process: a connection must not be in two of them.
        disconnect()
    require_free_port(host, port, "--port")
    click.echo(f"Doorward listens on http://{_for_url(host)}:{port}")
    listen(host, port, workers)


def listen(host: str, port: int, workers: int) -> None:
    """Run the server until a signal ends it; the workers read the environment themselves."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "app.serving:application",
        address=host,
        port=port,
        workers=workers,
        blocking_threads=min(_MOST_THREADS_PER_WORKER, 2 * (os.cpu_count() or 1) + 1),
        interface=Interfaces.WSGI,
        log_level=LogLevels.warning,
        workers_kill_timeout=_SECONDS_TO_FINISH,
        # One worker that dies takes neither the others with it nor the service down.
        respawn_failed_workers=True,
    ).serve()


def require_free_port(host: str, port: int, option: str) -> None:
    """Fail in one line where nobody could listen there; `option` is what chooses another port."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # As servers do: a port whose last connections are only winding down is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            # Two sockets that both only bound would not notice each other.
            probe.listen(1)
    except socket.gaierror as error:
        raise click.ClickException(f"there is no address {host}: {error.strerror}") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            problem = f"port {port} of {host} is in use: choose another one with {option}"
        else:
            problem = f"port {port} of {host} cannot be used: {os.strerror(error.errno or 0)}"
        raise click.ClickException(problem) from None


def _for_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
