"""`doorward serve`: the production server."""

import click

from app.cli.running import require_current_database


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
def serve(host: str, port: int, workers: int) -> None:
    """Serve on HOST and PORT; put a TLS proxy in front that passes the Host header on."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from app import create_app

    with create_app().app_context():
        require_current_database()
    click.echo(f"Doorward listens on http://{host}:{port}")
    Granian(
        "app.serving:application",
        address=host,
        port=port,
        workers=workers,
        interface=Interfaces.WSGI,
        log_level=LogLevels.warning,
    ).serve()
