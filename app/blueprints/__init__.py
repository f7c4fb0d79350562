"""HTTP only: read the request, make one call to a service, render."""

from flask import Flask


def register(app: Flask) -> None:
    """Put every route, and what all pages share, onto the application."""
    from app.blueprints import admin, pages
    from app.blueprints.account import blueprint as account
    from app.blueprints.health import blueprint as health
    from app.blueprints.login import blueprint as login
    from app.blueprints.logout import blueprint as logout
    from app.blueprints.metrics import blueprint as metrics
    from app.blueprints.refusal import blueprint as refusal
    from app.blueprints.saml import blueprint as saml
    from app.blueprints.session import blueprint as session

    pages.register(app)
    for blueprint in (login, logout, saml, refusal, session, account, health, metrics):
        app.register_blueprint(blueprint)
    admin.register(app)
