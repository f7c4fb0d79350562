"""How much a request may send: little, unless its view takes more from whoever is signed in."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

from app.blueprints import context

View = TypeVar("View", bound=Callable[..., Any])


def takes(size: int) -> Callable[[View], View]:
    """Let a view take a body of `size` bytes, in form fields or a file, from those signed in.

    The outermost decorator.
    """

    def mark(view: View) -> View:
        view.takes = size  # type: ignore[attr-defined]
        return view

    return mark


def register(app: Flask) -> None:
    """Apply the limits before anything reads a form; the CSRF check does."""
    app.before_request(_apply)


def _apply() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    size = getattr(view, "takes", None)
    # A form is read before the guard is asked: megabytes of it cost a stranger nothing, us seconds.
    if size is not None and context.live_session() is not None:
        request.max_content_length = size
        request.max_form_memory_size = size
