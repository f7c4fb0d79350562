"""What a running mock identity provider is given: its people, its keys, its service providers."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.idp import terms
from tests.idp.mock_idp import MockIdp
from tests.idp.reply import Attribute

FORMATS: Final[dict[str, str]] = {
    "unspecified": terms.UNSPECIFIED,
    "email": terms.EMAIL,
    "persistent": terms.PERSISTENT,
    "transient": terms.TRANSIENT,
}


class ConfigError(Exception):
    """The configuration cannot be used; the text says what is wrong, in one line."""


@dataclass(frozen=True)
class Person:
    """Somebody who can be chosen on the sign-in page. Nobody here has a password."""

    name: str
    name_id: str
    name_id_format: str = terms.UNSPECIFIED
    note: str = ""
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True)
class IdpConfig:
    """A running IdP. `service_providers` are the URLs or files of their metadata."""

    idp: MockIdp
    people: tuple[Person, ...]
    service_providers: tuple[str, ...]
    title: str = field(default="Mock identity provider")


def read_people(path: Path) -> tuple[Person, ...]:
    """Read the people from JSON: a list of objects with name, name_id and further fields.

    `name_id_format` is a URI or one of the words of FORMATS; `attributes` maps names to lists.
    """
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
    if not isinstance(listed, list):
        raise ConfigError(f"{path}: not a list of people")
    return tuple(_person(entry, f"{path}: person {n}") for n, entry in enumerate(listed, 1))


def _person(entry: Any, where: str) -> Person:
    if not isinstance(entry, dict):
        raise ConfigError(f"{where}: not an object")
    unknown = entry.keys() - {"name", "name_id", "name_id_format", "note", "attributes"}
    if unknown:
        raise ConfigError(f"{where}: unknown field {', '.join(sorted(unknown))}")
    for name in ("name", "name_id"):
        if not isinstance(entry.get(name), str) or not entry[name]:
            raise ConfigError(f"{where}: no {name}")
    wanted = str(entry.get("name_id_format") or "unspecified")
    attributes = entry.get("attributes") or {}
    if not isinstance(attributes, dict):
        raise ConfigError(f"{where}: attributes are not an object")
    return Person(
        name=entry["name"],
        name_id=entry["name_id"],
        name_id_format=FORMATS.get(wanted, wanted),
        note=str(entry.get("note") or ""),
        attributes=tuple(
            Attribute(name, tuple(str(value) for value in values))
            for name, values in attributes.items()
        ),
    )
