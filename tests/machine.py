"""What the tests need of the machine besides Python, and the words for whoever lacks it."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

#: Programs by the name a test asks for: the names they go by, and Debian's packages.
PROGRAMS: dict[str, tuple[tuple[str, ...], str]] = {
    "chromium": (
        ("chromium", "chromium-browser", "google-chrome"),
        "chromium libatomic1 fonts-dejavu-core fontconfig",
    ),
    "initdb": (("initdb",), "postgresql"),
    "nginx": (("nginx",), "nginx-light"),
    "xmlsec1": (("xmlsec1",), "xmlsec1"),
}


def require(program: str) -> Path:
    """The path of a program of `PROGRAMS`; without it the test skips, or fails in CI."""
    found = find(program)
    if found is None:
        missing(f"{program} is not on this machine: apt-get install {PROGRAMS[program][1]}")
    return found


def find(program: str) -> Path | None:
    """The path of a program of `PROGRAMS`, also where Debian keeps it off a user's PATH."""
    names, _ = PROGRAMS[program]
    for folder in [*os.get_exec_path(), "/usr/sbin", *_postgresql_folders()]:
        for name in names:
            if path := shutil.which(name, path=folder):
                return Path(path)
    return None


def missing(words: str) -> NoReturn:
    """Skip, saying what to install; under `DOORWARD_TESTS_REQUIRE_ALL=1` fail instead."""
    if os.environ.get("DOORWARD_TESTS_REQUIRE_ALL") == "1":
        pytest.fail(words, pytrace=False)
    pytest.skip(words)


def _postgresql_folders() -> list[str]:
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    return [str(folder) for folder in sorted(versions, key=lambda f: f.parent.name, reverse=True)]
