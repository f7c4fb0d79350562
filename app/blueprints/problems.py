"""Errors for programs: problem+json (RFC 9457)."""

from typing import Any

from flask import Response, json, request


def problem(status: int, title: str, detail: str, **members: Any) -> Response:
    """An RFC 9457 answer; `instance` is the path alone, since a query may hold a secret."""
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.path,
        **members,
    }
    return Response(json.dumps(body), status, mimetype="application/problem+json")
