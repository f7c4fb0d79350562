"""Serve the mock identity provider: `python -m tests.idp --people people.json --sp-metadata URL`.

Prints one line when it listens, and ends at SIGTERM or SIGINT.
"""

import argparse
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.idp.config import ConfigError, IdpConfig, read_people
from tests.idp.keys import keys_in, process_keys
from tests.idp.mock_idp import MockIdp
from tests.idp.server import create_idp


class QuietRequestHandler(WSGIRequestHandler):
    """Logs errors, but not every request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def main(arguments: list[str] | None = None) -> int:
    """Run until a signal; the exit status is 2 for a configuration that cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        people = read_people(options.people)
        server = make_server(
            options.host,
            options.port,
            Flask(__name__),
            threaded=True,
            request_handler=QuietRequestHandler,
        )
    except (ConfigError, OSError) as error:
        print(f"mock IdP: {error}", file=sys.stderr)
        return 2
    base_url = options.base_url or f"http://{options.host}:{server.server_port}"
    idp = MockIdp(
        base_url=base_url,
        entity_id=options.entity_id,
        keys=keys_in(options.keys) if options.keys else process_keys(),
        want_authn_requests_signed=options.want_authn_requests_signed,
    )
    # The port is known only now: 0 lets the system choose one.
    server.app = create_idp(IdpConfig(idp, people, tuple(options.sp_metadata), title=options.title))

    def stop(number: int, frame: FrameType | None) -> None:
        # From another thread: shutdown() waits for the loop that this one runs.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"Mock IdP listening on {base_url} (metadata: {base_url}/metadata)", flush=True)
    server.serve_forever()
    server.server_close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.idp",
        description="A mock SAML identity provider, for tests and the demo only.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001, help="0 picks a free one")
    parser.add_argument(
        "--sp-metadata",
        action="append",
        default=[],
        metavar="URL_OR_FILE",
        help="metadata of a service provider, read when first needed; may repeat",
    )
    parser.add_argument("--people", type=Path, required=True, metavar="FILE.json")
    parser.add_argument("--keys", type=Path, metavar="DIR", help="keep the keys here")
    parser.add_argument("--entity-id", default="", help="default: the base URL and /metadata")
    parser.add_argument("--base-url", help="default: http://HOST:PORT")
    parser.add_argument("--title", default="Mock identity provider")
    parser.add_argument(
        "--want-authn-requests-signed", action="store_true", help="say so in the metadata"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
