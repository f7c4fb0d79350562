"""The promises of `saml` are written down."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SAML = Path(__file__).parents[2] / "saml"
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def public(owner: ast.Module | ast.ClassDef, name: str) -> Iterator[tuple[str, Documented]]:
    """What of a module a reader may use, classes' methods included."""
    yield name, owner
    for node in owner.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("_"):
            continue
        if isinstance(node, ast.ClassDef):
            yield from public(node, f"{name}.{node.name}")
        else:
            yield f"{name}.{node.name}", node


@pytest.mark.parametrize("path", sorted(SAML.rglob("*.py")), ids=lambda path: path.stem)
def test_public_names_have_docstrings(path: Path) -> None:
    """Every module, public class, function and method of `saml` states its promise."""
    bare = [
        f"{path.name}:{getattr(node, 'lineno', 1)} {name}"
        for name, node in public(ast.parse(path.read_text()), path.stem)
        if not ast.get_docstring(node)
    ]
    assert not bare
