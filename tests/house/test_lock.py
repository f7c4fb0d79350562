"""The locked lists of packages fit the project file, and each other."""

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = PROJECT["dependency-groups"]
DEPENDENCIES = [
    *PROJECT["project"]["dependencies"],
    *chain(*PROJECT["project"]["optional-dependencies"].values()),
]
WANTED = {
    "requirements.txt": DEPENDENCIES,
    "requirements-dev.txt": [*DEPENDENCIES, *GROUPS["test"], *GROUPS["lint"]],
    "requirements-tools.txt": [*PROJECT["build-system"]["requires"], *GROUPS["tools"]],
}


def entries(name: str) -> list[str]:
    """The entries of a list, each with its marker and hashes on one line."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("--")]


def pins(name: str) -> dict[str, set[str]]:
    """The versions by package: several where a marker chooses among them."""
    found: dict[str, set[str]] = {}
    for entry in entries(name):
        package, version = entry.split()[0].split("==")
        found.setdefault(canonicalize_name(package), set()).add(version)
    return found


@pytest.mark.parametrize("name", WANTED)
def test_locked_versions_are_in_range(name: str) -> None:
    """Every dependency is in the list, at a version the project file allows: `./check --lock`."""
    locked = pins(name)
    for line in WANTED[name]:
        requirement = Requirement(line)
        versions = locked.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement.name} is not in {name}"
        assert all(requirement.specifier.contains(version) for version in versions), line


@pytest.mark.parametrize("name", WANTED)
def test_every_entry_has_hashes(name: str) -> None:
    """What is installed is byte for byte what was locked."""
    assert not [entry for entry in entries(name) if not re.search(r"--hash=sha256:\w{64}", entry)]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_xml_pair_comes_from_wheels(name: str) -> None:
    """lxml and xmlsec must be built with one libxml2: never from source on somebody's machine."""
    options = (ROOT / name).read_text().splitlines()
    assert {"--only-binary lxml", "--only-binary xmlsec"} <= set(options)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-tools.txt"])
def test_tests_run_with_the_versions_that_run(name: str) -> None:
    """A package is locked at the same version in every list that names it."""
    tested = pins("requirements-dev.txt")
    shared = {package: found for package, found in pins(name).items() if package in tested}
    assert shared == {package: tested[package] for package in shared}
    if name == "requirements.txt":
        assert shared.keys() == pins(name).keys()
