"""The floors of the house hold: data flows one way. The contracts are in `pyproject.toml`."""

import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import grimp
import pytest
from importlinter.api import read_configuration
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract
from importlinter.domain.contract import Contract

CONFIGURATION = read_configuration(str(Path(__file__).parents[2] / "pyproject.toml"))
CONTRACTS: dict[str, dict[str, Any]] = {c["name"]: c for c in CONFIGURATION["contracts_options"]}
TYPES: dict[str, type[Contract]] = {
    "acyclic_siblings": AcyclicSiblingsContract,
    "forbidden": ForbiddenContract,
    "layers": LayersContract,
}

#: Beside the standard library and itself, all that a floor may import.
MAY_IMPORT = {
    "app.domain": set[str](),
    "app.models": {"app.domain", "flask_sqlalchemy", "sqlalchemy"},
    "saml": {"cryptography", "lxml", "onelogin", "xmlsec"},
}

#: An import that somebody could add, and the contract that must refuse it.
FAULTS = [
    ("app.domain", "app.services", "Calls go down"),
    ("app.models", "app.services", "Calls go down"),
    ("app.services", "app.blueprints", "Calls go down"),
    ("app.blueprints", "app.models", "Tables are the services' affair"),
    ("app.cli", "sqlalchemy", "Tables are the services' affair"),
    ("app.services", "flask", "Services, models and domain know no HTTP"),
    ("app.domain", "saml", "Models and domain know no SAML"),
    ("saml", "app.domain", "saml can be used alone"),
    ("app.cli", "tests.idp", "What ships does not import the tests"),
    ("tests.idp", "saml", "The mock IdP shares no code with what it tests"),
    ("saml.terms", "saml.response", "No cycles"),
]

# The graph is made once: all these tests run in one worker.
pytestmark = pytest.mark.xdist_group("floors")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    packages = CONFIGURATION["session_options"]["root_packages"]
    return grimp.build_graph(*packages, include_external_packages=True, cache_dir=None)


def is_kept(name: str, graph: grimp.ImportGraph) -> bool:
    options = CONTRACTS[name]
    contract = TYPES[options["type"]](name, CONFIGURATION["session_options"], options)
    check = contract.check(deepcopy(graph), verbose=False)
    if not check.kept:
        contract.render_broken_contract(check)
    return check.kept


@pytest.mark.parametrize("name", CONTRACTS)
def test_contract_is_kept(name: str, graph: grimp.ImportGraph) -> None:
    """No import breaks the contract; the output names the one that does."""
    assert is_kept(name, graph)


@pytest.mark.parametrize(("importer", "imported", "name"), FAULTS)
def test_contract_refuses(
    importer: str, imported: str, name: str, graph: grimp.ImportGraph
) -> None:
    """Each contract would notice the import it is there to refuse."""
    changed = deepcopy(graph)
    changed.add_import(importer=importer, imported=imported)
    assert not is_kept(name, changed)


@pytest.mark.parametrize(("floor", "allowed"), MAY_IMPORT.items())
def test_floor_imports_only(floor: str, allowed: set[str], graph: grimp.ImportGraph) -> None:
    """The domain imports the standard library; models and saml little more."""
    rooms = {floor, *graph.find_descendants(floor)}
    found = {
        f"{room} imports {imported}"
        for room in rooms
        for imported in graph.find_modules_directly_imported_by(room)
        if imported.split(".")[0] not in sys.stdlib_module_names
        and not any(f"{imported}.".startswith(f"{name}.") for name in {floor, *allowed})
    }
    assert not found
