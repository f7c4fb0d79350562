"""What the terminal shows of other people's values, and of how far long work has come."""

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.progress import Progress


def plain(value: str, most: int = 120) -> str:
    """Return a value that may be printed: no control characters, `most` characters of it."""
    shown = value if len(value) <= most else value[: most - 1] + "…"
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in shown
    )


def progress() -> Progress:
    """A progress bar on stderr, which is seen on a terminal only."""
    return Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


def counted(number: int, one: str, many: str) -> str:
    """Return "1 account" or "12,345 accounts"."""
    return f"{number:,} {one if number == 1 else many}"


def listed(words: Iterable[str], most: int = 5) -> str:
    """Return the first `most` of some words with commas, and how many more there are."""
    every = list(words)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more
