"""`doorward doctor`: what is wrong with the set-up, a line for each place that could be."""

import sys
from collections.abc import Iterable

import click

from app.cli.running import fail, now, tenant_option
from app.services import libraries

_STYLES = {"ok": "green", "warning": "yellow", "fault": "red"}


@click.command()
@tenant_option
@click.option("--offline", is_flag=True, help="Ask nothing over the network.")
def doctor(tenant_slug: str | None, offline: bool) -> None:
    """Look at the clock, libraries, addresses, database, keys and identity providers.

    A line each: ok, warning, or fault with what to do about it. Exits with 1 on a fault.
    All tenants are looked at where none is named.
    """
    installed = libraries.installed()
    if installed.problem is not None:
        # Nothing else of ours can even be imported now.
        _tell("libraries", "fault", f"{installed.problem}. Fix: {libraries.FIX}")
        fail("1 fault")
    _tell("libraries", "ok", f"{installed.versions}.")
    faults = _examine(tenant_slug, online=not offline)
    if faults:
        fail(f"{faults} fault{'s' if faults > 1 else ''}")


def _examine(tenant_slug: str | None, *, online: bool) -> int:
    from app import create_app
    from app.cli.running import config
    from app.services import diagnosis
    from app.services.diagnosis import FAULT, Finding

    def told(findings: Iterable[Finding]) -> list[Finding]:
        kept = []
        for finding in findings:
            _tell(finding.subject, finding.state, finding.sentence)
            kept.append(finding)
        return kept

    with create_app().app_context():
        found = told(diagnosis.of_installation(config(), now()))
        if found[-1].state != FAULT:
            for tenant in diagnosis.chosen(tenant_slug):
                found += told(diagnosis.of_tenant(tenant, config(), now(), online=online))
    return sum(finding.state == FAULT for finding in found)


def _tell(subject: str, state: str, sentence: str) -> None:
    word = click.style(f"{state:8}", fg=_STYLES[state], bold=state != "ok")
    click.echo(f"{word} {subject}: {' '.join(sentence.split())}")
    sys.stdout.flush()
