"""`doorward match`: what a NameID would come to."""

import json

import click

from app.cli.running import tenant_option, with_app
from app.cli.terminal import counted, listed, plain
from app.domain.matching import RULES, Match, NoMatch, Try, trace_as_data
from app.domain.refusals import Reason
from app.services import match_check, tenants

_WHY = {
    Reason.NO_MATCH: "no rule finds an account",
    Reason.AMBIGUOUS: "the rule {rule} finds several accounts",
    Reason.ACCOUNT_DISABLED: "the rule {rule} finds an account that is disabled",
}


@click.command()
@click.argument("name_id", metavar="NAMEID")
@tenant_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_app
def match(name_id: str, tenant_slug: str | None, as_json: bool) -> None:
    """Say which account NAMEID means, rule by rule. Nobody is signed in, nothing is written."""
    tenant = tenants.by_slug(tenant_slug)
    found = match_check.check(tenant, name_id)
    if as_json:
        click.echo(json.dumps(_as_data(name_id, found), indent=2))
        return
    click.echo(f"NameID {plain(name_id)}")
    for position, rule in enumerate(RULES):
        step = found.trace[position] if position < len(found.trace) else None
        click.echo(f"  {position + 1}  {rule.value:<16} {_told(step)}")
    click.echo(_outcome(found))


def _told(step: Try | None) -> str:
    if step is None:
        return "not tried: an earlier rule decides"
    if step.compared is None:
        return "nothing to compare: this value matches nothing"
    held = listed(
        plain(hit.username) + ("" if hit.is_enabled else " (disabled)") for hit in step.hits
    )
    hits = f"{counted(len(step.hits), 'account', 'accounts')}: {held}" if held else "nobody"
    return f"{plain(step.compared)} finds {hits}"


def _outcome(found: Match | NoMatch) -> str:
    if isinstance(found, Match):
        return f"Would sign in as {plain(found.account.username)}, by {found.rule.value}."
    rule = found.rule.value if found.rule is not None else ""
    return f"Would be refused ({found.reason.value}): {_WHY[found.reason].format(rule=rule)}."


def _as_data(name_id: str, found: Match | NoMatch) -> dict[str, object]:
    account = None
    if isinstance(found, Match):
        account = {
            "accountId": found.account.account_id,
            "personId": found.account.person_id,
            "username": found.account.username,
        }
    return {
        "nameId": name_id,
        "signsIn": isinstance(found, Match),
        "reason": None if isinstance(found, Match) else found.reason.value,
        "rule": found.rule.value if found.rule is not None else None,
        "account": account,
        "trace": trace_as_data(found.trace),
    }
