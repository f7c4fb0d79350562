"""The command line: `doorward`. Each command lies in the module of its subject.

Commands are imported when they are called: importing all of them costs more than most of
them take.
"""

import importlib
import sys

import click

#: The module and the function of each command.
_COMMANDS = {
    "admin": "administrators:admin",
    "db": "database:database",
    "demo": "demo:demo",
    "doctor": "doctor:doctor",
    "idp": "identity_providers:idp",
    "keys": "key_pairs:keys",
    "match": "matching:match",
    "metadata": "metadata:metadata",
    "people": "people:people",
    "readiness": "readiness:readiness",
    "serve": "serve:serve",
    "sso": "sso:sso",
    "tenant": "tenants:tenant",
}


class _Lazy(click.Group):
    """A group that imports a command when it is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module, _, function = _COMMANDS[name].partition(":")
        command: click.Command = getattr(
            importlib.import_module(f"app.cli.{module}"), function
        )
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="doorward")
def doorward() -> None:
    """The front door of an HR platform: SAML sign-in that finds the right account."""


def main() -> None:
    """Run the command line: an error is one line on stderr and status 1, bad usage 2."""
    from app.cli.running import errors_in_one_line

    with errors_in_one_line():
        status = doorward(standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
