"""What commands have in common: the application's context, the tenant, errors in one line.

What costs time to import is imported when it is needed: `--help` needs nothing of it.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

import click

if TYPE_CHECKING:
    from app.config import Config

Command = TypeVar("Command", bound=Callable[..., Any])

tenant_option = click.option("--tenant", "tenant_slug", metavar="SLUG", help="The tenant's slug.")


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Turn what can go wrong into one line on stderr and the exit status."""
    try:
        yield
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.exceptions.NoArgsIsHelpError as no_arguments:
        no_arguments.show()
        sys.exit(2)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx is not None else "doorward"
        fail(f"{error.format_message()} See `{path} --help`.", status=2)
    except click.ClickException as error:
        fail(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        fail("stopped; nothing of the current step was kept")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        fail(_sentence(error))


def _sentence(error: Exception) -> str:
    """Return the message of an error that is no fault of ours; raises every other one again."""
    if "libxml2 library version mismatch" in str(error):
        return "lxml and xmlsec do not fit each other: run `doorward doctor`"
    from app.config import ConfigurationError
    from app.services.errors import ServiceError
    from app.services.transactions import DatabaseAway
    from saml.errors import KeyUnusable

    if isinstance(error, ServiceError | ConfigurationError | KeyUnusable):
        return str(error)
    if isinstance(error, DatabaseAway):
        return f"the database does not answer: {error}"
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, ModuleNotFoundError) and error.name == "psycopg":
        return "PostgreSQL needs a package more: pip install 'doorward[postgres]'"
    raise error


def fail(message: str, *, status: int = 1) -> NoReturn:
    """Say what went wrong in one line on stderr, and exit."""
    click.echo("doorward: " + " ".join(message.split()), err=True)
    sys.exit(status)


def with_app(command: Command) -> Command:
    """Run a command inside the application's context, on a database of the code's schema."""

    @wraps(command)
    def inside(*args: Any, **kwargs: Any) -> Any:
        from app import create_app

        with create_app().app_context():
            require_current_database()
            return command(*args, **kwargs)

    return cast(Command, inside)


def require_current_database() -> None:
    """Fail with the command to run where the database is behind the code."""
    from app.services import migrations

    if not migrations.is_current():
        raise click.ClickException(
            "the database has not this version's schema: run `doorward db upgrade`"
        )


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def config() -> "Config":
    """The application's configuration."""
    from flask import current_app

    return cast("Config", current_app.extensions["doorward"])
