"""A running IdP: what every page needs, found through the application, never a global."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import current_app
from flask import request as http

from tests.idp.config import IdpConfig
from tests.idp.desk import Desk, Session
from tests.idp.mock_idp import MockIdp
from tests.idp.service_providers import ServiceProviders

# Browsers share cookies between the ports of a host: the name must not be the SP's.
COOKIE: Final = "mock_idp_session"
EXTENSION: Final = "mock_idp"


@dataclass(frozen=True)
class Running:
    """The parts of one running IdP."""

    config: IdpConfig
    clock: Callable[[], datetime]
    desk: Desk
    providers: ServiceProviders

    @property
    def idp(self) -> MockIdp:
        """The identity provider behind the pages."""
        return self.config.idp

    @property
    def session(self) -> Session | None:
        """The IdP's session of the browser that asks."""
        return self.desk.session(http.cookies.get(COOKIE))


def running() -> Running:
    """The running IdP of this request."""
    found = current_app.extensions[EXTENSION]
    assert isinstance(found, Running)
    return found
