"""Where a browser may be sent after signing in: a path on this site, nothing else."""

import re
from urllib.parse import urlsplit

MAX_LENGTH = 2000
HOME = "/account"
_PLAIN = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*\Z")
#: Going back to one of these would sign out, loop or use something up.
_NEVER = ("/login", "/logout", "/saml/")


def local_path(given: str | None) -> str | None:
    """Return `given` where it is a path (with query) on this site that may follow a sign-in.

    Anything else gives None: an absolute or scheme-relative URL, a backslash, a space, a
    control or non-ASCII character, over 2,000 characters, or the sign-in pages themselves.
    """
    if not given or len(given) > MAX_LENGTH or not _PLAIN.match(given):
        return None
    try:
        parts = urlsplit(given)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or parts.path.startswith(_NEVER):
        return None
    return given
