"""The WSGI application of a server's worker, warmed up before its first request."""

from app import create_app
from saml import schema

application = create_app()
schema.warm_up()
