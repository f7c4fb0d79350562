"""The WSGI application of a server's worker, warmed up before its first request."""

import gc

from app import create_app
from app.processes import end_with_parent
from app.services import passwords
from saml import schema

end_with_parent()
application = create_app()
schema.warm_up()
passwords.warm_up()
# What is loaded by now stays: the collector need not look at it again and again.
gc.freeze()
