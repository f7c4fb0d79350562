"""The OASIS schemas, compiled once per process.

The one place where python3-saml is imported: it ships the schemas of the SAML 2.0 errata.
"""

import threading
from functools import cache
from importlib.resources import files
from typing import Final

from lxml import etree

from saml.errors import Reason, ResponseRejected

_one_at_a_time: Final = threading.Lock()


@cache
def _compiled(name: str) -> etree.XMLSchema:
    path = files("onelogin.saml2") / "schemas" / name
    # The schemas import each other by file name; nothing is fetched.
    return etree.XMLSchema(etree.parse(str(path), etree.XMLParser(no_network=True)))


def check_protocol(root: etree._Element) -> None:
    """Raise ResponseRejected(SCHEMA) where `root` is not valid by saml-schema-protocol-2.0."""
    schema = _compiled("saml-schema-protocol-2.0.xsd")
    # All threads share the schema's list of errors: one could quote another's message.
    with _one_at_a_time:
        if not schema.validate(root):
            raise ResponseRejected(Reason.SCHEMA, _first_error(schema))


def warm_up() -> None:
    """Compile the protocol schema now, so that the first sign-in does not wait for it."""
    _compiled("saml-schema-protocol-2.0.xsd")


def _first_error(schema: etree.XMLSchema) -> str:
    error = schema.error_log.last_error
    return f"line {error.line}: {error.message}" if error is not None else "not valid"
