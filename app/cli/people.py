"""`doorward people`: employees and their accounts."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

import click

from app.cli.running import now, tenant_option, with_app
from app.cli.terminal import counted, plain, progress
from app.services import people_import, tenants
from app.services.audit import OPERATOR
from app.services.people_import import BadRows, Report


@click.group()
def people() -> None:
    """Employees and their accounts."""


@people.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@tenant_option
@click.option("--dry-run", is_flag=True, help="Check everything and keep nothing.")
@with_app
def import_(file: Path, tenant_slug: str | None, dry_run: bool) -> None:
    """Make people, and accounts for those with a username, from a CSV file.

    The file is CSV with commas in UTF-8. Its first row names the columns, in any order:
    givenName and familyName, and as wanted employeeNumber, primaryEmail, username, ssoId,
    isEnabled, company, structureLevel, permissionGroups, sharedEmail.

    \b
    isEnabled         true lets the account sign in; false or empty does not, yet
    permissionGroups  names of groups that exist, separated by ;
    company           and structureLevel are made where they are missing
    sharedEmail       true where several people have this primaryEmail: all of them
                      must say so, and nobody can sign in by it

    A row without a username is a person without an account. An import makes people; it
    does not change those that there are. If one row is bad, none is imported.
    """
    tenant = tenants.by_slug(tenant_slug)
    with _opened(file) as source, progress() as shown:
        task = shown.add_task("Reading", total=os.fstat(source.fileno()).st_size or 1)
        try:
            report = people_import.import_people(
                tenant,
                source,
                file_name=file.name,
                dry_run=dry_run,
                actor=OPERATOR,
                now=now(),
                on_progress=lambda: shown.update(task, completed=source.tell()),
            )
        except BadRows as bad:
            shown.stop()
            for fault in bad.faults:
                click.echo(plain(f"{file}: {fault}", 1000), err=True)
            if bad.more:
                click.echo(f"{file}: and {bad.more} more", err=True)
            raise
    click.echo(_sentence(report, dry_run))
    if report.system_administrators:
        would = "would become" if dry_run else "became"
        click.echo(f"{report.system_administrators} of them {would} system administrators.")


def _opened(file: Path) -> BinaryIO:
    try:
        # Asked before it is opened: opening a pipe waits for somebody to write.
        if not stat.S_ISREG(file.stat().st_mode):
            raise click.ClickException(f"{file} is not a regular file")
        return file.open("rb")
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror or error}") from None


def _sentence(report: Report, dry_run: bool) -> str:
    made = [
        counted(report.companies, "company", "companies"),
        counted(report.structure_levels, "structure level", "structure levels"),
    ]
    also = " and ".join(words for words in made if not words.startswith("0 "))
    return (
        ("Would import " if dry_run else "Imported ")
        + counted(report.people, "person", "people")
        + f", {report.accounts} with an account, {report.enabled_accounts} of these enabled"
        + (f"; {'would make' if dry_run else 'made'} {also}" if also else "")
        + (". Nothing was kept." if dry_run else ".")
    )
