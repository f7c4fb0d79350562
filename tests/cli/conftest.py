"""A command line of each test's own."""

import shutil
from pathlib import Path

import pytest

from tests.cli.command_line import CommandLine


@pytest.fixture
def doorward(tmp_path: Path, migrated_sqlite: Path) -> CommandLine:
    """The command line on an empty database with today's schema."""
    shutil.copy(migrated_sqlite, tmp_path / "doorward.sqlite3")
    return CommandLine(tmp_path)
