"""Request bodies in JSON, read without mercy: what is not understood is refused by name."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from app.blueprints.problems import problem
from app.services.errors import Invalid

_MOST_BYTES = 16 * 1024


def read_object(required: Collection[str], optional: Collection[str] = ()) -> Mapping[str, Any]:
    """Return the JSON object in the request's body.

    Answers 415 for another content type, 413 over 16 KiB, 400 for what is not JSON in UTF-8 or
    names a member twice. Raises Invalid, naming the field, for an unknown or missing one.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    if (request.content_length or 0) > _MOST_BYTES:
        raise RequestEntityTooLarge
    body = request.get_data()
    if len(body) > _MOST_BYTES:
        raise RequestEntityTooLarge
    try:
        found = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_each_once,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, _TwiceNamed) else _("It is not JSON in UTF-8.")
        raise _bad_request(reason) from None
    if not isinstance(found, dict):
        raise _bad_request(_("It is not a JSON object."))
    for name in found:
        if name not in required and name not in optional:
            raise Invalid(name[:100], f"There is no field {name[:100]!r} here.")
    for name in required:
        if name not in found:
            raise Invalid(name, f"The field {name!r} is missing.")
    return found


class _TwiceNamed(ValueError):
    """A member of an object comes twice: readers differ in which one counts."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _TwiceNamed(_("A name comes twice in one object."))
        found[name] = value
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _bad_request(reason: str) -> BadRequest:
    title = _("That request cannot be read")
    return BadRequest(response=problem(400, title, reason))
