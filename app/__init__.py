"""Doorward's web application. `create_app` wires everything; no module needs the app."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Config


def create_app(config: "Config | None" = None) -> "Flask":
    """Return the Flask application, by default as the environment configures it.

    Imports happen in here, so that a test of `app.domain` loads no web framework.
    """
    from flask import Flask

    from app import log
    from app.blueprints import register as register_blueprints
    from app.config import Config
    from app.errors import register as register_errors
    from app.models import configure_engine, db

    log.configure()
    config = config or Config.from_environment()
    app = Flask(__name__, static_url_path="/static")
    app.config.update(
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(config.database_url),
        MAX_CONTENT_LENGTH=1024 * 1024,
        MAX_FORM_MEMORY_SIZE=512 * 1024,
        MAX_FORM_PARTS=200,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        BABEL_DEFAULT_LOCALE="en",
    )
    app.extensions["doorward"] = config
    db.init_app(app)
    with app.app_context():
        configure_engine(db.engine)
    register_blueprints(app)
    register_errors(app)
    return app


def _engine_options(database_url: str) -> dict[str, object]:
    # An error's text goes to the log, and parameters can be anybody's data.
    options: dict[str, object] = {"hide_parameters": True}
    if database_url.startswith("sqlite"):
        # The connection used last is the one whose pages and statements are still warm.
        return options | {"pool_use_lifo": True, "connect_args": {"timeout": 10}}
    # A connection that the server closed meanwhile is noticed before it is used.
    waits = {"pool_timeout": 10, "connect_args": {"connect_timeout": 5}}
    return options | {"pool_pre_ping": True} | waits
