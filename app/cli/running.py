"""What commands have in common: the application's context, the tenant, errors in one line."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar, cast

import click
from flask import current_app

from app import create_app
from app.config import Config, ConfigurationError
from app.services import migrations
from app.services.errors import ServiceError
from app.services.transactions import DatabaseAway

Command = TypeVar("Command", bound=Callable[..., Any])

tenant_option = click.option("--tenant", "tenant_slug", metavar="SLUG", help="The tenant's slug.")


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Turn what can go wrong into one line on stderr and the exit status."""
    try:
        yield
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        fail(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        fail("stopped; nothing of the current step was kept")
    except (ServiceError, ConfigurationError) as error:
        fail(str(error))
    except DatabaseAway as error:
        fail(f"the database does not answer: {error}")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def fail(message: str) -> None:
    """Say what went wrong in one line on stderr, and exit with status 1."""
    click.echo("doorward: " + " ".join(message.split()), err=True)
    sys.exit(1)


def with_app(command: Command) -> Command:
    """Run a command inside the application's context, on a database of the code's schema."""

    @wraps(command)
    def inside(*args: Any, **kwargs: Any) -> Any:
        with create_app().app_context():
            require_current_database()
            return command(*args, **kwargs)

    return cast(Command, inside)


def require_current_database() -> None:
    """Fail with the command to run where the database is behind the code."""
    if not migrations.is_current():
        raise click.ClickException(
            "the database has not this version's schema: run `doorward db upgrade`"
        )


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def config() -> Config:
    """The application's configuration."""
    return cast(Config, current_app.extensions["doorward"])
