"""HTTP only: read the request, make one call to a service, render."""

from flask import Flask


def register(app: Flask) -> None:
    """Put every route, and what all pages share, onto the application."""
    from app.blueprints import account, admin, health, login, logout, pages, saml, session

    pages.register(app)
    for module in (login, logout, saml, session, account, health):
        app.register_blueprint(module.blueprint)
    admin.register(app)
