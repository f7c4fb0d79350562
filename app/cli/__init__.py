"""The command line: `doorward`. Each command lies in the module of its subject.

Commands are imported when they are called: importing all of them costs more than most of
them take.
"""

import importlib
import sys

import click

#: Each command: its module, its function there, and what the list of commands says of it.
_COMMANDS = {
    "admin": ("administrators", "admin", "System administrators."),
    "db": ("database", "database", "The database's schema."),
    "demo": ("demo", "demo", "A company, a mock identity provider and SSO, to try out."),
    "doctor": ("doctor", "doctor", "Look for what is wrong with the set-up."),
    "idp": ("identity_providers", "idp", "Identity providers and their policies."),
    "keys": ("key_pairs", "keys", "Our own key pairs."),
    "match": ("matching", "match", "Whose account a NameID finds, and why."),
    "metadata": ("metadata", "metadata", "Print our metadata."),
    "people": ("people", "people", "Employees and their accounts."),
    "readiness": ("readiness", "readiness", "Who would sign in, and who would not."),
    "serve": ("serve", "serve", "The production server."),
    "sso": ("sso", "sso", "Single sign-on on, off, and how it stands."),
    "tenant": ("tenants", "tenant", "Companies."),
}


class _Lazy(click.Group):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module, function, _ = _COMMANDS[name]
        command: click.Command = getattr(importlib.import_module(f"app.cli.{module}"), function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][2]) for name in self.list_commands(ctx)])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="doorward")
def doorward() -> None:
    """The front door of an HR platform: SAML sign-in that finds the right account."""


def main() -> None:
    """Run the command line: an error is one line on stderr and status 1, bad usage 2."""
    from app.cli.running import errors_in_one_line

    with errors_in_one_line():
        status = doorward(prog_name="doorward", standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
