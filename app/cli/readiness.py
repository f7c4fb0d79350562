"""`doorward readiness`: who would sign in, by which rule, and who would not."""

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import click

from app.cli.running import tenant_option, with_app
from app.cli.terminal import counted, listed, plain, progress
from app.domain.csv_cells import plain_text
from app.domain.identifiers import Identifier
from app.domain.matching import Candidate, Match
from app.domain.readiness import Counts, Outcome, Overlap, Result, Tally
from app.services import readiness as service
from app.services import tenants

_SHOWN = 10
_LONGEST_LINE = 4096
_COLUMNS = (
    "nameId",
    "outcome",
    "rule",
    "username",
    "name",
    "isEnabled",
    "accountId",
    "findsUsername",
    "findsAccountId",
    "heldBy",
)
_TITLES = {
    Outcome.SIGNS_IN: "would sign in",
    Outcome.DISABLED: "account disabled",
    Outcome.NO_VALUE: "nothing to send",
    Outcome.NOBODY: "finds nobody",
    Outcome.AMBIGUOUS: "finds several accounts",
    Outcome.SOMEBODY_ELSE: "finds somebody else",
    Outcome.UNREACHED: "enabled, found by no NameID of the list",
}


@click.command()
@tenant_option
@click.option(
    "--nameid",
    "sent",
    type=click.Choice([identifier.value for identifier in Identifier]),
    help="What identity providers send of each account; primary-email unless told otherwise.",
)
@click.option(
    "--from",
    "list_file",
    type=click.Path(path_type=Path),
    help="Try the NameIDs of this file instead, one a line.",
)
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write every result.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_app
def readiness(
    tenant_slug: str | None,
    sent: str | None,
    list_file: Path | None,
    csv_file: Path | None,
    as_json: bool,
) -> None:
    """Try everybody's sign-in on paper: who would get in, by which rule, who not and why.

    Nobody is signed in and nothing is written but the CSV file.
    """
    if sent is not None and list_file is not None:
        raise click.UsageError("--nameid and --from cannot be used together.")
    tenant = tenants.by_slug(tenant_slug)
    identifier = Identifier(sent) if sent is not None else Identifier.PRIMARY_EMAIL
    tally, overlaps = Tally(_SHOWN), _Overlaps()
    with ExitStack() as stack:
        source = stack.enter_context(_opened(list_file)) if list_file is not None else None
        sink = _Csv(stack.enter_context(_created(csv_file))) if csv_file is not None else None
        shown = stack.enter_context(progress())
        if source is not None:
            task = shown.add_task("Trying", total=None)
            results = service.of_name_ids(tenant, _name_ids(source, list_file))
        else:
            task = shown.add_task("Trying", total=service.account_count(tenant))
            results = service.of_accounts(tenant, identifier)
        for result in results:
            tally.add(result)
            shown.advance(task)
            if sink is not None:
                sink.result(result)
        shown.update(task, description="Comparing", total=None)
        for overlap in service.overlapping(tenant):
            overlaps.add(overlap)
            if sink is not None:
                sink.overlap(overlap)
    if as_json:
        about = {"tenant": tenant.slug, "nameId": None if list_file else identifier.value}
        click.echo(json.dumps(about | _as_data(tally, overlaps), indent=2))
        return
    of_whom = f"the NameIDs in {list_file}" if list_file else f"each account's {identifier.value}"
    click.echo(f"Readiness of {tenant.slug}, trying {plain(of_whom)}")
    _print(tally.counts(), tally.first(), overlaps)
    if csv_file is not None:
        click.echo(f"\nAll of it is in {csv_file}")


class _Overlaps:
    """How many overlaps there are, and the first of them."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[Overlap] = []

    def add(self, overlap: Overlap) -> None:
        self.count += 1
        if len(self.first) < _SHOWN:
            self.first.append(overlap)


class _Csv:
    """The CSV file, a row for each result and each overlap."""

    def __init__(self, file: TextIO) -> None:
        self._writer = csv.writer(file)
        self._writer.writerow(_COLUMNS)

    def result(self, result: Result) -> None:
        account = result.owner.account if result.owner is not None else None
        self._row(
            result.name_id,
            result.outcome.value,
            result.rule.value if result.rule is not None else None,
            account.username if account is not None else None,
            result.owner.display_name if result.owner is not None else None,
            str(account.is_enabled).lower() if account is not None else None,
            account.account_id if account is not None else None,
            "; ".join(found.username for found in result.found),
            "; ".join(found.account_id for found in result.found),
            None,
        )

    def overlap(self, overlap: Overlap) -> None:
        winner = overlap.match.account if isinstance(overlap.match, Match) else None
        self._row(
            overlap.name_id,
            "collision",
            overlap.match.rule.value if overlap.match.rule is not None else None,
            None,
            None,
            None,
            None,
            winner.username if winner is not None else None,
            winner.account_id if winner is not None else None,
            "; ".join(_holders(overlap)),
        )

    def _row(self, *cells: str | None) -> None:
        self._writer.writerow([plain_text(cell) for cell in cells])


def _opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror or error}") from None


def _created(file: Path) -> TextIO:
    try:
        return file.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror or error}") from None


def _name_ids(file: BinaryIO, path: Path | None) -> Iterator[str]:
    number = 0
    while line := file.readline(_LONGEST_LINE + 1):
        number += 1
        if len(line) > _LONGEST_LINE:
            raise click.ClickException(f"{path}: line {number} is too long for a NameID")
        try:
            name_id = line.removeprefix(b"\xef\xbb\xbf").decode("utf-8").strip(" \t\r\n")
        except UnicodeDecodeError:
            raise click.ClickException(f"{path}: line {number} is not UTF-8") from None
        if name_id:
            yield name_id


def _print(counts: Counts, first: dict[Outcome, tuple[Result, ...]], overlaps: _Overlaps) -> None:
    for outcome, title in _TITLES.items():
        if counts.by_outcome[outcome] or outcome is Outcome.SIGNS_IN:
            click.echo(f"  {counts.by_outcome[outcome]:>9,}  {title}")
        if outcome is Outcome.SIGNS_IN:
            for rule, count in counts.by_rule.items():
                if count:
                    click.echo(f"  {count:>9,}    by {rule.value}")
    if counts.locked_out:
        enabled = counted(counts.locked_out, "enabled account", "enabled accounts")
        click.echo(f"\n{enabled} would be left outside.")
    for outcome, results in first.items():
        _heading(_TITLES[outcome], counts.by_outcome[outcome])
        for result in results:
            click.echo(f"  {_line(result)}")
    _heading("collisions: NameIDs that several accounts hold", overlaps.count)
    for overlap in overlaps.first:
        click.echo(f"  {_overlap_line(overlap)}")


def _heading(title: str, count: int) -> None:
    of_them = f", the first {_SHOWN}" if count > _SHOWN else ""
    click.echo(f"\n{title[0].upper()}{title[1:]} ({count:,}{of_them})")


def _line(result: Result) -> str:
    words = []
    if result.owner is not None:
        words.append(f"{plain(result.owner.account.username)} ({plain(result.owner.display_name)})")
    if result.name_id is not None:
        words.append(plain(result.name_id))
    if result.outcome in (Outcome.AMBIGUOUS, Outcome.SOMEBODY_ELSE) or (
        result.owner is None and result.found
    ):
        words.append(f"finds {_called(result.found)} by {result.rule}")
    return ": ".join(words)


def _called(accounts: Sequence[Candidate]) -> str:
    return listed(
        plain(account.username) + ("" if account.is_enabled else " (disabled)")
        for account in accounts
    )


def _overlap_line(overlap: Overlap) -> str:
    match = overlap.match
    if isinstance(match, Match):
        outcome = f"means {plain(match.account.username)}"
    else:
        outcome = f"is refused ({match.reason.value})"
    return f"{plain(overlap.name_id)} {outcome}; held by {listed(_holders(overlap))}"


def _holders(overlap: Overlap) -> list[str]:
    return [f"{plain(account.username)} ({rule.value})" for rule, account in overlap.holders]


def _as_data(tally: Tally, overlaps: _Overlaps) -> dict[str, Any]:
    counts = tally.counts()
    return {
        "total": counts.total,
        "outcomes": {outcome.value: count for outcome, count in counts.by_outcome.items()},
        "rules": {rule.value: count for rule, count in counts.by_rule.items()},
        "lockedOut": counts.locked_out,
        "first": {
            outcome.value: [_result_data(result) for result in results]
            for outcome, results in tally.first().items()
        },
        "collisions": {
            "total": overlaps.count,
            "first": [_overlap_data(overlap) for overlap in overlaps.first],
        },
    }


def _result_data(result: Result) -> dict[str, Any]:
    return {
        "nameId": result.name_id,
        "account": _account_data(result.owner.account) if result.owner is not None else None,
        "rule": result.rule.value if result.rule is not None else None,
        "finds": [_account_data(account) for account in result.found],
    }


def _overlap_data(overlap: Overlap) -> dict[str, Any]:
    match = overlap.match
    return {
        "nameId": overlap.name_id,
        "means": _account_data(match.account) if isinstance(match, Match) else None,
        "reason": None if isinstance(match, Match) else match.reason.value,
        "heldBy": [
            {"rule": rule.value, **_account_data(account)} for rule, account in overlap.holders
        ],
    }


def _account_data(account: Candidate) -> dict[str, Any]:
    return {
        "accountId": account.account_id,
        "username": account.username,
        "isEnabled": account.is_enabled,
    }
